"""The telephone that is called: opensip's, which answers, hears, presses keys, talks, or turns calls away."""

import asyncio
import math
from array import array
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from opensip import Account, UserAgent

FRAME = 160
RATE = 8000

RINGS = 0
"""Ring until the caller gives up."""


class Phone:
    """Does with each number what it was told to: a SIP answer that turns it away, or `RINGS`; others it answers."""

    def __init__(self, agent: UserAgent) -> None:
        self._agent = agent
        self.rang: list[str] = []
        self.refuses: dict[str, int] = {}
        self.talks: set[str] = set()
        self.heard: dict[str, bytearray] = {}
        self.calls: dict[str, Any] = {}
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def port(self) -> int:
        return int(self._agent.local_addr[1])

    async def ring(self, call: Any) -> None:
        number = call.invite_request.request_uri.removeprefix("sip:").partition("@")[0]
        self.rang.append(number)
        if (status := self.refuses.get(number)) is not None:
            if status != RINGS:
                await self._agent._respond(call.invite_request, status, "No", call.source)
                self._agent._calls.pop(call.call_id, None)
            return
        await call.answer()
        heard = self.heard[number] = bytearray()
        call.on_pcm(heard.extend)
        self.calls[number] = call
        if number in self.talks:
            self._tasks.append(asyncio.create_task(_talk(call)))

    async def press(self, number: str, key: str) -> None:
        await self.calls[number].send_dtmf(key, duration_ms=100)

    def loudness(self, number: str) -> float:
        """The root mean square of all that was heard, 1 for as loud as can be."""
        samples = array("h")
        samples.frombytes(bytes(self.heard[number]))
        return math.sqrt(sum(s * s for s in samples) / max(1, len(samples))) / 32768

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await self._agent.stop()


async def _talk(call: Any) -> None:
    """As an answering machine does: without a pause, for some seconds."""
    frame = array("h", (int(9000 * math.sin(n * 0.35)) for n in range(FRAME))).tobytes()
    for _ in range(4 * RATE // FRAME):
        if call.rtp is None:
            return
        call.write_pcm(frame)
        await asyncio.sleep(FRAME / RATE)


@asynccontextmanager
async def phone() -> AsyncIterator[Phone]:
    agent = UserAgent(local_addr=("127.0.0.1", 0))
    await agent.start()
    # It needs an account to answer for; it is registered with nobody.
    agent._accounts.append(Account("phone", "127.0.0.1", "-", ("127.0.0.1", 9)))
    there = Phone(agent)
    agent.on_incoming_call(there.ring)
    try:
        yield there
    finally:
        await there.close()
