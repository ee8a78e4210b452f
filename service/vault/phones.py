"""
What a telephone number tells by itself: its E.164 form, its country, and the zones it may be in.

A number is taken if it has a length that its country's plan allows, even in a range that this
library does not know yet: ranges are opened faster than libraries are updated, and a refused number
is a customer nobody can tell anything. What is not known of such a number is left out, and whoever
needs it fails closed.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

import phonenumbers
from babel.core import get_global
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType, ValidationResult
from phonenumbers.timezone import UNKNOWN_TIMEZONE, time_zones_for_number
from phonenumbers.tzdata import TIMEZONE_DATA

from service.vault.countries import is_country, zone_of, zones_of

_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)

# Most numbers of a Chinese lender; a test holds them against the plan. 179xx is a carrier's prefix, and left to it.
_MAINLAND_MOBILE = re.compile(r"\+861(?:[3-689][0-9]|7[0-8])[0-9]{8}", re.ASCII)
_MOBILE_OR_ANY = (PhoneNumberType.MOBILE, None)
ONE_CLOCK_OF_CHINA = ("Asia/Shanghai",)

# A line has a place, and its prefix tells it (in North America a mobile's too); a mobile has a country;
# toll-free and the like have neither.
_LINES = frozenset({PhoneNumberType.FIXED_LINE, PhoneNumberType.FIXED_LINE_OR_MOBILE})
_OF_ONE_COUNTRY = _LINES | {PhoneNumberType.MOBILE}


class Phone(NamedTuple):
    """A number in E.164; `country` is None and `zones` empty where the number does not tell."""

    value: str
    country: str | None
    zones: tuple[str, ...]


def read_phone(text: str, type_: int | None = None) -> Phone | None:
    """
    Read an E.164 number, or None if it is none: another form, a short code, a wrong length, an unknown country code.

    `type_` is the `PhoneNumberType` whose lengths must be met, where the caller claims one.
    """
    if type_ in _MOBILE_OR_ANY and _MAINLAND_MOBILE.fullmatch(text):
        return Phone(text, "CN", ONE_CLOCK_OF_CHINA)
    return by_plan(text, type_) if _E164.fullmatch(text) else None


def by_plan(text: str, type_: int | None = None) -> Phone | None:
    """As `read_phone`, of any country, by its numbering plan."""
    try:
        number = phonenumbers.parse(text)
    except NumberParseException:
        return None
    canonical = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    # A trunk prefix inside (+860…) is taken out where that gives a number that exists, else the number is a mistake.
    if not _right_length(number, type_) or (canonical != text and not phonenumbers.is_valid_number(number)):
        return None
    regions = phonenumbers.region_codes_for_country_code(number.country_code or 0)
    if len(regions) == 1 and (one := zone_of(regions[0])):
        return Phone(canonical, regions[0], (one,))
    kind = phonenumbers.number_type(number)
    country = _country(number, kind, regions)
    return Phone(canonical, country, _zones(number, kind, country, regions))


def warm() -> None:
    """Load what the first number of the usual countries would load."""
    for text in ("+8613800138000", "+12025550123", "+442079460000", "+85221234567", "+6561234567"):
        read_phone(text)


def _right_length(number: PhoneNumber, type_: int | None) -> bool:
    if type_ is None:
        verdict = phonenumbers.is_possible_number_with_reason(number)
    else:
        verdict = phonenumbers.is_possible_number_for_type_with_reason(number, type_)
    return verdict == ValidationResult.IS_POSSIBLE


def _country(number: PhoneNumber, kind: int, regions: Sequence[str]) -> str | None:
    if len(regions) == 1:
        region: str | None = regions[0]
    else:
        region = phonenumbers.region_code_for_number(number) if kind in _OF_ONE_COUNTRY else None
    return region if region and is_country(region) else None


def _zones(number: PhoneNumber, kind: int, country: str | None, regions: Sequence[str]) -> tuple[str, ...]:
    """Every zone it may be in: by its prefix for a line, else of the whole country, or of all that share the code."""
    if country is None:
        return tuple(sorted({zone for region in regions for zone in zones_of(region)}))
    if kind in _LINES and zone_of(country) is None:
        by_prefix = _area_zones().get(str(number.national_number)[:3], ()) if number.country_code == 1 else ()
        found = _named_anew(by_prefix or time_zones_for_number(number)) - {UNKNOWN_TIMEZONE}
        if found:
            return tuple(sorted(found))
    return zones_of(country)


@cache
def _area_zones() -> dict[str, tuple[str, ...]]:
    """
    The zones of each area code of North America, with all its exchanges.

    The data go down to exchanges, but whole exchanges have moved and numbers are carried along: an
    exchange without an entry would get its area's main zone with a certainty that nobody has.
    """
    areas: dict[str, tuple[str, ...]] = {}
    for prefix, zones in TIMEZONE_DATA.items():
        if prefix.startswith("1") and len(prefix) >= 4:
            areas[prefix[1:4]] = areas.get(prefix[1:4], ()) + zones
    return areas


def _named_anew(zones: Iterable[str]) -> set[str]:
    aliases = get_global("zone_aliases")
    return {aliases.get(zone, zone) for zone in zones}
