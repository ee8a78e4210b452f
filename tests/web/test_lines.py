"""The whole gateway over an operator's line: sent once, told by receipts, and nothing lost or repeated with a link."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from service.core.model import SECOND, Channel, Outcome, State
from service.flows.dispatch import Dispatched, dispatch_due
from service.wiring import House, Shelf, open_house
from tests.channels.lines.ismg import SECRET, SOURCE, Ismg

from .conftest import opened
from .front import Web, request_body

ROUTES = """
providers:
  mobile:
    kind: cmpp
    host: 127.0.0.1
    port: {port}
    source_address: "{source}"
    password_file: mobile.secret
    number: "106900001234"
    version: 3
    signatures: {{示例银行: approved}}
routes:
  sms: mobile
"""


@asynccontextmanager
async def lined(ismg: Ismg, data_dir: Path, shelf: Shelf, *, serving: bool = True) -> AsyncIterator[Web]:
    """A gateway whose text messages go by a line to that operator."""
    (data_dir.parent / "mobile.secret").write_bytes(SECRET)
    routes = data_dir.parent / "routes.yaml"
    routes.write_text(ROUTES.format(port=ismg.port, source=SOURCE))
    lender = {"GATEWAY_INSTITUTION": "示例银行", "GATEWAY_HOTLINE": "95000", "GATEWAY_SEND_TIMEOUT_S": "1"}
    async with opened(data_dir, shelf, serving=serving, GATEWAY_PROVIDERS=str(routes), **lender) as web:
        await web.house.gateway.channels.start()
        yield web


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(15):
        while not true():
            await asyncio.sleep(0.01)


def ready(web: Web) -> bool:
    return web.house.routes.health["mobile"].ready()


async def asked_for(web: Web, count: int = 1) -> None:
    """Post requests to as many people."""
    for n in range(count):
        body: dict[str, Any] = request_body(reference=f"line-{n}")
        body["party"] = {**body["party"], "id": f"P-{n}"}
        body["account"] = {**body["account"], "id": f"LN-{n}"}
        body["address"] = {**body["address"], "value": f"+861380013800{n}"}
        answer = await web.post("/v1/contact-requests", body)
        assert answer.status_code == 202, answer.text


async def states(web: Web) -> set[tuple[str, str | None]]:
    requests = {row["id"]: row["state"] for row in await web.rows("requests")}
    return {(requests[row["request"]], row["outcome"]) for row in await web.rows("attempts", direction="outbound")}


async def other_states(web: Web, old: set[tuple[str, str | None]]) -> set[tuple[str, str | None]]:
    """Wait for the states to change; requests and attempts are read one after the other, so twice the same."""
    async with asyncio.timeout(10):
        while (found := await states(web)) == old or found != await states(web):
            await asyncio.sleep(0.01)
    return found


@pytest.fixture
async def ismg() -> AsyncIterator[Ismg]:
    async with Ismg(0x30) as peer:
        yield peer


async def test_a_message_goes_out_and_its_receipt_and_the_stop_that_follows_are_heeded(
    ismg: Ismg, data_dir: Path, shelf: Shelf
) -> None:
    async with lined(ismg, data_dir, shelf) as web:
        await until(lambda: ready(web))
        await asked_for(web)
        await web.dispatch()
        sent = await states(web)
        (attempt,) = await web.rows("attempts")
        ismg.report(attempt["provider_ref"], "DELIVRD", done="2611231001")
        ismg.report(attempt["provider_ref"], "DELIVRD", done="2611231001")
        ismg.deliver("退订".encode("utf-16-be"), source="13800138000")
        await ismg.until(lambda: len(ismg.acknowledged) == 3)
        delivered = await states(web)
        again = await web.post("/v1/contact-requests", request_body(reference="again"))
        receipts = await web.rows("receipts")

    assert {(State.sent, Outcome.sent)} == sent
    assert {(State.completed, Outcome.delivered)} == delivered
    assert 403 == again.status_code
    assert [(1, 2, 0), (2, 2, 1)] == [(m.pk_number, m.pk_total, m.receipt) for m in ismg.messages]
    assert ismg.messages[0].content[6:].decode("utf-16-be").startswith("【示例银行】")
    assert 2 == len(receipts)


async def test_a_link_lost_in_the_middle_of_a_window_leaves_the_unknown_and_repeats_nothing(
    ismg: Ismg, data_dir: Path, shelf: Shelf
) -> None:
    async with lined(ismg, data_dir, shelf) as web:
        await until(lambda: ready(web))
        await asked_for(web, 5)
        ismg.holding = True
        round_ = asyncio.create_task(web.dispatch())
        await ismg.until(lambda: len(ismg.messages) == 5)
        ismg.kill()
        await round_
        lost = await states(web)
        ismg.holding = False
        await until(lambda: ismg.logins == 2 and ready(web))
        for _ in range(3):
            web.clock.forward(120 * SECOND)
            await web.sweep()
            await web.dispatch()
        later = await states(web)

    assert {(State.unknown, Outcome.unknown)} == lost == later
    assert 5 == len(ismg.messages)


async def test_a_refusal_that_was_too_late_for_the_send_still_settles_the_request(
    ismg: Ismg, data_dir: Path, shelf: Shelf
) -> None:
    async with lined(ismg, data_dir, shelf) as web:
        await until(lambda: ready(web))
        await asked_for(web)
        ismg.holding, ismg.results = True, [13]
        await web.dispatch()
        unanswered = await states(web)
        ismg.answer_held()
        settled = await other_states(web, unanswered)
        barred = [row["reason"] for row in await web.rows("suppressions")]

    assert {(State.unknown, Outcome.unknown)} == unanswered
    assert {(State.failed, Outcome.refused_by_provider)} == settled
    assert ["invalid_address"] == barred
    assert 1 == len(ismg.messages)


async def test_a_receipt_that_nobody_asked_for_is_kept_aside_and_changes_nothing(
    ismg: Ismg, data_dir: Path, shelf: Shelf
) -> None:
    async with lined(ismg, data_dir, shelf) as web:
        await until(lambda: ready(web))
        await asked_for(web)
        await web.dispatch()
        ismg.report("ff" * 8, "DELIVRD")
        await ismg.until(lambda: len(ismg.acknowledged) == 1)
        before = await states(web)
        heard = await web.rows("heard")

    assert {(State.sent, Outcome.sent)} == before
    assert 1 == len(heard) and heard[0]["sealed"] is not None


async def test_of_two_processes_one_keeps_the_session_and_the_other_takes_it_over(
    ismg: Ismg, data_dir: Path, shelf: Shelf
) -> None:
    async with lined(ismg, data_dir, shelf) as first:
        await until(lambda: ready(first))
        settings, clock = first.house.settings, first.clock
        async with open_house(settings, serving=False, clock=clock, shelf=shelf) as second:
            channels = second.gateway.channels
            await channels.start()
            await asked_for(first, 2)
            claimed = (await dispatched(second)).claimed
            sent = (await first.dispatch()).sent
            before = (channels.elsewhere(), ismg.logins)
            await first.house.gateway.channels.close()
            clock.forward(20 * SECOND)
            await until(second.routes.health["mobile"].ready)
            after = (channels.elsewhere(), ismg.logins)
            await second.deciding.close()
            await channels.close()

    assert (0, 2, {"13800138000", "13800138001"}) == (claimed, sent, {message.dest for message in ismg.messages})
    assert 4 == len(ismg.messages)
    assert ((frozenset({Channel.sms}), 1), (frozenset(), 2)) == (before, after)


async def dispatched(house: House) -> Dispatched:
    gateway = house.gateway
    return await dispatch_due(gateway.kit, gateway.store, gateway.channels, house.deciding, house.owner)
