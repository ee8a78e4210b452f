"""
Periods of the calendar as whole numbers: weeks and months, one after the other.
"""

from datetime import date
from typing import Literal

Period = Literal["week", "month"]
WeekStart = Literal["mon", "sun"]


def period_of(day: date, period: Period, week_starts: WeekStart) -> int:
    """The number of the week or month that holds a day; the next one's is one more."""
    if period == "month":
        return day.year * 12 + day.month - 1
    return (day.toordinal() - (week_starts == "mon")) // 7


def first_day(number: int, period: Period, week_starts: WeekStart) -> date:
    """The day on which a week or month begins."""
    if period == "month":
        return date(number // 12, number % 12 + 1, 1)
    return date.fromordinal(number * 7 + (week_starts == "mon"))
