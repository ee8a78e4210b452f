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


def objections(
    name: str,
    channel: Channel,
    locale: str,
    purpose: Purpose,
    role: PartyRole,
    product: str = "credit_card",
    **values: object,
) -> list[str]:
    dialing = Dialing.ai_voice if channel is Channel.call else None
    message = render(name, channel, locale, facts=context(role, ai_voice=dialing is not None, recorded=True), **values)
    subject = Subject(
        channel=channel,
        purpose=purpose,
        party="P-1",
        party_role=role,
        actor_role=ActorRole.first_party,
        account="LN-1",
        product=product,
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
    product = "consumer_loan" if (name, channel) == ("lawyer-letter", Channel.letter) else "credit_card"
    found = {
        (purpose, role): objections(name, channel, locale, purpose, role, product)
        for purpose in chosen.purposes
        for role in chosen.party_roles
    }

    assert {} == {use: rules for use, rules in found.items() if rules}


def test_a_debt_told_to_a_third_person_is_objected_to() -> None:
    said = objections("overdue-reminder", Channel.sms, "zh-CN", Purpose.relay, PartyRole.contact_person)

    assert any("third-party" in rule for rule in said)


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_a_letter_to_a_cardholder_without_the_total_owed_is_objected_to(locale: str) -> None:
    """Article 69, item 1; a letter about another loan may say where the total is to be seen."""
    asked = ("overdue-notice", Channel.letter, locale, Purpose.collection, PartyRole.debtor)

    [wanting] = objections(*asked, total_owed=None)

    assert wanting.startswith("cn-collection/card-letter-items") and "'holder_and_total'" in wanting
    assert objections(*asked, "consumer_loan", total_owed=None) == []


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_a_law_firms_letter_to_a_cardholder_lacks_the_banks_seal(locale: str) -> None:
    """Article 69, item 6."""
    [wanting] = objections("lawyer-letter", Channel.letter, locale, Purpose.legal_notice, PartyRole.debtor)

    assert wanting.startswith("cn-collection/card-letter-items") and "seal" in wanting
