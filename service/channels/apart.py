"""
Read a list item by item, so that one that cannot be read spoils no other.

What is left over keeps the provider's own form: the same reader reads it once it is mended. Text that is cut in the
middle of a character, or in another encoding than it says, is read as well as it can be, for others stand beside it.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any, Generic, NamedTuple, NoReturn, TypeVar

import orjson

from service.core.errors import Invalid
from service.flows.ports import Left

R = TypeVar("R")


class Read(NamedTuple, Generic[R]):
    good: list[R]
    left: Left | None


def apart(
    raw: bytes, items: Sequence[Any], read: Callable[[int, Any], R | None], form: Callable[[list[Any]], Any]
) -> Read[R]:
    """Read each item, by its number; None is one that says nothing. `form` makes a body of those left over."""
    good: list[R] = []
    left: list[Any] = []
    why = ""
    for n, item in enumerate(items):
        try:
            found = read(n, item)
        except Invalid as error:
            left.append(item)
            why = why or error.field
        else:
            if found is not None:
                good.append(found)
    return Read(good, Left(len(left), _written(raw, form(left)), why) if left else None)


def parsed(raw: bytes) -> Any:
    """Read JSON, strictly first, and then with a mark in the place of what is no character."""
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(raw.decode("utf-8", "replace"), parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Invalid("body", "not JSON") from None


def _written(raw: bytes, body: Any) -> bytes:
    """What cannot be written again, such as a list in a list in a list, stays in the body that it came in."""
    try:
        return json.dumps(body, allow_nan=False).encode()
    except (ValueError, RecursionError):
        return raw


def _no_number(word: str) -> NoReturn:
    raise ValueError(word)
