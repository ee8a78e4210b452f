"""
A process that serves: the door, the beats, or both, over one house; and how it ends.

On the first signal the door takes nothing more and finishes what it has, the sends under way are
finished and recorded, and the store is closed last. What could not be finished is found again by the
next process: nothing acknowledged is only in memory.
"""

import asyncio
import contextlib
import gc
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import structlog
import uvicorn

from service.beats import Beats
from service.flows.ports import Clock
from service.settings import Settings
from service.simulator.provider import Provider
from service.web.app import create_app
from service.wiring import House, open_house

log = structlog.get_logger()

GRACE_S = 30

YOUNG_MAX = 20_000
"""
Objects made before the collector looks for cycles: a group of requests makes some ten thousand, none of them
in cycles, and looking through them again and again would cost a tenth of the time.
"""


SWITCH_S = 0.0002
"""
How long one thread keeps the interpreter while another waits for it. SQLite's driver lets go of it at every row, and
with Python's 5 ms the writer would stand behind the parsing of other requests again and again.
"""


async def serve(
    settings: Settings,
    *,
    clock: Clock | None = None,
    provider: Provider | None = None,
    front: Callable[[Any], Any] | None = None,
) -> None:
    """
    Open the door until a signal comes; dispatch too, where the settings say so.

    `front` puts something before the application: the demonstration its page.
    """
    async with (
        open_house(settings, clock=clock, provider=provider) as house,
        beating(house, dispatching=settings.workers_inline) as beats,
    ):
        server = _Server(_config(house, beats, front))
        _on_signals(server.end)
        _settle()
        log.info("gateway.serving", host=settings.host, port=settings.port, **house.door().about)
        await server.serve()
        await house.accepting.close()
    log.info("gateway.ended")


def _settle() -> None:
    """What is built by now stays: the collector need not look at it again. And threads take turns more often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_MAX, 20, 20)
    sys.setswitchinterval(SWITCH_S)


async def work(settings: Settings, *, clock: Clock | None = None) -> None:
    """Dispatch, sweep and number without a door, until a signal comes."""
    async with open_house(settings, clock=clock) as house, beating(house, dispatching=True):
        log.info("worker.started", owner=house.owner)
        await _signalled()
    log.info("worker.ended")


@contextlib.asynccontextmanager
async def beating(house: House, *, dispatching: bool) -> AsyncIterator[Beats]:
    """Run the beats of a house; on the way out let the sends under way finish."""
    beats = Beats(
        house.gateway,
        house.deciding,
        owner=house.owner,
        batch=house.settings.dispatch_batch,
        dispatching=dispatching,
        observe=lambda name, well, seconds: house.metrics.beats.labels(name, "ok" if well else "failed").observe(
            seconds
        ),
        figure=house.metrics.figure,
    )
    if dispatching:
        await house.gateway.channels.start()
    beats.start()
    try:
        yield beats
    finally:
        await beats.stop()
        await house.deciding.close()
        await house.gateway.channels.close()


def _config(house: House, beats: Beats, front: Callable[[Any], Any] | None) -> uvicorn.Config:
    app: Any = create_app(house.door(beats.wake.set))
    return uvicorn.Config(
        front(app) if front else app,
        host=house.settings.host,
        port=house.settings.port,
        http="httptools",
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=GRACE_S,
        timeout_keep_alive=75,
    )


class _Server(uvicorn.Server):
    """Leaves the signals to us: uvicorn would end the process with the same signal, before the store is closed."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def end(self) -> None:
        """Take nothing more and finish; asked a second time, do not wait for those who are slow to finish."""
        self.force_exit = self.should_exit
        self.should_exit = True


async def _signalled() -> None:
    ended = asyncio.Event()
    _on_signals(ended.set)
    await ended.wait()


def _on_signals(end: Callable[[], None]) -> None:
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, end)
