"""Caps and intervals: what counts, in which window, held places included."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.case import Case
from service.core.civil import day_bounds, parse_instant
from service.core.facts import Contact
from service.core.model import DAY, HOUR, SECOND, Confidence, Effect, Force, Instant, Outcome, PartyRole, Purpose
from service.core.rule import Explain, Flawed, When
from service.core.rules.cap import Cap
from service.core.rules.counting import Per
from service.core.rules.crowding import free_from, fullest
from service.core.rules.interval import Interval
from tests.core.cases import NOON, contact, facts, subject

CONNECTED = (Outcome.conversation_right_party, Outcome.answered_dropped)
SAID: dict[str, Any] = {
    "citation": "a test",
    "force": Force.house,
    "confidence": Confidence.primary,
    "explain": Explain(en="No.", zh="不。"),
}


def cap(**changed: Any) -> Cap:
    given = {"id": "t/cap", "kind": "cap", "limit": 3, "per": (Per.party,), "counts": CONNECTED, "days": 1, **changed}
    return Cap(**{**SAID, **given})


def interval(days: int = 7, **changed: Any) -> Interval:
    given = {"id": "t/interval", "kind": "interval", "days": days, "per": (Per.party,), "counts": CONNECTED, **changed}
    return Interval(**{**SAID, **given})


def judged(rule: Cap | Interval, *history: Contact, at: int = NOON, **more: Any) -> Any:
    return rule.judge(Case(facts(*history, **more)), Instant(at))


def test_a_held_place_counts_at_its_planned_time() -> None:
    held = [contact(NOON + n * HOUR, None) for n in (-1, 1, 2)]

    verdict = judged(cap(), *held)

    assert verdict.effect is Effect.defer
    assert verdict.until == parse_instant("2026-11-24T00:00:00+08:00")
    assert verdict.remaining == 0
    assert set(verdict.counted) == {item.id for item in held}


def test_a_full_tomorrow_is_passed_over() -> None:
    today = [contact(NOON - n * HOUR) for n in (1, 2, 3)]
    tomorrow = [contact(NOON + DAY + n * HOUR, None) for n in (1, 2, 3)]

    assert judged(cap(), *today, *tomorrow).until == parse_instant("2026-11-25T00:00:00+08:00")


def test_an_attempt_later_than_the_instant_is_not_yet_there() -> None:
    assert judged(cap(limit=1), contact(NOON + 1)).remaining == 1
    assert judged(cap(limit=1), contact(NOON)).effect is Effect.defer


def test_an_attempt_that_lies_between_is_met_on_the_way() -> None:
    """Asked at noon, the call of one o'clock is not there yet; it is when the next noon is examined."""
    day = cap(limit=1, rolling_hours=24, days=None)

    assert judged(day, contact(NOON - HOUR), contact(NOON + HOUR)).until == NOON + HOUR + DAY


def test_unknown_counts_in_all_whatever_its_length() -> None:
    items = [contact(NOON - n, Outcome.unknown, duration_s=1) for n in (1, 2, 3)]

    assert judged(cap(effective_seconds=6), *items).effect is Effect.defer
    assert judged(cap(counts=(Outcome.ring_no_answer,)), *items).effect is Effect.defer


@pytest.mark.parametrize(("seconds", "left"), [(5, 3), (6, 2), (None, 2)])
def test_an_answer_is_effective_from_the_sixth_second(seconds: int | None, left: int) -> None:
    assert judged(cap(effective_seconds=6), contact(NOON - 1, duration_s=seconds)).remaining == left


def test_calls_of_every_client_person_and_robot_count_alike() -> None:
    items = [
        contact(NOON - n, client=client, dialing=dialing)
        for n, (client, dialing) in enumerate([("bank", None), ("agency-a", "manual"), ("agency-b", "ai_voice")])
    ]

    assert judged(cap(), *items).effect is Effect.defer


def test_a_count_for_each_client_is_a_parameter() -> None:
    own = cap(per=(Per.party, Per.client))

    assert judged(own, contact(NOON - 1, client="bank"), contact(NOON - 2, client="agency-a")).remaining == 2


def test_what_is_not_said_of_an_item_counts() -> None:
    items = [contact(NOON - n, party=None, purpose=None, address=None) for n in (1, 2, 3)]

    assert (
        judged(cap(when=When(purpose=(Purpose.collection,)), per=(Per.party, Per.address)), *items).effect
        is Effect.defer
    )


def test_an_item_counts_where_a_request_like_it_would_match() -> None:
    bound = cap(when=When(purpose=(Purpose.collection,)), unless=When(party_role=(PartyRole.guarantor,)))
    items = [
        contact(NOON - 1, purpose=Purpose.service_notice),
        contact(NOON - 2, party_role=PartyRole.guarantor),
        contact(NOON - 3, party_role=None),
    ]

    assert judged(bound, *items).remaining == 2


def test_a_wrong_number_uncounts_what_went_there_for_that_party() -> None:
    gone = [contact(NOON - 5 * HOUR), contact(NOON - 4 * HOUR, None), contact(NOON - 3 * HOUR, Outcome.wrong_number)]
    kept = [contact(NOON - 2 * HOUR), contact(NOON - 4 * HOUR, address="+8613700137000", id="b")]

    assert judged(cap(), *gone, *kept).remaining == 1


def test_a_wrong_number_uncounts_nothing_where_wrong_numbers_count() -> None:
    """What is counted there is calls to a line, or tries, whoever answers."""
    wrong = Outcome.wrong_number
    made = [contact(NOON - 5 * HOUR), contact(NOON - 3 * HOUR, wrong)]

    assert judged(cap(limit=3, counts=(*cap().counts, wrong)), *made).remaining == 1
    assert judged(cap(limit=3), *made).remaining == 3


def test_the_day_must_be_free_in_every_zone() -> None:
    """In Shanghai the call was yesterday; in Los Angeles it is still the day of the call."""
    call = contact(parse_instant("2026-11-23T23:30:00+08:00"))
    asked = parse_instant("2026-11-24T10:00:00+08:00")

    verdict = judged(cap(limit=1), call, zones=("Asia/Shanghai", "America/Los_Angeles"), at=asked)

    assert verdict.until == parse_instant("2026-11-24T00:00:00-08:00")


def test_several_calendar_days_are_counted_as_days() -> None:
    """Seven calls within seven calendar days, the eighth on the eighth day: the example of 12 CFR 1006.14(b)."""
    week = cap(limit=7, days=7)
    first = parse_instant("2026-04-01T23:00:00+08:00")
    calls = [contact(first + n * DAY) for n in range(7)]

    assert judged(week, *calls, at=parse_instant("2026-04-07T23:59:59+08:00")).until == parse_instant(
        "2026-04-08T00:00:00+08:00"
    )
    assert judged(week, *calls, at=parse_instant("2026-04-08T00:00:00+08:00")).effect is Effect.allow


def test_a_rolling_window_is_half_open() -> None:
    rolling = cap(limit=2, days=None, rolling_hours=24)
    items = [contact(NOON - 24 * HOUR), contact(NOON - HOUR)]

    assert judged(rolling, *items).effect is Effect.allow
    assert judged(rolling, *items, at=NOON - SECOND).until == NOON


def test_an_interval_runs_from_dispatch_to_dispatch_both_ways() -> None:
    assert judged(interval(), contact(NOON - 7 * DAY)).effect is Effect.allow
    assert judged(interval(), contact(NOON - 7 * DAY + SECOND)).until == NOON + SECOND
    assert judged(interval(), contact(NOON + 3 * DAY, None)).until == NOON + 10 * DAY
    assert judged(interval(), contact(NOON + 7 * DAY, None)).effect is Effect.allow


def test_a_place_that_needs_an_address_says_so() -> None:
    assert cap(per=(Per.address,)).needs == "address"
    assert cap().needs is None


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"limit": 0}, "limit"),
        ({"days": None}, "days"),
        ({"rolling_hours": 24}, "days"),
        ({"days": 0}, "days"),
        ({"days": None, "rolling_hours": 9000}, "rolling_hours"),
        ({"per": ()}, "per"),
        ({"counts": ()}, "counts"),
        ({"effective_seconds": 0}, "effective_seconds"),
        ({"zone": "Mars/Olympus"}, "zone"),
    ],
)
def test_a_cap_that_makes_no_sense_is_refused(wrong: dict[str, Any], path: str) -> None:
    with pytest.raises(Flawed) as refused:
        cap(**wrong)

    assert path in [where for where, _ in refused.value.flaws]


places = st.lists(st.integers(0, 60), max_size=12).map(sorted)


@given(taken=places, at=st.integers(0, 60), limit=st.integers(1, 4), length=st.integers(1, 20))
def test_the_first_free_place_is_free_and_the_first(taken: list[int], at: int, limit: int, length: int) -> None:
    """Windows that were crowded before are not our doing: only those that contain the new place are looked at."""

    def fits(place: int) -> bool:
        starts = range(place - length + 1, place + 1)
        return all(sum(s <= other < s + length for other in taken) + 1 <= limit for s in starts)

    found = free_from(taken, at, limit, length)

    assert fits(found)
    assert not any(fits(place) for place in range(at, found))


@given(taken=places, at=st.integers(0, 60), length=st.integers(1, 20))
def test_the_fullest_window_is_the_fullest(taken: list[int], at: int, length: int) -> None:
    chosen = taken[fullest(taken, at, length)]
    starts = range(at - length + 1, at + 1)

    assert len(chosen) == max(sum(s <= place < s + length for place in taken) for s in starts)
    assert all(b - a >= 0 for a, b in pairwise(chosen))


hours_ago = st.lists(st.integers(0, 24 * 9), max_size=10)


@given(past=hours_ago, held=st.lists(st.integers(0, 24 * 4), max_size=6), limit=st.integers(1, 4))
def test_never_is_a_contact_added_to_a_day_at_its_cap(past: list[int], held: list[int], limit: int) -> None:
    rule = cap(limit=limit)
    history = [contact(NOON - n * HOUR, id=f"p{k}") for k, n in enumerate(past)]
    history += [contact(NOON + n * HOUR, None, id=f"h{k}") for k, n in enumerate(held)]

    verdict = judged(rule, *history)
    chosen = NOON if verdict.effect is Effect.allow else verdict.until
    start, end = day_bounds("Asia/Shanghai", chosen)

    assert sum(start <= item.at < end for item in history) < limit
    assert judged(rule, *history, at=chosen).effect is Effect.allow


def test_a_cap_reads_the_party_of_the_subject() -> None:
    other = facts(*[contact(NOON - n) for n in (1, 2, 3)], of=subject(party="P-2"))

    assert cap().judge(Case(other), NOON).remaining == 3
