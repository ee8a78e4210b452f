"""What the simulator is sent: read strictly, for a provider that takes anything would hide a gateway's mistake."""

from typing import Any, NamedTuple

import orjson

CHANNELS = frozenset({"call", "sms", "wechat", "email", "letter"})
TEXT_MAX = 20_000


class Malformed(ValueError):
    """Names the field that is wrong."""


class SimulatedMessage(NamedTuple):
    """The parts of a message that the simulator acts on."""

    id: str
    request: str
    at_us: int
    channel: str
    kind: str
    to: str
    name: str | None
    first_line: str | None

    @property
    def is_letter(self) -> bool:
        return self.channel == "letter"

    @property
    def is_text(self) -> bool:
        return self.channel in ("sms", "wechat", "email")


def read_message(raw: bytes) -> SimulatedMessage:
    """Read a message, or raise `Malformed`."""
    try:
        told = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise Malformed("body") from None
    if not isinstance(told, dict):
        raise Malformed("body")
    channel = _text(told, "channel", 20)
    if channel not in CHANNELS:
        raise Malformed("channel")
    if channel == "letter":
        _text(told, "file", 200)
        _text(told, "sha256", 64)
    else:
        _text(told, "text", TEXT_MAX)
    at_us = told.get("at_us")
    if not isinstance(at_us, int) or at_us < 0:
        raise Malformed("at_us")
    to = told.get("to")
    if not isinstance(to, dict):
        raise Malformed("to")
    name = to.get("name")
    value = _text(to, "value", 2000)
    return SimulatedMessage(
        _text(told, "id", 100),
        _text(told, "request", 100),
        at_us,
        channel,
        _text(to, "kind", 20),
        value,
        name if isinstance(name, str) else None,
        _first_line(value),
    )


def _text(told: dict[str, Any], field: str, most: int) -> str:
    found = told.get(field)
    if not isinstance(found, str) or not 0 < len(found) <= most:
        raise Malformed(field)
    return found


def _first_line(value: str) -> str | None:
    """The first line of a place, where a letter's magic may stand."""
    if not value.startswith("{"):
        return None
    try:
        lines = orjson.loads(value).get("lines")
    except orjson.JSONDecodeError:
        raise Malformed("to") from None
    return lines[0] if isinstance(lines, list) and lines and isinstance(lines[0], str) else None
