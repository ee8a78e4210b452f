from collections.abc import Iterable

import phonenumbers
import pytest
from phonenumbers import PhoneNumberType
from phonenumbers.tzdata import TIMEZONE_DATA

from service.core.civil import is_zone
from service.vault.countries import is_country
from service.vault.phones import Phone, by_plan, read_phone, warm


@pytest.mark.parametrize(
    ("number", "country", "zones"),
    [
        ("+8613800138000", "CN", ("Asia/Shanghai",)),
        ("+8619912345678", "CN", ("Asia/Shanghai",)),
        ("+861088887777", "CN", ("Asia/Shanghai",)),
        ("+869912345678", "CN", ("Asia/Shanghai",)),
        ("+85291234567", "HK", ("Asia/Hong_Kong",)),
        ("+85366123456", "MO", ("Asia/Macau",)),
        ("+886912345678", "TW", ("Asia/Taipei",)),
        ("+6591234567", "SG", ("Asia/Singapore",)),
        ("+819012345678", "JP", ("Asia/Tokyo",)),
        ("+821012345678", "KR", ("Asia/Seoul",)),
        ("+919876543210", "IN", ("Asia/Kolkata",)),
        ("+66812345678", "TH", ("Asia/Bangkok",)),
        ("+84912345678", "VN", ("Asia/Ho_Chi_Minh",)),
        ("+639171234567", "PH", ("Asia/Manila",)),
        ("+447400123456", "GB", ("Europe/London",)),
        ("+77011234567", "KZ", ("Asia/Almaty",)),
        ("+12125551234", "US", ("America/New_York",)),
        ("+14165551234", "CA", ("America/Toronto",)),
        ("+17875551234", "PR", ("America/Puerto_Rico",)),
    ],
)
def test_a_number_tells_its_country_and_its_zone(number: str, country: str, zones: tuple[str, ...]) -> None:
    assert read_phone(number) == Phone(number, country, zones)


def test_a_mobile_may_be_anywhere_in_its_country() -> None:
    indonesian, australian = read_phone("+6281234567890"), read_phone("+61412345678")

    assert indonesian is not None
    assert australian is not None
    assert set(indonesian.zones) == {"Asia/Jakarta", "Asia/Jayapura", "Asia/Makassar", "Asia/Pontianak"}
    assert {"Australia/Sydney", "Australia/Perth", "Australia/Darwin"} <= set(australian.zones)


def test_an_area_code_across_two_zones_gives_both() -> None:
    assert read_phone("+18505551234") == Phone("+18505551234", "US", ("America/Chicago", "America/New_York"))
    dakotan = read_phone("+16055551234")
    assert dakotan is not None
    assert {"America/Chicago", "America/Denver"} <= set(dakotan.zones)


def test_a_toll_free_number_may_be_anywhere_under_its_code_and_has_no_country() -> None:
    toll_free = read_phone("+18005551234")

    assert toll_free is not None
    assert toll_free.country is None
    assert {"America/New_York", "Pacific/Honolulu", "America/St_Johns", "America/Jamaica"} <= set(toll_free.zones)


def test_a_number_in_a_range_not_yet_known_is_taken_for_all_that_its_code_may_be() -> None:
    american, british, chinese = read_phone("+15551234567"), read_phone("+447700900123"), read_phone("+8612800138000")

    assert american is not None
    assert american.country is None
    assert {"America/New_York", "Pacific/Honolulu"} <= set(american.zones)
    assert british == Phone(
        "+447700900123", None, ("Europe/Guernsey", "Europe/Isle_of_Man", "Europe/Jersey", "Europe/London")
    )
    assert chinese == Phone("+8612800138000", "CN", ("Asia/Shanghai",))


@pytest.mark.parametrize("number", ["+80012345678", "+881612345678"])
def test_a_number_of_no_country_tells_neither_country_nor_zone(number: str) -> None:
    assert read_phone(number) == Phone(number, None, ())


@pytest.mark.parametrize(
    "number",
    [
        "",
        "+",
        "10086",
        "95588",
        "+8695588",
        "+86110",
        "13800138000",
        "008613800138000",
        "+86 138 0013 8000",
        "+86-138-0013-8000",
        "+86(138)00138000",
        "+8613800138000;ext=1",
        "tel:+8613800138000",
        "+8613800138000\n",
        " +8613800138000",
        "+8613800138000\x00",
        "+８６13800138000",
        "+86१३८00138000",
        "+86138001380001234",
        "+1234567890123456",
        "+999123456789",
        "+0123456789",
        "+15551234567890",
        "+5215512345678",
        "+1-800-FLOWERS",
        "+1800FLOWERS",
        "{{7*7}}",
        "'; drop table parties; --",
    ],
)
def test_what_is_no_e164_number_is_refused(number: str) -> None:
    assert read_phone(number) is None


def test_a_trunk_prefix_inside_is_taken_out_of_a_number_that_exists() -> None:
    assert read_phone("+8602012345678") == Phone("+862012345678", "CN", ("Asia/Shanghai",))
    assert read_phone("+4402079460000") == Phone("+442079460000", "GB", ("Europe/London",))


def test_a_claimed_type_must_have_its_length() -> None:
    assert read_phone("+8613800138000", PhoneNumberType.MOBILE)
    assert read_phone("+861380013800", PhoneNumberType.MOBILE) is None
    assert read_phone("+861088887777", PhoneNumberType.MOBILE) is None
    assert read_phone("+861088887777", PhoneNumberType.FIXED_LINE)


def examples() -> Iterable[str]:
    for region in filter(is_country, sorted(phonenumbers.SUPPORTED_REGIONS)):
        for kind in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE, PhoneNumberType.TOLL_FREE):
            if example := phonenumbers.example_number_for_type(region, kind):
                yield phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)


def test_an_example_of_every_country_is_taken_as_it_stands_and_in_zones_that_exist() -> None:
    for number in examples():
        phone = read_phone(number)
        assert phone is not None, number
        assert phone.value == number
        assert phone.zones, number
        assert all(map(is_zone, phone.zones)), number


def test_every_zone_of_the_number_data_exists() -> None:
    assert all(is_zone(zone) for zones in TIMEZONE_DATA.values() for zone in zones)


def test_warming_up_changes_nothing() -> None:
    warm()

    assert read_phone("+8613800138000") == Phone("+8613800138000", "CN", ("Asia/Shanghai",))


def test_the_short_way_for_mainland_mobiles_says_what_the_plan_says() -> None:
    numbers = [f"+861{prefix:03}{rest}" for prefix in range(1000) for rest in ("0000000", "2345678", "9999999")]

    differing = [
        number
        for number in numbers
        for type_ in (None, PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE)
        if read_phone(number, type_) != by_plan(number, type_)
    ]

    assert [] == differing
