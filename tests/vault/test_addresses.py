import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.model import AddressKind
from service.flows import ports
from service.vault.addresses import AddressError, Numbers

NUMBERS = Numbers()

PLACE = {
    "lines": ["解放路 12 号", "3 栋 502 室"],
    "city": "上海市",
    "region": "上海",
    "postcode": "200000",
    "country": "CN",
}


def test_it_is_what_the_flows_ask_for() -> None:
    numbers: ports.Numbers = NUMBERS

    assert numbers.zone_of("CN") == "Asia/Shanghai"


@pytest.mark.parametrize(
    ("kind", "value", "canonical"),
    [
        (AddressKind.mobile, "+8613800138000", "+8613800138000"),
        (AddressKind.landline, "+861088887777", "+861088887777"),
        (AddressKind.home, "+861088887777", "+861088887777"),
        (AddressKind.work, "+8613800138000", "+8613800138000"),
        (AddressKind.email, "Zhang.San+Loan@Example.COM", "zhang.san+loan@example.com"),
        (AddressKind.employer_email, "HR@bank.example.cn", "hr@bank.example.cn"),
        (AddressKind.wechat_openid, "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"),
        (AddressKind.wecom_user, "wmqfasd1e1927831923109rBAAAA", "wmqfasd1e1927831923109rBAAAA"),
        (AddressKind.wecom_user, "zhang.san@branch", "zhang.san@branch"),
    ],
)
def test_each_kind_has_one_canonical_form(kind: AddressKind, value: str, canonical: str) -> None:
    assert NUMBERS.normalise(kind, value) == canonical


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (AddressKind.mobile, "13800138000"),
        (AddressKind.mobile, "+861380013800"),
        (AddressKind.landline, "+8695588"),
        (AddressKind.mobile, "zhang@example.com"),
        (AddressKind.email, ""),
        (AddressKind.email, "zhang"),
        (AddressKind.email, "zhang@localhost"),
        (AddressKind.email, "@example.com"),
        (AddressKind.email, "zhang@@example.com"),
        (AddressKind.email, "zhang@-example.com"),
        (AddressKind.email, "zhang@exam_ple.com"),
        (AddressKind.email, "zhang san@example.com"),
        (AddressKind.email, "zhang@example.com\n"),
        (AddressKind.email, "zhang@example.com\r\nBcc: all@example.com"),
        (AddressKind.email, "张三@example.com"),
        (AddressKind.email, "\u212aarl@example.com"),
        (AddressKind.email, "a" * 65 + "@example.com"),
        (AddressKind.email, "a@" + "b" * 60 + ".com" * 60),
        (AddressKind.email, "a@" + "b." * 5000),
        (AddressKind.wechat_openid, "oUp"),
        (AddressKind.wechat_openid, "oUpF8uMu AJO"),
        (AddressKind.wechat_openid, "o" * 65),
        (AddressKind.wechat_openid, "oUpF8uMu|AJO"),
        (AddressKind.wecom_user, "a|b"),
        (AddressKind.wecom_user, "@all"),
        (AddressKind.wecom_user, "a" * 65),
        (AddressKind.mobile, None),
        (AddressKind.mobile, 8613800138000),
        (AddressKind.mobile, PLACE),
        (AddressKind.email, ["zhang@example.com"]),
        (AddressKind.postal, "解放路 12 号"),
        (AddressKind.postal, None),
        (AddressKind.home, "解放路 12 号"),
    ],
)
def test_what_has_no_canonical_form_is_refused_by_field_without_its_value(kind: AddressKind, value: object) -> None:
    with pytest.raises(AddressError) as refused:
        NUMBERS.normalise(kind, value)

    assert refused.value.field == "address.value"
    assert not value or str(value) not in refused.value.detail


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("+8613800138000", AddressKind.mobile),
        ("+861088887777", AddressKind.landline),
        ("Zhang.San@Example.COM", AddressKind.email),
        ("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", AddressKind.wechat_openid),
        ("zhang.san", AddressKind.wecom_user),
        (PLACE, AddressKind.postal),
    ],
)
def test_without_a_kind_the_form_is_the_same_as_with_it(value: object, kind: AddressKind) -> None:
    assert NUMBERS.normalise(None, value) == NUMBERS.normalise(kind, value)


@pytest.mark.parametrize("value", ["", "13800138000", "138-0013-8000", "+8695588", "张三", "a b", None, 5, []])
def test_without_a_kind_what_has_no_form_is_refused_too(value: object) -> None:
    with pytest.raises(AddressError):
        NUMBERS.normalise(None, value)


@pytest.mark.parametrize("kind", [AddressKind.postal, AddressKind.home, AddressKind.work])
def test_a_place_is_canonical_json(kind: AddressKind) -> None:
    assert NUMBERS.normalise(kind, PLACE) == (
        '{"city":"上海市","country":"CN","lines":["解放路 12 号","3 栋 502 室"],"postcode":"200000","region":"上海"}'
    )


def test_spellings_of_one_place_are_one() -> None:
    loose = {
        "country": "gb",
        "postcode": " sw1a  2aa",
        "city": "Lo\u0301ndon ",
        "region": None,
        "lines": ["10\u3000 Downing  Street"],
    }
    strict = {
        "lines": ["10 Downing Street"],
        "city": "L\u00f3ndon",
        "region": "",
        "postcode": "SW1A 2AA",
        "country": "GB",
    }

    assert NUMBERS.normalise(AddressKind.postal, loose) == NUMBERS.normalise(AddressKind.postal, strict)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"lines": []}, "address.value.lines"),
        ({"lines": None}, "address.value.lines"),
        ({"lines": "解放路 12 号"}, "address.value.lines"),
        ({"lines": ["x"] * 6}, "address.value.lines"),
        ({"lines": ["x", " "]}, "address.value.lines"),
        ({"lines": ["x", 5]}, "address.value.lines.1"),
        ({"lines": ["x" * 201]}, "address.value.lines.0"),
        ({"lines": ["x\x00"]}, "address.value.lines.0"),
        ({"lines": ["\u202etxet"]}, "address.value.lines.0"),
        ({"lines": ["\ud800"]}, "address.value.lines.0"),
        ({"city": 7}, "address.value.city"),
        ({"country": "CHN"}, "address.value.country"),
        ({"country": "ZZ"}, "address.value.country"),
        ({"street": "x"}, "address.value"),
    ],
)
def test_a_place_that_is_none_is_refused_by_the_part_that_is_wrong(change: dict[str, object], field: str) -> None:
    with pytest.raises(AddressError) as refused:
        NUMBERS.normalise(AddressKind.postal, PLACE | change)

    assert refused.value.field == field


@given(st.dictionaries(st.sampled_from(["city", "region", "postcode"]), st.text(max_size=20)), st.text(max_size=20))
def test_a_canonical_place_is_its_own_canonical_form(parts: dict[str, str], line: str) -> None:
    try:
        canonical = NUMBERS.normalise(AddressKind.postal, parts | {"lines": [line], "country": "CN"})
    except AddressError:
        return

    assert NUMBERS.normalise(AddressKind.postal, json.loads(canonical)) == canonical


@given(
    st.sampled_from(AddressKind), st.one_of(st.text(), st.binary(), st.none(), st.dictionaries(st.text(), st.text()))
)
def test_nothing_at_all_makes_it_err_otherwise(kind: AddressKind, value: object) -> None:
    try:
        canonical = NUMBERS.normalise(kind, value)
    except AddressError:
        return

    assert canonical
    NUMBERS.zones(kind, canonical)
    NUMBERS.country(kind, canonical)


def test_zones_and_country_come_from_the_number() -> None:
    assert NUMBERS.zones(AddressKind.mobile, "+8613800138000") == ("Asia/Shanghai",)
    assert NUMBERS.country(AddressKind.mobile, "+8613800138000") == "CN"
    assert NUMBERS.zones(AddressKind.work, "+6561234567") == ("Asia/Singapore",)


def test_a_place_tells_its_country_and_no_zone() -> None:
    place = NUMBERS.normalise(AddressKind.postal, PLACE)

    assert NUMBERS.country(AddressKind.postal, place) == "CN"
    assert NUMBERS.zones(AddressKind.postal, place) == ()
    assert NUMBERS.country(AddressKind.postal, NUMBERS.normalise(AddressKind.postal, {"lines": ["x"]})) is None


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (AddressKind.email, "a@example.cn"),
        (AddressKind.wechat_openid, "oUpF8uMuAJO"),
        (AddressKind.wecom_user, "zhang"),
    ],
)
def test_other_addresses_tell_neither(kind: AddressKind, value: str) -> None:
    assert NUMBERS.zones(kind, value) == ()
    assert NUMBERS.country(kind, value) is None


def test_the_cache_is_bounded() -> None:
    numbers = Numbers(cached_max=2)
    for last in range(10):
        numbers.normalise(AddressKind.mobile, f"+861380013800{last}")

    assert numbers._phone.cache_info().currsize == 2  # type: ignore[attr-defined]
