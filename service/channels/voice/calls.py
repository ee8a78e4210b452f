"""The calls of one application that this process talks on: events find their call, and all of them end together."""

import asyncio
from collections.abc import Callable, Mapping

from service.channels.wire import Answer

from . import ari
from .ari_events import Heard, hear
from .causes import Gone
from .conversation import Plan
from .live import LiveCall, Means
from .phrases import Sound
from .steps import Disturbed

REMEMBERED = 10_000
"""As many calls that are over are known, so that none is made again."""


class Calls:
    """Every call of one application."""

    def __init__(self, means: Means, forget: Callable[[str], None]) -> None:
        self._means = means
        self._forget = forget
        self._live: dict[str, LiveCall] = {}
        self._past: dict[str, None] = {}

    @property
    def live(self) -> frozenset[str]:
        """The attempts that are being called, or talked to."""
        return frozenset(call.attempt for call in self._live.values())

    def begin(self, attempt: str, plan: Plan, sounds: Mapping[Sound, str]) -> LiveCall:
        """Be ready for what happens on its channel, before there is one."""
        call = LiveCall(self._means, self.over, attempt, plan, sounds)
        self._live[call.channel] = call
        call.start()
        return call

    def knows(self, attempt: str) -> bool:
        """Whether this process has called for it."""
        channel = self._means.access.channel(attempt)
        return channel in self._live or channel in self._past

    def over(self, call: LiveCall) -> None:
        self.never_was(call)
        self._past[call.channel] = None
        if len(self._past) > REMEMBERED:
            del self._past[next(iter(self._past))]

    def never_was(self, call: LiveCall) -> None:
        """Forget a call that surely did not ring."""
        self._live.pop(call.channel, None)
        self._forget(call.attempt)

    def hear(self, raw: str | bytes) -> None:
        """Give an event to the call it is about."""
        heard = hear(raw)
        call = self._live.get(heard.channel) if heard else None
        if heard and call:
            call.take(heard)

    async def resume(self) -> None:
        """After a time without events: see which channels are still there, and say good-bye on those that talk."""
        for call in list(self._live.values()):
            answer = await self._means.ask(ari.look_up(self._means.access, call.channel))
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
        await self._wait(self._means.pace.bye_s)
        for call in list(self._live.values()):
            await self._means.done(ari.hang_up(self._means.access, call.channel))
            call.take(Heard(call.channel, Gone()))
        await self._wait(self._means.pace.again_s)
        for call in list(self._live.values()):
            call.stop()

    async def _wait(self, most_s: float) -> None:
        if tasks := [call.task for call in self._live.values()]:
            await asyncio.wait(tasks, timeout=most_s)
