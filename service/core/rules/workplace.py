"""
Workplaces: whether a person may be contacted where they work.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from service.core.case import Case
from service.core.model import (
    DAY,
    AddressKind,
    ConsentKind,
    Instant,
    Outcome,
    SuppressionScope,
)
from service.core.rule import Flawed, Rule, Verdict

from .agreed import consents_of, in_force

LONGEST_DAYS = 366

_MET = frozenset({Outcome.conversation_right_party, Outcome.visited_met, Outcome.replied})


@dataclass(frozen=True, kw_only=True)
class Unreachable:
    """So many tries elsewhere that ended like this, within so many times 24 hours, and nobody met since."""

    outcomes: tuple[Outcome, ...]
    attempts: int
    days: int

    def __post_init__(self) -> None:
        flaws = [(name, "must be at least 1") for name in ("attempts", "days") if getattr(self, name) < 1]
        if self.days > LONGEST_DAYS:
            flaws.append(("days", f"must be at most {LONGEST_DAYS}"))
        if not self.outcomes:
            flaws.append(("outcomes", "is empty"))
        if flaws:
            raise Flawed(flaws)


@dataclass(frozen=True, kw_only=True)
class Workplace(Rule):
    """
    An address of kind `work` is never used, or not once the party asked so, or only when no other reaches them.

    To have asked means a suppression of that address, on whatever medium. A `consent` of that kind opens it.
    """

    kind: Literal["workplace"]
    permitted: Literal["never", "unless_asked_not", "only_unreachable_elsewhere"]
    consent: ConsentKind | None = None
    unreachable_after: Unreachable | None = None
    reason: str = "workplace"

    def flaws(self) -> Iterator[tuple[str, str]]:
        yield from super().flaws()
        if (self.permitted == "only_unreachable_elsewhere") != (self.unreachable_after is not None):
            yield "unreachable_after", "says when a party is unreachable elsewhere, and stands there alone"

    @cached_property
    def needs(self) -> str | None:
        return "address"

    @property
    def terms(self) -> dict[str, Any]:
        after = self.unreachable_after
        return {"calls": after.attempts, "days": after.days} if after else {}

    @property
    def lookback(self) -> int:
        return self.unreachable_after.days * DAY if self.unreachable_after else 0

    def judge(self, case: Case, at: Instant) -> Verdict:
        if case.subject.address_kind not in (AddressKind.work, None) or self._agreed(case, at):
            return self.allowed
        if self.permitted == "unless_asked_not" and not _asked_not(case, at):
            return self.allowed
        if self.unreachable_after is not None and _unreachable(self.unreachable_after, case, at):
            return self.allowed
        return self.deny(self.reason)

    def _agreed(self, case: Case, at: Instant) -> bool:
        kind = self.consent
        return kind is not None and any(in_force(consent, at) for consent in consents_of(case.facts, kind))


def _asked_not(case: Case, at: Instant) -> bool:
    return any(
        wish.scope == SuppressionScope.address
        and wish.value == case.subject.address
        and wish.party in (case.subject.party, None)
        and wish.since <= at
        and (wish.until is None or at < wish.until)
        for wish in case.facts.suppressions
    )


def _unreachable(after: Unreachable, case: Case, at: Instant) -> bool:
    """True if the last so many tries elsewhere found nobody."""
    since = at - after.days * DAY
    mine = [item for item in case.facts.history if since <= item.at <= at and item.party == case.subject.party]
    met = max((item.at for item in mine if item.outcome in _MET), default=since)
    tries = [
        item
        for item in case.outbound()
        if item.party == case.subject.party
        and met <= item.at <= at
        and item.outcome in after.outcomes
        and item.address_kind not in (AddressKind.work, None)
    ]
    return len(tries) >= after.attempts
