"""
Keep the events' socket up in one process of all: lease, connect, renewal, and a pause after a failure.

Asterisk gives an application's events to whoever connected last, so a second process would take the calls away from
the first: only whoever has the lease connects, and whoever loses it hangs up (decision 0017).
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from time import monotonic

import structlog

from service.channels.adapter import OWNED_S, Own

from .link import Link, Unlinked

log = structlog.get_logger()

MARGIN_S = 1.0
"""We hold the lease for less long than the store says, for its clock and ours need not agree."""

PAUSE_S_MAX = 60.0


class Keeper:
    """`connect` gives a socket, `begun` is awaited on each before it counts as up; `lost`: the lease is gone."""

    def __init__(
        self,
        name: str,
        own: Own,
        connect: Callable[[], Awaitable[Link]],
        begun: Callable[[], Awaitable[None]],
        lost: Callable[[], None],
        renew_s: float = OWNED_S / 3,
        pause_s: float = 1.0,
    ) -> None:
        self._name = name
        self._own = own
        self._connect = connect
        self._begun = begun
        self._lost = lost
        self._renew_s = renew_s
        self._pause_s = pause_s
        self._link: Link | None = None
        self._up = False
        self._owned_until = 0.0
        self._runner: asyncio.Task[None] | None = None

    @property
    def owned(self) -> bool:
        """Whether the lease is ours, by our own count; asked from the store's thread too, where no loop runs."""
        return monotonic() < self._owned_until

    @property
    def up(self) -> bool:
        """Whether events reach this process, and only this one."""
        return self._up and self._link is not None and not self._link.over.is_set() and self.owned

    def start(self) -> None:
        self._runner = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Stop; the lease runs out by itself."""
        if self._runner is not None:
            self._runner.cancel()
            await asyncio.wait([self._runner])
        await self._hang_up()

    async def _run(self) -> None:
        failures = 0
        while True:
            if not await self._renewed():
                await asyncio.sleep(self._renew_s)
                continue
            try:
                self._link = await self._connect()
                await self._begun()
            except Unlinked as error:
                failures += 1
                log.warning("voice.not_connected", provider=self._name, why=str(error), failures=failures)
            else:
                failures = 0
                self._up = True
                log.info("voice.connected", provider=self._name)
                await self._hold(self._link)
                log.warning("voice.lost", provider=self._name)
            await self._hang_up()
            await self._rest(max(failures, 1))

    async def _hold(self, link: Link) -> None:
        """Renew the lease until the socket is lost or another process has it."""
        over = asyncio.create_task(link.over.wait())
        try:
            while not (await asyncio.wait([over], timeout=self._renew_s))[0]:
                if not await self._renewed() and not self.owned:
                    self._lost()
                    return
        finally:
            over.cancel()

    async def _hang_up(self) -> None:
        self._up = False
        link, self._link = self._link, None
        if link is not None:
            await link.close()

    async def _renewed(self) -> bool:
        """Take or renew the lease. A store in trouble does not end it before its time."""
        asked_at = monotonic()
        try:
            owned = await self._own(f"voice:{self._name}")
        except Exception as error:
            log.error("voice.lease_unknown", provider=self._name, error=type(error).__name__)
            return False
        self._owned_until = asked_at + OWNED_S - MARGIN_S if owned else 0.0
        return owned

    async def _rest(self, failures: int) -> None:
        """Wait before the next try: doubled each time, and spread. The lease is kept meanwhile."""
        most_s = min(PAUSE_S_MAX, self._pause_s * 2.0 ** min(failures - 1, 20))
        until = monotonic() + random.uniform(0.5, 1.0) * most_s
        while (left_s := until - monotonic()) > 0:
            await asyncio.sleep(min(left_s, self._renew_s))
            if not await self._renewed() and not self.owned:
                self._lost()
                return
