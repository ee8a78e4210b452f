"""
Cool-downs: after certain events, such as a conversation that either side began, a time without contact.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, Literal

from service.core.case import Case
from service.core.civil import local_date, start_of
from service.core.model import DAY, HOUR, Direction, Instant, Outcome
from service.core.rule import Verdict

from .counting import Counting
from .uncounted import LONGEST_DAYS


@dataclass(frozen=True, kw_only=True)
class Cooldown(Counting):
    """
    No contact until `days` consecutive calendar days are over, the day of the event being the first; or `hours`.

    What has come of a contact is not known while its place is only held: that starts nothing. Once it is
    `unknown`, it starts what a conversation would.
    """

    tells: ClassVar[tuple[str, ...]] = ("count",)
    counts_by: ClassVar[str] = "after"

    kind: Literal["cooldown"]
    after: tuple[Outcome, ...]
    directions: tuple[Direction, ...] = (Direction.outbound, Direction.inbound)
    days: int | None = None
    hours: int | None = None
    reason: str = "cooldown"

    def flaws(self) -> Iterator[tuple[str, str]]:
        yield from super().flaws()
        for name in ("after", "directions"):
            if not getattr(self, name):
                yield name, "is empty"
        if (self.days is None) == (self.hours is None):
            yield "days", "a cool-down is given in days or in hours"
        if self.days is not None and not 1 <= self.days <= LONGEST_DAYS:
            yield "days", f"must be from 1 to {LONGEST_DAYS}"
        if self.hours is not None and not 1 <= self.hours <= LONGEST_DAYS * 24:
            yield "hours", f"must be from 1 to {LONGEST_DAYS * 24}"

    @property
    def terms(self) -> dict[str, Any]:
        return {"days": self.days, "hours": self.hours}

    @property
    def counted_outcomes(self) -> tuple[Outcome, ...]:
        return self.after

    @property
    def counted_directions(self) -> tuple[Direction, ...]:
        return self.directions

    @property
    def lookback(self) -> int:
        return (self.days + 1) * DAY if self.days is not None else (self.hours or 0) * HOUR

    def judge(self, case: Case, at: Instant) -> Verdict:
        zones = case.zones_of(self)
        until, counted = at, []
        while True:
            events = self.counted(case, until, at - self.lookback)
            cooling = [i for i in events if i.outcome is not None and self._over(i.at, zones) > until]
            if not cooling:
                break
            counted += cooling if until == at else []
            until = max(self._over(i.at, zones) for i in cooling)
        if until == at:
            return self.allowed
        return self.defer(self.reason, until, counted=tuple([i.id for i in counted]), count=len(counted))

    def _over(self, event: Instant, zones: tuple[str, ...]) -> Instant:
        """When the time after an event has passed in every zone."""
        if self.hours is not None:
            return Instant(event + self.hours * HOUR)
        days = timedelta(days=self.days or 1)
        return max((start_of(zone, local_date(zone, event) + days) for zone in zones), default=event)
