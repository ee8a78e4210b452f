"""
Calendars: which civil days are holidays, which weekend days are worked, and up to when that is known.

A calendar is part of the book that reads it. What lies beyond `confirmed_until` is nobody's knowledge yet:
a rule that reads the calendar refuses there (decision 0016).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property

from .civil import start_of
from .model import Instant
from .rule import Explain

WARNING_DAYS = 90
"""How many days before its end a calendar asks to be carried on."""

_SATURDAY = 5


class DayKind(StrEnum):
    holiday = "holiday"
    workday = "workday"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarDay:
    """A day that is not what its weekday says; `classes` sort holidays, so that a rule can read some of them."""

    on: date
    kind: DayKind
    classes: tuple[str, ...] = ()
    name: Explain


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """`days` in order, one a date; every date from `known_from` to `confirmed_until`, both included, is known."""

    id: str
    title: Explain
    known_from: date
    confirmed_until: date
    days: tuple[CalendarDay, ...]

    def __hash__(self) -> int:
        return hash((self.id, self.confirmed_until, len(self.days)))

    def holiday(self, on: date, classes: tuple[str, ...] = ()) -> CalendarDay | None:
        """The holiday of that date, if it is one, of any of the classes; none named: of any."""
        found = self._by_date.get(on)
        if found is None or found.kind is not DayKind.holiday:
            return None
        return found if not classes or not set(classes).isdisjoint(found.classes) else None

    def is_workday(self, on: date) -> bool:
        """True from Monday to Friday but on holidays, and on a weekend day that is worked to make up."""
        found = self._by_date.get(on)
        return on.weekday() < _SATURDAY if found is None else found.kind is DayKind.workday

    def knows(self, on: date) -> bool:
        return self.known_from <= on <= self.confirmed_until

    def days_left(self, today: date) -> int:
        """For how many days it is still confirmed; fewer than none once that is over."""
        return (self.confirmed_until - today).days

    def known_in(self, zone: str) -> tuple[Instant, Instant]:
        """The stretch of time in a zone whose days are known, the end out."""
        return start_of(zone, self.known_from), start_of(zone, self.confirmed_until + timedelta(days=1))

    @cached_property
    def classes(self) -> frozenset[str]:
        return frozenset(name for day in self.days for name in day.classes)

    @cached_property
    def _by_date(self) -> dict[date, CalendarDay]:
        return {day.on: day for day in self.days}
