"""
Calls by Twilio, outside the mainland: the opening is read out, a key says who has picked up, and only then the rest.

The provider asks us what to say when somebody picks up, and tells whether it was a machine. The attempt's id stands in
the addresses that it asks and reports to, so that a report finds it though the answer was lost; and a call is looked
for by its recipient and the time.
"""

import secrets
from collections.abc import Mapping
from typing import Any

import structlog

from service.channels.adapter import Adapter, Site
from service.channels.answers import accepted, judge, refused
from service.channels.wire import Answer, Wire, WireRequest
from service.core.model import Channel, Fate, Outcome
from service.core.rendering import Statement
from service.flows.ports import Asked, Dispatch, Receipt, SendResult, Told
from service.flows.providers import Callback, ProviderAccount, ProviderKind, Reply

from .codes import harmless
from .spoken import for_machines, in_private, question
from .twilio import ATTEMPT, check, form, get, post, reporting, sid
from .twilio_calls_account import Params
from .twilio_calls_told import LEAVES, RECORDED, read_found, read_receipt, read_recording
from .twilio_codes import ANSWERS
from .twilio_talk import SCRIPT, XML, read_call
from .twiml import ADDRESS_MAX, NONCE_BYTES, Script, seal

log = structlog.get_logger()

EVENTS = ("initiated", "ringing", "answered", "completed")

KIND = ProviderKind("twilio_voice", frozenset({Channel.call}), Params)


class TwilioCalls(Adapter):
    """One account."""

    reply = Reply(content_type=XML, body=b"<Response/>")

    def __init__(self, site: Site) -> None:
        self._site = site
        self._params: Params = site.account.params
        self._wire = Wire(self._params.url, site.send_timeout_s)

    async def send(self, dispatch: Dispatch) -> SendResult:
        if dispatch.recording and Statement.recording not in dispatch.message.states:
            return refused("recording_not_announced", Fate.rejected_content)
        request = build(dispatch, self._site.account, secrets.token_bytes(NONCE_BYTES))
        if request is None:
            return refused("script_too_long", Fate.rejected_content)
        return judge(await self._wire.call(request), read_answer)

    async def ask(self, asked: Asked) -> SendResult | None:
        request = question_of(asked, self._params)
        answer = await self._wire.call(request) if request else None
        leaves = self._params.leave_message
        return read_found(answer, asked, leaves=leaves) if isinstance(answer, Answer) else None

    def check(self, callback: Callback) -> None:
        check(self._params.auth_token, self._params.public_url, callback)

    def read(self, callback: Callback) -> Told:
        account, now = self._site.account, self._site.clock()
        if SCRIPT in dict(callback.query):
            return read_call(account, callback, now)
        told = form(callback.body)
        if "RecordingStatus" in told:
            return Told([self._recorded(read_recording(account.name, callback, now), told["RecordingStatus"])])
        receipt = read_receipt(account.name, callback, now)
        if receipt.outcome is Outcome.unknown:
            log.error("receipt.unmapped_code", provider=account.name, code=harmless(receipt.text or ""))
        return Told([receipt])

    async def close(self) -> None:
        await self._wire.close()

    def _recorded(self, receipt: Receipt, status: str) -> Receipt:
        if status != RECORDED:
            log.error("call.not_recorded", provider=receipt.provider, attempt=receipt.attempt, code=harmless(status))
        return receipt


def build(dispatch: Dispatch, account: ProviderAccount, nonce: bytes) -> WireRequest | None:
    """Write the call in the provider's form; None where the script is longer than an address may be."""
    params: Params = account.params
    known, said = {ATTEMPT: dispatch.attempt}, script(dispatch, leaves=params.leave_message)
    sealed = seal(params.auth_token, dispatch.attempt, said, nonce)
    asks = reporting(account, params.public_url, {**known, SCRIPT: sealed})
    if len(asks) > ADDRESS_MAX:
        return None
    fields = [
        ("To", dispatch.to.address),
        ("From", params.from_number),
        ("Url", asks),
        ("Method", "POST"),
        ("Timeout", str(params.ring_s)),
        ("StatusCallback", reporting(account, params.public_url, {**known, **({LEAVES: "1"} if said.limited else {})})),
        ("StatusCallbackMethod", "POST"),
        *(("StatusCallbackEvent", event) for event in EVENTS),
    ]
    if params.detect_machines:
        # It asks us what to say once a greeting is over, so that a machine keeps a message from its beginning.
        fields.append(("MachineDetection", "DetectMessageEnd"))
    return post(params.account_sid, params.auth_token, "Calls", fields)


def script(dispatch: Dispatch, *, leaves: bool) -> Script:
    """Take the message apart into what may be said, and to whom."""
    message = dispatch.message
    limited = for_machines(message, dispatch.values.get("hotline", ""), dispatch.to.name) if leaves else ()
    opening, asked = message.part("opening"), question(message)
    return Script(message.locale, opening, asked, in_private(message), limited, dispatch.recording)


def question_of(asked: Asked, params: Params) -> WireRequest | None:
    """Ask for the call by the provider's id, or else for all to its recipient."""
    if asked.provider_ref:
        return get(params.account_sid, params.auth_token, f"Calls/{asked.provider_ref}", {})
    if asked.to is None:
        return None
    return get(params.account_sid, params.auth_token, "Calls", {"To": asked.to.address, "PageSize": "100"})


def read_answer(status: int, told: Mapping[str, Any]) -> SendResult | None:
    """The table of answers: the call that was made, or the code of a refusal."""
    if status == 201 and sid(told) is not None:
        return accepted(sid(told))
    code = told.get("code")
    if 400 <= status < 500 and isinstance(code, int):
        return ANSWERS.result(str(code))
    return None
