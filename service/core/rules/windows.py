"""
What the rules about time share: hours and holidays as a policy file writes them, and the verdict of an opening.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from service.core.calendars import Calendar, CalendarDay
from service.core.case import Case
from service.core.civil import WindowError, local_date, parse_window
from service.core.facts import Window
from service.core.model import Instant
from service.core.opening import Holidays, Source, first_open
from service.core.rule import HORIZON, Flawed, Rule, Verdict


@dataclass(frozen=True, kw_only=True)
class Hours:
    """A weekly window as a policy file writes it: `{days: mon-fri, from: "08:00", to: "21:00"}`."""

    days: str = "mon-sun"
    from_: str
    to: str

    def __post_init__(self) -> None:
        try:
            parse_window(self.days, self.from_, self.to)
        except WindowError as error:
            raise Flawed([(error.field, str(error))]) from None

    @cached_property
    def window(self) -> Window:
        return parse_window(self.days, self.from_, self.to)


@dataclass(frozen=True, kw_only=True)
class HolidayHours:
    """
    What holds on the holidays of a calendar: its own `open` hours, or none at all.

    `classes` names some classes of holidays; absent, all are meant.
    """

    calendar: str
    classes: tuple[str, ...] = ()
    open: tuple[Hours, ...] = ()

    def flaws(self, path: str) -> Iterator[tuple[str, str]]:
        for place, hours in enumerate(self.open):
            if hours.window.start > hours.window.end:
                yield f"{path}open.{place}.to", "the hours of a holiday end on that day"

    def of(self, calendar: Calendar) -> Holidays:
        return Holidays(calendar, self.classes, tuple(hours.window for hours in self.open))


def opening_verdict(
    rule: Rule,
    reason: str,
    zones: tuple[str, ...],
    source: Source,
    case: Case,
    at: Instant,
    holidays: Holidays | None = None,
) -> Verdict:
    """
    Allow now, defer to the first common opening or to the end of the rule itself, or deny where the horizon has none.

    What would be answered about days that the calendar does not know is `calendar_unconfirmed`.
    """
    found = first_open(zones, source, at, case.hold, HORIZON)
    if found == at:
        return rule.allowed
    if holidays is not None:
        if found is None:
            known = all(_knows(holidays, zone, Instant(at + HORIZON)) for zone in zones)
        else:
            known = all(_knows(holidays, zone, at) for zone in zones)
        if not known:
            return rule.deny("calendar_unconfirmed", calendar=holidays.calendar.id)
    if found is None:
        over = max(rule.term(zone)[1] for zone in zones)
        return rule.defer(reason, over) if over <= at + HORIZON else rule.deny("no_common_window")
    holiday = _holiday(holidays, zones, at) if holidays else None
    return (
        rule.defer(reason, found, holiday=f"{holiday.on} {holiday.name.en}") if holiday else rule.defer(reason, found)
    )


def _knows(holidays: Holidays, zone: str, at: Instant) -> bool:
    start, end = holidays.calendar.known_in(zone)
    return start <= at < end


def _holiday(holidays: Holidays, zones: tuple[str, ...], at: Instant) -> CalendarDay | None:
    """The holiday that it is in one of the zones."""
    found = (holidays.calendar.holiday(local_date(zone, at), holidays.classes) for zone in zones)
    return next((day for day in found if day), None)
