"""Values of a file read by the types of a dataclass, strictly, and as far as they can be: one fault hides no other."""

from collections.abc import Hashable, Mapping
from dataclasses import fields, make_dataclass
from functools import cache
from typing import Any, cast, get_type_hints

import orjson
from pydantic import ConfigDict, TypeAdapter, ValidationError

from .policy_shape import message_of
from .policy_source import Path, Source

STRICT = ConfigDict(extra="forbid", strict=True)


def read_values(
    source: Source, at: Path, plain: Mapping[str, Any], model: type[Any], unknown: str = "unknown key"
) -> tuple[dict[str, Any], set[str]]:
    """
    Read values by the types of a dataclass's fields, strictly, and note all complaints.

    Gives the fields that could be read, those with a default among them, and the names of those that could not.
    """
    spelled = _spelled(plain)
    try:
        return _by_name(_adapter(cast(Hashable, model)).validate_json(orjson.dumps(spelled))), set()
    except ValidationError as error:
        wrong = error.errors(include_url=False)
    for one in wrong:
        message = unknown if one["type"] == "unexpected_keyword_argument" else message_of(one)
        source.complain(
            (*at, *(str(step).rstrip("_") if isinstance(step, str) else step for step in one["loc"])), message
        )
    unread = {str(one["loc"][0]) for one in wrong if one["loc"]}
    hints = get_type_hints(model)
    others = [(field.name, hints[field.name], field) for field in fields(model) if field.name not in unread]
    part = make_dataclass("Part", others, frozen=True, kw_only=True, namespace={"__pydantic_config__": STRICT})
    left = {key: value for key, value in spelled.items() if key not in unread}
    return _by_name(TypeAdapter(part).validate_json(orjson.dumps(left))), unread & {
        field.name for field in fields(model)
    }


def _by_name(values: Any) -> dict[str, Any]:
    return {field.name: getattr(values, field.name) for field in fields(values)}


def _spelled(plain: Any) -> Any:
    """`from` is a word of Python: its field is `from_`."""
    if isinstance(plain, dict):
        return {"from_" if key == "from" else key: _spelled(value) for key, value in plain.items()}
    return [_spelled(value) for value in plain] if isinstance(plain, list) else plain


@cache
def _adapter(model: Hashable) -> TypeAdapter[Any]:
    return TypeAdapter(cast(Any, model))
