"""
People: for what each class of party may be contacted.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from service.core.case import Case
from service.core.model import ConsentKind, Instant, PartyRole, Purpose
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
