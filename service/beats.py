"""
What happens by itself: dispatch, sweep, callbacks, orders, obligations and numbering; the only home of the scheduler.

Each beat can come twice, late or not at all without harm. Dispatch runs in rounds, a few side by side so
that a provider that hangs does not hold up the others, and at once when work was queued. What fails is
logged and counted, and the next beat tries again: nothing else could, and nobody waits for an answer.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import UTC
from time import perf_counter

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from service.core.model import SECOND
from service.flows.books import lying
from service.flows.callouts import Callouts
from service.flows.dispatch import Deciding, dispatch_due
from service.flows.gateway import Gateway
from service.flows.orders import Ordered, hand_over_order
from service.flows.overdue import remind
from service.flows.ports import Tx
from service.flows.shadow import follow
from service.flows.sweep import number, sweep
from service.flows.watch import alarm, watch
from service.incidents import incident

log = structlog.get_logger()

DISPATCH_S = 1.0
SWEEP_S = 5.0
CALLBACKS_S = 1.0
ORDERS_S = 4.0
"""One order each time. WeCom drops in silence what a member gets beyond 30 a minute and 1000 an hour."""

OBLIGATIONS_S = 60.0
NUMBER_S = 0.5
"""An entry has its index within a second."""

ROUNDS_MAX = 4
NUMBERED_AT_ONCE = 5000
NUMBERING_LEASE = 5 * SECOND
"""How long nobody numbers after the process that did has died."""

WATCH_S = 600.0
SHADOW_S = 2.0
FOLDER_S = 30.0

Observe = Callable[[str, bool, float], None]
"""Told of each beat: its name, whether it went well, and how long it took."""
Figure = Callable[[str, float], None]
"""Told of a figure that a beat found, by name."""


class Beats:
    """The beats of one process; `dispatching` is False where a worker does that."""

    def __init__(
        self,
        gateway: Gateway,
        deciding: Deciding,
        *,
        owner: str,
        batch: int,
        dispatching: bool,
        observe: Observe,
        figure: Figure = lambda name, value: None,
    ) -> None:
        self._gateway = gateway
        self._deciding = deciding
        self._owner = owner
        self._batch = batch
        self._dispatching = dispatching
        self._observe = observe
        self._figure = figure
        self._complaints: tuple[str, ...] = ()
        self._callouts = Callouts(gateway.kit, gateway.store, gateway.callout, owner)
        self._ordered = Ordered()
        self.wake = asyncio.Event()
        self._rounds: set[asyncio.Task[None]] = set()
        self._runner: asyncio.Task[None] | None = None
        self._scheduler = AsyncIOScheduler(timezone=UTC)

    def start(self) -> None:
        """Begin; returns at once."""
        self._every(NUMBER_S, "number", self._number)
        self._every(OBLIGATIONS_S, "obligations", self._remind)
        self._every(WATCH_S, "watch", self._watch)
        self._every(SHADOW_S, "shadow", self._shadow)
        self._every(FOLDER_S, "folder", self._folder)
        if self._dispatching:
            self._every(SWEEP_S, "sweep", self._sweep)
            self._every(DISPATCH_S, "dispatch", self._wake_up)
            self._every(CALLBACKS_S, "callbacks", self._call_out)
            self._every(ORDERS_S, "orders", self._order)
            self._runner = asyncio.create_task(self._run())
        self._scheduler.start()

    async def stop(self) -> None:
        """Begin no further round; let the sends that are under way finish and be recorded."""
        self._scheduler.shutdown(wait=False)
        if self._runner is not None:
            self._runner.cancel()
            await asyncio.wait([self._runner])
        if self._rounds:
            await asyncio.wait(self._rounds)
        await self._callouts.settle()

    def _every(self, seconds: float, name: str, beat: Callable[[], Awaitable[None]]) -> None:
        async def run() -> None:
            # Only the end of the process cancels a beat: what it leaves is due at the next.
            with contextlib.suppress(asyncio.CancelledError):
                await self._told(name, beat)

        self._scheduler.add_job(
            run,
            IntervalTrigger(seconds=seconds, timezone=UTC),
            id=name,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,  # late is as good as in time: each beat does whatever is due by then
        )

    async def _told(self, name: str, beat: Callable[[], Awaitable[None]]) -> None:
        started, well = perf_counter(), True
        try:
            await beat()
        except Exception as error:
            well = False
            log.error("beat.failed", beat=name, incident=incident(error))
        self._observe(name, well, perf_counter() - started)

    async def _wake_up(self) -> None:
        self.wake.set()

    async def _run(self) -> None:
        """Start a round whenever there may be work, up to `ROUNDS_MAX` side by side."""
        while True:
            await self.wake.wait()
            self.wake.clear()
            if len(self._rounds) >= ROUNDS_MAX:
                await asyncio.wait(self._rounds, return_when=asyncio.FIRST_COMPLETED)
            task = asyncio.create_task(self._told("round", self._round))
            self._rounds.add(task)
            task.add_done_callback(self._rounds.discard)

    async def _round(self) -> None:
        gateway = self._gateway
        done = await dispatch_due(
            gateway.kit, gateway.store, gateway.channels, self._deciding, self._owner, self._batch
        )
        if done.claimed == self._batch:
            self.wake.set()
        for failure in done.failures:
            log.error("dispatch.failed", incident=incident(failure))

    async def _sweep(self) -> None:
        done = await sweep(self._gateway.kit, self._gateway.store, self._gateway.channels)
        for failure in done.failures:
            log.error("sweep.failed", incident=incident(failure))

    async def _call_out(self) -> None:
        for failure in await self._callouts.beat():
            log.error("callout.failed", incident=incident(failure))
        for name, count in self._callouts.told._asdict().items():
            self._figure(f"callbacks_{name}", count)

    async def _order(self) -> None:
        gateway = self._gateway
        told = await hand_over_order(gateway.kit, gateway.store, gateway.channels, self._owner)
        self._ordered = self._ordered.plus(told)
        for name, count in self._ordered._asdict().items():
            self._figure(f"orders_{name}", count)
        if told.given_up:
            log.error("orders.given_up", orders=told.given_up)

    async def _remind(self) -> None:
        for state, count in (await remind(self._gateway.kit, self._gateway.store)).items():
            self._figure(f"obligations_{state}", count)

    async def _number(self) -> None:
        store = self._gateway.store
        while await store.read(_has_unnumbered) and await store.write(self._number_some) == NUMBERED_AT_ONCE:
            pass

    async def _watch(self) -> None:
        row = await watch(self._gateway.kit, self._gateway.store, self._owner)
        if row is not None:
            self._figure("watch_differences", row["otherwise"] + row["unreadable"])
        if said := alarm(row):
            log.error("watch.differs", said=said)

    async def _shadow(self) -> None:
        row = await follow(self._gateway.kit, self._gateway.store, self._owner)
        for name in ("judged", "changed", "skipped"):
            self._figure(f"shadow_{name}", row[name] if row else 0)

    async def _folder(self) -> None:
        """A folder that cannot be read changes nothing: the book in force is the store's. It is told, once."""
        complaints = (await lying(self._gateway.kit)).complaints
        self._figure("policy_complaints", len(complaints))
        if complaints and complaints != self._complaints:
            log.error("policies.unreadable", complaints=list(complaints))
        self._complaints = complaints

    def _number_some(self, tx: Tx) -> int:
        return number(tx, self._owner, self._gateway.kit.clock(), NUMBERING_LEASE, NUMBERED_AT_ONCE)


def _has_unnumbered(tx: Tx) -> bool:
    return bool(tx.rows("entries", {"index": None}, limit=1))
