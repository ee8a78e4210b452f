"""
A round again and again, by one process of all: what nobody tells us, we go and look at.

A round that another process makes at the same time does no harm: what is told twice is one receipt. The lease only
saves the work, and runs out between the rounds.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import structlog

from service.channels.adapter import Own

log = structlog.get_logger()

Look = Callable[[], Awaitable[None]]


class Rounds:
    """`look` may raise whatever it likes: it is logged by its kind, and the next round comes."""

    def __init__(self, name: str, own: Own, look: Look, every_s: float) -> None:
        self._name = name
        self._own = own
        self._look = look
        self._every_s = every_s
        self._runner: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._runner = asyncio.create_task(self._run())

    async def close(self) -> None:
        if self._runner is not None:
            self._runner.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._runner

    async def _run(self) -> None:
        while True:
            await self.once()
            await asyncio.sleep(self._every_s)

    async def once(self) -> None:
        try:
            if await self._own(f"rounds:{self._name}"):
                await self._look()
        except Exception as error:
            log.warning("letter.round_failed", provider=self._name, error=type(error).__name__)
