"""
The simulated provider as an adapter: `build` (pure), `send` (the only I/O), `read_receipt` (pure) (decision 0008).

It speaks a provider's own words over HTTP, as a real one would: nothing but this file and `simulated_told` knows
them. Calls, texts, WeChat messages and e-mail go out by it; a letter is spooled, and its print house is told here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from service.channels.adapter import Adapter, Site
from service.channels.answers import Reader, accepted, code, json_object, judge, meant, not_taken, unmapped
from service.channels.letters import Letters
from service.channels.signature import check
from service.channels.simulated_told import OUTCOMES, read
from service.channels.spool import Spool, Spooled
from service.channels.wire import Answer, Wire, WireRequest
from service.core.model import Channel, Fate, Outcome
from service.flows.ports import Asked, Dispatch, SendResult, Told
from service.flows.providers import Callback, ProviderKind, Secret, Url

AWAITING = frozenset({Outcome.sent})

REFUSALS: Mapping[str, Fate] = {
    "refused_by_operator": Fate.rejected_content,
    "opted_out": Fate.opted_out,
    "id_reused": Fate.permanent,
    "malformed": Fate.permanent,
    "throttled": Fate.throttled_account,
    "not_accepted": Fate.retryable,
    "token_expired": Fate.retryable,
    "clock_skew": Fate.retryable,
}
"""What a refusal means. An unknown one is for good: it must not be tried again blindly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Where the simulator is, and the secret under which it signs what it tells."""

    url: Url
    secret: Secret


KIND = ProviderKind("simulator", frozenset(Channel) - {Channel.visit}, Params, simulated=True)


class Simulated(Adapter):
    """The simulated provider; its letters are spooled here, and its print house is told of them."""

    def __init__(self, site: Site) -> None:
        params: Params = site.account.params
        self._site = site
        self._secret = params.secret
        self._wire = Wire(params.url, site.send_timeout_s)
        self._letters = Letters(Spool(site.spool_dir, simulated=True), site.typeset, self._announce)

    async def send(self, dispatch: Dispatch) -> SendResult:
        if dispatch.channel is Channel.letter:
            return await self._letters.send(dispatch)
        return judge(await self._wire.call(build(dispatch)), reader(dispatch.attempt))

    async def ask(self, asked: Asked) -> SendResult | None:
        if asked.channel is Channel.letter:
            return await self._letters.ask(asked.attempt)
        return await ask(self._wire, asked.attempt)

    def check(self, callback: Callback) -> None:
        check(self._secret, callback.headers, callback.body, self._site.clock(), self._site.fresh_s)

    def read(self, callback: Callback) -> Told:
        return read(self._site.account.name, callback)

    async def close(self) -> None:
        await self._wire.close()

    async def _announce(self, dispatch: Dispatch, letter: Spooled) -> None:
        await self._wire.call(build_letter(dispatch, letter))


def build(dispatch: Dispatch) -> WireRequest:
    """Write the message in the provider's form."""
    message = dispatch.message
    said: dict[str, Any] = {
        "subject": message.subject,
        "text": message.body,
        "parts": [{"name": part.name, "text": part.text} for part in message.parts],
    }
    if dispatch.channel is Channel.call:
        said |= {"dialing": dispatch.dialing, "record": dispatch.recording}
    return _post(dispatch, said)


def build_letter(dispatch: Dispatch, letter: Spooled) -> WireRequest:
    """Tell the print house of a letter in the spool; what it says stays there."""
    return _post(
        dispatch, {"file": letter.file, "sha256": letter.sha256, "pages": letter.pages, "service": letter.service}
    )


async def ask(wire: Wire, attempt: str) -> SendResult | None:
    """Ask for the newest status of the attempt: a certain failure if it was never taken, None if nobody can tell."""
    answer = await wire.call(WireRequest("GET", f"/messages/{attempt}"))
    if not isinstance(answer, Answer) or (told := json_object(answer)) is None:
        return None
    if answer.status == 404 and told.get("code") == "unknown_message":
        return not_taken("never_taken")
    return reader(attempt)(answer.status, told) if answer.status == 200 else None


def reader(attempt: str) -> Reader:
    """Give the table of answers to this attempt; one about another attempt is none."""

    def read(status: int, told: Mapping[str, Any]) -> SendResult | None:
        if told.get("status") == "refused":
            word = code(told)
            return meant(REFUSALS[word], word) if word in REFUSALS else unmapped(word)
        outcome = OUTCOMES.get(str(told.get("status")))
        if not 200 <= status < 300 or outcome is None or told.get("id") != attempt:
            return None
        ref = told.get("ref")
        return accepted(ref if isinstance(ref, str) else None, outcome=outcome, awaits=outcome in AWAITING)

    return read


def _post(dispatch: Dispatch, said: Mapping[str, Any]) -> WireRequest:
    body = {
        "id": dispatch.attempt,
        "request": dispatch.request,
        "at_us": dispatch.at,
        "channel": dispatch.channel,
        "to": {"name": dispatch.to.name, "kind": dispatch.to.kind, "value": dispatch.to.address},
        **said,
    }
    headers = (("content-type", "application/json"), ("idempotency-key", dispatch.attempt))
    return WireRequest("POST", "/messages", orjson.dumps(body), headers)
