"""
Zones and jurisdictions of a request (DESIGN section 4).

Each are those of the request together with those stored for the party. Zones that neither names come
from the number, all it may be in, else from the jurisdictions; jurisdictions that neither names, from
the country of the number or the place. Nothing derivable is left empty, and the decision refuses.
"""

from collections.abc import Iterable
from typing import NamedTuple

from service.core.model import AddressKind

from .ports import Numbers


class Zones(NamedTuple):
    """Zones by source: those of the `first` that names any, and those that only a `further` one names."""

    first: tuple[str, ...]
    further: tuple[str, ...] = ()


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
) -> Zones:
    together = tuple(dict.fromkeys((*named, *stored)))
    from_number = numbers.zones(*address) if address else ()
    found = [numbers.zone_of(code) for code in jurisdictions]
    kept = tuple(dict.fromkeys(zone for zone in found if zone))
    if together:
        # A number that tells no country may be in any zone of the code it shares, which tells nothing of its owner.
        told = from_number if address and numbers.country(*address) else ()
        return Zones(together, tuple(zone for zone in dict.fromkeys((*told, *kept)) if zone not in together))
    if from_number:
        return Zones(from_number, tuple(zone for zone in kept if zone not in from_number))
    # One jurisdiction that keeps several times leaves the zone unknown, and unknown fails closed.
    return Zones(kept if all(found) else ())
