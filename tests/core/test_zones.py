"""Which zones a rule reads: those of the first source, of all, a fixed one, and one more besides."""

from datetime import date
from typing import Any

import orjson
import pytest

from service.core.civil import format_instant, parse_instant
from service.core.decide import Decision, decide
from service.core.model import Confidence, Effect, Force
from service.core.policy import Book, Explain, Flawed, Pack
from service.core.rules.hours import ContactWindow
from service.core.rules.windows import Hours
from service.core.stored import facts_bytes, facts_from
from tests.core.cases import facts

EASTERN, PACIFIC, HAWAII = "America/New_York", "America/Los_Angeles", "Pacific/Honolulu"


def hours(**more: Any) -> ContactWindow:
    return ContactWindow(
        id="t/hours",
        kind="contact_window",
        open=(Hours(from_="08:00", to="21:00"),),
        end="inclusive",
        citation="a test",
        force=Force.house,
        confidence=Confidence.primary,
        explain=Explain(en="No.", zh="不。"),
        **more,
    )


def asked(rule: ContactWindow, at: str, zones: tuple[str, ...], further: tuple[str, ...] = ()) -> Decision:
    pack = Pack(id="t", title=Explain(en="t", zh="t"), jurisdictions=("US",), rules=(rule,))
    known = facts(zones=zones, further_zones=further, jurisdictions=("US",))
    return decide(Book(packs=(pack,), sha256="0", label="t"), known, parse_instant(at))


def opens(decision: Decision, zone: str = EASTERN) -> str:
    return format_instant(decision.at if decision.not_before is None else decision.not_before, zone)


@pytest.mark.parametrize(
    ("summer", "at", "opening"),
    [
        (True, "2026-07-06T08:00:00-04:00", "2026-07-06T14:00:00-04:00"),
        (True, "2026-07-06T14:00:00-04:00", "2026-07-06T14:00:00-04:00"),
        (True, "2026-07-06T21:00:00-04:00", "2026-07-06T21:00:00-04:00"),
        (True, "2026-07-06T21:00:01-04:00", "2026-07-07T14:00:00-04:00"),
        (False, "2026-12-07T08:00:00-05:00", "2026-12-07T13:00:00-05:00"),
    ],
)
def test_hawaii_and_eastern_leave_the_hours_from_two_in_summer(summer: bool, at: str, opening: str) -> None:
    assert opens(asked(hours(), at, (HAWAII, EASTERN))) == opening


def test_an_eastern_number_and_a_pacific_address_leave_the_hours_from_eleven() -> None:
    assert opens(asked(hours(zones="all"), "2026-07-06T08:00:00-04:00", (PACIFIC,), (EASTERN,))) == (
        "2026-07-06T11:00:00-04:00"
    )
    assert opens(asked(hours(zones="all"), "2026-07-06T21:00:01-04:00", (PACIFIC,), (EASTERN,))) == (
        "2026-07-07T11:00:00-04:00"
    )


def test_a_rule_of_the_first_source_minds_no_further_one() -> None:
    assert opens(asked(hours(zones="first"), "2026-07-06T08:00:00-07:00", (PACIFIC,), (EASTERN,)), PACIFIC) == (
        "2026-07-06T08:00:00-07:00"
    )


def test_one_more_zone_stands_beside_those_of_the_party() -> None:
    rule = hours(also_zone="America/Chicago")

    assert opens(asked(rule, "2026-07-06T08:00:00-04:00", (EASTERN,))) == "2026-07-06T09:00:00-04:00"
    assert opens(asked(rule, "2026-07-06T22:30:00-05:00", ("America/Chicago",)), "America/Chicago") == (
        "2026-07-07T08:00:00-05:00"
    )


def test_zones_that_are_never_open_together_have_no_common_window() -> None:
    at_once = asked(hours(), "2026-07-06T12:00:00-04:00", (EASTERN, "Asia/Kolkata", "Pacific/Auckland"))

    assert (at_once.effect, at_once.reason, at_once.not_before) == (Effect.deny, "no_common_window", None)


def test_a_date_is_read_in_the_zones_that_the_rule_reads() -> None:
    rule = hours(zones="all", effective_from=date(2026, 7, 6))
    before_midnight_in_the_west = "2026-07-06T00:30:00-04:00"

    assert asked(rule, before_midnight_in_the_west, (PACIFIC,)).effect is Effect.allow
    assert asked(rule, before_midnight_in_the_west, (PACIFIC,), (EASTERN,)).effect is Effect.defer


@pytest.mark.parametrize(
    "more", [{"zone": EASTERN, "zones": "all"}, {"zone": EASTERN, "also_zone": PACIFIC}, {"also_zone": "Mars/Olympus"}]
)
def test_zones_that_contradict_or_are_none_are_refused(more: dict[str, Any]) -> None:
    with pytest.raises(Flawed):
        hours(**more)


def test_the_order_of_zones_and_sources_changes_nothing() -> None:
    at = "2026-07-06T08:00:00-04:00"
    one = asked(hours(zones="all"), at, (HAWAII, PACIFIC), (EASTERN, "America/Chicago"))
    other = asked(hours(zones="all"), at, (PACIFIC, HAWAII), ("America/Chicago", EASTERN))

    assert (one.effect, one.not_before) == (other.effect, other.not_before)


def test_facts_stored_before_there_were_further_zones_read_back() -> None:
    old = facts(zones=(PACIFIC,))
    new = facts(zones=(PACIFIC,), further_zones=(EASTERN,))

    assert "further_zones" not in orjson.loads(facts_bytes(old))
    assert facts_from(facts_bytes(old)).further_zones == ()
    assert facts_from(facts_bytes(new)).further_zones == (EASTERN,)
