"""An SMPP line against a second message centre that nobody here wrote: the one of `smpp34`, in a process of its own."""

import os
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from service.core.model import Fate, Outcome
from tests.channels.lines.gateway import Gateway, told
from tests.channels.lines.smpp_lines import ABROAD, line_to, saying
from tests.peers import Talker

SCRIPT = """
import asyncio, json, os, sys
import smpp34

def say(**what):
    print(json.dumps(what), flush=True)

async def main(port):
    server = smpp34.Server("127.0.0.1", port, system_id="SMSC")
    await server.start()
    say(event="listening", port=port)
    esme = None
    count = 0
    while True:
        event = await server.next()
        if isinstance(event, smpp34.Esme):
            esme = event
            say(event="bound", system_id=event.system_id)
        elif isinstance(event, smpp34.SubmitSmEvent):
            count += 1
            say(event="message", to=event.destination_addr, coding=event.data_coding, esm_class=event.esm_class,
                content=event.short_message.hex())
            if event.destination_addr.endswith("9"):
                event.reject(smpp34.ESME_RTHROTTLED)
                continue
            event.accept(f"id-{count}")
            text = f"id:id-{count} sub:001 dlvrd:001 stat:DELIVRD err:000 text:"
            answer = await esme.deliver_sm("1069", text.encode(), source_addr=event.destination_addr, esm_class=4)
            say(event="acknowledged", ok=answer.is_success)
        else:
            say(event="unbound")
            os._exit(0)

asyncio.run(main(int(sys.argv[1])))
"""


@pytest.fixture
async def smsc() -> AsyncIterator[Talker]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    peer = await Talker.start(sys.executable, "-c", SCRIPT, str(port), cwd=Path(), env={"PATH": os.environ["PATH"]})
    try:
        await peer.until("listening")
        yield peer
    finally:
        await peer.stop()


async def test_a_message_its_receipt_and_a_throttle_pass_between_us_and_another_implementation(smsc: Talker) -> None:
    gateway = Gateway()
    async with line_to(smsc, gateway) as line:
        taken = await line.send(saying("Ring us: €10 [ref]"))
        await smsc.until("acknowledged")
        throttled = await line.send(saying("好", to=f"{ABROAD[:-1]}9", attempt="a2"))
        receipts, _ = told(line, gateway)
    await smsc.until("unbound")

    assert [b"Ring us: \x1be10 \x1b<ref\x1b>".hex(), "597d"] == [each["content"] for each in smsc.all("message")]
    assert [(Fate.accepted, "id-1"), (Fate.throttled_account, None)] == [
        (each.fate, each.provider_ref) for each in (taken, throttled)
    ]
    assert [("id-1", Outcome.delivered)] == [(each.provider_ref, each.outcome) for each in receipts]
    assert [True] == [each["ok"] for each in smsc.all("acknowledged")]
