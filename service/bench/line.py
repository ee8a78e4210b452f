"""How many text messages a second one CMPP session hands over to a gateway on loopback, window 16, each answered."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from time import perf_counter

from service.channels.adapter import Site
from service.channels.lines.agreements import CmppParams
from service.channels.lines.cmpp_line import KIND, CmppLine
from service.core.model import AddressKind, Channel, Fate, Purpose
from service.core.rendering import Message, Reveals
from service.flows.ports import Dispatch, Recipient
from service.flows.providers import ProviderAccount, Secret

from .judging import TEXT
from .line_peer import PASSWORD, SOURCE
from .server import ten

SENDERS = 64
WINDOW = 16
START_S = 10


async def messages_a_second(messages: int) -> float:
    """Send that many messages of one part by one session, and give the rate; any that is not taken ends the bench."""
    async with _peer() as port:
        line = CmppLine(_site(port))
        await line.start()
        try:
            await _bound(line)
            started = perf_counter()
            await asyncio.gather(*(_send(line, n, messages // SENDERS) for n in range(SENDERS)))
            return messages // SENDERS * SENDERS / (perf_counter() - started)
        finally:
            await line.close()


async def _bound(line: CmppLine) -> None:
    for _ in range(START_S * 100):
        if line.ready:
            return
        await asyncio.sleep(0.01)
    raise SystemExit("the line was not let in")


async def _send(line: CmppLine, sender: int, messages: int) -> None:
    for n in range(messages):
        result = await line.send(_dispatch(f"a_{sender}_{n}"))
        if result.fate is not Fate.accepted:
            raise SystemExit(f"a message was not taken: {result.fate} {result.detail}")


def _site(port: int) -> Site:
    params = CmppParams(
        host="127.0.0.1",
        port=port,
        source_address=SOURCE,
        password=Secret(PASSWORD),
        number="106900001234",
        window=WINDOW,
    )
    account = ProviderAccount("bench", KIND, params, frozenset({Channel.sms}))
    return Site(account, ten, 10, lambda *_: b"", Path())


def _dispatch(attempt: str) -> Dispatch:
    message = Message(Channel.sms, "zh-CN", "bench", "", Reveals.debt, frozenset(), None, TEXT[:70], (), 1, "")
    to = Recipient(None, AddressKind.mobile, "+8613800138000")
    return Dispatch(attempt, attempt, ten(), Channel.sms, Purpose.collection, to, message)


@contextlib.asynccontextmanager
async def _peer() -> AsyncIterator[int]:
    """Start the gateway as a process of its own; end it by its process id."""
    pipe = asyncio.subprocess.PIPE
    command = [sys.executable, "-m", "service.bench.line_peer"]
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, env={"PATH": os.defpath})
    try:
        assert process.stdout is not None
        yield int(await process.stdout.readline())
    finally:
        process.terminate()
        await process.wait()
