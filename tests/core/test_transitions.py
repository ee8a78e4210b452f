"""The days on which clocks change, to the second, on three continents, and in a zone where none ever does."""

import pytest

from service.core.civil import day_bounds, format_instant, parse_instant, parse_window
from service.core.model import DAY, MINUTE, SECOND, Instant
from service.core.opening import Opening, first_open
from service.core.rule import HORIZON

DAYTIME = ("08:00", "21:00")
EARLY = ("02:30", "04:00")
"""Hours that begin in New York's and Sydney's gap, and in no overlap."""

SPRING = {
    "America/New_York": ("2026-03-08", "-05:00", "-04:00"),
    "Europe/London": ("2026-03-29", "+00:00", "+01:00"),
    "Australia/Sydney": ("2026-10-04", "+10:00", "+11:00"),
    "Asia/Tokyo": ("2026-03-29", "+09:00", "+09:00"),
}
AUTUMN = {
    "America/New_York": ("2026-11-01", "-04:00", "-05:00"),
    "Europe/London": ("2026-10-25", "+01:00", "+00:00"),
    "Australia/Sydney": ("2026-04-05", "+11:00", "+10:00"),
    "Asia/Tokyo": ("2026-10-25", "+09:00", "+09:00"),
}
BOTH = [(zone, *told) for table in (SPRING, AUTUMN) for zone, told in table.items()]


def opens(hours: tuple[str, str], zone: str, at: str, *, quiet: bool = False, **how: bool) -> str:
    rule = Opening([parse_window("mon-sun", *hours)], quiet=quiet, **how)
    found = first_open((zone,), rule.spans, parse_instant(at), 0, HORIZON)
    assert found is not None
    return format_instant(found, zone)


@pytest.mark.parametrize(("zone", "day", "before", "after"), BOTH)
@pytest.mark.parametrize(("hours", "quiet"), [(DAYTIME, False), (DAYTIME[::-1], True)])
def test_daytime_opens_at_eight_by_the_new_clock(
    hours: tuple[str, str], quiet: bool, zone: str, day: str, before: str, after: str
) -> None:
    eight, nine = f"{day}T08:00:00{after}", f"{day}T21:00:00{after}"

    assert opens(hours, zone, f"{day}T00:00:00{before}", quiet=quiet) == eight
    assert opens(hours, zone, f"{day}T07:59:59{after}", quiet=quiet) == eight
    assert opens(hours, zone, eight, quiet=quiet) == eight
    assert opens(hours, zone, f"{day}T20:59:59{after}", quiet=quiet) == f"{day}T20:59:59{after}"
    assert opens(hours, zone, nine, quiet=quiet) != nine


@pytest.mark.parametrize(("zone", "day", "before", "after"), BOTH)
def test_an_inclusive_end_and_an_exclusive_start_are_of_the_new_clock(
    zone: str, day: str, before: str, after: str
) -> None:
    eight, nine = f"{day}T08:00:00{after}", f"{day}T21:00:00{after}"

    assert opens(DAYTIME, zone, nine, inclusive=True) == nine
    assert opens(DAYTIME, zone, f"{day}T21:00:01{after}", inclusive=True) != f"{day}T21:00:01{after}"
    assert opens(DAYTIME, zone, eight, exclusive=True) == f"{day}T08:00:01{after}"
    assert opens(DAYTIME[::-1], zone, eight, quiet=True, inclusive=True) == f"{day}T08:00:01{after}"
    assert opens(DAYTIME[::-1], zone, nine, quiet=True, exclusive=True) == nine
    assert opens(DAYTIME[::-1], zone, f"{day}T21:00:01{after}", quiet=True, exclusive=True) != f"{day}T21:00:01{after}"


@pytest.mark.parametrize(
    ("zone", "opening"),
    [
        ("America/New_York", "2026-03-08T03:00:00-04:00"),
        ("Europe/London", "2026-03-29T02:30:00+01:00"),
        ("Australia/Sydney", "2026-10-04T03:00:00+11:00"),
        ("Asia/Tokyo", "2026-03-29T02:30:00+09:00"),
    ],
)
def test_an_opening_in_the_gap_is_its_end(zone: str, opening: str) -> None:
    day, before, _ = SPRING[zone]

    assert opens(EARLY, zone, f"{day}T00:30:00{before}") == opening


@pytest.mark.parametrize(
    ("zone", "first", "second"),
    [
        ("America/New_York", "2026-11-01T01:30:00-04:00", "2026-11-01T01:30:00-05:00"),
        ("Europe/London", "2026-10-25T01:30:00+01:00", "2026-10-25T01:30:00+00:00"),
        ("Australia/Sydney", "2026-04-05T02:30:00+11:00", "2026-04-05T02:30:00+10:00"),
        ("Asia/Tokyo", "2026-10-25T01:30:00+09:00", "2026-10-25T01:30:00+09:00"),
    ],
)
def test_in_the_overlap_what_permits_is_short_and_what_forbids_is_long(zone: str, first: str, second: str) -> None:
    day, before, after = AUTUMN[zone]
    from_ = first[11:16]
    beyond = format_instant(Instant(parse_instant(second) - SECOND), zone)
    tomorrow_day = format_instant(Instant(parse_instant(f"{day}T12:00:00{after}") + DAY), zone)[:10]

    assert opens((from_, "07:00"), zone, f"{day}T00:00:00{before}") == second
    assert opens(("00:00", from_), zone, f"{day}T00:00:00{before}", quiet=True) == second
    assert opens(("00:00", from_), zone, first).startswith(tomorrow_day)
    assert opens((from_, "07:00"), zone, first, quiet=True) == f"{day}T07:00:00{after}"
    assert opens((from_, "07:00"), zone, beyond) == second


@pytest.mark.parametrize(("table", "hours"), [(SPRING, 23), (AUTUMN, 25)])
def test_the_day_itself_is_as_long_as_the_clock_makes_it(table: dict[str, tuple[str, str, str]], hours: int) -> None:
    for zone, (day, _, after) in table.items():
        start, end = day_bounds(zone, parse_instant(f"{day}T12:00:00{after}"))
        assert (end - start) // (60 * MINUTE) == (24 if zone == "Asia/Tokyo" else hours), zone
