"""
Opening hours as spans of instants: when weekly windows allow, throughout a hold, in several zones.

A window of permission and a quiet window are the same question asked from two sides: both are laid
out as the spans in which a contact is open. A span is half-open. DESIGN section 5, fine print.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from .calendars import Calendar
from .civil import DAY_S, passes
from .facts import Window
from .model import DAY, SECOND, Instant

MARGIN = 2
"""Local days laid out on either side of a UTC day: offsets reach 14 hours, a window nearly two days."""

KEPT_MAX = 4096
"""Laid-out days kept per opening; ten zones over a year."""


class Span(NamedTuple):
    """Open from `start`, no longer at `end`."""

    start: Instant
    end: Instant


Source = Callable[[str, int], Sequence[Span]]
"""Gives, for a zone and a UTC day, the spans that cover that day and at least one day after it."""


class Holidays(NamedTuple):
    """The holidays of some classes of a calendar (none named: of any), and the windows that are open on them."""

    calendar: Calendar
    classes: tuple[str, ...]
    open: tuple[Window, ...]

    def ordinary(self, days: Iterable[int]) -> list[int]:
        """Those of the days, counted from 1970-01-01, that are no holidays."""
        return [day for day in days if self.calendar.holiday(date.fromordinal(_UNIX + day), self.classes) is None]


_UNIX = date(1970, 1, 1).toordinal()


class Opening:
    """
    Weekly windows laid out day by day and remembered.

    `quiet` windows close what is otherwise open. An `inclusive` end is itself still in the window, an
    `exclusive` start not yet: what opens after an instant is open from the next second on. On holidays
    it is open in their own windows alone: others neither begin on one nor reach into it. It is never open on a
    day that the calendar does not know.
    """

    __slots__ = ("_kept", "exclusive", "holidays", "inclusive", "quiet", "windows")

    def __init__(
        self,
        windows: Iterable[Window],
        *,
        quiet: bool,
        inclusive: bool = False,
        exclusive: bool = False,
        holidays: Holidays | None = None,
    ) -> None:
        self.windows = tuple(windows)
        self.quiet = quiet
        self.inclusive = inclusive
        self.exclusive = exclusive
        self.holidays = holidays
        self._kept: dict[tuple[str, int], tuple[Span, ...]] = {}

    def spans(self, zone: str, day: int) -> tuple[Span, ...]:
        """When it is open around a UTC day (counted from 1970-01-01)."""
        key = (zone, day)
        found = self._kept.get(key)
        if found is None:
            if len(self._kept) >= KEPT_MAX:
                self._kept.clear()
            found = self._kept[key] = self._lay_out(zone, day)
        return found

    def _lay_out(self, zone: str, day: int) -> tuple[Span, ...]:
        near = range(day - MARGIN, day + MARGIN + 1)
        if self.quiet:
            spans = gaps(merge(self._all(zone, near, self.windows, quiet=True)), _whole(near))
        elif self.holidays is None:
            spans = merge(self._all(zone, near, self.windows, quiet=False))
        else:
            spans = merge(self._all(zone, self.holidays.ordinary(near), self.windows, quiet=False))
        return spans if self.holidays is None else self._but_on(self.holidays, spans, zone, near)

    def _but_on(self, holidays: Holidays, spans: Sequence[Span], zone: str, near: range) -> tuple[Span, ...]:
        """Replace what holds on holidays by their own windows, and cut off what the calendar does not know."""
        found = sorted(set(near) - set(holidays.ordinary(near)))
        closed = merge(Span(passes(zone, day, 0)[0], passes(zone, day, DAY_S)[1]) for day in found)
        own = self._all(zone, found, holidays.open, quiet=False)
        known = Span(*holidays.calendar.known_in(zone))
        return common(merge((*common(spans, gaps(closed, _whole(near))), *own)), (known,))

    def _all(self, zone: str, days: Iterable[int], windows: Iterable[Window], *, quiet: bool) -> Iterator[Span]:
        windows = tuple(windows)
        return (span for day in days for each in windows if (span := self._on(zone, day, each, quiet=quiet)))

    def _on(self, zone: str, day: int, window: Window, *, quiet: bool) -> Span | None:
        """
        The window that starts on a local day.

        Where a clock is set back, what forbids is as long as it can be and what permits as short.
        """
        if not window.days >> weekday(day) & 1:
            return None
        last = day + 1 if window.start > window.end else day
        start = passes(zone, day, window.start)[0 if quiet else 1]
        end = passes(zone, last, window.end)[1 if quiet else 0]
        if self.exclusive:
            start = Instant(start + (1 if quiet else SECOND))
        if self.inclusive:
            end = Instant(end + (SECOND if quiet else 1))
        return Span(start, end) if start < end else None


def _whole(days: range) -> Span:
    """The UTC days as one span."""
    return Span(Instant(days.start * DAY), Instant(days.stop * DAY))


def weekday(day: int) -> int:
    """Monday is 0; 1970-01-01 was a Thursday."""
    return (day + 3) % 7


def merge(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Sort, and join what touches."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return tuple(merged)


def gaps(spans: Sequence[Span], within: Span) -> tuple[Span, ...]:
    """What the merged spans leave free of a stretch."""
    free: list[Span] = []
    start = within.start
    for span in spans:
        if span.start > start:
            free.append(Span(start, min(span.start, within.end)))
        start = max(start, span.end)
    if start < within.end:
        free.append(Span(start, within.end))
    return tuple(free)


def common(one: Sequence[Span], other: Sequence[Span]) -> tuple[Span, ...]:
    """What lies in both."""
    both = (Span(max(a.start, b.start), min(a.end, b.end)) for a in one for b in other)
    return tuple(span for span in both if span.start < span.end)


def first_open(zones: Sequence[str], source: Source, at: Instant, hold: int, horizon: int) -> Instant | None:
    """
    The first instant from `at` on from which it is open in every zone throughout the hold.

    None if there is no such instant within the horizon. Each round moves forward to the latest zone.
    """
    now, settled = at, False
    while not settled:
        settled = True
        for zone in zones:
            found = _first_in(zone, source, now, hold, at + horizon)
            if found is None:
                return None
            if found > now:
                now, settled = found, False
    return now


def _first_in(zone: str, source: Source, at: Instant, hold: int, limit: int) -> Instant | None:
    for day in range(at // DAY, limit // DAY + 1):
        for span in source(zone, day):
            start = max(span.start, at)
            if start // DAY == day and start + hold < span.end:
                return Instant(start) if start <= limit else None
    return None
