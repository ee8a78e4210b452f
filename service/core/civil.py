"""
Civil time: instants as text, zones, local days, and the two passes of a local time (decision 0004).

The only user of `zoneinfo`, pinned to the tzdata package: the answer must not depend on the files or
on the zone of the machine it runs on. Nothing here reads a clock.
"""

import re
import zoneinfo
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from typing import NamedTuple

from .facts import Window
from .model import DAY, HOUR, MINUTE, SECOND, Instant

zoneinfo.reset_tzpath(to=[])
zoneinfo.ZoneInfo.clear_cache()

DAY_S = 86_400
_UNIX = date(1970, 1, 1).toordinal()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST = (1 - _UNIX) * DAY
_LAST = (date.max.toordinal() + 1 - _UNIX) * DAY - 1
_BEYOND = "is beyond the calendar"

_RFC3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:([Zz])|([+-])(\d\d):(\d\d))", re.ASCII
)
_CLOCK = re.compile(r"(\d\d):(\d\d)(?::(\d\d))?", re.ASCII)
DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EVERY_DAY = 0b111_1111


class WindowError(ValueError):
    """A window that cannot be read; `field` is `days`, `from` or `to`."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class LocalDay(NamedTuple):
    """One local day as instants, `end` out. Where the clock jumps over a whole day, it is empty."""

    start: Instant
    end: Instant
    date: date


def parse_instant(text: str) -> Instant:
    """Read RFC 3339 with an offset, to the microsecond; raises ValueError, for a naive time above all."""
    found = _RFC3339.fullmatch(text)
    if found is None:
        raise ValueError("must be an RFC 3339 instant with an offset, such as 2026-11-23T09:00:00+08:00")
    year, month, day, hour, minute, second = map(int, found.group(1, 2, 3, 4, 5, 6))
    fraction, z, sign, offset_hours, offset_minutes = found.group(7, 8, 9, 10, 11)
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError("is not a time of day")
    days = date(year, month, day).toordinal() - _UNIX
    offset = 0
    if z is None:
        if int(offset_hours) > 23 or int(offset_minutes) > 59:
            raise ValueError("is not an offset from UTC")
        offset = (int(offset_hours) * HOUR + int(offset_minutes) * MINUTE) * (-1 if sign == "-" else 1)
    micros = int(fraction[:6].ljust(6, "0")) if fraction else 0
    at = Instant(days * DAY + hour * HOUR + minute * MINUTE + second * SECOND + micros - offset)
    if not _FIRST <= at <= _LAST:
        raise ValueError(_BEYOND)
    return at


def format_instant(at: Instant, zone: str = "UTC") -> str:
    """Write RFC 3339 with the zone's offset; no fraction where the second is whole."""
    local = local_datetime(zone, at)
    if local.utcoffset() != timedelta(minutes=round((local.utcoffset() or timedelta()).total_seconds() / 60)):
        local = local.astimezone(UTC)  # an offset of whole minutes is all that RFC 3339 can write
    text = local.isoformat(timespec="microseconds" if at % SECOND else "seconds")
    return text[:-6] + "Z" if zone == "UTC" else text


def local_datetime(zone: str, at: Instant) -> datetime:
    """The instant as an aware datetime in the zone; in UTC at the very ends of the calendar."""
    moment = _EPOCH + timedelta(microseconds=at)
    try:
        return moment.astimezone(_zone(zone))
    except OverflowError:
        return moment


def is_zone(name: str) -> bool:
    """True if the tzdata package knows the zone by exactly this name."""
    return name in _names()


def day_bounds(zone: str, at: Instant) -> tuple[Instant, Instant]:
    """The local day around an instant, the end out."""
    for start, end, _ in _days_near(zone, at // DAY):
        if start <= at < end:
            return start, end
    raise ValueError(_BEYOND)


def local_date(zone: str, at: Instant) -> date:
    """The date of the local day around an instant."""
    for start, end, day in _days_near(zone, at // DAY):
        if start <= at < end:
            return day
    raise ValueError(_BEYOND)


def start_of(zone: str, day: date) -> Instant:
    """The first instant of a local day."""
    return passes(zone, day.toordinal() - _UNIX, 0)[0]


@lru_cache(maxsize=8192)
def _days_near(zone: str, utc_day: int) -> tuple[LocalDay, ...]:
    """The local days that touch a UTC day; a local day begins at the first pass of its midnight."""
    near = range(utc_day - 1, utc_day + 3)
    starts = [passes(zone, day, 0)[0] for day in near]
    return tuple(
        LocalDay(start, end, date.fromordinal(_UNIX + day))
        for day, start, end in zip(near, starts, starts[1:], strict=False)
    )


@lru_cache(maxsize=16384)
def passes(zone: str, day: int, second: int) -> tuple[Instant, Instant]:
    """
    The first and the second pass of a local time; one and the same but where a clock is set back.

    `day` counts from 1970-01-01, `second` of the day may be 86 400, which is the next midnight. A time in
    a clock's gap means the end of the gap.
    """
    day, second = day + second // DAY_S, second % DAY_S
    naive = datetime.fromordinal(_UNIX + day) + timedelta(seconds=second)
    before, after = (_instant(naive.replace(tzinfo=_zone(zone), fold=fold)) for fold in (0, 1))
    if before <= after:
        return before, after
    end = _end_of_gap(zone, after, before)
    return end, end


def _instant(local: datetime) -> Instant:
    return Instant((local - _EPOCH) // timedelta(microseconds=1))


def _end_of_gap(zone: str, low: Instant, high: Instant) -> Instant:
    """The first second between the two at which the zone has its later offset."""
    old = local_datetime(zone, low).utcoffset()
    while high - low > SECOND:
        middle = Instant(low + (high - low) // (2 * SECOND) * SECOND)
        low, high = (middle, high) if local_datetime(zone, middle).utcoffset() == old else (low, middle)
    return high


@cache
def _zone(name: str) -> zoneinfo.ZoneInfo:
    return zoneinfo.ZoneInfo(name)


@cache
def _names() -> frozenset[str]:
    # "Factory" is what a clock says that nobody has set: no place is in it.
    return frozenset(zoneinfo.available_timezones()) - {"Factory"}


def parse_window(days: str, from_: str, to: str) -> Window:
    """Read a weekly window; raises WindowError. `days` is `mon-fri`, `fri` or a comma list of such."""
    window = Window(_day_mask(days), _clock("from", from_), _clock("to", to))
    if window.start == DAY_S:
        raise WindowError("from", "24:00 can only be an end")
    if window.start == window.end:
        raise WindowError("to", "start and end are equal")
    return window


def format_window(window: Window) -> tuple[str, str, str]:
    """Write a window back as `days`, `from` and `to`."""
    runs: list[list[int]] = []
    for day in range(7):
        if window.days & 1 << day:
            if runs and runs[-1][1] == day - 1:
                runs[-1][1] = day
            else:
                runs.append([day, day])
    names = (DAY_NAMES[a] if a == b else f"{DAY_NAMES[a]}-{DAY_NAMES[b]}" for a, b in runs)
    return ",".join(names), _clock_text(window.start), _clock_text(window.end)


def _day_mask(text: str) -> int:
    mask = 0
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        if first not in DAY_NAMES or (dash and last not in DAY_NAMES):
            raise WindowError("days", "must be days such as mon-fri, fri or mon,wed-fri")
        a = DAY_NAMES.index(first)
        length = (DAY_NAMES.index(last) - a) % 7 if dash else 0
        for step in range(length + 1):
            mask |= 1 << (a + step) % 7
    return mask


def _clock(field: str, text: str) -> int:
    found = _CLOCK.fullmatch(text)
    hour, minute, second = (int(part or 0) for part in found.groups()) if found else (99, 0, 0)
    seconds = hour * 3600 + minute * 60 + second
    if minute > 59 or second > 59 or seconds > DAY_S:
        raise WindowError(field, "must be a time of day such as 08:00, from 00:00 to 24:00")
    return seconds


def _clock_text(seconds: int) -> str:
    hour, minute, second = seconds // 3600, seconds // 60 % 60, seconds % 60
    return f"{hour:02}:{minute:02}:{second:02}" if second else f"{hour:02}:{minute:02}"
