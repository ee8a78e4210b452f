"""What an officer must not ask, and who must not ask at all."""

from typing import Any

import pytest

from .front import Web

ENTRIES = "/v1/audit/entries"
SEARCH = f"{ENTRIES}/search"


@pytest.mark.parametrize("key", [("contact:read",), ("audit:export",), ("pii:read",), ("admin",)])
async def test_only_an_officer_reads_the_evidence(web: Web, key: tuple[str, ...]) -> None:
    stranger = await web.key("stranger", *key)

    answers = [
        await web.get(ENTRIES, key=stranger),
        await web.post(SEARCH, {}, key=stranger),
        await web.get(f"{ENTRIES}/0", key=stranger),
    ]

    assert [403, 403, 403] == [answer.status_code for answer in answers]
    assert 401 == (await web.get(ENTRIES, key={})).status_code


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"party": "P-1"}, "party"),
        ({"party_id": 7}, "party_id"),
        ({"party_id": ""}, "party_id"),
        ({"party_id": "x" * 129}, "party_id"),
        ({"party_id": "a\x00b"}, "party_id"),
        ({"address": "+8613800138000"}, "address"),
        ({"address": {"value": "not a number 13812345678"}}, "address.value"),
        ({"address": {"kind": "fax", "value": "+8613800138000"}}, "address.kind"),
        ({"effect": "refuse"}, "effect"),
        ({"effect": 2}, "effect"),
        ({"state": "done"}, "state"),
        ({"channel": "telegram"}, "channel"),
        ({"rule": "%"}, "rule"),
        ({"rule": "house/_uiet-hours"}, "rule"),
        ({"kind": "'; DROP TABLE entries; --"}, "kind"),
        ({"request": "{{ 7*7 }}"}, "request"),
        ({"since": "2026-11-23T09:00:00"}, "since"),
        ({"since": 1700000000}, "since"),
        ({"since": "2026-11-23T09:00:00Z", "until": "2026-11-23T09:00:00Z"}, "until"),
        ({"after": -1}, "after"),
        ({"after": 2**63}, "after"),
        ({"after": "ten"}, "after"),
        ({"after": True}, "after"),
        ({"limit": 0}, "limit"),
        ({"limit": 201}, "limit"),
        ({"limit": "10"}, "limit"),
    ],
)
async def test_a_question_of_the_wrong_shape_is_refused_by_field_and_not_by_value(
    web: Web, body: dict[str, Any], field: str
) -> None:
    before = len(await web.rows("entries"))

    answer = await web.post(SEARCH, body)

    assert (422, "/problems/invalid") == (answer.status_code, answer.json()["type"])
    assert [field] == [error["field"] for error in answer.json()["errors"]]
    for value in ("13800138000", "13812345678", "DROP", "7*7"):
        assert value not in answer.text
    assert before == len(await web.rows("entries"))


@pytest.mark.parametrize(
    "query",
    [
        {"after": "-1"},
        {"after": "9" * 30},
        {"after": "x"},
        {"limit": "0"},
        {"limit": "1000"},
        {"party_id": "P-1"},
        {"address": "+8613800138000"},
    ],
)
async def test_a_list_takes_a_cursor_and_a_limit_and_nothing_else(web: Web, query: dict[str, str]) -> None:
    answer = await web.get(ENTRIES, **query)

    assert 422 == answer.status_code
    assert "13800138000" not in answer.text


@pytest.mark.parametrize("index", ["-1", "x", str(2**63), "9" * 5000])
async def test_an_index_is_a_whole_number(web: Web, index: str) -> None:
    assert 422 == (await web.get(f"{ENTRIES}/{index}")).status_code
