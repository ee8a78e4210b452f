"""
The frames of one connection that wait for their answer: so many at once, each under a number of its own.

What has no answer in time is told as lost, but keeps its place until the peer is surely done with it; an answer that
comes meanwhile is still handed on.
"""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count
from typing import NamedTuple

from .speech import Answered

FULL = "window_full"
SEQUENCE_MAX = 0x7FFFFFFF


class Lost(NamedTuple):
    """No answer: `left` says whether the frame may have reached the peer; if not, nothing happened."""

    left: bool
    word: str


Late = Callable[[Answered], Awaitable[None]]


class _Open:
    """A frame that waits for its answer."""

    __slots__ = ("answer", "late", "timer")

    def __init__(self, answer: "asyncio.Future[Answered | Lost]", late: Late | None) -> None:
        self.answer = answer
        self.late = late
        self.timer: asyncio.TimerHandle | None = None


class Window:
    """Made for one connection, within its loop; `late_s` is how long after its time an answer is still taken."""

    def __init__(self, size: int, late_s: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._places = asyncio.Semaphore(size)
        self._late_s = late_s
        self._open: dict[int, _Open] = {}
        self._sequence = count(2)

    def number(self) -> int:
        """The login had 1; after two thousand million the numbers begin again, and 0 is none."""
        return next(self._sequence) % SEQUENCE_MAX or self.number()

    async def take_place(self, wait_s: float) -> bool:
        """Take a place if there is one within the time; it is given back by `settle`, or by `give_place`."""
        if not self._places.locked():
            return await self._places.acquire()
        try:
            return await asyncio.wait_for(self._places.acquire(), wait_s)
        except TimeoutError:
            return False

    def give_place(self) -> None:
        self._places.release()

    def open(self, sequence: int, answer_s: float, late: Late | None) -> "asyncio.Future[Answered | Lost]":
        """Expect the answer to what is written under this number, in the place that was taken."""
        asked = self._open[sequence] = _Open(self._loop.create_future(), late)
        asked.timer = self._loop.call_later(answer_s, self._out_of_time, sequence)
        return asked.answer

    async def answered(self, answered: Answered) -> None:
        asked = self._settle(answered.sequence, answered)
        if asked is not None and asked.late is not None:
            await asked.late(answered)

    async def drained(self, within_s: float) -> None:
        """Wait for the answers that are due."""
        if due := [asked.answer for asked in self._open.values() if not asked.answer.done()]:
            await asyncio.wait(due, timeout=within_s)

    def end(self, word: str) -> None:
        """Whatever waits may have reached the peer."""
        for sequence in list(self._open):
            self._settle(sequence, Lost(True, word))

    def _settle(self, sequence: int, result: Answered | Lost) -> _Open | None:
        """Give the result to who waits; what was out of time already is given back to be told late."""
        asked = self._open.pop(sequence, None)
        if asked is None:
            return None
        self.give_place()
        if asked.timer is not None:
            asked.timer.cancel()
        if asked.answer.done():
            return asked
        asked.answer.set_result(result)
        return None

    def _out_of_time(self, sequence: int) -> None:
        """Who waits is told; the place stays taken until the peer is surely done with it."""
        asked = self._open[sequence]
        asked.answer.set_result(Lost(True, "timeout"))
        asked.timer = self._loop.call_later(self._late_s, self._settle, sequence, Lost(True, "timeout"))
