"""What a line is built into, for its tests."""

import asyncio
from collections.abc import Callable

from service.channels.lines.line import Line
from service.core.errors import Unavailable
from service.flows.ports import Inbound, Receipt
from service.flows.providers import Callback


class Gateway:
    """What the line is built into: a lease that can be taken away, and a store that can be in trouble."""

    def __init__(self) -> None:
        self.owned = True
        self.asked: list[str] = []
        self.trouble = False
        self.callbacks: list[Callback] = []
        self.changed = asyncio.Condition()

    async def own(self, name: str) -> bool:
        self.asked.append(name)
        async with self.changed:
            self.changed.notify_all()
        return self.owned

    async def hear(self, callback: Callback) -> None:
        if self.trouble:
            raise Unavailable("the store is in trouble")
        async with self.changed:
            self.callbacks.append(callback)
            self.changed.notify_all()

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(10), self.changed:
            await self.changed.wait_for(true)


async def bound(line: Line, wanted: bool = True) -> None:
    """Wait until the line is bound, or no longer is."""
    async with asyncio.timeout(10):
        while line.ready is not wanted:
            await asyncio.sleep(0.005)


def told(line: Line, gateway: Gateway) -> tuple[list[Receipt], list[Inbound]]:
    read = [line.read(callback) for callback in gateway.callbacks]
    return [each for one in read for each in one.receipts], [each for one in read for each in one.inbound]
