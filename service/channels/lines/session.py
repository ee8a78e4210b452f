"""
One connection to a line, from login to its end: what is asked in its window, what the peer brings, and keep-alive.

Nothing is ever written twice. What had left when the connection ended, or has no answer in time, is told as such. What
the peer brings is stored before it is acknowledged, in bundles.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from service.channels.adapter import OWNED_S

from .framing import read_frame
from .speech import Answered, Brought, Ended, Garbled, Other, Speech
from .window import FULL, Late, Lost, Window

log = structlog.get_logger()

BUNDLE_MAX = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """In seconds; the defaults are those of the protocols' texts (CMPP 2.0, section 6.1: 60, and 3 tries)."""

    login_s: float = 10
    idle_s: float = 30
    """How long it may be silent before we ask whether the peer is there; most hang up after 180."""
    probe_s: float = 20
    late_s: float = 60
    """How long an answer that did not come in time is still taken, and keeps its place in the window."""
    bye_s: float = 3
    renew_s: float = OWNED_S / 3
    """How often the lease is renewed, and asked for where another process has it."""
    pause_s: float = 1
    """Before the second try to connect; doubled before each further one."""


DEFAULT = Times()


Store = Callable[[list[bytes]], Awaitable[None]]


class Session:
    """Made by `connect`; `over` is set once it can carry nothing more."""

    def __init__(
        self,
        speech: Speech,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        window: int,
        times: Times,
        store: Store,
    ) -> None:
        self._speech = speech
        self._reader = reader
        self._writer = writer
        self._times = times
        self._store = store
        self._loop = asyncio.get_running_loop()
        self._window = Window(window, times.late_s)
        self._heard_at = self._loop.time()
        self._brought: asyncio.Queue[tuple[bytes, Brought]] = asyncio.Queue(4 * BUNDLE_MAX)
        self._tasks: list[asyncio.Task[None]] = []
        self._closing = False
        self.over = asyncio.Event()

    async def ask(
        self, write: Callable[[int], bytes], wait_s: float, answer_s: float, late: Late | None = None
    ) -> Answered | Lost:
        """
        Write one frame when the window has a place within `wait_s`, and give its answer if it comes within `answer_s`.

        An answer that comes later still is given to `late`.
        """
        if not await self._window.take_place(wait_s):
            return Lost(False, FULL)
        if self._closing or self.over.is_set():
            self._window.give_place()
            return Lost(False, "link_down")
        sequence = self._window.number()
        try:
            raw = write(sequence)
        except Garbled:
            self._window.give_place()
            raise
        answer = self._window.open(sequence, answer_s, late)
        self._writer.write(raw)
        return await answer

    def start(self) -> None:
        """Begin to listen; `framing.connect` has logged in."""
        for work in (self._listen(), self._keep_alive(), self._take_in()):
            self._tasks.append(asyncio.create_task(work))

    async def close(self) -> None:
        """Take nothing more, wait for the answers that are due, say good-bye, and hang up."""
        self._closing = True
        await self._window.drained(self._times.bye_s)
        if not self.over.is_set():
            self._writer.write(self._speech.bye(self._window.number()))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.over.wait(), self._times.bye_s)
        self.end("closed")
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def end(self, word: str) -> None:
        """Hang up now: whatever waits may have reached the peer."""
        if not self.over.is_set():
            self.over.set()
            self._window.end(word)
        for task in self._tasks:
            if task is not asyncio.current_task():
                task.cancel()
        self._writer.close()

    # --- in

    async def _listen(self) -> None:
        word = "link_lost"
        try:
            while True:
                await self._hear(await read_frame(self._reader))
        except Garbled as error:
            log.warning("line.garbled", why=str(error))
            word = "garbled"
        except (OSError, asyncio.IncompleteReadError, EOFError):
            pass
        finally:
            self.end(word)

    async def _hear(self, raw: bytes) -> None:
        self._heard_at = self._loop.time()
        heard = self._speech.hear(raw)
        match heard:
            case Answered():
                await self._window.answered(heard)
            case Brought():
                # Full when the store is slow; then the peer has to wait, by TCP.
                await self._brought.put((raw, heard))
            case Ended(answer):
                self._writer.write(answer)
                raise EOFError
            case Other(answer):
                self._writer.write(answer)

    async def _take_in(self) -> None:
        """Store what was brought, as many at once as wait, and acknowledge it then."""
        while True:
            bundle = [await self._brought.get()]
            while len(bundle) < BUNDLE_MAX and not self._brought.empty():
                bundle.append(self._brought.get_nowait())
            try:
                await self._store([raw for raw, _ in bundle])
            except Exception as error:
                # Whatever it was, nothing was stored: the peer keeps it and brings it again.
                log.error("line.not_stored", count=len(bundle), error=type(error).__name__)
                answers = [brought.later for _, brought in bundle]
            else:
                answers = [brought.taken for _, brought in bundle]
            self._writer.write(b"".join(answers))

    # --- keep-alive

    async def _keep_alive(self) -> None:
        """Ask whether the peer is there when it was silent; a peer that does not answer is not."""
        while True:
            await asyncio.sleep(max(0.0, self._heard_at + self._times.idle_s - self._loop.time()))
            asked_at = self._loop.time()
            if asked_at - self._heard_at < self._times.idle_s:
                continue
            self._writer.write(self._speech.probe(self._window.number()))
            await asyncio.sleep(self._times.probe_s)
            if self._heard_at < asked_at:
                self.end("silent")
                return
