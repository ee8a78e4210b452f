import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.masks import mask_address, mask_email, mask_id, mask_name, mask_phone, mask_place, mask_text
from service.core.model import AddressKind


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张三", "张*"),
        ("张三丰", "张*"),
        ("欧阳修", "欧*"),
        ("古丽娜尔·买买提", "古*"),
        (" 李四", "李*"),
        ("John Smith", "J*"),
        ("张", "*"),
        ("", "*"),
        (" ", "*"),
    ],
)
def test_a_name_keeps_its_first_character(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("+8613800138000", "138****8000"),
        ("+8619912345678", "199****5678"),
        ("+861088887777", "+861****7777"),
        ("+6591234567", "+659****567"),
        ("+85291234567", "+852****4567"),
        ("+12125551234", "+121****1234"),
        ("+447400123456", "+447****3456"),
        ("+2904123", "+290****"),
        ("", "****"),
        ("+", "****"),
        ("张三", "****"),
    ],
)
def test_a_number_keeps_its_head_and_its_tail(number: str, masked: str) -> None:
    assert mask_phone(number) == masked


@given(st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True))
def test_at_least_four_digits_of_a_number_stay_hidden(number: str) -> None:
    shown = sum(character.isdigit() for character in mask_phone(number))
    country_code_of_a_chinese_mobile = 2

    assert shown <= len(number) - 1 - 4
    if not mask_phone(number).startswith("+"):
        assert shown + country_code_of_a_chinese_mobile <= len(number) - 1 - 4


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("zhangsan@example.com", "z***@example.com"),
        ("z@example.com", "***@example.com"),
        ("@example.com", "***@example.com"),
        ("zhangsan", "****"),
    ],
)
def test_an_email_address_keeps_its_first_letter_and_its_domain(address: str, masked: str) -> None:
    assert mask_email(address) == masked


@pytest.mark.parametrize(
    ("identifier", "masked"),
    [("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", "oU****6o"), ("zhangsan", "****"), ("zhang.sanA", "zh****nA"), ("", "****")],
)
def test_an_identifier_keeps_two_characters_at_either_end_if_it_is_long(identifier: str, masked: str) -> None:
    assert mask_id(identifier) == masked


@pytest.mark.parametrize(
    ("place", "masked"),
    [
        ({"lines": ["解放路 12 号"], "city": "上海市", "postcode": "200000"}, "上海市*"),
        ({"lines": ["解放路 12 号"]}, "****"),
        ({"lines": ["解放路 12 号"], "city": 7}, "****"),
        ([], "****"),
    ],
)
def test_a_place_keeps_its_city(place: object, masked: str) -> None:
    assert mask_place(json.dumps(place)) == masked


def test_a_place_that_cannot_be_read_is_masked_whole() -> None:
    assert mask_place("{解放路 12 号") == "****"


def test_a_text_is_masked_whole_and_an_empty_one_stays_empty() -> None:
    assert (mask_text("您尾号 1234 的贷款"), mask_text("")) == ("****", "")


@pytest.mark.parametrize(
    ("kind", "value", "masked"),
    [
        (AddressKind.mobile, "+8613800138000", "138****8000"),
        (AddressKind.landline, "+861088887777", "+861****7777"),
        (AddressKind.work, "+8613800138000", "138****8000"),
        (AddressKind.home, '{"city":"上海市","lines":["解放路 12 号"]}', "上海市*"),
        (AddressKind.postal, '{"city":"上海市","lines":["解放路 12 号"]}', "上海市*"),
        (AddressKind.email, "zhangsan@example.com", "z***@example.com"),
        (AddressKind.employer_email, "hr@example.com", "h***@example.com"),
        (AddressKind.wechat_openid, "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", "oU****6o"),
        (AddressKind.wecom_user, "zhangsan", "****"),
        (AddressKind.postal, "解放路 12 号", "****"),
    ],
)
def test_an_address_is_masked_after_its_kind(kind: AddressKind, value: str, masked: str) -> None:
    assert mask_address(kind, value) == masked


@given(st.sampled_from(AddressKind), st.text())
def test_no_address_passes_unmasked(kind: AddressKind, value: str) -> None:
    assert "*" in mask_address(kind, value)
