"""
Registries: do-not-call lists and their like, asked before and not too long ago.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Literal

from service.core.case import Case
from service.core.facts import Facts
from service.core.model import DAY, Instant, Registry
from service.core.rule import Rule, Verdict

LONGEST_DAYS = 366


@dataclass(frozen=True, kw_only=True)
class RegistryRule(Rule):
    """
    Deny while the registry lists the address, and where nobody has asked it within `max_age_days`.

    A day is 24 hours here: a check made in the afternoon is used up in the afternoon.
    """

    tells: ClassVar[tuple[str, ...]] = ("found",)

    kind: Literal["registry"]
    registry: Registry
    max_age_days: int

    def flaws(self) -> Iterator[tuple[str, str]]:
        yield from super().flaws()
        if not 1 <= self.max_age_days <= LONGEST_DAYS:
            yield "max_age_days", f"must be from 1 to {LONGEST_DAYS}"

    @cached_property
    def needs(self) -> str | None:
        return "address"

    @property
    def terms(self) -> dict[str, Any]:
        return {"registry": self.registry, "days": self.max_age_days}

    def judge(self, case: Case, at: Instant) -> Verdict:
        listed = latest_answer(case.facts, self.registry, at, self.max_age_days)
        if listed is None:
            return self.deny("registry_unchecked", found="unchecked")
        return self.deny("registry_listed", found="listed") if listed else self.allowed


def latest_answer(facts: Facts, registry: Registry, at: Instant, max_age_days: int) -> bool | None:
    """Whether the registry listed the address when it was last asked; None: not asked, or too long ago."""
    address = facts.subject.address
    answers = [
        (check.checked_at, check.listed)
        for check in facts.registry_checks
        if check.registry == registry and check.address == address and at - max_age_days * DAY <= check.checked_at <= at
    ]
    # Of two answers of one instant the worse stands: a listing sorts last.
    return max(answers)[1] if answers else None
