"""
Caps and intervals: no window of the rule's length may hold more than its limit, later held places included.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, ClassVar, Literal

from service.core.case import Case
from service.core.civil import day_bounds, local_date, start_of
from service.core.facts import Contact
from service.core.model import DAY, HOUR, Instant
from service.core.rule import HORIZON, Verdict

from .counting import Counting, free_from, fullest

LONGEST_DAYS = 366

LONGER = 2 * HOUR
"""By how much a local day may be longer than 24 hours."""


@dataclass(frozen=True, kw_only=True)
class Cap(Counting):
    """At most `limit` contacts in any `days` calendar days of each zone, or in any `rolling_hours`."""

    tells: ClassVar[tuple[str, ...]] = ("count",)

    kind: Literal["cap"]
    limit: int
    days: int | None = None
    rolling_hours: int | None = None
    reason: str = "cap"

    def flaws(self) -> Iterator[tuple[str, str]]:
        yield from super().flaws()
        if self.limit < 1:
            yield "limit", "must be at least 1"
        if (self.days is None) == (self.rolling_hours is None):
            yield "days", "a cap counts either calendar days or rolling hours"
        if self.days is not None and not 1 <= self.days <= LONGEST_DAYS:
            yield "days", f"must be from 1 to {LONGEST_DAYS}"
        if self.rolling_hours is not None and not 1 <= self.rolling_hours <= LONGEST_DAYS * 24:
            yield "rolling_hours", f"must be from 1 to {LONGEST_DAYS * 24}"

    @property
    def terms(self) -> dict[str, Any]:
        return {"limit": self.limit, "days": self.days, "hours": self.rolling_hours, "seconds": self.effective_seconds}

    @property
    def lookback(self) -> int:
        return (self.days + 1) * DAY if self.days is not None else (self.rolling_hours or 0) * HOUR

    def judge(self, case: Case, at: Instant) -> Verdict:
        since = self._since(case, at)
        items = self.counted(case, at, since)
        if not items:
            return self._untouched
        used = self._fullest(items, case, at)
        counted = tuple([i.id for i in used])
        if len(used) < self.limit:
            return self.allow(self.limit - len(used), counted, count=len(used))
        until = self._free_at(items, case, at, since)
        return self.defer(self.reason, until, remaining=0, counted=counted, count=len(used))

    @cached_property
    def _untouched(self) -> Verdict:
        return self.allow(self.limit, count=0)

    def _since(self, case: Case, at: Instant) -> int:
        """Nothing earlier shares a window with this instant or a later one."""
        if self.rolling_hours is not None:
            return at - self.rolling_hours * HOUR
        starts = [day_bounds(zone, at)[0] for zone in case.zones_of(self)]
        return min(starts, default=at) - ((self.days or 1) - 1) * (DAY + LONGER)

    def _fullest(self, items: list[Contact], case: Case, at: Instant) -> list[Contact]:
        """What shares the fullest window with the instant, in the zone where that is most."""
        if self.rolling_hours is not None:
            return items[fullest([i.at for i in items], at, self.rolling_hours * HOUR)]
        found: list[Contact] = []
        for zone in case.zones_of(self):
            if self.days == 1:
                start, end = day_bounds(zone, at)
                inside = [i for i in items if start <= i.at < end]
            else:
                days = [local_date(zone, i.at).toordinal() for i in items]
                inside = items[fullest(days, local_date(zone, at).toordinal(), self.days or 1)]
            if len(inside) > len(found):
                found = inside
        return found

    def _free_at(self, items: list[Contact], case: Case, at: Instant, since: int) -> Instant:
        """The first later instant that this cap allows; attempts that lie between are counted once it is past them."""
        while (later := self._freed(items, case, at)) > at and later <= at + HORIZON:
            at, items = later, self.counted(case, later, since)
        return later

    def _freed(self, items: list[Contact], case: Case, at: Instant) -> Instant:
        if self.rolling_hours is not None:
            return Instant(free_from([i.at for i in items], at, self.limit, self.rolling_hours * HOUR))
        for zone in case.zones_of(self):
            today = local_date(zone, at).toordinal()
            days = [local_date(zone, i.at).toordinal() for i in items]
            free = free_from(days, today, self.limit, self.days or 1)
            if free > today:
                at = max(at, start_of(zone, date.fromordinal(free)))
        return at


@dataclass(frozen=True, kw_only=True)
class Interval(Counting):
    """At least `days` times 24 hours from one contact to the next, dispatch to dispatch, either way in time."""

    tells: ClassVar[tuple[str, ...]] = ("count",)

    kind: Literal["interval"]
    days: int
    reason: str = "interval"

    def flaws(self) -> Iterator[tuple[str, str]]:
        yield from super().flaws()
        if not 1 <= self.days <= LONGEST_DAYS:
            yield "days", f"must be from 1 to {LONGEST_DAYS}"

    @property
    def terms(self) -> dict[str, Any]:
        return {"days": self.days}

    @property
    def lookback(self) -> int:
        return self.days * DAY

    def judge(self, case: Case, at: Instant) -> Verdict:
        length = self.days * DAY
        items = self.counted(case, at, at - length)
        near = [i for i in items if at - length < i.at < at + length]
        if not near:
            return self.allowed
        until = at
        while (later := free_from([i.at for i in items], until, 1, length)) > until:
            until = Instant(later)
            items = self.counted(case, until, at - length)
        return self.defer(self.reason, until, counted=tuple([i.id for i in near]), count=len(near))
