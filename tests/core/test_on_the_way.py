"""What a decision keeps of the way from the first instant to `not_before`, and what two of them differ by."""

from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import given, settings

from service.core.civil import parse_instant
from service.core.comparison import Otherwise, compare
from service.core.decide import Decision, decide
from service.core.facts import Contact, Hold
from service.core.model import HOUR, Effect, HoldKind, Instant, Outcome
from service.core.policy import Book
from service.core.rule import Rule
from service.core.rules.cap import Cap
from service.core.rules.counting import Per
from service.core.rules.hold import HoldRule
from service.core.rules.hours import ContactWindow
from service.core.rules.windows import Hours
from tests.core.cases import contact, facts
from tests.core.rulebook import SAID, everywhere
from tests.core.situations import Chance
from tests.core.test_laws import chances, dates_of, law, timely_rules, waiting

NIGHT = parse_instant("2026-11-23T22:00:00+08:00")
MORNING = parse_instant("2026-11-24T08:00:00+08:00")
MIDNIGHT = parse_instant("2026-11-25T00:00:00+08:00")
NEXT_MORNING = parse_instant("2026-11-25T08:00:00+08:00")

HOURS = ContactWindow(
    id="house/hours", kind="contact_window", open=(Hours(from_="08:00", to="21:00"),), reason="hours", **SAID
)
DAILY = Cap(
    id="house/cap", kind="cap", limit=1, days=1, per=(Per.party,), counts=(Outcome.sent,), reason="full", **SAID
)
HELD = contact(MORNING, None)
Said = list[tuple[str, Effect, int | None]]


def asked(*rules: Rule, history: tuple[Contact, ...] = (HELD,), **more: Any) -> Decision:
    return decide(everywhere(*rules), facts(*history), NIGHT, **more)


def said(decision: Decision) -> Said:
    return [(verdict.rule, verdict.effect, verdict.until) for verdict in decision.verdicts]


AT_FIRST: Said = [("house/hours", Effect.defer, MORNING), ("house/cap", Effect.allow, None)]
LATER: Said = [("house/cap", Effect.defer, MIDNIGHT), ("house/hours", Effect.defer, NEXT_MORNING)]


def test_the_rule_by_which_not_before_is_what_it_is_is_told() -> None:
    decision = asked(HOURS, DAILY)

    assert (decision.effect, decision.not_before) == (Effect.defer, NEXT_MORNING)
    assert said(decision) == AT_FIRST + LATER


def test_what_a_rule_said_at_first_is_not_said_again() -> None:
    full = contact(NIGHT - HOUR, Outcome.sent)
    two_days = replace(DAILY, days=2)

    decision = asked(HOURS, two_days, history=(full,))

    assert said(decision) == [
        ("house/hours", Effect.defer, MORNING),
        ("house/cap", Effect.defer, MIDNIGHT),
        ("house/hours", Effect.defer, NEXT_MORNING),
    ]


def test_an_allowance_and_a_refusal_at_once_have_no_way() -> None:
    assert len(asked(DAILY, history=()).verdicts) == 1
    hold = Hold(HoldKind.dispute, Instant(0), account="A-1")
    stop = HoldRule(id="house/hold", kind="hold", holds=(HoldKind.dispute,), **SAID)
    refused = decide(everywhere(HOURS, DAILY, stop), facts(HELD, holds=(hold,)), NIGHT)

    assert [verdict.rule for verdict in refused.verdicts] == ["house/hours", "house/cap", "house/hold"]


def test_a_refusal_on_the_way_stands_after_what_led_there() -> None:
    dispute = Hold(HoldKind.dispute, Instant(MIDNIGHT - HOUR), account="A-1")
    stop = HoldRule(id="house/hold", kind="hold", holds=(HoldKind.dispute,), **SAID)

    refused = decide(everywhere(HOURS, DAILY, stop), facts(HELD, holds=(dispute,)), NIGHT)

    assert said(refused)[3:] == [*LATER, ("house/hold", Effect.deny, None)]


def test_whoever_expires_first_is_told_what_the_wait_was_for() -> None:
    decision = asked(HOURS, DAILY, expires_at=MIDNIGHT)

    assert (decision.reason, decision.not_before) == ("expires_first", NEXT_MORNING)
    assert said(decision)[2:4] == LATER


@settings(law, max_examples=250)
@given(c=chances)
def test_a_verdict_or_a_date_tells_why_not_before_is_what_it_is(c: Chance) -> None:
    question = waiting(c, *timely_rules(c), ahead=c.of((0, 6)))
    decision = question.answer()

    if decision.not_before is not None:
        deferrals = {verdict.until for verdict in decision.verdicts if verdict.effect is Effect.defer}
        assert decision.not_before in deferrals | set(dates_of(question))


# Two of them ----------------------------------------------------------------------------------------------------------


def otherwise(was: Book, would: Book, *history: Contact) -> Otherwise:
    known = facts(*(history or (HELD,)))
    found = compare(decide(was, known, NIGHT), decide(would, known, NIGHT))
    assert found is not None
    return found


def test_a_cap_that_speaks_only_on_the_way_is_named_and_the_hours_that_follow_are_not() -> None:
    loose, strict = everywhere(HOURS, replace(DAILY, limit=2)), everywhere(HOURS, DAILY)

    assert otherwise(loose, strict).rules == {"house/cap": (Effect.allow, Effect.defer)}
    assert otherwise(strict, loose).rules == {"house/cap": (Effect.defer, Effect.allow)}


def test_a_cap_that_waits_longer_on_the_way_is_named() -> None:
    one, two = everywhere(HOURS, DAILY), everywhere(HOURS, replace(DAILY, days=2))

    assert otherwise(one, two).rules == {"house/cap": (Effect.defer, Effect.defer)}


def test_of_what_is_otherwise_at_first_the_consequences_are_not_named() -> None:
    later = replace(HOURS, open=(Hours(from_="09:00", to="21:00"),))

    changed = otherwise(everywhere(HOURS, DAILY), everywhere(later, DAILY))

    assert (changed.rules, changed.decided) == ({"house/hours": (Effect.defer, Effect.defer)}, True)


def test_a_rule_that_comes_into_force_on_the_way_is_named() -> None:
    tomorrow = replace(DAILY, effective_from=date(2026, 11, 24))

    changed = otherwise(everywhere(HOURS), everywhere(HOURS, tomorrow))

    assert "house/cap" in changed.rules
