"""Instants as text, zones, local days, and windows in words."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.civil import (
    WindowError,
    day_bounds,
    format_instant,
    format_window,
    is_zone,
    local_date,
    parse_instant,
    parse_window,
    passes,
    start_of,
)
from service.core.facts import Window
from service.core.model import DAY, HOUR, SECOND, Instant

ZONES = ("Asia/Shanghai", "America/New_York", "Europe/London", "Australia/Sydney", "Asia/Kathmandu", "America/St_Johns")
SOON = st.integers(min_value=0, max_value=4_000_000_000 * SECOND).map(Instant)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T08:00:00+08:00", 0),
        ("1969-12-31T19:00:00.000001-05:00", 1),
        ("2026-11-23T22:00:00+08:00", 1_795_442_400 * SECOND),
        ("2026-11-23t14:00:00z", 1_795_442_400 * SECOND),
        ("2026-11-23T14:00:00.1234567Z", 1_795_442_400 * SECOND + 123_456),
        ("2024-02-29T00:00:00+00:00", 1_709_164_800 * SECOND),
    ],
)
def test_an_rfc_3339_instant_is_read_to_the_microsecond(text: str, at: int) -> None:
    assert at == parse_instant(text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23T22:00:00",
        "2026-11-23 22:00:00+08:00",
        "2026-11-23T22:00+08:00",
        "2026-11-23",
        "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-11-23T24:00:00Z",
        "2026-11-23T23:59:60Z",
        "2026-11-23T22:00:00+24:00",
        "2026-11-23T22:00:00+0800",
        "２０２６-11-23T22:00:00Z",
        "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59-01:00",
        "0001-01-01T00:00:00+01:00",
        "yesterday",
        "",
    ],
)
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_instant(text)


def test_an_instant_is_written_with_the_offset_of_its_zone() -> None:
    at = parse_instant("2026-07-01T12:00:00Z")

    assert format_instant(at) == "2026-07-01T12:00:00Z"
    assert format_instant(at, "America/New_York") == "2026-07-01T08:00:00-04:00"
    assert format_instant(Instant(at + 5), "Asia/Shanghai") == "2026-07-01T20:00:00.000005+08:00"


def test_the_very_ends_of_the_calendar_can_be_written() -> None:
    for text in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"):
        assert parse_instant(format_instant(parse_instant(text), "Asia/Shanghai")) == parse_instant(text)
        assert parse_instant(format_instant(parse_instant(text), "America/New_York")) == parse_instant(text)


@given(at=SOON, zone=st.sampled_from(ZONES))
def test_an_instant_written_in_any_zone_reads_back(at: Instant, zone: str) -> None:
    assert parse_instant(format_instant(at, zone)) == at


def test_a_zone_is_known_by_its_exact_name() -> None:
    assert is_zone("Asia/Shanghai")
    assert not any(is_zone(name) for name in ("asia/shanghai", "Shanghai", "UTC+8", "", "localtime", "../etc/passwd"))
    assert not is_zone("Factory"), "tzdata's word for a clock that nobody has set"


@pytest.mark.parametrize(
    ("zone", "noon", "hours"),
    [
        ("Asia/Shanghai", "2026-03-08T12:00:00+08:00", 24),
        ("America/New_York", "2026-03-08T12:00:00-04:00", 23),
        ("America/New_York", "2026-11-01T12:00:00-05:00", 25),
        ("Europe/London", "2026-03-29T12:00:00+01:00", 23),
        ("Europe/London", "2026-10-25T12:00:00+00:00", 25),
        ("Australia/Sydney", "2026-10-04T12:00:00+11:00", 23),
        ("Australia/Sydney", "2026-04-05T12:00:00+10:00", 25),
        ("Africa/Cairo", "2026-04-24T12:00:00+03:00", 23),
    ],
)
def test_a_local_day_is_as_long_as_the_clocks_make_it(zone: str, noon: str, hours: int) -> None:
    at = parse_instant(noon)
    start, end = day_bounds(zone, at)

    assert end - start == hours * HOUR
    assert local_date(zone, start) == local_date(zone, at) == local_date(zone, Instant(end - 1))
    assert local_date(zone, end) != local_date(zone, at)


def test_a_day_that_a_country_skipped_is_empty() -> None:
    assert start_of("Pacific/Apia", date(2011, 12, 30)) == start_of("Pacific/Apia", date(2011, 12, 31))


@given(at=SOON, zone=st.sampled_from(ZONES))
def test_local_days_follow_each_other_without_gap(at: Instant, zone: str) -> None:
    start, end = day_bounds(zone, at)

    assert start <= at < end
    assert day_bounds(zone, end)[0] == end
    assert 22 * HOUR <= end - start <= DAY + 2 * HOUR


@pytest.mark.parametrize(
    ("zone", "on", "clock", "first", "second"),
    [
        ("Asia/Shanghai", date(2026, 3, 8), 2 * 3600, "2026-03-08T02:00:00+08:00", "2026-03-08T02:00:00+08:00"),
        (
            "America/New_York",
            date(2026, 3, 8),
            2 * 3600 + 1800,
            "2026-03-08T03:00:00-04:00",
            "2026-03-08T03:00:00-04:00",
        ),
        ("America/New_York", date(2026, 11, 1), 3600 + 1800, "2026-11-01T01:30:00-04:00", "2026-11-01T01:30:00-05:00"),
        ("Europe/London", date(2026, 3, 29), 3600, "2026-03-29T02:00:00+01:00", "2026-03-29T02:00:00+01:00"),
        ("Australia/Sydney", date(2026, 4, 5), 2 * 3600, "2026-04-05T02:00:00+11:00", "2026-04-05T02:00:00+10:00"),
        (
            "Australia/Lord_Howe",
            date(2026, 10, 4),
            2 * 3600 + 60,
            "2026-10-04T02:30:00+11:00",
            "2026-10-04T02:30:00+11:00",
        ),
        ("America/New_York", date(2026, 3, 8), 86_400, "2026-03-09T00:00:00-04:00", "2026-03-09T00:00:00-04:00"),
    ],
)
def test_a_local_time_in_a_gap_is_its_end_and_in_an_overlap_has_two_passes(
    zone: str, on: date, clock: int, first: str, second: str
) -> None:
    day = on.toordinal() - date(1970, 1, 1).toordinal()

    assert passes(zone, day, clock) == (parse_instant(first), parse_instant(second))


@pytest.mark.parametrize(
    ("days", "mask"),
    [
        ("mon", 0b0000001),
        ("mon-fri", 0b0011111),
        ("mon-sun", 0b1111111),
        ("fri-mon", 0b1110001),
        ("mon,wed-thu, sun", 0b1001101),
    ],
)
def test_days_are_named_singly_in_ranges_and_in_lists(days: str, mask: int) -> None:
    assert parse_window(days, "08:00", "21:00") == Window(mask, 8 * 3600, 21 * 3600)


@pytest.mark.parametrize(
    ("days", "from_", "to", "field"),
    [
        ("", "08:00", "21:00", "days"),
        ("monday", "08:00", "21:00", "days"),
        ("mon-", "08:00", "21:00", "days"),
        ("mon,,tue", "08:00", "21:00", "days"),
        ("mon", "8:00", "21:00", "from"),
        ("mon", "24:00", "21:00", "from"),
        ("mon", "08:60", "21:00", "from"),
        ("mon", "08:00", "24:01", "to"),
        ("mon", "08:00", "08:00", "to"),
        ("mon", "08:00", "08:00:00", "to"),
    ],
)
def test_a_window_that_says_nothing_sensible_is_refused_by_field(days: str, from_: str, to: str, field: str) -> None:
    with pytest.raises(WindowError) as refused:
        parse_window(days, from_, to)

    assert refused.value.field == field


@given(days=st.integers(1, 127), start=st.integers(0, 86_399), end=st.integers(1, 86_400))
def test_a_window_written_out_reads_back(days: int, start: int, end: int) -> None:
    window = Window(days, start, end if end != start else 86_400)

    assert parse_window(*format_window(window)) == window


def test_the_answer_is_the_same_in_any_zone_of_the_server() -> None:
    script = (
        "from service.core.civil import day_bounds, format_instant, parse_instant\n"
        "at = parse_instant('2026-11-01T01:30:00-05:00')\n"
        "print(format_instant(at, 'America/New_York'), day_bounds('Europe/London', at))"
    )
    root = Path(__file__).parents[2]
    said = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "TZ": zone, "PYTHONTZPATH": "/nowhere", "PYTHONPATH": str(root)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for zone in ("UTC", "Asia/Shanghai", "America/New_York", "Pacific/Kiritimati")
    }

    assert len(said) == 1
    assert said.pop().startswith("2026-11-01T01:30:00-05:00 ")
