"""
Zones and jurisdictions of a request (DESIGN section 4).

Each are those of the request together with those stored for the party. Zones that neither names come
from the number, all it may be in, else from the jurisdictions; jurisdictions that neither names, from
the country of the number or the place. Nothing derivable is left empty, and the decision refuses.
"""

from collections.abc import Iterable

from service.core.model import AddressKind

from .ports import Numbers


def jurisdictions_of(
    numbers: Numbers, named: Iterable[str], stored: Iterable[str], address: tuple[AddressKind, str] | None
) -> tuple[str, ...]:
    together = tuple(dict.fromkeys((*named, *stored)))
    if together or address is None:
        return together
    country = numbers.country(*address)
    return (country,) if country else ()


def zones_of(
    numbers: Numbers,
    named: Iterable[str],
    stored: Iterable[str],
    address: tuple[AddressKind, str] | None,
    jurisdictions: tuple[str, ...],
) -> tuple[str, ...]:
    together = tuple(dict.fromkeys((*named, *stored)))
    if together:
        return together
    from_number = numbers.zones(*address) if address else ()
    if from_number:
        return from_number
    found = [numbers.zone_of(code) for code in jurisdictions]
    # One jurisdiction that keeps several times leaves the zone unknown, and unknown fails closed.
    return tuple(dict.fromkeys(zone for zone in found if zone)) if all(found) else ()
