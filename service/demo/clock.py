"""The demonstration's clock: begins at ten in the bank's morning, whatever the hour here, and goes on as time does."""

import time
from datetime import date, timedelta

from service.core.civil import local_date, passes
from service.core.model import Instant

TEN = 10 * 3600
_UNIX = date(1970, 1, 1)


END_OF_TIME = Instant(2**62)


class DemoClock:
    """Keeps the pace of real time from where it begins; until then it is late enough for every store."""

    def __init__(self) -> None:
        self.begin(END_OF_TIME)

    def begin(self, start: Instant) -> None:
        self.start = start
        self._began = time.monotonic_ns()

    def __call__(self) -> Instant:
        return Instant(self.start + (time.monotonic_ns() - self._began) // 1000)


def morning(zone: str, now: Instant, newest: Instant | None) -> Instant:
    """Ten o'clock of the bank's day, or where the store has seen that already, of the day after its newest entry."""
    day = local_date(zone, now)
    if newest is not None:
        day = max(day, local_date(zone, newest) + timedelta(days=1))
    return at(zone, day, TEN)


def at(zone: str, day: date, second: int) -> Instant:
    """The first pass of a local time."""
    return passes(zone, (day - _UNIX).days, second)[0]
