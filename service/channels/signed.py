"""
The body of a signed callback: `{"events": [...]}`, each event read field by field, strictly.

A provider's word is a claim from the network: what is missing, too long or of the wrong type raises
`Invalid`, which names the field and never the value. An event that cannot be read is left over, and spoils no other.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from service.core.errors import Invalid
from service.core.model import AddressKind, Channel, Instant
from service.flows.ports import Recipient

from .apart import Read, apart, parsed

R = TypeVar("R")

EVENTS_MAX = 1000
TEXT_MAX = 4000

_INSTANT_MAX = 253_402_300_799_000_000  # the end of the year 9999
_DURATION_MAX_S = 86_400


def read_events(raw: bytes, read: Callable[["Event"], R]) -> Read[R]:
    """Take the body apart and read each event."""
    told = parsed(raw)
    events = told.get("events") if isinstance(told, dict) else None
    if not isinstance(events, list) or not 1 <= len(events) <= EVENTS_MAX:
        raise Invalid("events", f"a list of 1 to {EVENTS_MAX} events is wanted")
    return apart(raw, events, lambda n, each: read(Event(f"events.{n}", each)), lambda left: {"events": left})


class Event:
    """One event; a field is read when it is asked for, with its type."""

    def __init__(self, path: str, told: Any) -> None:
        if not isinstance(told, dict):
            raise Invalid(path, "not an object")
        self.path = path
        self._told: dict[str, Any] = told

    def field(self, name: str) -> str:
        return f"{self.path}.{name}"

    def text(self, name: str) -> str:
        """Read a text that must be there."""
        found = self._told.get(name)
        if not isinstance(found, str) or not 0 < len(found) <= TEXT_MAX or "\0" in found:
            raise Invalid(self.field(name), f"text of 1 to {TEXT_MAX} characters is wanted")
        # Half a character, as where a text was cut, is nothing that could be stored.
        return found.encode("utf-8", "replace").decode()

    def text_or_none(self, name: str) -> str | None:
        return None if self._told.get(name) is None else self.text(name)

    def word_or_none(self, name: str) -> str | None:
        """Read a text or number, as text; empty is none."""
        found = self._told.get(name)
        if isinstance(found, int) and not isinstance(found, bool):
            return str(found)
        if found is None or found == "":
            return None
        return self.text(name)

    def instant(self, name: str) -> Instant:
        """Read microseconds since the epoch."""
        return Instant(self._number(name, _INSTANT_MAX))

    def number_or_none(self, name: str) -> int | None:
        return None if self._told.get(name) is None else self._number(name, _DURATION_MAX_S)

    def channel(self, name: str) -> Channel:
        try:
            return Channel(self.text(name))
        except ValueError:
            raise Invalid(self.field(name), "not a channel") from None

    def sender(self, name: str) -> Recipient:
        """Read an address with its kind."""
        inner = Event(self.field(name), self._told.get(name))
        try:
            kind = AddressKind(inner.text("kind"))
        except ValueError:
            raise Invalid(inner.field("kind"), "not a kind of address") from None
        return Recipient(inner.text_or_none("name"), kind, inner.text("value"))

    def _number(self, name: str, most: int) -> int:
        found = self._told.get(name)
        if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found <= most:
            raise Invalid(self.field(name), f"a whole number from 0 to {most} is wanted")
        return found
