"""
Calls on a trunk of one's own, by Asterisk's ARI: every word is ours, so it may carry what no cloud's template may.

One process of all has the application's events (decision 0017) and talks on its calls by the script of `conversation`.
A channel has an id made of the attempt's, so that no repetition rings twice.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode

import orjson
import structlog

from service.channels.adapter import Adapter, Site
from service.channels.answers import accepted, not_taken, refused
from service.channels.wire import Answer, Wire
from service.core.model import Channel, Fate
from service.core.rendering import Statement
from service.flows.ports import Asked, Dispatch, SendResult, Told
from service.flows.providers import Callback, ProviderKind, Trust

from . import ari
from .account import Params
from .ari import Access
from .calls import Calls
from .causes import Gone, known
from .conversation import Plan
from .keeper import Keeper
from .link import Link, Unlinked, open_link
from .live import PACE, Means, Pace
from .originate import build, read_answer, read_taken
from .phrases import Sound, spoken
from .speech import Speaker, Speechless
from .told import Told as Words
from .told import orphaned, read_receipt

log = structlog.get_logger()

CHANNELS_BYTES_MAX = 4 * 1024 * 1024

KIND = ProviderKind("asterisk", frozenset({Channel.call}), Params, Trust.session)


class Asterisk(Adapter):
    """One application at one Asterisk."""

    def __init__(self, site: Site, pace: Pace = PACE, renew_s: float = 5.0) -> None:
        self._site = site
        self._params: Params = site.account.params
        params = self._params
        self._access = Access(params.app, params.user, params.password)
        self._wire = Wire(params.url, site.send_timeout_s, answer_bytes_max=CHANNELS_BYTES_MAX)
        prompts = Path(params.prompts) if params.prompts else None
        self._speaker = Speaker(params.speak, params.voices, Path(params.sounds) / params.app, prompts)
        self._means = Means(self._access, self._wire, site.clock, self._tell, params.detect or "", pace)
        self._calls = Calls(self._means, self._speaker.forget)
        lease = f"{params.url}/{params.app}"
        self._keeper = Keeper(lease, site.own, self._connect, self._begun, self._calls.drop, renew_s)

    @property
    def ready(self) -> bool:
        return self._keeper.up

    @property
    def owned(self) -> bool:
        return self._keeper.owned

    async def start(self) -> None:
        self._keeper.start()

    async def close(self) -> None:
        await self._calls.close()
        await self._keeper.close()
        await self._wire.close()

    # --- out

    async def send(self, dispatch: Dispatch) -> SendResult:
        """Have all that may be said spoken first, for whoever picks up must not wait; then let it ring."""
        if not self._keeper.up:
            return not_taken("line_down")
        message = dispatch.message
        if dispatch.recording and Statement.recording not in message.states:
            return refused("recording_not_announced", Fate.rejected_content)
        if self._calls.knows(dispatch.attempt):
            return accepted(self._access.channel(dispatch.attempt))
        texts = spoken(message, dispatch.values.get("hotline", ""))
        if not self._params.leave_message:
            del texts[Sound.limited]
        try:
            async with asyncio.timeout(self._site.send_timeout_s):
                sounds = await self._speaker.prepare(dispatch.attempt, message.locale, texts)
        except (Speechless, TimeoutError) as error:
            self._speaker.forget(dispatch.attempt)
            log.error("voice.speechless", provider=self._site.account.name, why=str(error) or "timeout")
            return not_taken("speechless", Fate.provider_unavailable)
        plan = Plan(self._params.detect is not None, self._params.leave_message, dispatch.recording)
        return await self._ring(dispatch, plan, sounds)

    async def _ring(self, dispatch: Dispatch, plan: Plan, sounds: Mapping[Sound, str]) -> SendResult:
        call = self._calls.begin(dispatch.attempt, plan, sounds)
        answer = await call.originate(build(dispatch, self._params))
        if isinstance(answer, Answer) and answer.status == 409:
            result = read_taken(await self._means.ask(ari.look_up(self._access, call.channel)), call.channel)
        else:
            result = read_answer(answer, call.channel)
        if result.certain and result.fate is not Fate.accepted:
            call.stop()
            self._calls.never_was(call)
        return result

    async def ask(self, asked: Asked) -> SendResult | None:
        """A channel that is there is under way; one that is not never was, or is over: nobody can tell."""
        answer = await self._means.ask(ari.look_up(self._access, self._access.channel(asked.attempt)))
        there = isinstance(answer, Answer) and answer.status == 200
        return accepted(self._access.channel(asked.attempt)) if there else None

    # --- in

    def check(self, callback: Callback) -> None:
        """What the session told is Asterisk's, who knew the password."""
        return

    def read(self, callback: Callback) -> Told:
        return Told([read_receipt(self._site.account.name, self._access.app, callback.body)])

    async def _tell(self, words: Words) -> None:
        gone = Gone(words.get("cause"), words.get("sip"))
        if gone != Gone() and not known(gone):
            log.error("voice.unknown_cause", provider=self._site.account.name, cause=gone.cause, sip=gone.sip)
        await self._site.hear(Callback(orjson.dumps(words)))

    # --- the session

    async def _connect(self) -> Link:
        query = urlencode({"app": self._access.app, "subscribeAll": "false"})
        url = f"ws{self._params.url.removeprefix('http')}/events?{query}"
        return await open_link(url, self._access.authorization, self._site.send_timeout_s, self._calls.hear)

    async def _begun(self) -> None:
        """Take up our own calls again, and hang up what another process left behind: nobody talks there."""
        await self._calls.resume()
        answer = await self._means.ask(ari.list_all(self._access))
        channels = ari.listed(answer.body) if isinstance(answer, Answer) and answer.status == 200 else None
        if channels is None:
            raise Unlinked("channels_unknown")
        for channel, state in channels:
            attempt = self._access.attempt(channel.removesuffix(ari.TAPE))
            if attempt is None or attempt in self._calls.live:
                continue
            if not channel.endswith(ari.TAPE):
                try:
                    await self._tell(orphaned(attempt, self._site.clock(), state))
                except Exception as error:
                    raise Unlinked(type(error).__name__) from None
            await self._means.done(ari.hang_up(self._access, channel))
        await asyncio.to_thread(self._speaker.forget_all_but, self._calls.live)
