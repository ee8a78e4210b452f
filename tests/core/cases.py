"""Facts for the tests of rules: a debtor in China who owes, and what happened so far."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from service.core.civil import parse_instant
from service.core.facts import Contact, Facts, Subject
from service.core.model import (
    ActorRole,
    AddressKind,
    Channel,
    Direction,
    Execution,
    Instant,
    Outcome,
    PartyRole,
    Provenance,
    Purpose,
)
from service.core.policy import Book
from service.files.policies import load_book

POLICIES = Path(__file__).parents[2] / "policies"
DEBTOR = "P-1"
NUMBER = "+8613800138000"
NOON = parse_instant("2026-11-23T12:00:00+08:00")

SUBJECT = Subject(
    channel=Channel.call,
    purpose=Purpose.collection,
    party=DEBTOR,
    party_role=PartyRole.debtor,
    actor_role=ActorRole.first_party,
    client="bank",
    address=NUMBER,
    address_kind=AddressKind.mobile,
    provenance=Provenance.contract,
    account="A-1",
    product="credit_card",
    execution=Execution.permit,
    recording_available=True,
)


@cache
def shipped() -> Book:
    return load_book(POLICIES)


def subject(**changed: Any) -> Subject:
    return replace(SUBJECT, **changed)


def facts(*history: Contact, of: Subject = SUBJECT, **more: Any) -> Facts:
    given = {"zones": ("Asia/Shanghai",), "jurisdictions": ("CN",), "debtor": DEBTOR, "route": True, **more}
    return Facts(subject=of, history=tuple(sorted(history, key=lambda item: (item.at, item.id))), **given)


def contact(at: int, outcome: Outcome | None = Outcome.conversation_right_party, **changed: Any) -> Contact:
    """A collection call to the debtor that was made at an instant; without an outcome a held place."""
    made = Contact(
        at=Instant(at),
        channel=Channel.call,
        direction=Direction.outbound,
        outcome=outcome,
        duration_s=60 if outcome is Outcome.conversation_right_party else None,
        party=DEBTOR,
        party_role=PartyRole.debtor,
        account="A-1",
        product="credit_card",
        address=NUMBER,
        address_kind=AddressKind.mobile,
        purpose=Purpose.collection,
        id=f"a-{at}",
    )
    return made._replace(**changed)
