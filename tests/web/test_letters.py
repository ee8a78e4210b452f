"""Letters at the door: one that could never be set is refused as the caller's input, and nothing is stored."""

from typing import Any

import pytest

from .front import Web, request_body

PATH = "/v1/contact-requests"
PLACE = {"lines": ["人民东路1号"], "city": "金华市", "region": "浙江省", "postcode": "321000", "country": "CN"}


def letter(name: str = "张三", **place: Any) -> dict[str, Any]:
    variables = {
        "amount_due": "1234.56",
        "currency": "CNY",
        "total_owed": "6000.00",
        "deadline": "2026-12-11",
        "days_past_due": 12,
        "product_name": "信用卡",
        "account_tail": "1234",
    }
    body = request_body(
        channel="letter",
        template="overdue-notice",
        address={"value": {**PLACE, **place}, "kind": "postal", "provenance": "contract"},
        variables=variables,
        letter={"service": "registered"},
    )
    return body | {"party": body["party"] | {"name": name}}


async def test_a_letter_that_can_be_set_is_taken(web: Web) -> None:
    answer = await web.post(PATH, letter())

    assert 202 == answer.status_code, answer.text


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (letter("\U00020bb7野"), "party.name"),
        (letter(lines=["测试路" * 30] * 5), "address.value"),
    ],
)
async def test_a_letter_that_could_not_be_set_is_refused_at_once(web: Web, body: dict[str, Any], field: str) -> None:
    answer = await web.post(PATH, body)

    assert 422 == answer.status_code
    assert [field] == [fault["field"] for fault in answer.json()["errors"]]
    assert [] == await web.rows("requests")
