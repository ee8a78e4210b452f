"""
The types that every JSON body and path is made of: strict, bounded, and silent about values.

Nothing is coerced (`"3"` is no number, `1` is no flag) and nothing unknown is taken. Text that no
store or message could carry (null bytes, control characters, lone surrogates) is refused here, once.
`Model` is parsed from the bytes of the body (`bodies.Json`), never from Python values.
"""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from service.core.civil import format_instant, is_zone, parse_instant
from service.core.jurisdictions import FORM, is_jurisdiction
from service.core.model import Instant

ID_LENGTH_MAX = 128
TEXT_LENGTH_MAX = 500
NOTE_LENGTH_MAX = 2000
MESSAGE_LENGTH_MAX = 12_000


class Model(BaseModel):
    """The base of every body: unknown fields are refused, and no message repeats what was sent."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True, allow_inf_nan=False)


class Answered(BaseModel):
    """The base of every documented answer; answers are written by orjson, these describe them."""

    model_config = ConfigDict(extra="forbid", json_schema_mode_override="serialization")


def _printable(value: str) -> str:
    """Refuse what is not one line of text; joiners and direction marks of other scripts are text."""
    if value.isprintable() or all(c.isprintable() or c in _HARMLESS or ord(c) >= _NEW_PLANES for c in value):
        return value
    raise PydanticCustomError("character", "holds a control or an invisible character")


def _lines(value: str) -> str:
    """As `_printable`, with line breaks and tabs."""
    _printable(value.translate(_LAYOUT))
    return value


def _ident(value: str) -> str:
    if value != value.strip():
        raise PydanticCustomError("character", "begins or ends with a blank")
    return _printable(value)


_HARMLESS = frozenset("\u00a0\u2002\u2003\u2009\u200b\u200c\u200d\u200e\u200f\u202f\u3000\ufe0f")
_NEW_PLANES = 0x1F000  # emoji and ideographs newer than this Python's tables
_LAYOUT = {ord(c): " " for c in "\n\r\t"}


def _instant(value: Any) -> Instant:
    if not isinstance(value, str):
        raise PydanticCustomError("instant", "must be an RFC 3339 instant with an offset")
    try:
        return parse_instant(value)
    except ValueError as wrong:
        # `parse_instant` says what is wrong and never what was sent.
        raise PydanticCustomError("instant", "{wrong}", {"wrong": str(wrong)}) from None


def _jurisdiction(value: str) -> str:
    if not is_jurisdiction(value):
        raise PydanticCustomError("jurisdiction", "is no country of ISO 3166-1, nor a part of one")
    return value


def _zone(value: str) -> str:
    if not is_zone(value):
        raise PydanticCustomError("zone", "is no time zone of the IANA database")
    return value


InstantText = Annotated[
    Instant,
    PlainValidator(_instant),
    PlainSerializer(format_instant, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-23T09:00:00+08:00"]}),
]
"""RFC 3339 with an offset at the door, microseconds inside."""

Id = Annotated[
    str, Field(min_length=1, max_length=ID_LENGTH_MAX, pattern=r"^[^\x00-\x1f\x7f]+$"), AfterValidator(_ident)
]
"""An id that the caller chose: a party, an account, a reference."""

Word = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]*$")]
"""A name of ours or of a file: a template, a product, a pack."""

Text = Annotated[str, Field(min_length=1, max_length=TEXT_LENGTH_MAX), AfterValidator(_printable)]
"""One line of words."""

Note = Annotated[str, Field(min_length=1, max_length=NOTE_LENGTH_MAX), AfterValidator(_lines)]
"""Words of several lines."""

MessageText = Annotated[str, Field(min_length=1, max_length=MESSAGE_LENGTH_MAX), AfterValidator(_lines)]
"""A whole message, such as a letter."""

PersonName = Annotated[str, Field(min_length=1, max_length=120), AfterValidator(_printable)]

Zone = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_zone)]

Jurisdiction = Annotated[str, Field(max_length=6, pattern=rf"^{FORM}$"), AfterValidator(_jurisdiction)]
"""ISO 3166-1 or -2, or a code of a pack's own."""

Locale = Annotated[str, Field(max_length=35, pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]

Seconds = Annotated[int, Field(ge=0, le=86_400)]

Money = Annotated[str, Field(max_length=20, pattern=r"^(0|[1-9][0-9]{0,14})(\.[0-9]{1,3})?$")]
"""A decimal string; money is never a floating-point number."""

Cursor = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_]+$")]
"""What `next` of a page gave; where to go on."""

Limit = Annotated[int, Field(ge=1, le=200)]
"""How many items a page may have."""
