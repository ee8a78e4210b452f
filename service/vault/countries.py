"""
Countries and the clocks they keep.

A country that keeps one civil time gives its zone to whoever is known to live there; one that keeps
several gives none, and the caller must not guess. Countries and their zones come from CLDR. Those
with several zones on one clock are named here, and a test holds the table against the zone data.
"""

from functools import cache

from babel.core import get_global

# Zones with a history of their own whose clocks agree now and in every rule known for the future.
ONE_CLOCK = {
    # All of China keeps Beijing time by law; Xinjiang's local time is custom.
    "CN": "Asia/Shanghai",
    "AR": "America/Argentina/Buenos_Aires",
    "CY": "Asia/Nicosia",
    "DE": "Europe/Berlin",
    "KZ": "Asia/Almaty",
    "MH": "Pacific/Majuro",
    "MY": "Asia/Kuala_Lumpur",
    "PS": "Asia/Gaza",
    "UZ": "Asia/Tashkent",
}


def is_country(code: str) -> bool:
    """Whether this is an ISO 3166-1 alpha-2 code of a country in use."""
    return code in _zones()


def zone_of(jurisdiction: str) -> str | None:
    """Give the one civil time that a country keeps, to it and each of its regions; None where it keeps several."""
    country = jurisdiction.partition("-")[0]
    if country in ONE_CLOCK:
        return ONE_CLOCK[country]
    zones = _zones().get(country, ())
    return zones[0] if len(zones) == 1 else None


def zones_of(country: str) -> tuple[str, ...]:
    """List every zone of a country, sorted."""
    one = zone_of(country)
    return (one,) if one else _zones().get(country, ())


@cache
def _zones() -> dict[str, tuple[str, ...]]:
    # "001" is the world and "ZZ" nowhere.
    territories = get_global("territory_zones")
    return {code: tuple(sorted(zones)) for code, zones in territories.items() if code.isalpha() and code != "ZZ"}
