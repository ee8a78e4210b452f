"""
Addresses at the door: each kind has one canonical form, which is sealed, sent to, and marked for look-up.

Two spellings of one address must give one mark, or a cap would count them apart and a suppression would
miss one. Whatever has no canonical form is refused, and the refusal names the field, never the value.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from phonenumbers import PhoneNumberType

from service.core.errors import Invalid
from service.core.model import AddressKind
from service.vault.countries import is_country, zone_of
from service.vault.phones import Phone, read_phone, warm

# As many as a busy day touches again and again; an entry costs about half a kilobyte.
CACHED_PHONES_MAX = 16_384

_EMAIL = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")
_EMAIL_LENGTH_MAX = 254
_OPENID = re.compile(r"[A-Za-z0-9_-]{6,64}")
_WECOM_USER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}")

_EMAIL_KINDS = frozenset({AddressKind.email, AddressKind.employer_email})
_PLACE_KINDS = frozenset({AddressKind.postal, AddressKind.home, AddressKind.work, None})
_PLACE_PARTS = ("city", "region", "postcode", "country")
_LINES_MAX = 5
_PART_LENGTH_MAX = 200


class AddressError(Invalid):
    """An address that is none; `field` says which part of it, and nothing repeats the value."""


class Numbers:
    """What an address tells by itself; caches telephone numbers, up to a bound."""

    def __init__(self, cached_max: int = CACHED_PHONES_MAX) -> None:
        self._phone: Callable[[str, int | None], Phone | None] = lru_cache(maxsize=cached_max)(read_phone)

    def warm(self) -> None:
        """Load what the first number would load; call it at start, not under a request."""
        warm()

    def normalise(self, kind: AddressKind | None, value: object) -> str:
        """
        Give the canonical form of an address, or raise `AddressError`.

        A telephone is E.164, an e-mail address lower-case, a place (also of kind `home` or `work`) canonical JSON.
        Without a kind (a suppression has none) the shape decides, and the form is the same as with it.
        """
        if isinstance(value, Mapping) and kind in _PLACE_KINDS:
            return _place(value)
        if not isinstance(value, str) or kind is AddressKind.postal:
            raise AddressError("address.value", "text for a medium, or for a place an object with its lines")
        kind = kind or _kind_by_shape(value)
        if kind in _EMAIL_KINDS:
            return _email(value)
        if kind is AddressKind.wechat_openid:
            return _matched(_OPENID, value, "not an openid")
        if kind is AddressKind.wecom_user:
            return _matched(_WECOM_USER, value, "not a WeCom user id")
        phone = self._phone(value, _claimed_type(kind))
        if phone is None:
            raise AddressError("address.value", f"not a telephone number in E.164, of kind {kind}")
        return phone.value

    def zones(self, kind: AddressKind, value: str) -> tuple[str, ...]:
        """List every zone that a number may be in; empty where the address does not tell."""
        phone = self._read(kind, value)
        return phone.zones if phone else ()

    def country(self, kind: AddressKind, value: str) -> str | None:
        """Give the country (ISO 3166-1 alpha-2) of a number or place, None where the address does not tell."""
        if value.startswith("{"):
            country = json.loads(value).get("country")
            return country if isinstance(country, str) else None
        phone = self._read(kind, value)
        return phone.country if phone else None

    def zone_of(self, jurisdiction: str) -> str | None:
        """Give the one civil time that a jurisdiction's country keeps, None where it keeps several."""
        return zone_of(jurisdiction)

    def _read(self, kind: AddressKind, value: str) -> Phone | None:
        return self._phone(value, _claimed_type(kind)) if value.startswith("+") else None


def _kind_by_shape(value: str) -> AddressKind:
    """What a text without a kind must be; what could be a badly written number is taken for one, and refused."""
    if _EMAIL.fullmatch(value.lower()):
        return AddressKind.email
    return AddressKind.wecom_user if re.match(r"[A-Za-z]", value) else AddressKind.work


def _claimed_type(kind: AddressKind) -> int | None:
    if kind is AddressKind.mobile:
        return PhoneNumberType.MOBILE
    return PhoneNumberType.FIXED_LINE if kind is AddressKind.landline else None


def _matched(pattern: re.Pattern[str], value: str, complaint: str) -> str:
    if not pattern.fullmatch(value):
        raise AddressError("address.value", complaint)
    return value


def _email(value: str) -> str:
    # Some letters beyond ASCII become ASCII when lower-cased, and the address another person's.
    if len(value) > _EMAIL_LENGTH_MAX or not value.isascii():
        raise AddressError("address.value", "not an e-mail address in ASCII")
    return _matched(_EMAIL, value.lower(), "not an e-mail address")


def _place(value: Mapping[Any, Any]) -> str:
    """Write a place as canonical JSON: known parts only, composed characters, single blanks, empty parts left out."""
    if not value.keys() <= {"lines", *_PLACE_PARTS}:
        raise AddressError("address.value", "a place has lines, city, region, postcode and country, nothing else")
    lines = value.get("lines")
    if not isinstance(lines, list | tuple) or not 1 <= len(lines) <= _LINES_MAX:
        raise AddressError("address.value.lines", f"1 to {_LINES_MAX} lines are needed")
    place: dict[str, Any] = {
        "lines": [_part(f"address.value.lines.{n}", line) for n, line in enumerate(lines)],
    }
    for name in _PLACE_PARTS:
        if value.get(name) is not None and (part := _part(f"address.value.{name}", value[name])):
            place[name] = part if name in ("city", "region") else part.upper()
    if not all(place["lines"]):
        raise AddressError("address.value.lines", "a line is empty")
    if "country" in place and not is_country(place["country"]):
        raise AddressError("address.value.country", "not a country of ISO 3166-1")
    return json.dumps(place, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _part(field: str, text: object) -> str:
    if not isinstance(text, str) or len(text) > _PART_LENGTH_MAX:
        raise AddressError(field, f"not text of at most {_PART_LENGTH_MAX} characters")
    composed = " ".join(unicodedata.normalize("NFC", text).split())
    if not composed.isprintable():
        raise AddressError(field, "control characters or lone surrogates")
    return composed
