"""Whatever happens day after day, no cap is ever exceeded, as a counter tells it that knows only the words."""

from bisect import insort
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings

from service.core.decide import decide
from service.core.facts import Contact, Facts, Subject
from service.core.model import (
    DAY,
    HOUR,
    MINUTE,
    ActorRole,
    AddressKind,
    Asks,
    Channel,
    Dialing,
    Direction,
    Effect,
    Execution,
    Instant,
    Outcome,
    PartyRole,
    Purpose,
)
from service.core.rule import When
from service.core.rules.cap import Cap
from service.core.rules.counting import Per
from service.core.rules.reply import NEVER_ARRIVED
from tests.core.cases import DEBTOR, NOON, contact, facts
from tests.core.rulebook import SAID, SHIPPED, everywhere, rule_of
from tests.core.situations import BASES, Chance
from tests.core.test_laws import chances, law

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ZONE_SETS = (
    ("Asia/Shanghai",),
    ("America/New_York",),
    ("Australia/Lord_Howe", "Pacific/Honolulu"),
    ("Pacific/Chatham",),
)
CAPS = [rule for rule in SHIPPED if isinstance(rule, Cap) and rule.severity == "defer"]
FIELDS = ("actor_role", "channel", "purpose", "party_role", "address_kind", "product", "dialing")
ANY = {
    "actor_role": ActorRole,
    "channel": Channel,
    "purpose": Purpose,
    "party_role": PartyRole,
    "address_kind": AddressKind,
}


def fitting(c: Chance, rule: Cap) -> Subject:
    """A contact that the rule binds."""
    when = rule.when
    days = when.days_past_due
    drawn = {name: c.of(getattr(when, name) or values) for name, values in ANY.items()}
    return Subject(
        party=DEBTOR,
        client="bank",
        address=c.of(("x", "y")),
        account=c.of(("A-1", "A-1", "A-2")),
        product=c.of(when.product or ("credit_card",)),
        execution=c.of(when.execution or Execution),
        account_type=c.of(when.account_type) if when.account_type else None,
        days_past_due=60 if days is None or days.holds(60) else days.max,
        dialing=c.of(when.dialing or Dialing),
        **drawn,
    )


def matches(when: When, item: Contact, *, but: tuple[str, ...] = ()) -> bool:
    return all(
        not getattr(when, name) or getattr(item, name) in getattr(when, name) for name in FIELDS if name not in but
    )


def given_at_all(when: When) -> bool:
    return any(getattr(when, name) for name in FIELDS)


# What a gateway does --------------------------------------------------------------------------------------------------


def lived(c: Chance, rule: Cap, zones: tuple[str, ...]) -> list[Contact]:
    """Requests come in, wait, are asked again when their time has come, and end one way or another."""
    book, base, steps = everywhere(rule), c.of(BASES), c.number(8, 30)
    pace = c.of((20 * MINUTE, 4 * HOUR, 2 * DAY)) if rule.days != 1 else c.of((10 * MINUTE, 3 * HOUR))
    queue = sorted((base + c.number(0, steps * pace), number) for number in range(steps))
    wishes = [fitting(c, rule) for _ in queue]
    made: list[Contact] = []
    planned: dict[int, Contact] = {}
    places = rule.when.jurisdiction[:1] or ("US",)
    for _ in range(200):
        if not queue:
            break
        at, number = queue.pop(0)
        planned.pop(number, None)
        if c.once_in(6) and rule.replies_not_counted:
            made.append(_came(c, wishes[number], at, f"i{len(made)}"))
        history = tuple(sorted((*made, *planned.values()), key=lambda item: (item.at, item.id)))
        known = Facts(subject=wishes[number], zones=zones, jurisdictions=places, history=history, debtor=DEBTOR)
        decision = decide(book, known, Instant(at))
        if decision.effect is Effect.allow:
            made.append(_went(c, rule, wishes[number], at, f"r{number}"))
        elif decision.not_before is not None and c.once_in(2):
            planned[number] = _contact(wishes[number], decision.not_before, None, f"r{number}")
            insort(queue, (decision.not_before, number))
    return sorted(made, key=lambda item: item.at)


def _contact(wish: Subject, at: int, outcome: Outcome | None, name: str) -> Contact:
    return Contact(
        at=Instant(at),
        direction=Direction.outbound,
        outcome=outcome,
        party=wish.party,
        account=wish.account,
        address=wish.address,
        client=wish.client,
        id=name,
        **{name: getattr(wish, name) for name in FIELDS},
    )


def _went(c: Chance, rule: Cap, wish: Subject, at: int, name: str) -> Contact:
    usual = (
        *rule.counts,
        *rule.counts,
        Outcome.unknown,
        Outcome.failed,
        Outcome.not_connected_busy,
        Outcome.wrong_number,
    )
    return _contact(wish, at, c.of(usual), name)._replace(duration_s=c.maybe((3, 60)))


def _came(c: Chance, wish: Subject, at: int, name: str) -> Contact:
    asks = c.of((None, Asks.call_back, Asks.call_back, *Asks))
    return _contact(wish, at - MINUTE, Outcome.replied, name)._replace(direction=Direction.inbound, asks=asks)


# What a counter finds -------------------------------------------------------------------------------------------------


def on_the_wall(zone: str, at: int) -> date:
    return (EPOCH + timedelta(microseconds=at)).astimezone(ZoneInfo(zone)).date()


def counted(rule: Cap, made: list[Contact], zone: str, key: tuple[str | None, ...]) -> list[Contact]:
    """What the rule counts, by its words, in one zone and for one party, account or address as it sorts them."""
    swapped = {"purpose": rule.counts_purposes, "party_role": rule.counts_party_roles, "channel": rule.counts_channels}
    when = replace(rule.when, **{name: values for name, values in swapped.items() if values})
    when = replace(when, address_kind=rule.counts_address_kinds or when.address_kind)
    wrong = [i for i in made if i.outcome is Outcome.wrong_number and Outcome.wrong_number not in rule.counts]
    found = [
        item
        for item in made
        if _key(rule, item) == key
        and item.direction in rule.counts_directions
        and item.outcome in (*rule.counts, Outcome.unknown)
        and matches(when, item, but=("dialing",) if rule.counts_any_dialing else ())
        and not (rule.unless and matches(rule.unless, item))
        and not _brief(rule, item)
        and not any(item.address == w.address and item.at <= w.at for w in wrong)
    ]
    spared = [*_first_of(rule, found, zone), *(_answers(rule, made, zone) if rule.replies_not_counted else ())]
    return [item for item in found if item not in spared]


def _brief(rule: Cap, item: Contact) -> bool:
    """An answered contact that was too short; of `unknown` nobody knows how long it was."""
    short = (
        rule.effective_seconds is not None and item.duration_s is not None and item.duration_s < rule.effective_seconds
    )
    return short and item.outcome is not Outcome.unknown


def _first_of(rule: Cap, found: list[Contact], zone: str) -> Iterator[Contact]:
    for exclusion in rule.not_counted:
        sort = [item for item in found if exclusion.fits(item)]
        for place, item in enumerate(sort):
            since = on_the_wall(zone, item.at) - timedelta(days=exclusion.days - 1)
            if sum(on_the_wall(zone, other.at) >= since for other in sort[:place]) < exclusion.limit:
                yield item


def _answers(rule: Cap, made: list[Contact], zone: str) -> Iterator[Contact]:
    asked: Contact | None = None
    for item in sorted(made, key=lambda item: (item.at, item.direction != Direction.inbound)):
        if item.direction is Direction.inbound:
            if item.asks in (Asks.stop, Asks.wrong_number):
                asked = None
            elif rule.replies_to == "anything" or item.asks in (Asks.call_back, Asks.reply):
                asked = item
        elif item.outcome not in NEVER_ARRIVED:
            days = timedelta(days=rule.replies_within_days)
            late = asked is None or on_the_wall(zone, item.at) - on_the_wall(zone, asked.at) >= days
            if asked is not None and not late and (not rule.reply_outcomes or item.outcome in rule.reply_outcomes):
                by_call = item.channel is Channel.call
                if rule.replies_to == "anything" or asked.asks is Asks.call_back or not by_call:
                    yield item
            asked = None


def windows(rule: Cap, items: list[Contact], zone: str) -> Iterator[list[Contact]]:
    """Every window that begins with a contact, or the week or month that holds it."""
    days = {item: on_the_wall(zone, item.at) for item in items}
    for first in items:
        start = days[first]
        if rule.lifetime:
            yield items
        elif rule.rolling_hours is not None:
            yield [item for item in items if 0 <= item.at - first.at < rule.rolling_hours * HOUR]
        elif rule.calendar == "month":
            yield [item for item in items if days[item].replace(day=1) == start.replace(day=1)]
        else:
            if rule.calendar == "week":
                start -= timedelta(days=start.weekday() if rule.week_starts == "mon" else start.isoweekday() % 7)
            length = timedelta(days=rule.days or 7)
            yield [item for item in items if start <= days[item] < start + length]


def fullest(rule: Cap, made: list[Contact], zones: tuple[str, ...]) -> int:
    """The most that any window of any zone holds, of one party, account or address as the rule sorts them."""
    most = 0
    for zone in (rule.zone,) if rule.zone else zones:
        for key in {_key(rule, item) for item in made}:
            alike = counted(rule, made, zone, key)
            most = max(most, *(len(window) for window in windows(rule, alike, zone)), 0)
    return most


def _key(rule: Cap, item: Contact) -> tuple[str | None, ...]:
    return tuple(getattr(item, "address_kind" if per == "place" else per) for per in rule.per)


@pytest.mark.parametrize("rule", CAPS, ids=[rule.id for rule in CAPS])
def test_no_window_of_a_cap_that_ships_is_ever_exceeded(rule: Cap) -> None:
    for seed in range(6):
        c = Chance(seed)
        zones = c.of(ZONE_SETS)
        made = lived(c, replace(rule, effective_from=None, effective_to=None), zones)

        assert fullest(rule, made, zones) <= rule.limit, seed


PLAIN: dict[str, Any] = {
    "severity": "defer",
    "counts_directions": (Direction.outbound,),
    "effective_from": None,
    "effective_to": None,
    "not_counted_with_consent": None,
}


def answerable(when: When | None) -> bool:
    """True for an exception that a contact of the past can be held against."""
    beyond = ("account_type", "execution", "jurisdiction", "days_past_due")
    return when is not None and given_at_all(when) and not any(getattr(when, name) for name in beyond)


@settings(law, max_examples=250)
@given(c=chances)
def test_no_window_of_any_cap_is_ever_exceeded(c: Chance) -> None:
    rule = rule_of(c, Cap)
    assert isinstance(rule, Cap)
    plain = replace(rule, **PLAIN, unless=rule.unless if answerable(rule.unless) else None)
    zones = c.of(ZONE_SETS)

    assert fullest(plain, lived(c, plain, zones), zones) <= plain.limit


ONE_A_DAY = Cap(id="house/a", kind="cap", limit=1, days=1, per=(Per.party,), counts=(Outcome.sent,), **SAID)


def test_an_exception_spares_what_it_would_have_excused_and_nothing_else() -> None:
    """E-mails to a home are excused; a call to a home is not, and counts."""
    excused = When(channel=(Channel.email,), address_kind=(AddressKind.home,))
    rule = Cap(
        id="house/a", kind="cap", limit=1, days=1, per=(Per.party,), counts=(Outcome.sent,), unless=excused, **SAID
    )
    narrower = replace(rule, unless=replace(excused, execution=(Execution.permit,)))
    call = contact(NOON - HOUR, Outcome.sent, address_kind=AddressKind.home)
    email = call._replace(channel=Channel.email)

    assert decide(everywhere(rule), facts(call), NOON).effect is Effect.defer
    assert decide(everywhere(rule), facts(email), NOON).effect is Effect.allow
    assert decide(everywhere(narrower), facts(email), NOON).effect is Effect.defer


def test_an_answer_that_may_count_after_all_passes_no_full_cap() -> None:
    """Where what failed counts as well, an answer that fails would be one too many."""
    rule = replace(ONE_A_DAY, counts=(Outcome.sent, Outcome.failed), replies_not_counted=True, replies_to="anything")
    sent = contact(NOON - 2 * HOUR, Outcome.sent)
    asked = contact(NOON - HOUR, Outcome.replied, channel=Channel.sms, direction=Direction.inbound)

    assert decide(everywhere(rule), facts(sent, asked), NOON).effect is Effect.defer
    only_sent = replace(rule, counts=(Outcome.sent,))
    assert decide(everywhere(only_sent), facts(sent, asked), NOON).effect is Effect.allow
