"""
Holds: states of an account or a person that stop or narrow contact.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, Literal

from service.core.case import Case
from service.core.civil import local_date, start_of
from service.core.facts import Facts, Hold
from service.core.model import HOUR, HoldKind, Instant, Purpose
from service.core.rule import Rule, Verdict

from .people import THIRD_PARTIES

LONGEST_DAYS = 3660
LONGEST_HOURS = 24 * 31


@dataclass(frozen=True, kw_only=True)
class HoldRule(Rule):
    """
    While a hold of these kinds stands, only some purposes are allowed.

    A hold's own purposes stand for the rule's, but never those that the rule says it stops.
    `length_days`: one without an end lasts for so many calendar days after the day it began, in every zone.
    `grace_hours`: for so long after it began, contact is still allowed.
    """

    tells: ClassVar[tuple[str, ...]] = ("hold",)

    kind: Literal["hold"]
    holds: tuple[HoldKind, ...]
    allowed_purposes: tuple[Purpose, ...] = ()
    stopped_purposes: tuple[Purpose, ...] = ()
    length_days: int | None = None
    grace_hours: int | None = None
    reason: str = "hold"

    def flaws(self) -> Iterator[tuple[str, str]]:
        yield from super().flaws()
        if not self.holds:
            yield "holds", "is empty"
        for place, purpose in enumerate(self.stopped_purposes):
            if purpose in self.allowed_purposes:
                yield f"stopped_purposes.{place}", f"{purpose} is both allowed and stopped"
        if self.length_days is not None and not 1 <= self.length_days <= LONGEST_DAYS:
            yield "length_days", f"must be from 1 to {LONGEST_DAYS}"
        if self.grace_hours is not None and not 1 <= self.grace_hours <= LONGEST_HOURS:
            yield "grace_hours", f"must be from 1 to {LONGEST_HOURS}"

    @property
    def terms(self) -> dict[str, Any]:
        return {"days": self.length_days, "hours": self.grace_hours}

    def judge(self, case: Case, at: Instant) -> Verdict:
        if not case.facts.holds:
            return self.allowed
        stopping = [
            (hold, until)
            for hold in case.facts.holds
            if hold.kind in self.holds
            and concerns(hold, case.facts)
            and hold.since + (self.grace_hours or 0) * HOUR <= at
            and ((until := self._ends(hold, case)) is None or at < until)
            and self._stops(hold, case)
        ]
        if not stopping:
            return self.allowed
        untils = [until for _, until in stopping if until is not None]
        until = max(untils) if len(untils) == len(stopping) else None
        return self.deny(self.reason, until=until, hold=", ".join(sorted({hold.kind.value for hold, _ in stopping})))

    def _ends(self, hold: Hold, case: Case) -> Instant | None:
        if hold.until is not None or self.length_days is None:
            return hold.until
        length = timedelta(days=self.length_days + 1)
        return max(
            (start_of(zone, local_date(zone, hold.since) + length) for zone in case.zones_of(self)), default=None
        )

    def _stops(self, hold: Hold, case: Case) -> bool:
        allowed = hold.allowed_purposes or self.allowed_purposes
        return any(p in self.stopped_purposes or p not in allowed for p in case.purposes)


def concerns(hold: Hold, facts: Facts) -> bool:
    """
    True if the hold, whenever it stands, concerns the contact.

    A hold on an account concerns a request that names none. A hold on the debtor's person concerns
    those who are contacted only because of the debtor.
    """
    subject = facts.subject
    if hold.party is not None:
        return hold.party == subject.party or (hold.party == facts.debtor and subject.party_role in THIRD_PARTIES)
    return subject.account is None or hold.account == subject.account


def stands(hold: Hold, at: Instant) -> bool:
    return hold.since <= at and (hold.until is None or at < hold.until)
