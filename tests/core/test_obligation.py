"""Obligations: which contacts oblige to what, beyond what the packs' cases tell."""

from datetime import date
from typing import Any

import pytest

from service.core.case import Case
from service.core.civil import parse_instant
from service.core.facts import Facts
from service.core.model import DAY, ActorRole, Channel, Effect, Instant, NoticeKind, Purpose
from service.core.policy import When
from service.core.rules.obligation import ObligationRule
from tests.core.cases import NOON, contact, facts, subject
from tests.core.rulebook import SAID

COLLECTORS = When(actor_role=(ActorRole.agency, ActorRole.debt_buyer))
COLLECTOR = subject(actor_role=ActorRole.agency)


def noticed(**more: Any) -> ObligationRule:
    given = {"id": "law/rule", "kind": "obligation", "notice": NoticeKind.validation, "within_days": 5}
    return ObligationRule(**SAID, **given, **more)


def allows(rule: ObligationRule, known: Facts) -> bool:
    return rule.judge(Case(known), Instant(NOON)).effect is Effect.allow


@pytest.mark.parametrize(
    ("actor_role", "allowed"), [(ActorRole.first_party, True), (ActorRole.debt_buyer, False), (None, False)]
)
def test_a_lenders_own_talk_is_not_its_collectors_first(actor_role: ActorRole | None, allowed: bool) -> None:
    talk = contact(NOON - 10 * DAY, actor_role=actor_role)

    assert allows(noticed(when=COLLECTORS), facts(talk, of=COLLECTOR)) is allowed


def test_a_contact_of_before_a_law_obliges_to_nothing_under_it() -> None:
    law = noticed(effective_from=date(2026, 11, 10))
    midnight = parse_instant("2026-11-10T00:00:00+08:00")

    assert allows(law, facts(contact(midnight - 1)))
    assert not allows(law, facts(contact(midnight - 1), contact(midnight)))


def test_a_contact_that_a_law_excepts_obliges_to_nothing_under_it() -> None:
    law = noticed(unless=When(channel=(Channel.call,), purpose=(Purpose.locate,)))
    call = contact(NOON - 10 * DAY, purpose=Purpose.locate)

    assert allows(law, facts(call))
    assert not allows(law, facts(call._replace(purpose=None)))
