"""The order for a visit: all that staff need in order to go, in their zone and language, and no word of the debt."""

import re
from pathlib import Path

import pytest

from service.core.civil import parse_instant
from service.core.model import Channel
from service.core.order import Order, order_message
from service.core.rendering import Institution, Message, RenderContext
from service.files.template_lint import _DEBT
from service.files.templates import load_templates

TEMPLATES = load_templates(Path(__file__).parents[2] / "templates")
ZONE = "Asia/Shanghai"
VALID = (parse_instant("2026-11-23T10:00:37+08:00"), parse_instant("2026-11-24T00:00:00+08:00"))
AT_TEN = (parse_instant("2026-11-23T02:00:00Z"), parse_instant("2026-11-23T03:30:00Z"))
PLACE = {"lines": ["测试路1号", "2单元301"], "region": "某省", "city": "某市", "postcode": "310000", "country": "CN"}
VALUES = {"amount_due": "1234.56", "currency": "CNY", "days_past_due": "35", "visit_reason": "客户来电表示有还款意愿"}

ORDER = Order("v-1", "p_1", VALID, AT_TEN, "张三", PLACE)


def said(locale: str) -> Message:
    """The visit's own message, which tells all."""
    us = Institution(name="示例农村商业银行", hotline="95000", signature="示例农商行")
    template = TEMPLATES.get("visit-order")
    assert template is not None
    return TEMPLATES.render(template.version, Channel.visit, locale, VALUES, RenderContext(us, party_name="张三"))


def test_in_chinese_it_says_under_which_permit_when_to_whom_and_where() -> None:
    order, opening = order_message(ORDER, said("zh-CN"), ZONE).parts

    assert [
        "编号：v-1",
        "许可：p_1",
        "有效时间：2026-11-23 10:00 至 2026-11-24 00:00（Asia/Shanghai）",
        "预约时间：2026-11-23 10:00 至 2026-11-23 11:30（Asia/Shanghai）",
        "走访对象：张三",
        "地址：某省某市测试路1号2单元301 310000",
    ] == order.text.split("\n")
    assert ("上门走访工作单", "到访时说明") == (order.heading, opening.heading)
    assert "请问张三在吗" in opening.text


def test_in_english_it_says_the_same_in_the_zone_that_is_named() -> None:
    abroad = {"lines": ["1 Test Street"], "city": "Singapore", "postcode": "018989", "country": "SG"}
    order = order_message(ORDER._replace(place=abroad), said("en"), "UTC").parts[0]

    assert [
        "Reference: v-1",
        "Permit: p_1",
        "Valid: 2026-11-23 02:00 to 2026-11-23 16:00 (UTC)",
        "Appointment: 2026-11-23 02:00 to 2026-11-23 03:30 (UTC)",
        "Person: 张三",
        "Place: 1 Test Street, Singapore 018989, SG",
    ] == order.text.split("\n")


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_it_names_neither_an_amount_nor_that_there_is_a_debt(locale: str) -> None:
    whole, order = said(locale), order_message(ORDER, said(locale), ZONE)

    assert "1,234.56" in whole.body and _DEBT.search(whole.body)
    assert not re.search(r"1,?234|35", order.body)
    assert _DEBT.search(order.body) is None


def test_what_is_not_known_has_no_line() -> None:
    bare = order_message(
        ORDER._replace(appointment=None, name=None, place={"lines": ["测试路1号"]}), said("zh-CN"), ZONE
    )

    assert ["编号", "许可", "有效时间", "地址"] == [line.split("：")[0] for line in bare.parts[0].text.split("\n")]


def test_the_same_order_is_the_same_words_and_another_permit_is_not() -> None:
    first, again = (order_message(ORDER, said("zh-CN"), ZONE) for _ in range(2))
    other = order_message(ORDER._replace(permit="p_2"), said("zh-CN"), ZONE)

    assert (first, first.digest) == (again, again.digest)
    assert first.digest != other.digest
    assert "张三" not in repr(ORDER)
