import zoneinfo
from datetime import UTC, datetime, timedelta

import pytest

from service.core.civil import is_zone
from service.vault.countries import ONE_CLOCK, _zones, is_country, zone_of, zones_of

# Every hour of the two years after this release: what differs later is not known to the zone data either.
HOURS = [datetime(2026, 11, 1, tzinfo=UTC) + timedelta(hours=hour) for hour in range(2 * 366 * 24)]


def clock(zone: str) -> list[timedelta | None]:
    zone_info = zoneinfo.ZoneInfo(zone)
    return [hour.astimezone(zone_info).utcoffset() for hour in HOURS]


@pytest.mark.parametrize(
    ("jurisdiction", "zone"),
    [
        ("CN", "Asia/Shanghai"),
        ("CN-XJ", "Asia/Shanghai"),
        ("HK", "Asia/Hong_Kong"),
        ("MO", "Asia/Macau"),
        ("TW", "Asia/Taipei"),
        ("SG", "Asia/Singapore"),
        ("JP", "Asia/Tokyo"),
        ("KR", "Asia/Seoul"),
        ("IN", "Asia/Kolkata"),
        ("IN-MH", "Asia/Kolkata"),
        ("TH", "Asia/Bangkok"),
        ("VN", "Asia/Ho_Chi_Minh"),
        ("PH", "Asia/Manila"),
        ("MY", "Asia/Kuala_Lumpur"),
        ("GB", "Europe/London"),
        ("DE", "Europe/Berlin"),
        ("FR", "Europe/Paris"),
        ("US", None),
        ("US-MA", None),
        ("CA-ON", None),
        ("AU", None),
        ("ID", None),
        ("ES", None),
        ("EU", None),
        ("ZZ", None),
        ("", None),
    ],
)
def test_a_country_that_keeps_one_civil_time_gives_its_zone(jurisdiction: str, zone: str | None) -> None:
    assert zone_of(jurisdiction) == zone


def test_every_zone_exists() -> None:
    assert all(is_zone(zone) for country in _zones() for zone in zones_of(country))


def test_a_country_of_several_zones_counts_as_one_clock_exactly_if_the_zone_data_say_so() -> None:
    for country, zones in _zones().items():
        if len(zones) == 1 or country == "CN":
            continue
        first = clock(zones[0])
        assert all(clock(zone) == first for zone in zones[1:]) == (country in ONE_CLOCK), country


def test_the_one_clock_is_among_the_countrys_zones() -> None:
    for country, zone in ONE_CLOCK.items():
        assert zone in _zones()[country]


def test_the_countries_of_the_shipped_packs_are_known() -> None:
    shipped = ["CN", "US", "CA", "GB", "IN", "HK", "SG", "TW", "JP", "KR", "AU", "PH", "ID", "TH", "VN"]

    assert all(map(is_country, shipped))


@pytest.mark.parametrize("code", ["", "ZZ", "001", "EU", "UK", "cn", "CHN", "US-MA", "XX"])
def test_what_is_no_country_is_not_known(code: str) -> None:
    assert not is_country(code)
