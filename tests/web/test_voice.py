"""The whole gateway over a trunk of its own: a real call of a shipped template, taken, understood and accounted for."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest

from service.core.model import Outcome, State
from service.wiring import Shelf
from tests.channels.voice.lab import PASSWORD, USER, Server, asterisk
from tests.channels.voice.phone import Phone, phone

from .conftest import opened
from .front import Web, request_body

ROUTES = """
providers:
  trunk:
    kind: asterisk
    url: {url}
    app: whole
    user: {user}
    password_file: asterisk.secret
    dial: PJSIP/trunk/sip:{{number}}@127.0.0.1:{port}
    numbers: mainland
    caller_id: "057156780000"
    sounds: {sounds}
    speak: {speak}
    records: true
routes:
  call: trunk
"""
NUMBER = "13800138000"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with asterisk() as running:
        yield running


@asynccontextmanager
async def trunked(server: Server, callee: Phone, data_dir: Path, shelf: Shelf) -> AsyncIterator[Web]:
    """A gateway whose calls go out by that Asterisk to that telephone."""
    (data_dir.parent / "asterisk.secret").write_text(PASSWORD)
    speak = orjson.dumps(server.root.speaks()).decode()
    sounds = server.folder / "sounds"
    routes = data_dir.parent / "routes.yaml"
    routes.write_text(ROUTES.format(url=server.url, user=USER, port=callee.port, sounds=sounds, speak=speak))
    lender = {"GATEWAY_INSTITUTION": "示例银行", "GATEWAY_HOTLINE": "95000", "GATEWAY_SEND_TIMEOUT_S": "10"}
    async with opened(data_dir, shelf, serving=True, GATEWAY_PROVIDERS=str(routes), **lender) as web:
        await web.house.gateway.channels.start()
        async with asyncio.timeout(10):
            while not web.house.routes.health["trunk"].ready():
                await asyncio.sleep(0.01)
        yield web


async def heard(callee: Phone, enough: int) -> None:
    async with asyncio.timeout(20):
        while len(callee.heard.get(NUMBER, b"")) < enough:
            await asyncio.sleep(0.02)


async def told(web: Web, receipts: int) -> dict[str, Any]:
    """Wait for as many receipts; give the attempt as it is then."""
    async with asyncio.timeout(40):
        while len(await web.rows("receipts")) < receipts:
            await asyncio.sleep(0.05)
    return (await web.rows("attempts"))[0]


async def test_a_call_is_taken_by_the_person_meant_and_its_conversation_is_counted(
    server: Server, data_dir: Path, shelf: Shelf
) -> None:
    async with phone() as callee, trunked(server, callee, data_dir, shelf) as web:
        body = request_body(channel="call", dialing="ai_voice")
        answer = await web.post("/v1/contact-requests", body)
        assert answer.status_code == 202, answer.text
        await web.dispatch()
        (attempt,) = await web.rows("attempts")
        folder = server.folder / "sounds" / "whole" / str(attempt["id"])
        opening = (folder / "opening.wav").stat().st_size
        await heard(callee, opening + 16000)
        before = await web.rows("receipts")
        await callee.press(NUMBER, "1")
        talking = await told(web, 1)
        await callee.press(NUMBER, "9")
        await told(web, 2)
        (request,) = await web.rows("requests")
        (bar,) = await web.rows("suppressions")

    assert before == []
    assert Outcome.conversation_right_party == talking["outcome"]
    assert (State.completed, f"whole.{attempt['id']}") == (request["state"], talking["provider_ref"])
    assert ("call", "platform_refusal") == (bar["channel"], bar["reason"])
    assert not folder.exists()
