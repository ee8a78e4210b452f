"""
Representation: whoever has a lawyer or adviser is not spoken to, but the representative is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from service.core.case import Case
from service.core.model import DAY, HOUR, HoldKind, Instant, PartyRole, Purpose
from service.core.rule import Rule, Verdict

from .hold import LONGEST_HOURS, concerns, stands
from .reply import owes_reply


@dataclass(frozen=True, kw_only=True)
class Representation(Rule):
    """
    While one of these holds stands, contact goes to the `allowed_roles` alone, and the verdict says so.

    `allowed_purposes` reach the party all the same. `after_inbound`: so does one answer to each message that
    the party writes, on its medium and `within_days`; it clears nothing. `grace_hours`: for so long after the
    hold began, contact is still allowed.
    """

    tells: ClassVar[tuple[str, ...]] = ("hold",)

    kind: Literal["representation"]
    holds: tuple[HoldKind, ...] = (HoldKind.represented,)
    allowed_roles: tuple[PartyRole, ...] = (PartyRole.representative,)
    allowed_purposes: tuple[Purpose, ...] = ()
    after_inbound: bool = False
    within_days: int = 30
    grace_hours: int | None = None
    reason: str = "represented"

    def flaws(self) -> Iterator[tuple[str, str]]:
        yield from super().flaws()
        if not 1 <= self.within_days <= 366:
            yield "within_days", "must be from 1 to 366"
        if self.grace_hours is not None and not 1 <= self.grace_hours <= LONGEST_HOURS:
            yield "grace_hours", f"must be from 1 to {LONGEST_HOURS}"

    @property
    def terms(self) -> dict[str, Any]:
        return {"to": ", ".join(self.allowed_roles), "hours": self.grace_hours}

    @property
    def lookback(self) -> int:
        return self.within_days * DAY if self.after_inbound else 0

    def judge(self, case: Case, at: Instant) -> Verdict:
        facts = case.facts
        if not facts.holds or case.subject.party_role in self.allowed_roles:
            return self.allowed
        standing = [
            hold
            for hold in facts.holds
            if hold.kind in self.holds
            and stands(hold, at)
            and concerns(hold, facts)
            and hold.since + (self.grace_hours or 0) * HOUR <= at
        ]
        if not standing or all(purpose in self.allowed_purposes for purpose in case.purposes):
            return self.allowed
        if self.after_inbound and owes_reply(case, at, Instant(at - self.within_days * DAY)):
            return self.allowed
        return self.deny(self.reason, hold=", ".join(sorted({hold.kind.value for hold in standing})))
