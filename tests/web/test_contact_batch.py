import gc
import json
from typing import Any

from service.core.errors import Unavailable
from service.flows.accept import Answer, Ask
from service.web.bodies import Faulty

from .front import Web, request_body

PATH = "/v1/contact-requests/batch"
LINES = {"Content-Type": "application/x-ndjson"}


def item(number: int, **changes: Any) -> dict[str, Any]:
    """The n-th of many, each about another party."""
    said = request_body(reference=f"r-{number}", **changes)
    said["party"] = {**said["party"], "id": f"P-{number}"}
    said["account"] = {**said["account"], "id": f"LN-{number}"}
    said["address"] = {**said["address"], "value": f"+86138{number:08}"}
    return said


def as_lines(items: list[Any]) -> bytes:
    return b"\n".join(json.dumps(each, ensure_ascii=False).encode() for each in items)


async def test_each_item_is_answered_in_order_as_if_it_stood_alone(web: Web) -> None:
    barred = item(1, address={"value": "+8613800138000", "kind": "mobile"})
    barred["address"].pop("provenance", None)

    answer = await web.post(PATH, {"requests": [item(0), barred, {"reference": "r-2"}, item(0)]})

    results = answer.json()["results"]
    assert 200 == answer.status_code
    assert [0, 1, 2, 3] == [each["index"] for each in results]
    assert [202, 403, 422, 200] == [each["status"] for each in results]
    assert ("queued", "/problems/refused-by-policy") == (results[0]["state"], results[1]["type"])
    assert results[0]["id"] == results[3]["id"]


async def test_the_answer_of_an_item_is_the_single_answer(web: Web) -> None:
    [in_batch] = (await web.post(PATH, {"requests": [item(0)]})).json()["results"]

    alone = await web.post("/v1/contact-requests", item(0))

    assert {"index": 0, "status": 202, **alone.json()} == in_batch


async def test_lines_are_taken_as_items_and_blank_ones_passed_over(web: Web) -> None:
    body = b"\n" + as_lines([item(0), item(1)]) + b"\n\n{broken\n" + as_lines([item(2)])

    answer = await web.post(PATH, body, headers=LINES)

    assert [202, 202, 400, 202] == [each["status"] for each in answer.json()["results"]]


async def test_ten_thousand_items_with_three_bad_ones_store_all_the_others(web: Web) -> None:
    items: list[Any] = [item(number) for number in range(10_000)]
    items[17] = item(17, channel="pigeon")
    items[4_242] = {**item(4_242), "colour": "red"}
    items[9_999] = 7

    answer = await web.post(PATH, as_lines(items), headers=LINES)

    results = answer.json()["results"]
    assert 10_000 == len(results)
    bad = {each["index"]: each["errors"][0]["field"] for each in results if each["status"] != 202}
    assert {17: "channel", 4_242: "colour", 9_999: ""} == bad
    assert 9_997 == len(await web.rows("requests"))


async def test_more_than_ten_thousand_items_are_refused_as_a_whole(web: Web) -> None:
    answers = [
        await web.post(PATH, b"{}\n" * 10_001, headers=LINES),
        await web.post(PATH, {"requests": [{}] * 10_001}),
        await web.post(PATH, {"requests": []}),
        await web.post(PATH, b"\n\n", headers=LINES),
    ]

    assert [422] * 4 == [answer.status_code for answer in answers]


async def test_a_body_of_more_values_than_so_many_requests_have_is_refused_unparsed(web: Web) -> None:
    answers = [
        await web.post(PATH, b'{"requests": [' + b"[]," * 3_000_000 + b"[]]}"),
        await web.post(PATH, b"\n" * 3_000_000, headers=LINES),
    ]

    assert [422] * 2 == [answer.status_code for answer in answers]
    told = [answer.json()["errors"][0] for answer in answers]
    assert [("", "too_long")] * 2 == [(each["field"], each["code"]) for each in told]


async def test_items_that_cannot_be_read_are_not_kept_after_their_answer(web: Web) -> None:
    await web.post(PATH, {"requests": [item(0)]})
    gc.collect()
    gc.disable()
    try:
        await web.post(PATH, {"requests": [{"colour": 1}] * 600})
        kept = sum(isinstance(each, Faulty) for each in gc.get_objects())
    finally:
        gc.enable()

    assert 0 == kept


async def test_a_batch_of_another_shape_is_refused(web: Web) -> None:
    bodies = [b"{", b"[]", b"{}", b'{"requests": 1}', b'{"requests": [], "colour": 1}', b'"text"']

    statuses = [(await web.post(PATH, body)).status_code for body in bodies]

    assert [400, 422, 422, 422, 422, 422] == statuses
    assert 415 == (await web.post(PATH, b"x", headers={"Content-Type": "text/csv"})).status_code


async def test_a_group_that_the_store_cannot_take_is_answered_item_by_item(web: Web) -> None:
    class Failing:
        async def submit(self, asks: list[Ask]) -> list[Answer | BaseException]:
            raise Unavailable("the store is shut", retry_after_s=7)

    door = web.app.state.door
    object.__setattr__(door.gateway, "accepting", Failing())

    single = await web.post("/v1/contact-requests", item(0))
    batch = await web.post(PATH, {"requests": [item(0), {}]})

    assert (503, "7") == (single.status_code, single.headers["Retry-After"])
    assert [503, 422] == [each["status"] for each in batch.json()["results"]]


async def test_an_item_that_fails_alone_is_an_incident_and_shows_nothing(web: Web) -> None:
    class Failing:
        async def submit(self, asks: list[Ask]) -> list[Answer | BaseException]:
            return [KeyError("+8613800138000") for _ in asks]

    object.__setattr__(web.app.state.door.gateway, "accepting", Failing())

    single = await web.post("/v1/contact-requests", item(0))
    [in_batch] = (await web.post(PATH, {"requests": [item(0)]})).json()["results"]

    assert (500, "/problems/internal") == (single.status_code, single.json()["type"])
    assert single.json()["incident"].startswith("in_") and in_batch["incident"].startswith("in_")
    assert "138" not in single.text.replace(single.json()["incident"], "")


async def test_work_that_was_queued_wakes_the_dispatch_beat(web: Web) -> None:
    await web.post(PATH, {"requests": [{}]})
    assert 0 == web.woken

    await web.post(PATH, {"requests": [item(0), item(1)]})

    assert 1 == web.woken
