"""A take-over of another system's contacts, line by line."""

import json
from typing import Any

import orjson

from service.flows.interactions import GROUP_MAX

from .front import Web, request_body
from .test_facts_routes import INTERACTION

PATH = "/v1/interactions"
LINES = {"Content-Type": "application/x-ndjson"}


def line(number: int, **changes: Any) -> dict[str, Any]:
    said = {
        "reference": f"x-{number}",
        "party_id": f"P-{number % 5000}",
        "account_id": f"LN-{number % 5000}",
        "address": f"+861380{number % 5000:07}",
    }
    return {**INTERACTION, **said, **changes}


async def take_over(web: Web, lines: list[Any]) -> list[dict[str, Any]]:
    body = b"\n".join(each if isinstance(each, bytes) else json.dumps(each).encode() for each in lines)
    answer = await web.post(PATH, body, headers=LINES)
    assert answer.status_code == 200, answer.text
    results: list[dict[str, Any]] = orjson.loads(answer.content)["results"]
    return results


async def test_ten_thousand_contacts_are_taken_over_and_three_that_are_wrong_hurt_themselves_alone(web: Web) -> None:
    lines: list[Any] = [line(number) for number in range(10_000)]
    lines[7] = line(7, outcome="danced")
    lines[4_000] = b'{"at": "2026-11-23T09:00'
    lines[9_999] = line(9_999, address="1380013800")

    results = await take_over(web, lines)

    assert [result["index"] for result in results] == list(range(10_000))
    bad = {result["index"]: result for result in results if result["status"] != 201}
    assert {index: result["status"] for index, result in bad.items()} == {7: 422, 4_000: 400, 9_999: 422}
    assert bad[9_999]["errors"][0]["field"] == "address" and "1380013800" not in json.dumps(bad)
    assert len(await web.rows("attempts")) == 9_997
    assert len(await web.rows("entries", kind="interaction.recorded")) == 9_997
    assert len(await web.rows("parties")) == 5_000


async def test_the_same_take_over_sent_again_changes_nothing(web: Web) -> None:
    lines = [line(number) for number in range(GROUP_MAX + 3)]

    first = await take_over(web, lines)
    again = await take_over(web, lines)

    assert {result["status"] for result in first} == {201}
    assert {result["status"] for result in again} == {200}
    assert [result["id"] for result in first] == [result["id"] for result in again]
    assert len(await web.rows("attempts")) == GROUP_MAX + 3


async def test_contacts_taken_over_count_in_the_next_decision(web: Web) -> None:
    call = {**INTERACTION, "address": "+8613800138000"}
    results = await take_over(web, [{**call, "reference": f"c-{n}"} for n in range(3)])

    asked = {"channel": "call", "execution": "permit", "dialing": "manual", "recording_available": True}
    answer = await web.post("/v1/contact-requests", request_body(**asked))

    assert [result["status"] for result in results] == [201, 201, 201]
    assert answer.json()["state"] == "scheduled"


async def test_a_body_of_too_many_lines_is_refused_whole(web: Web) -> None:
    body = b"\n".join([json.dumps(INTERACTION).encode()] * 10_001)

    answer = await web.post(PATH, body, headers=LINES)

    assert answer.status_code == 422
    assert await web.rows("attempts") == []


async def test_an_idempotency_key_stands_in_for_the_reference(web: Web) -> None:
    body = {name: value for name, value in INTERACTION.items() if name != "reference"}
    key = {"Idempotency-Key": "k-1"}

    first = await web.post(PATH, body, headers=key)
    again = await web.post(PATH, body, headers=key)
    other = await web.post(PATH, {**body, "duration_s": 5}, headers=key)

    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert other.json()["type"] == "/problems/reference-conflict"


async def test_without_a_reference_each_is_another_contact(web: Web) -> None:
    body = {name: value for name, value in INTERACTION.items() if name != "reference"}

    for _ in range(2):
        assert (await web.post(PATH, body)).status_code == 201

    assert len(await web.rows("attempts")) == 2


async def test_a_reference_of_one_client_is_not_that_of_another(web: Web) -> None:
    other = await web.key("other", "facts:write")

    first = await web.post(PATH, INTERACTION)
    second = await web.post(PATH, INTERACTION, key=other)

    assert (first.status_code, second.status_code) == (201, 201)


async def test_another_media_type_is_refused(web: Web) -> None:
    answer = await web.post(PATH, b"at=now", headers={"Content-Type": "text/plain"})

    assert answer.status_code == 415
