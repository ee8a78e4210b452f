"""
People: for what each class of party may be contacted, and what stops contact altogether.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from service.core.case import Case
from service.core.facts import Facts, Hold
from service.core.model import ConsentKind, HoldKind, Instant, PartyRole, Purpose
from service.core.rule import Rule, Verdict

from .agreed import consents_of, in_force

THIRD_PARTIES = frozenset({PartyRole.contact_person, PartyRole.representative, PartyRole.employer, PartyRole.unknown})
"""People who owe nothing: they are contacted about the debtor, so what stops the debtor stops them."""

DEBTORS = frozenset({PartyRole.debtor, PartyRole.co_debtor, PartyRole.guarantor})
"""Whoever owes: a stop from them narrows a medium and ends nothing; nobody else's refusal bars them."""


def offers_to_pay(case: Case, at: Instant) -> bool:
    """True while a third person's recorded offer to pay stands (GB/T 45251-2025, 5.3.1)."""
    return any(in_force(consent, at) for consent in consents_of(case.facts, ConsentKind.third_party))


@dataclass(frozen=True, kw_only=True)
class PartyRule(Rule):
    """A party of this class is contacted for these purposes alone; one who offers to pay, for any."""

    kind: Literal["party"]
    allowed_purposes: tuple[Purpose, ...]
    unless_offers_to_pay: bool = False
    reason: str = "party_class"

    def flaws(self) -> Iterator[tuple[str, str]]:
        yield from super().flaws()
        if not self.allowed_purposes:
            yield "allowed_purposes", "is empty"

    @property
    def terms(self) -> dict[str, Any]:
        return {"purposes": ", ".join(self.allowed_purposes)}

    def judge(self, case: Case, at: Instant) -> Verdict:
        if all(purpose in self.allowed_purposes for purpose in case.purposes):
            return self.allowed
        if self.unless_offers_to_pay and Purpose.solicitation not in case.purposes and offers_to_pay(case, at):
            return self.allowed
        return self.deny(self.reason)


@dataclass(frozen=True, kw_only=True)
class HoldRule(Rule):
    """
    While a hold of these kinds stands, only some purposes are allowed.

    A hold's own purposes stand for the rule's, but never those that the rule says it stops.
    """

    tells: ClassVar[tuple[str, ...]] = ("hold",)

    kind: Literal["hold"]
    holds: tuple[HoldKind, ...]
    allowed_purposes: tuple[Purpose, ...] = ()
    stopped_purposes: tuple[Purpose, ...] = ()
    reason: str = "hold"

    def flaws(self) -> Iterator[tuple[str, str]]:
        yield from super().flaws()
        if not self.holds:
            yield "holds", "is empty"
        for place, purpose in enumerate(self.stopped_purposes):
            if purpose in self.allowed_purposes:
                yield f"stopped_purposes.{place}", f"{purpose} is both allowed and stopped"

    def judge(self, case: Case, at: Instant) -> Verdict:
        if not case.facts.holds:
            return self.allowed
        stopping = [
            h for h in case.facts.holds if h.kind in self.holds and holds_at(h, case.facts, at) and self._stops(h, case)
        ]
        if not stopping:
            return self.allowed
        untils = [h.until for h in stopping if h.until is not None]
        until = max(untils) if len(untils) == len(stopping) else None
        return self.deny(self.reason, until=until, hold=", ".join(sorted({h.kind.value for h in stopping})))

    def _stops(self, hold: Hold, case: Case) -> bool:
        allowed = hold.allowed_purposes or self.allowed_purposes
        return any(p in self.stopped_purposes or p not in allowed for p in case.purposes)


def holds_at(hold: Hold, facts: Facts, at: Instant) -> bool:
    """
    True if the hold stands at the instant and concerns the contact.

    A hold on an account concerns a request that names none. A hold on the debtor's person concerns
    those who are contacted only because of the debtor.
    """
    if not stands(hold, at):
        return False
    subject = facts.subject
    if hold.party is not None:
        return hold.party == subject.party or (hold.party == facts.debtor and subject.party_role in THIRD_PARTIES)
    return subject.account is None or hold.account == subject.account


def stands(hold: Hold, at: Instant) -> bool:
    return hold.since <= at and (hold.until is None or at < hold.until)
