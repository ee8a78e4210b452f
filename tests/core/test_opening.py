"""Weekly windows laid out over the calendar: to the second, in gaps and overlaps, in several zones."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.civil import format_instant, parse_instant, parse_window
from service.core.facts import Window
from service.core.model import DAY, SECOND, Instant
from service.core.opening import Opening, first_open
from service.core.rule import HORIZON

ZONES = ("Asia/Shanghai", "America/New_York", "Europe/London", "Australia/Sydney")


def opening(*windows: str, quiet: bool = False, inclusive: bool = False) -> Opening:
    parsed = []
    for window in windows:
        days, hours = window.split(" ")
        parsed.append(parse_window(days, *hours.split("-")))
    return Opening(parsed, quiet=quiet, inclusive=inclusive)


def next_open(rule: Opening, at: str, *zones: str, hold_s: int = 0) -> str | None:
    found = first_open(zones, rule.spans, parse_instant(at), hold_s * SECOND, HORIZON)
    return None if found is None else format_instant(found, zones[0])


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("2026-11-23T20:59:59+08:00", "2026-11-23T20:59:59+08:00"),
        ("2026-11-23T21:00:00+08:00", "2026-11-24T08:00:00+08:00"),
        ("2026-11-24T07:59:59+08:00", "2026-11-24T08:00:00+08:00"),
        ("2026-11-24T08:00:00+08:00", "2026-11-24T08:00:00+08:00"),
    ],
)
def test_quiet_hours_are_half_open_to_the_second(asked: str, answer: str) -> None:
    assert next_open(opening("mon-sun 21:00-08:00", quiet=True), asked, "Asia/Shanghai") == answer


def test_an_inclusive_end_is_still_within() -> None:
    rule = opening("mon-sun 08:00-21:00", inclusive=True)

    assert next_open(rule, "2026-11-23T21:00:00-05:00", "America/New_York") == "2026-11-23T21:00:00-05:00"
    assert next_open(rule, "2026-11-23T21:00:01-05:00", "America/New_York") == "2026-11-24T08:00:00-05:00"


def test_a_window_across_midnight_belongs_to_the_day_it_starts() -> None:
    rule = opening("fri 22:00-02:00")

    assert next_open(rule, "2026-11-28T01:59:59+08:00", "Asia/Shanghai") == "2026-11-28T01:59:59+08:00"
    assert next_open(rule, "2026-11-28T02:00:00+08:00", "Asia/Shanghai") == "2026-12-04T22:00:00+08:00"
    assert next_open(rule, "2026-11-27T01:00:00+08:00", "Asia/Shanghai") == "2026-11-27T22:00:00+08:00"


def test_windows_that_touch_are_one() -> None:
    rule = opening("mon-sun 00:00-24:00")

    assert next_open(rule, "2026-11-23T23:59:59+08:00", "Asia/Shanghai", hold_s=3600) == "2026-11-23T23:59:59+08:00"


def test_it_must_be_open_throughout_the_hold() -> None:
    rule = opening("mon-sun 08:00-21:00")

    assert next_open(rule, "2026-11-23T20:59:00+08:00", "Asia/Shanghai", hold_s=59) == "2026-11-23T20:59:00+08:00"
    assert next_open(rule, "2026-11-23T20:59:00+08:00", "Asia/Shanghai", hold_s=60) == "2026-11-24T08:00:00+08:00"


def test_all_zones_must_be_open_at_once() -> None:
    rule = opening("mon-sun 08:00-21:00")
    zones = ("America/New_York", "America/Los_Angeles")

    assert next_open(rule, "2026-11-23T08:00:00-05:00", *zones) == "2026-11-23T11:00:00-05:00"
    assert next_open(rule, "2026-11-23T21:00:00-05:00", *zones) == "2026-11-24T11:00:00-05:00"


def test_zones_that_are_never_open_together_have_no_instant() -> None:
    assert next_open(opening("mon-sun 08:00-09:00"), "2026-11-23T08:00:00+08:00", "Asia/Shanghai", "Asia/Tokyo") is None


@pytest.mark.parametrize(
    ("rule", "zone", "asked", "answer"),
    [
        # The clock goes from 02:00 to 03:00: an opening at 02:30 is the end of the gap.
        (opening("sun 02:30-04:00"), "America/New_York", "2026-03-08T01:00:00-05:00", "2026-03-08T03:00:00-04:00"),
        (opening("sun 01:30-04:00"), "Europe/London", "2026-03-29T00:00:00+00:00", "2026-03-29T02:00:00+01:00"),
        (opening("sun 02:15-04:00"), "Australia/Sydney", "2026-10-04T01:00:00+10:00", "2026-10-04T03:00:00+11:00"),
        # A window within the gap is no window.
        (opening("sun 02:10-02:50"), "America/New_York", "2026-03-08T00:00:00-05:00", "2026-03-15T02:10:00-04:00"),
        # The hour from 01:00 to 02:00 comes twice: what permits begins with its second pass ...
        (opening("sun 01:30-04:00"), "America/New_York", "2026-11-01T00:00:00-04:00", "2026-11-01T01:30:00-05:00"),
        (opening("sun 01:15-04:00"), "Europe/London", "2026-10-25T00:00:00+01:00", "2026-10-25T01:15:00+00:00"),
        (opening("sun 02:30-04:00"), "Australia/Sydney", "2026-04-05T00:00:00+11:00", "2026-04-05T02:30:00+10:00"),
        # ... and ends with its first, which may leave nothing of it.
        (opening("sun 01:10-01:50"), "America/New_York", "2026-11-01T00:00:00-04:00", "2026-11-08T01:10:00-05:00"),
        # What forbids runs from the first pass of its start to the second pass of its end.
        (
            opening("sun 01:30-01:45", quiet=True),
            "America/New_York",
            "2026-11-01T01:30:00-04:00",
            "2026-11-01T01:45:00-05:00",
        ),
        (
            opening("sun 00:30-01:30", quiet=True),
            "Europe/London",
            "2026-10-25T01:29:00+01:00",
            "2026-10-25T01:30:00+00:00",
        ),
        (
            opening("sun 02:30-03:30", quiet=True),
            "America/New_York",
            "2026-03-08T01:59:59-05:00",
            "2026-03-08T01:59:59-05:00",
        ),
        (
            opening("sun 02:30-03:30", quiet=True),
            "America/New_York",
            "2026-03-08T03:00:00-04:00",
            "2026-03-08T03:30:00-04:00",
        ),
        # A zone without such days.
        (opening("sun 02:30-04:00"), "Asia/Shanghai", "2026-03-08T01:00:00+08:00", "2026-03-08T02:30:00+08:00"),
    ],
)
def test_windows_on_the_days_on_which_clocks_change(rule: Opening, zone: str, asked: str, answer: str) -> None:
    assert next_open(rule, asked, zone) == answer


windows = st.builds(
    Window,
    st.integers(1, 127),
    st.integers(0, 95).map(lambda quarter: quarter * 900),
    st.integers(1, 96).map(lambda quarter: quarter * 900),
).filter(lambda window: window.start != window.end)
instants = st.integers(1_700_000_000, 1_900_000_000).map(lambda second: Instant(second * SECOND))


def open_by_the_book(window: Window, zone: str, at: Instant, *, quiet: bool) -> bool:
    """The plain reading, minute by minute, for instants that are in no gap's or overlap's day."""
    local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)).astimezone(ZoneInfo(zone))
    second = local.hour * 3600 + local.minute * 60 + local.second
    today, yesterday = window.days >> local.weekday() & 1, window.days >> (local.weekday() - 1) % 7 & 1
    if window.start < window.end:
        within = bool(today) and window.start <= second < window.end
    else:
        within = (bool(today) and second >= window.start) or (bool(yesterday) and second < window.end)
    return within != quiet


@given(window=windows, at=instants, quiet=st.booleans())
def test_open_means_what_the_clock_on_the_wall_says(window: Window, at: Instant, quiet: bool) -> None:
    rule = Opening([window], quiet=quiet)
    found = first_open(("Asia/Shanghai",), rule.spans, at, 0, HORIZON)

    assert (found == at) == open_by_the_book(window, "Asia/Shanghai", at, quiet=quiet)


@given(window=windows, at=instants, quiet=st.booleans(), zone=st.sampled_from(ZONES), hold=st.integers(0, 120))
def test_the_next_opening_is_open_and_the_first(window: Window, at: Instant, quiet: bool, zone: str, hold: int) -> None:
    rule = Opening([window], quiet=quiet)

    def ask(instant: int) -> Any:
        return first_open((zone,), rule.spans, Instant(instant), hold * SECOND, HORIZON)

    found = ask(at)
    if found is None:
        assert all(ask(at + n * DAY // 4) is None for n in range(8))
        return
    assert ask(found) == found
    for earlier in {found - SECOND, (at + found) // 2, at} - {found}:
        if at <= earlier < found:
            assert ask(earlier) == found
