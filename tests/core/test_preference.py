"""A party's own hours, all of them honoured, and what is said where the law gives them for fewer hours a week."""

from typing import Any

import pytest

from service.core.civil import parse_instant, parse_window
from service.core.decide import Decision, decide
from service.core.facts import Preference, Window
from service.core.model import Channel, Confidence, Effect, Force, PreferenceKind
from service.core.policy import Book, Explain, Pack
from service.core.rules.preference import PreferenceRule, weekly_seconds
from tests.core.cases import DEBTOR, facts

HOUR_S = 3600


def never(days: str, from_: str, to: str, channel: Channel | None = None, party: str = DEBTOR) -> Preference:
    return Preference(party, PreferenceKind.prohibited, parse_window(days, from_, to), channel)


def ask(at: str, *wishes: Preference, hours_max: int | None = 28) -> Decision:
    rule = PreferenceRule(
        id="t/wishes",
        kind="preference",
        weekly_hours_max=hours_max,
        citation="a test",
        force=Force.house,
        confidence=Confidence.primary,
        explain=Explain(en="{hours} of {max}", zh="{hours}/{max}"),
    )
    pack = Pack(id="t", title=Explain(en="t", zh="t"), jurisdictions=("CN",), rules=(rule,))
    return decide(Book(packs=(pack,), sha256="0", label="t"), facts(preferences=wishes), parse_instant(at))


def said(decision: Decision) -> tuple[Effect, str]:
    (verdict,) = decision.verdicts
    return verdict.effect, verdict.reason


def test_twenty_eight_hours_are_within_the_budget_and_a_quarter_more_is_advised() -> None:
    exactly, over = never("mon-sun", "09:00", "13:00"), never("sun", "13:00", "13:15")

    assert said(ask("2026-11-23T14:00:00+08:00", exactly)) == (Effect.allow, "")
    assert said(ask("2026-11-23T14:00:00+08:00", exactly, over)) == (Effect.advise, "preference_over_budget")


def test_wishes_above_the_budget_are_honoured_all_the_same() -> None:
    long = never("mon-sun", "09:00", "21:00")

    assert said(ask("2026-11-23T20:59:59+08:00", long)) == (Effect.defer, "preference")
    assert said(ask("2026-11-23T21:00:00+08:00", long)) == (Effect.advise, "preference_over_budget")
    assert ask("2026-11-23T21:00:00+08:00", long).verdicts[0].figures == {"hours": "84"}


def test_wishes_for_another_medium_use_up_the_budget_too() -> None:
    wishes = never("mon-fri", "09:00", "13:00"), never("mon-fri", "09:00", "18:00", Channel.sms)

    assert said(ask("2026-11-23T14:00:00+08:00", *wishes)) == (Effect.advise, "preference_over_budget")


@pytest.mark.parametrize("hours_max", [None, 167])
def test_without_a_budget_and_below_it_nothing_is_said(hours_max: int | None) -> None:
    assert said(ask("2026-11-23T21:00:00+08:00", never("mon-sun", "09:00", "21:00"), hours_max=hours_max)) == (
        Effect.allow,
        "",
    )


def test_wishes_of_others_are_not_counted() -> None:
    assert said(ask("2026-11-23T14:00:00+08:00", never("mon-sun", "00:00", "12:00", party="P-2"))) == (Effect.allow, "")


@pytest.mark.parametrize(
    ("windows", "hours"),
    [
        ([("mon", "09:00", "10:00")], 1),
        ([("mon", "09:00", "11:00"), ("mon", "10:00", "12:00")], 3),
        ([("mon", "22:00", "02:00")], 4),
        ([("sun", "22:00", "02:00")], 4),
        ([("sun", "22:00", "02:00"), ("mon", "00:00", "03:00")], 5),
        ([("mon-sun", "00:00", "24:00")], 168),
        ([("mon-sun", "20:00", "19:00")], 161),
    ],
)
def test_hours_of_a_week_are_counted_once(windows: list[tuple[Any, ...]], hours: int) -> None:
    parsed: list[Window] = [parse_window(*window) for window in windows]

    assert weekly_seconds(parsed) == hours * HOUR_S
