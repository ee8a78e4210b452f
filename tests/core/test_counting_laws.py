"""The laws of counting, on random histories: no window is ever crowded, and nobody waits longer than they must."""

from bisect import insort
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from service.core.civil import local_date, parse_instant
from service.core.decide import decide
from service.core.facts import Contact
from service.core.model import (
    DAY,
    HOUR,
    MINUTE,
    Channel,
    Confidence,
    Direction,
    Effect,
    Force,
    Instant,
    Outcome,
)
from service.core.policy import Book, Pack
from service.core.rule import Explain, Rule, When
from service.core.rules.cap import Cap
from service.core.rules.cooldown import Cooldown
from service.core.rules.counting import Per
from service.core.rules.interval import Interval
from service.core.rules.uncounted import NotCounted
from tests.core.cases import contact, facts

ZONE = "America/New_York"
START = parse_instant("2026-10-20T12:00:00-04:00")
"""Twelve days before the clocks go back, so that histories run over the long day."""

MET, RANG, BUSY = Outcome.conversation_right_party, Outcome.ring_no_answer, Outcome.not_connected_busy
SAID: dict[str, Any] = {
    "when": When(channel=(Channel.call,)),
    "per": (Per.party,),
    "citation": "a test",
    "force": Force.house,
    "confidence": Confidence.primary,
    "explain": Explain(en="No.", zh="不。"),
}

windows = st.one_of(
    st.integers(1, 9).map(lambda days: {"days": days}),
    st.integers(1, 90).map(lambda hours: {"rolling_hours": hours}),
    st.sampled_from(["week", "month"]).map(lambda period: {"calendar": period}),
    st.just({"calendar": "week", "week_starts": "sun"}),
)
exclusions = st.lists(
    st.builds(NotCounted, limit=st.integers(1, 2), days=st.integers(1, 7), outcomes=st.just((RANG,))), max_size=1
).map(tuple)
caps = st.builds(
    lambda limit, window, left_out: Cap(
        id="t/cap", kind="cap", limit=limit, counts=(MET, RANG), not_counted=left_out, **window, **SAID
    ),
    st.integers(1, 3),
    windows,
    exclusions,
)
cooldowns = st.integers(1, 7).map(lambda days: Cooldown(id="t/cool", kind="cooldown", after=(MET,), days=days, **SAID))
intervals = st.integers(1, 40).map(lambda h: Interval(id="t/gap", kind="interval", counts=(MET, RANG), hours=h, **SAID))

asked = st.lists(
    st.tuples(st.integers(1, 30 * 60), st.sampled_from([MET, RANG, BUSY, Outcome.unknown]), st.booleans()), max_size=25
)
"""Minutes since the request before, what becomes of the contact, and whether one that must wait is planned."""


def book(*rules: Rule) -> Book:
    named = tuple(replace(rule, id=f"{rule.id}-{place}") for place, rule in enumerate(rules))
    pack = Pack(id="t", title=Explain(en="t", zh="t"), jurisdictions=("US",), rules=named)
    return Book(packs=(pack,), sha256="0" * 64, label="t")


def at_door(rules: Book, history: list[Contact], at: Instant) -> Any:
    return decide(rules, facts(*history, zones=(ZONE,), jurisdictions=("US",)), at)


def lived(rules: Book, requests: list[tuple[int, Outcome, bool]]) -> list[Contact]:
    """What a gateway does day after day: contact, wait, ask again when the time has come."""
    queue = [(START + sum(r[0] for r in requests[: n + 1]) * MINUTE, n) for n in range(len(requests))]
    made: list[Contact] = []
    places: dict[int, Contact] = {}
    steps = 0
    while queue and (steps := steps + 1) < 200:
        at, number = queue.pop(0)
        _, outcome, waits = requests[number]
        places.pop(number, None)
        decision = at_door(rules, [*made, *places.values()], Instant(at))
        if decision.effect is Effect.allow:
            made.append(contact(at, outcome, id=f"r{number}"))
        elif waits and decision.not_before is not None:
            places[number] = contact(decision.not_before, None, id=f"r{number}")
            insort(queue, (decision.not_before, number))
    return made


def counted(rule: Cap, made: list[Contact]) -> list[Contact]:
    """What the cap counts, told over from its words."""
    relevant = [i for i in made if i.outcome in (MET, RANG, Outcome.unknown)]
    left_out = []
    for exclusion in rule.not_counted:
        sort = [i for i in relevant if i.outcome in exclusion.outcomes]
        for place, item in enumerate(sort):
            today = local_date(ZONE, item.at)
            before = [i for i in sort[:place] if (today - local_date(ZONE, i.at)).days < exclusion.days]
            left_out += [item] if len(before) < exclusion.limit else []
    return [i for i in relevant if i not in left_out]


def full_windows(rule: Cap, made: list[Contact]) -> Iterator[list[Contact]]:
    """Every window that begins with a contact, or the week or month that holds it."""
    for first in made:
        start = local_date(ZONE, first.at)
        for_days = {i: (local_date(ZONE, i.at) - start).days for i in made}
        if rule.rolling_hours is not None:
            yield [i for i in made if 0 <= i.at - first.at < rule.rolling_hours * HOUR]
        elif rule.calendar == "month":
            yield [i for i in made if local_date(ZONE, i.at).replace(day=1) == start.replace(day=1)]
        elif rule.calendar == "week":
            gone = start.weekday() if rule.week_starts == "mon" else start.isoweekday() % 7
            yield [i for i in made if 0 <= for_days[i] + gone < 7]
        else:
            yield [i for i in made if 0 <= for_days[i] < (rule.days or 0)]


@settings(max_examples=60)
@given(rule=caps, requests=asked)
def test_the_gateway_never_adds_a_contact_to_a_window_at_its_cap(
    rule: Cap, requests: list[tuple[int, Outcome, bool]]
) -> None:
    made = counted(rule, lived(book(rule), requests))

    assert all(len(window) <= rule.limit for window in full_windows(rule, made))


@settings(max_examples=40)
@given(rule=cooldowns, requests=asked)
def test_no_call_follows_a_conversation_before_its_cooldown_is_over(
    rule: Cooldown, requests: list[tuple[int, Outcome, bool]]
) -> None:
    made = lived(book(rule), requests)
    talks = [i for i in made if i.outcome in (MET, Outcome.unknown)]

    for talk in talks:
        after = [local_date(ZONE, i.at) for i in made if i.at > talk.at]
        assert all((day - local_date(ZONE, talk.at)).days >= (rule.days or 0) for day in after)


OUTCOMES = [MET, RANG, BUSY, Outcome.unknown]


def told(minutes: int, outcome: Outcome | None, direction: Direction, channel: Channel) -> Contact:
    return contact(
        START - minutes * MINUTE, outcome, direction=direction, channel=channel, id=f"{minutes}-{outcome}-{channel}"
    )


LONG = 20 * 24 * 60
items = st.one_of(
    st.builds(
        told,
        st.integers(-LONG, LONG),
        st.sampled_from(OUTCOMES),
        st.sampled_from(Direction),
        st.sampled_from([Channel.call, Channel.sms]),
    ),
    st.builds(told, st.integers(-LONG, LONG), st.none(), st.just(Direction.outbound), st.just(Channel.call)),
    st.builds(
        told,
        st.integers(0, LONG),
        st.just(Outcome.wrong_number),
        st.just(Direction.outbound),
        st.just(Channel.call),
    ),
)
histories = st.lists(items, max_size=12, unique_by=lambda item: item.id)


@settings(max_examples=80)
@given(
    rules=st.lists(st.one_of(caps, cooldowns, intervals), min_size=1, max_size=3),
    history=histories,
    parts=st.lists(st.floats(0, 1, exclude_max=True), max_size=5),
)
def test_not_before_is_the_first_instant_that_is_allowed(
    rules: list[Rule], history: list[Contact], parts: list[float]
) -> None:
    both = book(*rules)
    decision = at_door(both, history, START)
    first = decision.not_before
    if first is None:
        return

    assert at_door(both, history, first).effect is Effect.allow
    between = [START + int((first - START) * part) for part in parts]
    for instant in (first - 1, *between):
        assert at_door(both, history, Instant(instant)).effect is not Effect.allow


@settings(max_examples=60)
@given(rule=st.one_of(caps, cooldowns, intervals), history=histories, wrong=st.integers(0, LONG))
def test_a_wrong_number_only_ever_frees(rule: Rule, history: list[Contact], wrong: int) -> None:
    found = contact(START - wrong * MINUTE, Outcome.wrong_number, id="wrong")
    before, after = (at_door(book(rule), told_of, START) for told_of in (history, [*history, found]))

    assert (after.not_before or START) <= (before.not_before or START) or before.effect is Effect.deny


@settings(max_examples=60)
@given(rule=st.one_of(caps, cooldowns, intervals), history=histories, days=st.integers(2, 60))
def test_what_lies_beyond_the_lookback_changes_nothing(rule: Rule, history: list[Contact], days: int) -> None:
    old = contact(START - rule.lookback - days * DAY, MET, id="old")

    assert at_door(book(rule), history, START).verdicts == at_door(book(rule), [old, *history], START).verdicts
