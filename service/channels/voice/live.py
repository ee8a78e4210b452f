"""
One call that is under way: a task with a queue, so that what happens is taken in order.

Who it is that answered is stored before the message is told; what became of the call is stored once it is over,
again and again until the store has it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import structlog

from service.channels.wire import Answer, Fault, Wire, WireRequest
from service.core.model import Instant
from service.flows.ports import Clock

from . import ari
from .ari import Access, Order
from .ari_events import Heard
from .causes import Gone
from .conversation import Plan, Talk, after
from .phrases import Sound
from .steps import Deed, Detect, Disturbed, Event, Finished, HangUp, Keep, Listen, Say, Silence, Stored, Tape, Taping
from .told import Ended, Told, identified

log = structlog.get_logger()

Tell = Callable[[Told], Awaitable[None]]
"""Have it stored; raises where it was not."""


class Pace(NamedTuple):
    """In seconds: the wait for a key, the longest call, the pause before storing again, the time for good-byes."""

    key_s: float = 8
    call_s: float = 600
    again_s: float = 1
    bye_s: float = 5


PACE = Pace()


@dataclass(frozen=True, slots=True)
class Means:
    """What calls are made with; `context` is the dial plan's that listens for a machine."""

    access: Access
    wire: Wire
    clock: Clock
    tell: Tell
    context: str
    pace: Pace

    async def ask(self, request: WireRequest) -> Answer | Fault:
        return await self.wire.call(request)

    async def done(self, request: WireRequest) -> bool:
        """Whether Asterisk did it."""
        answer = await self.wire.call(request)
        return isinstance(answer, Answer) and 200 <= answer.status < 300


class LiveCall:
    """One call; `order` makes it ring."""

    def __init__(
        self, means: Means, over: Callable[["LiveCall"], None], attempt: str, plan: Plan, sounds: Mapping[Sound, str]
    ) -> None:
        self.attempt = attempt
        self.channel = means.access.channel(attempt)
        self._means = means
        self._over = over
        self._sounds = sounds
        self._talk = Talk(plan)
        self._events: asyncio.Queue[Heard] = asyncio.Queue()
        self._playing: str | None = None
        self._plays = 0
        self._timers: list[asyncio.TimerHandle] = []
        self._answered_at: Instant | None = None
        self.ended = False

    def start(self) -> None:
        self.task = asyncio.create_task(self._run())
        self._later(self._means.pace.call_s, Disturbed())

    def stop(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self.task.cancel()

    def take(self, heard: Heard) -> None:
        self._events.put_nowait(heard)

    async def originate(self, order: Order) -> Answer | Fault:
        return await self._means.ask(ari.originate(self._means.access, order))

    async def _run(self) -> None:
        while True:
            heard = await self._events.get()
            if heard.tape_starts:
                request = ari.record(self._means.access, self.channel + ari.TAPE)
                if not await self._means.done(request):
                    self._happens(Taping(False))
            if isinstance(heard.event, Gone):
                return await self._end(heard.event)
            # The end of a sound that was cut off for another is no news.
            if heard.event is not None and heard.playback in ("", self._playing):
                await self._step(heard.event)

    async def _step(self, event: Event) -> None:
        was = self._talk
        self._talk, deeds = after(was, event)
        if self._talk.answered and not was.answered:
            self._answered_at = self._means.clock()
        if isinstance(event, Finished):
            self._playing = None
        for deed in deeds:
            await self._do(deed)

    async def _do(self, deed: Deed) -> None:
        means, access = self._means, self._means.access
        match deed:
            case Say(sound):
                await self._say(sound)
            case Listen():
                self._later(means.pace.key_s, Silence())
            case Detect():
                if not await means.done(ari.detect(access, self.channel, means.context)):
                    self._happens(Disturbed())
            case Tape():
                if not await means.done(ari.listen_in(access, self.channel)):
                    self._happens(Taping(False))
            case Keep():
                self._happens(Stored(await self._kept()))
            case HangUp():
                if not await means.done(ari.hang_up(access, self.channel)):
                    # It is gone already, or Asterisk is: its end comes, or will not.
                    self._later(means.pace.again_s, Gone())

    async def _say(self, sound: Sound) -> None:
        self._plays += 1
        before, self._playing = self._playing, ari.playback(self.channel, self._plays, sound)
        if before is not None:
            await self._means.done(ari.be_silent(self._means.access, before))
        request = ari.play(self._means.access, self.channel, self._playing, self._sounds[sound])
        if not await self._means.done(request):
            self._happens(Finished(sound, False))

    async def _kept(self) -> bool:
        try:
            await self._means.tell(identified(self.attempt, self._means.clock()))
        except Exception as error:
            log.error("voice.not_stored", attempt=self.attempt, error=type(error).__name__)
            return False
        return True

    async def _end(self, gone: Gone) -> None:
        """Store what became of it: nobody else knows."""
        self.ended = True
        for timer in self._timers:
            timer.cancel()
        now = self._means.clock()
        seconds = None if self._answered_at is None else max(0, (now - self._answered_at) // 1_000_000)
        tape = self.channel if self._talk.taped else None
        told = Ended.of(self.attempt, now, self._talk, gone, seconds, tape).words()
        pause_s = self._means.pace.again_s
        while True:
            try:
                await self._means.tell(told)
            except Exception as error:
                log.error("voice.not_stored", attempt=self.attempt, error=type(error).__name__)
                await asyncio.sleep(pause_s)
                pause_s = min(60.0, 2 * pause_s)
            else:
                return self._over(self)

    def _happens(self, event: Event | Gone) -> None:
        self.take(Heard(self.channel, event))

    def _later(self, after_s: float, event: Event | Gone) -> None:
        self._timers.append(asyncio.get_running_loop().call_later(after_s, self._happens, event))
