"""Zones by source: the first that names any, and what only a further one names."""

import pytest

from service.core.errors import Invalid
from service.core.model import AddressKind
from service.flows.places import Zones, zones_of
from service.flows.what_if import book_for
from service.vault.addresses import Numbers
from tests.core.cases import shipped

from .world import World

EASTERN = (AddressKind.mobile, "+12125550123")
TOLL_FREE = (AddressKind.landline, "+18005550123")
PLACE = (AddressKind.postal, '{"country":"US"}')


@pytest.mark.parametrize(
    ("named", "stored", "address", "jurisdictions", "zones"),
    [
        # Pacific was named, the number is Eastern: both are told, by source.
        (["America/Los_Angeles"], [], EASTERN, ("US",), Zones(("America/Los_Angeles",), ("America/New_York",))),
        ([], ["America/Los_Angeles"], EASTERN, ("US",), Zones(("America/Los_Angeles",), ("America/New_York",))),
        # What both sources say stands once, and with the first.
        (["America/New_York"], [], EASTERN, ("US",), Zones(("America/New_York",))),
        # The number is the first source; a country of one clock is a further one.
        ([], [], EASTERN, ("CN",), Zones(("America/New_York",), ("Asia/Shanghai",))),
        # A toll-free number tells nothing of its owner, and does not stand against what was named.
        (["America/Chicago"], [], TOLL_FREE, ("US",), Zones(("America/Chicago",))),
        # A place tells no zone; a country of several clocks leaves it unknown, one of one clock gives it.
        ([], [], PLACE, ("US",), Zones(())),
        ([], [], None, ("CN",), Zones(("Asia/Shanghai",))),
        ([], [], None, ("CN", "US"), Zones(())),
        (["Asia/Urumqi"], [], None, ("CN",), Zones(("Asia/Urumqi",), ("Asia/Shanghai",))),
    ],
)
def test_zones_are_told_by_source(
    named: list[str],
    stored: list[str],
    address: tuple[AddressKind, str] | None,
    jurisdictions: tuple[str, ...],
    zones: Zones,
) -> None:
    assert zones_of(Numbers(), named, stored, address, jurisdictions) == zones


def test_a_draft_that_a_what_if_names_brings_its_calendars(world: World) -> None:
    book = book_for(world.kit, shipped(), ["in-rbi-2026-draft"])

    assert {name for pack in book.packs for rule in pack.rules for name in rule.calendars} == {"in"}
    assert book.calendar["in"].id == "in"
    with pytest.raises(Invalid):
        book_for(world.kit, shipped(), ["no-such-pack"])
