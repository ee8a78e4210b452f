import asyncio
import json
from collections.abc import Callable, MutableMapping
from typing import Any

import pytest
from starlette.requests import Request

from service.core.model import Outcome
from service.flows.ports import Receipt, Tx
from service.flows.receive import receive
from service.web import callbacks_in
from service.web.bodies import Unreadable, read_body

from .front import Web, request_body

RECEIPTS = "/v1/receipts/simulator"
GENEROUS_S = 30


async def test_the_simulators_receipt_moves_the_request_on(wired: Web) -> None:
    """The simulator's own teller calls the door, signed; nothing of the wire is faked."""
    posted = (await wired.post("/v1/contact-requests", request_body())).json()
    await wired.dispatch()
    calls = await wired.callbacks()

    answers = [await wired.http.post(path, content=body, headers=headers) for path, body, headers in calls]
    again = [await wired.http.post(path, content=body, headers=headers) for path, body, headers in calls]

    assert [(200, 1)] == [(answer.status_code, answer.json()["new"]) for answer in answers]
    assert [(200, 0)] == [(answer.status_code, answer.json()["new"]) for answer in again]
    read = (await wired.get(f"/v1/contact-requests/{posted['id']}")).json()
    assert ("completed", "delivered", True) == (
        read["state"],
        read["attempts"][0]["outcome"],
        read["receipts"][0]["applied"],
    )


async def test_what_a_provider_said_in_words_is_shown_only_to_those_who_may_see_it(wired: Web) -> None:
    """The name of a recording, the step of a letter, a code: sealed, and found again by whoever answers for it."""
    plain = await wired.key("plain", "contact:read", "audit:read")
    posted = (await wired.post("/v1/contact-requests", request_body())).json()
    await wired.dispatch()
    (attempt,) = await wired.rows("attempts")
    named = Receipt("simulator", "e1", Outcome.delivered, wired.clock(), attempt["id"], text="gateway.recording-7")
    unsaid = Receipt("simulator", "e2", Outcome.read, wired.clock(), attempt["id"])
    gateway = wired.house.gateway
    await gateway.store.write(lambda tx: receive(gateway.kit, tx, [named, unsaid]))

    path = f"/v1/contact-requests/{posted['id']}"
    clear, masked = await wired.get(path), await wired.get(path, key=plain)

    assert ["gateway.recording-7", None] == [each.get("said") for each in clear.json()["receipts"]]
    assert "said" not in masked.json()["receipts"][0] and "recording-7" not in masked.text


async def called(
    web: Web, path: str, headers: dict[str, str], body: bytes, heard: asyncio.Queue[MutableMapping[str, Any]]
) -> None:
    """Post as a server does: what the door says is heard while it goes on."""
    fields = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": fields, "client": None}

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    await web.app(scope, receive, heard.put)


async def test_a_provider_is_answered_before_its_callback_is_matched_where_that_takes_long(
    wired: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is stored, so nothing is lost; the matching goes on behind the answer."""
    await wired.post("/v1/contact-requests", request_body())
    await wired.dispatch()
    ((path, body, headers),) = await wired.callbacks()
    store, free, heard = wired.house.gateway.store, asyncio.Event(), asyncio.Queue[MutableMapping[str, Any]]()
    write, writes = store.write, 0

    async def slow(task: Callable[[Tx], Any]) -> Any:
        nonlocal writes
        writes += 1
        if writes > 1:
            await free.wait()
        return await write(task)

    monkeypatch.setattr(store, "write", slow)
    monkeypatch.setattr(callbacks_in, "ANSWER_WITHIN_S", 0.01)
    served = asyncio.create_task(called(wired, path, headers, body, heard))
    async with asyncio.timeout(GENEROUS_S):
        start, told = await heard.get(), await heard.get()
        (before,) = await wired.rows("requests")
        free.set()
        await served

    assert (200, {"taken": 1, "new": None}) == (start["status"], json.loads(told["body"]))
    (after,) = await wired.rows("requests")
    assert ("sent", "completed") == (before["state"], after["state"])
    assert ["taken"] == [row["state"] for row in await wired.rows("heard")]


@pytest.mark.parametrize("path", ["/v1/receipts/simulator", "/v1/inbound/simulator"])
async def test_a_callback_that_is_not_signed_is_refused(web: Web, path: str) -> None:
    answers = [
        await web.http.post(path, content=b"[]"),
        await web.http.post(path, content=b"[]", headers={"webhook-signature": "v1,AAAA", "webhook-id": "1"}),
    ]

    assert [401, 401] == [answer.status_code for answer in answers]


@pytest.mark.parametrize(("name", "status"), [("nobody", 404), ("..%2f", 404), ("UPPER", 422), ("%00", 422)])
async def test_a_provider_that_is_not_ours_is_refused(web: Web, name: str, status: int) -> None:
    assert status == (await web.http.post(f"/v1/receipts/{name}", content=b"[]")).status_code


async def test_an_oversized_callback_is_refused(web: Web) -> None:
    assert 413 == (await web.http.post(RECEIPTS, content=b" " * 1_100_000)).status_code


async def test_who_takes_his_time_with_a_body_is_not_waited_for() -> None:
    async def receive() -> Any:
        await asyncio.Event().wait()

    with pytest.raises(Unreadable, match="too long"):
        await read_body(Request({"type": "http", "headers": []}, receive), 10, 0.01)
