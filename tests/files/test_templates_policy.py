"""No content rule of the shipped book objects to a shipped template used as it is meant to be."""

from functools import cache
from pathlib import Path

import pytest

from service.core.civil import parse_instant
from service.core.decide import decide
from service.core.facts import Facts, Subject
from service.core.model import ActorRole, Channel, Dialing, Effect, PartyRole, Purpose
from service.core.policy import Book
from service.files.policies import load_book
from tests.files.catalogue import EVERY, US, context, render, template

POLICIES = Path(__file__).parents[2] / "policies"
NOON = parse_instant("2026-11-24T12:00:00+08:00")
KINDS = {"content_required", "content_forbidden", "content_whitelist", "advertising_mix"}


@cache
def book() -> Book:
    return load_book(POLICIES)


def objections(name: str, channel: Channel, locale: str, purpose: Purpose, role: PartyRole) -> list[str]:
    dialing = Dialing.ai_voice if channel is Channel.call else None
    message = render(name, channel, locale, facts=context(role, ai_voice=dialing is not None, recorded=True))
    subject = Subject(
        channel=channel,
        purpose=purpose,
        party="P-1",
        party_role=role,
        actor_role=ActorRole.first_party,
        account="LN-1",
        product="credit_card",
        dialing=dialing,
        recording_available=True,
        template=name,
        reveals=message.reveals,
        institution=(US.name, US.name_en, US.signature, US.signature_en),
        text=message.body,
    )
    facts = Facts(subject=subject, zones=("Asia/Shanghai",), jurisdictions=("CN",), debtor="P-2", route=True)
    verdicts = decide(book(), facts, NOON).verdicts
    return [f"{v.rule}: {v.figures}" for v in verdicts if v.kind in KINDS and v.effect is Effect.deny]


@pytest.mark.parametrize(("name", "channel", "locale"), EVERY)
def test_no_content_rule_objects_to_a_shipped_text(name: str, channel: Channel, locale: str) -> None:
    chosen = template(name)
    found = {
        (purpose, role): objections(name, channel, locale, purpose, role)
        for purpose in chosen.purposes
        for role in chosen.party_roles
    }

    assert {} == {use: rules for use, rules in found.items() if rules}


def test_a_debt_told_to_a_third_person_is_objected_to() -> None:
    said = objections("overdue-reminder", Channel.sms, "zh-CN", Purpose.relay, PartyRole.contact_person)

    assert any("third-party" in rule for rule in said)
