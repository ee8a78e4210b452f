"""
What the clouds push, as JSON: a list of items, or one alone, each read field by field.

Numbers come as text and as numbers, fields come and go with the provider's versions; what is asked for here is the
least that finds an attempt. An instant without a zone is Beijing's.
"""

import hmac
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import orjson

from service.channels.apart import Read, apart, parsed
from service.channels.signed import EVENTS_MAX, TEXT_MAX, Event
from service.core.errors import Invalid
from service.core.model import HOUR, AddressKind, Instant
from service.flows.ports import Recipient

R = TypeVar("R")

CODE_MAX = 200

_BEIJING_AHEAD = 8 * HOUR
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOBILE = re.compile(r"1[3-9][0-9]{9}")


class Pushed(Event):
    """One item."""

    def words(self, name: str) -> str | None:
        """Read what somebody wrote: it must be there, be it empty."""
        if name not in self._told:
            raise Invalid(self.field(name), "is missing")
        return self.word_or_none(name)

    def word(self, name: str) -> str:
        """Read a text or number that must be there, as text."""
        found = self.word_or_none(name)
        if found is None:
            raise Invalid(self.field(name), "is missing")
        return found

    def truth(self, name: str) -> bool:
        return self._told.get(name) in (True, "true", "True")

    def beijing(self, *names: str, otherwise: Instant) -> Instant:
        """Read the first instant that is there, `2026-11-22 09:00:00` in Beijing; a failure often says none."""
        found = (_instant(self.word_or_none(name) or "") for name in names)
        return next((at for at in found if at is not None), otherwise)


def read_items(raw: bytes, read: Callable[[Pushed], R | None]) -> Read[R]:
    """Take the body apart and read each item; None is one that says nothing yet."""
    told = parsed(raw)
    listed = told if isinstance(told, list) else [told]
    if len(listed) > EVENTS_MAX:
        raise Invalid("body", f"more than {EVENTS_MAX} items")
    return apart(raw, listed, lambda n, each: read(Pushed(f"items.{n}", each)), lambda left: left)


def mark(key: bytes, *words: str) -> str:
    """Name an event that the provider gave no id: the same words, the same name, and nobody reads them off it."""
    return hmac.digest(key, orjson.dumps(words), "sha256").hex()[:32]


def mainland(number: str) -> str:
    """Spell an E.164 number as the Chinese clouds do: mobiles bare, landlines with 0, others with country code."""
    if not number.startswith("+86"):
        return number.removeprefix("+")
    bare = number.removeprefix("+86")
    return bare if _MOBILE.fullmatch(bare) else f"0{bare}"


def sender(number: str, country: str = "") -> Recipient:
    """Read the number of one who wrote to us: in full with +, or bare in its country, or bare from the mainland."""
    if number.startswith("+"):
        digits = number[1:]
    elif country:
        digits = country.removeprefix("+") + number.removeprefix("0")
    else:
        bare = number.removeprefix("00")
        digits = f"86{bare}" if _MOBILE.fullmatch(bare) else bare
    if not (digits.isascii() and digits.isdigit() and 5 <= len(digits) <= 15):
        raise Invalid("phone_number", "not a telephone number")
    return Recipient(None, AddressKind.mobile, f"+{digits}")


def beijing_day(at: Instant) -> str:
    """Give the day in Beijing as `20261122`."""
    return (_EPOCH + timedelta(microseconds=at + _BEIJING_AHEAD)).strftime("%Y%m%d")


def beijing_start(at: Instant) -> Instant:
    """Give the midnight in Beijing at which the day of an instant began."""
    return Instant((at + _BEIJING_AHEAD) // (24 * HOUR) * (24 * HOUR) - _BEIJING_AHEAD)


def shortened(text: str) -> str:
    """What a provider said, as far as it is kept."""
    return text[: min(CODE_MAX, TEXT_MAX)]


def _instant(text: str) -> Instant | None:
    try:
        moment = datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return Instant((moment - _EPOCH) // timedelta(microseconds=1) - _BEIJING_AHEAD)
