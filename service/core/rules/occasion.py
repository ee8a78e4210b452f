"""
Days on which nobody is contacted at all (`occasion`): festivals and days of mourning that a calendar names.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

from service.core.calendars import Calendar
from service.core.case import Case
from service.core.civil import DAY_S, EVERY_DAY
from service.core.facts import Window
from service.core.model import Instant
from service.core.opening import Opening
from service.core.rule import Rule, Verdict

from .windows import HolidayHours, opening_verdict

_ALL_DAY = Window(EVERY_DAY, 0, DAY_S)


@dataclass(frozen=True, kw_only=True)
class Occasion(Rule):
    """No contact on the holidays of a calendar, or on some `classes` of them, in any zone that the rule reads."""

    tells: ClassVar[tuple[str, ...]] = ("holiday",)

    kind: Literal["occasion"]
    calendar: str
    classes: tuple[str, ...] = ()
    reason: str = "occasion"

    @property
    def calendars(self) -> Mapping[str, tuple[str, ...]]:
        return {self.calendar: self.classes}

    def judge(self, case: Case, at: Instant) -> Verdict:
        calendar = case.calendars[self.calendar]
        opening = self._openings.get(calendar)
        if opening is None:
            closed = HolidayHours(calendar=self.calendar, classes=self.classes).of(calendar)
            opening = self._openings[calendar] = Opening((_ALL_DAY,), quiet=False, holidays=closed)
        return opening_verdict(self, self.reason, case.zones_of(self), opening.spans, case, at, opening.holidays)

    @cached_property
    def _openings(self) -> dict[Calendar, Opening]:
        return {}
