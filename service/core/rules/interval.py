"""
Intervals: so much time from one contact to the next, whichever of the two comes first.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Literal

from service.core.case import Case
from service.core.model import DAY, HOUR, MINUTE, Instant, Outcome
from service.core.rule import Verdict

from .counting import Counting, Severity
from .crowding import free_from
from .uncounted import LONGEST_DAYS


@dataclass(frozen=True, kw_only=True)
class Interval(Counting):
    """
    At least `days` times 24 hours, `hours` or `minutes` from one contact to the next, dispatch to dispatch, either
    way in time. With `severity: advise` a contact that comes sooner is only told of.
    """

    tells: ClassVar[tuple[str, ...]] = ("count",)

    kind: Literal["interval"]
    counts: tuple[Outcome, ...]
    days: int | None = None
    hours: int | None = None
    minutes: int | None = None
    severity: Severity = "defer"
    reason: str = "interval"

    def flaws(self) -> Iterator[tuple[str, str]]:
        yield from super().flaws()
        if not self.counts:
            yield "counts", "is empty"
        if [self.days, self.hours, self.minutes].count(None) != 2:
            yield "days", "an interval is given in days, hours or minutes: one of them"
        elif not 1 <= self._length <= LONGEST_DAYS * DAY:
            name = "days" if self.days is not None else "hours" if self.hours is not None else "minutes"
            yield name, f"must be at least 1, and at most {LONGEST_DAYS} days"

    @property
    def terms(self) -> dict[str, Any]:
        return {"days": self.days, "hours": self.hours, "minutes": self.minutes}

    @property
    def counted_outcomes(self) -> tuple[Outcome, ...]:
        return self.counts

    @property
    def lookback(self) -> int:
        return self._length

    @cached_property
    def _length(self) -> int:
        return (self.days or 0) * DAY + (self.hours or 0) * HOUR + (self.minutes or 0) * MINUTE

    def judge(self, case: Case, at: Instant) -> Verdict:
        length = self._length
        items = self.counted(case, at, at - length)
        near = [i for i in items if at - length < i.at < at + length]
        if not near:
            return self.allowed
        counted = tuple([i.id for i in near])
        if self.severity == "advise":
            return self.advise(self.reason, counted=counted, count=len(near))
        until = at
        while (later := free_from([i.at for i in items], until, 1, length)) > until:
            until = Instant(later)
            items = self.counted(case, until, at - length)
        return self.defer(self.reason, until, counted=counted, count=len(near))
