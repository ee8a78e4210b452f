"""
The calls that are under way in this process: what happens on a channel goes through its script, and is carried out.

One call is one task with a queue, so its events are taken in order. Who it is that answered is stored before the
message is told; what became of it is stored once it is over, again and again until the store has it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

import structlog

from service.channels.wire import Answer, Fault, Wire, WireRequest
from service.core.model import Instant
from service.flows.ports import Clock

from . import ari
from .ari import Access, Heard, Order
from .causes import Gone
from .conversation import (
    Deed,
    Detect,
    Disturbed,
    Event,
    Finished,
    HangUp,
    Keep,
    Listen,
    Plan,
    Say,
    Silence,
    Stored,
    Talk,
    Tape,
    Taping,
    after,
)
from .phrases import Sound
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

REMEMBERED = 10_000
"""As many calls that are over are known, so that none is made again."""


class Calls:
    """Every call of one application."""

    def __init__(
        self,
        access: Access,
        wire: Wire,
        clock: Clock,
        tell: Tell,
        forget: Callable[[str], None],
        context: str,
        pace: Pace,
    ) -> None:
        self.access = access
        self.clock = clock
        self.tell = tell
        self.context = context
        self.pace = pace
        self._wire = wire
        self._forget = forget
        self._live: dict[str, LiveCall] = {}
        self._past: dict[str, None] = {}

    @property
    def live(self) -> frozenset[str]:
        """The attempts that are being called, or talked to."""
        return frozenset(call.attempt for call in self._live.values())

    async def ask(self, request: WireRequest) -> Answer | Fault:
        return await self._wire.call(request)

    async def done(self, request: WireRequest) -> bool:
        """Whether Asterisk did it."""
        answer = await self._wire.call(request)
        return isinstance(answer, Answer) and 200 <= answer.status < 300

    def begin(self, attempt: str, plan: Plan, sounds: Mapping[Sound, str]) -> "LiveCall":
        """Be ready for what happens on its channel, before there is one."""
        call = LiveCall(self, attempt, plan, sounds)
        self._live[call.channel] = call
        call.start()
        return call

    def knows(self, attempt: str) -> bool:
        """Whether this process has called for it."""
        channel = self.access.channel(attempt)
        return channel in self._live or channel in self._past

    def over(self, call: "LiveCall") -> None:
        self.never_was(call)
        self._past[call.channel] = None
        if len(self._past) > REMEMBERED:
            del self._past[next(iter(self._past))]

    def never_was(self, call: "LiveCall") -> None:
        """Forget a call that surely did not ring."""
        self._live.pop(call.channel, None)
        self._forget(call.attempt)

    def hear(self, raw: str | bytes) -> None:
        """Give an event to the call it is about."""
        heard = ari.hear(raw)
        call = self._live.get(heard.channel) if heard else None
        if heard and call:
            call.take(heard)

    async def resume(self) -> None:
        """After a time without events: see which channels are still there, and say good-bye on those that talk."""
        for call in list(self._live.values()):
            answer = await self.ask(ari.look_up(self.access, call.channel))
            if isinstance(answer, Answer) and answer.status == 404:
                call.take(Heard(call.channel, Gone()))
            elif isinstance(answer, Answer) and b'"state":"Up"' in answer.body:
                call.take(Heard(call.channel, Disturbed()))

    def drop(self) -> None:
        """Leave all calls to the process that has the lease now; what ended here is told from here."""
        for call in list(self._live.values()):
            if not call.ended:
                call.stop()
                self.over(call)

    async def close(self) -> None:
        """Say good-bye, hang up, and store what became of each call."""
        for call in self._live.values():
            call.take(Heard(call.channel, Disturbed()))
        await self._wait(self.pace.bye_s)
        for call in list(self._live.values()):
            await self.done(ari.hang_up(self.access, call.channel))
            call.take(Heard(call.channel, Gone()))
        await self._wait(self.pace.again_s)
        for call in list(self._live.values()):
            call.stop()

    async def _wait(self, most_s: float) -> None:
        if tasks := [call.task for call in self._live.values()]:
            await asyncio.wait(tasks, timeout=most_s)


class LiveCall:
    """One call; `order` makes it ring."""

    def __init__(self, calls: Calls, attempt: str, plan: Plan, sounds: Mapping[Sound, str]) -> None:
        self.attempt = attempt
        self.channel = calls.access.channel(attempt)
        self._calls = calls
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
        self._later(self._calls.pace.call_s, Disturbed())

    def stop(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self.task.cancel()

    def take(self, heard: Heard) -> None:
        self._events.put_nowait(heard)

    async def originate(self, order: Order) -> Answer | Fault:
        return await self._calls.ask(ari.originate(self._calls.access, order))

    async def _run(self) -> None:
        while True:
            heard = await self._events.get()
            if heard.tape_starts:
                request = ari.record(self._calls.access, self.channel + ari.TAPE)
                if not await self._calls.done(request):
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
            self._answered_at = self._calls.clock()
        if isinstance(event, Finished):
            self._playing = None
        for deed in deeds:
            await self._do(deed)

    async def _do(self, deed: Deed) -> None:
        calls, access = self._calls, self._calls.access
        match deed:
            case Say(sound):
                await self._say(sound)
            case Listen():
                self._later(calls.pace.key_s, Silence())
            case Detect():
                if not await calls.done(ari.detect(access, self.channel, calls.context)):
                    self._happens(Disturbed())
            case Tape():
                if not await calls.done(ari.listen_in(access, self.channel)):
                    self._happens(Taping(False))
            case Keep():
                self._happens(Stored(await self._kept()))
            case HangUp():
                if not await calls.done(ari.hang_up(access, self.channel)):
                    # It is gone already, or Asterisk is: its end comes, or will not.
                    self._later(calls.pace.again_s, Gone())

    async def _say(self, sound: Sound) -> None:
        self._plays += 1
        before, self._playing = self._playing, ari.playback(self.channel, self._plays, sound)
        if before is not None:
            await self._calls.done(ari.be_silent(self._calls.access, before))
        request = ari.play(self._calls.access, self.channel, self._playing, self._sounds[sound])
        if not await self._calls.done(request):
            self._happens(Finished(sound, False))

    async def _kept(self) -> bool:
        try:
            await self._calls.tell(identified(self.attempt, self._calls.clock()))
        except Exception as error:
            log.error("voice.not_stored", attempt=self.attempt, error=type(error).__name__)
            return False
        return True

    async def _end(self, gone: Gone) -> None:
        """Store what became of it: nobody else knows."""
        self.ended = True
        for timer in self._timers:
            timer.cancel()
        now = self._calls.clock()
        seconds = None if self._answered_at is None else max(0, (now - self._answered_at) // 1_000_000)
        tape = self.channel if self._talk.taped else None
        told = Ended.of(self.attempt, now, self._talk, gone, seconds, tape).words()
        pause_s = self._calls.pace.again_s
        while True:
            try:
                await self._calls.tell(told)
            except Exception as error:
                log.error("voice.not_stored", attempt=self.attempt, error=type(error).__name__)
                await asyncio.sleep(pause_s)
                pause_s = min(60.0, 2 * pause_s)
            else:
                return self._calls.over(self)

    def _happens(self, event: Event | Gone) -> None:
        self.take(Heard(self.channel, event))

    def _later(self, after_s: float, event: Event | Gone) -> None:
        self._timers.append(asyncio.get_running_loop().call_later(after_s, self._happens, event))
