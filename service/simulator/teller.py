"""
Tells the gateway what became of messages and what people answered: signed callbacks, tried again until taken.

A gateway that was down hears everything once it is back; one that never takes an event loses it after
`TRIES_MAX`, as with real providers.
"""

import asyncio
from typing import Any

import orjson

from service.channels.signature import sign
from service.channels.wire import Answer, Wire, WireRequest
from service.core.model import Instant
from service.simulator.provider import Provider
from service.simulator.schedule import Due

EVENTS_MAX = 50
TRIES_MAX = 20
AGAIN_S = 5
TIMEOUT_S = 10


class Teller:
    """Until `aim` names the gateway, everything waits."""

    def __init__(self, provider: Provider, *, name: str, secret: bytes) -> None:
        self._provider = provider
        self._name = name
        self._secret = secret
        self._wire: Wire | None = None
        self._woken = asyncio.Event()
        self._telling = asyncio.Lock()

    async def aim(self, gateway_url: str | None) -> None:
        """Send callbacks to this gateway from now on; None: to nobody."""
        if self._wire is not None:
            await self._wire.close()
        self._wire = None if gateway_url is None else Wire(gateway_url, TIMEOUT_S)
        self.wake()

    def wake(self) -> None:
        """Look again at what is due, for something was planned."""
        self._woken.set()

    async def run(self) -> None:
        """Tell what falls due, until cancelled. With time by hand there is nothing to wait for."""
        schedule = self._provider.schedule
        while True:
            self._woken.clear()
            if not schedule.by_hand and self._wire is not None:
                await self.tell_due()
            wait_s = None if schedule.by_hand or self._wire is None else schedule.next_s()
            try:
                async with asyncio.timeout(wait_s):
                    await self._woken.wait()
            except TimeoutError:
                continue

    async def tell_due(self, *, all_of_them: bool = False) -> int:
        """Tell all that is due, or all that waits; give how many events were taken."""
        schedule = self._provider.schedule
        taken = 0
        missed: list[Due] = []
        async with self._telling:
            while (wire := self._wire) is not None and (due := schedule.take_due(EVENTS_MAX, all_of_them=all_of_them)):
                if await self._tell(wire, due[0].path, [each.event for each in due]):
                    taken += len(due)
                else:
                    missed += due
        for each in missed:
            if each.tries + 1 < TRIES_MAX:
                schedule.plan(AGAIN_S, each.path, each.event, each.tries + 1)
        return taken

    async def close(self) -> None:
        await self.aim(None)

    async def _tell(self, wire: Wire, path: str, events: list[dict[str, Any]]) -> bool:
        now_us = self._provider.now_us()
        if not self._provider.schedule.by_hand:
            # A squeezed delay is over before its time; nobody reports from the future.
            events = [{**event, "at_us": min(event["at_us"], now_us)} for event in events]
        body = orjson.dumps({"events": events})
        headers = (("content-type", "application/json"), *sign(self._secret, Instant(now_us), body))
        answer = await wire.call(WireRequest("POST", f"/v1/{path}/{self._name}", body, headers))
        if not isinstance(answer, Answer) or not 200 <= answer.status < 300:
            return False
        for event in events:
            self._provider.told(path, event)
        return True
