"""Answers: JSON written by orjson, the shape of lists, and what the OpenAPI document says of both."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from starlette.responses import Response

from .problems import MEDIA_TYPE

JSON = "application/json"


def documented(model: Any, *, status: int = 200, **others: Any) -> dict[int | str, dict[str, Any]]:
    """What a route's `responses` says of its good answer; `others` by `s<status>` are further ones."""
    shown: dict[int | str, dict[str, Any]] = {status: {"model": model, "description": "As asked."}}
    return shown | {int(name[1:]): {"model": other, "description": "As it stands."} for name, other in others.items()}


def refused(status: int, when: str) -> dict[int | str, dict[str, Any]]:
    """What a route's `responses` says of a problem that routes of its form do not have."""
    return {
        status: {"description": when, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    }


def answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with JSON; StrEnums, tuples as lists and dataclasses are written as they are."""
    return Response(orjson.dumps(value), status, headers, JSON)


def listing(items: Sequence[Any], next_: str | None, **members: Any) -> Response:
    """Answer with one page of a list over a stable order; `next` is the cursor of the page after it."""
    return answer({"items": items, "next": next_, **members})
