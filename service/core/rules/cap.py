"""
Caps: no window of the rule's length may hold more than its limit, later held places included.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, ClassVar, Literal

from service.core.case import Case
from service.core.civil import day_bounds, local_date, start_of
from service.core.facts import Contact, Subject
from service.core.model import DAY, HOUR, Direction, Instant, Outcome
from service.core.rule import HORIZON, Verdict

from .counting import Severity
from .crowding import free_from, fullest
from .period import Period, WeekStart, first_day, period_of
from .uncounted import LONGEST_DAYS, Uncounting

LONGER = 2 * HOUR
"""By how much a local day may be longer than 24 hours."""

_LONGEST_PERIOD = {"week": 7, "month": 31}
_EVER = Instant(-(2**62))


@dataclass(frozen=True, kw_only=True)
class Cap(Uncounting):
    """
    At most `limit` contacts in any `days` consecutive calendar days of each zone, in any `rolling_hours`, in a
    `calendar` week or month, or in a `lifetime`, which never renews.

    With `severity: advise` a full cap is only told.
    """

    tells: ClassVar[tuple[str, ...]] = ("count",)

    kind: Literal["cap"]
    limit: int
    counts: tuple[Outcome, ...]
    counts_directions: tuple[Direction, ...] = (Direction.outbound,)
    days: int | None = None
    rolling_hours: int | None = None
    calendar: Period | None = None
    week_starts: WeekStart = "mon"
    lifetime: bool = False
    severity: Severity = "defer"
    reason: str = "cap"

    def flaws(self) -> Iterator[tuple[str, str]]:
        yield from super().flaws()
        if not self.counts:
            yield "counts", "is empty"
        if not self.counts_directions:
            yield "counts_directions", "is empty"
        if self.limit < 1:
            yield "limit", "must be at least 1"
        if [self.days, self.rolling_hours, self.calendar].count(None) + (not self.lifetime) != 3:
            yield "days", "a cap counts days, rolling hours, a calendar week or month, or a lifetime: one of them"
        if self.days is not None and not 1 <= self.days <= LONGEST_DAYS:
            yield "days", f"must be from 1 to {LONGEST_DAYS}"
        if self.rolling_hours is not None and not 1 <= self.rolling_hours <= LONGEST_DAYS * 24:
            yield "rolling_hours", f"must be from 1 to {LONGEST_DAYS * 24}"
        if self.week_starts != "mon" and self.calendar != "week":
            yield "week_starts", "says nothing where no calendar week is counted"

    @property
    def terms(self) -> dict[str, Any]:
        return {**super().terms, "limit": self.limit, "days": self.days, "hours": self.rolling_hours}

    @property
    def counted_outcomes(self) -> tuple[Outcome, ...]:
        return self.counts

    @property
    def counted_directions(self) -> tuple[Direction, ...]:
        return self.counts_directions

    @property
    def lookback(self) -> int:
        if self.rolling_hours is not None:
            return self.rolling_hours * HOUR + self.further_back
        days = _LONGEST_PERIOD[self.calendar] if self.calendar else self.days or 0
        return (days + 1) * DAY * (not self.lifetime) + self.further_back

    @property
    def endless(self) -> bool:
        return self.lifetime

    def keeps(self, item: Contact, subject: Subject) -> bool:
        channels, directions = self._read
        return (
            (not channels or item.channel in channels)
            and item.direction in directions
            and item.outcome in self._outcomes
            and bool(self._narrowed([item], subject, [], item.at))
        )

    def judge(self, case: Case, at: Instant) -> Verdict:
        since = self._since(case, at)
        items = self.counted(case, at, since)
        if not items:
            return self._untouched
        used = self._fullest(items, case, at)
        counted = tuple([i.id for i in used])
        if len(used) < self.limit:
            return self.allow(self.limit - len(used), counted, count=len(used))
        spared = self.uncounted_from(case, at)
        if spared == at:
            return self.allow(0, counted, count=len(used))
        if self.severity == "advise":
            return self.advise(self.reason, remaining=0, counted=counted, count=len(used))
        if self.lifetime:
            return self.deny(self.reason, until=spared, counted=counted, count=len(used))
        until = self._free_at(items, case, at, since)
        if spared is not None:
            until = min(until, spared)
        return self.defer(self.reason, until, remaining=0, counted=counted, count=len(used))

    @cached_property
    def _untouched(self) -> Verdict:
        return self.allow(self.limit, count=0)

    def _since(self, case: Case, at: Instant) -> int:
        """Nothing earlier shares a window with this instant or a later one."""
        if self.lifetime:
            return _EVER
        if self.rolling_hours is not None:
            return at - self.rolling_hours * HOUR
        if self.calendar is None:
            return case.day_begins(case.zones_of(self), at) - (self._length - 1) * (DAY + LONGER)
        return min((self._bounds(zone, at)[0] for zone in case.zones_of(self)), default=at)

    def _fullest(self, items: list[Contact], case: Case, at: Instant) -> list[Contact]:
        """What shares the fullest window with the instant, in the zone where that is most."""
        if self.lifetime:
            return items
        if self.rolling_hours is not None:
            return items[fullest([i.at for i in items], at, self.rolling_hours * HOUR)]
        found: list[Contact] = []
        for zone in case.zones_of(self):
            if self._length == 1:
                start, end = self._bounds(zone, at)
                inside = [i for i in items if start <= i.at < end]
            else:
                days = [local_date(zone, i.at).toordinal() for i in items]
                inside = items[fullest(days, local_date(zone, at).toordinal(), self._length)]
            if len(inside) > len(found):
                found = inside
            if len(found) == len(items):
                break  # no zone can have more
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
            now = self._number(zone, at)
            free = free_from([self._number(zone, i.at) for i in items], now, self.limit, self._length)
            if free > now:
                at = max(at, self._start(zone, free))
        return at

    @cached_property
    def _length(self) -> int:
        """Of a window, in days; a week or month of the calendar is one of its own kind."""
        return self.days or 1

    def _number(self, zone: str, at: Instant) -> int:
        """The number of the day, week or month around an instant."""
        day = local_date(zone, at)
        return period_of(day, self.calendar, self.week_starts) if self.calendar else day.toordinal()

    def _start(self, zone: str, number: int) -> Instant:
        if self.calendar is None:
            return start_of(zone, date.fromordinal(number))
        return start_of(zone, first_day(number, self.calendar, self.week_starts))

    def _bounds(self, zone: str, at: Instant) -> tuple[Instant, Instant]:
        """The day, week or month around an instant, the end out."""
        if self.calendar is None:
            return day_bounds(zone, at)
        number = self._number(zone, at)
        return self._start(zone, number), self._start(zone, number + 1)
