"""
Calls by Twilio, outside the mainland: the opening is read out, a key says who has picked up, and only then the rest.

The provider asks us what to say when somebody picks up, and tells whether it was a machine. The attempt's id stands in
the addresses that it asks and reports to, so that a report finds it though the answer was lost; and a call is looked
for by its recipient and the time.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from service.channels.adapter import Adapter, Site
from service.channels.agreed import e164, within
from service.channels.answers import accepted, json_object, judge, refused
from service.channels.wire import Answer, Wire, WireRequest
from service.core.errors import Invalid
from service.core.model import Channel, Fate, Instant, Outcome
from service.core.rendering import Statement
from service.core.rule import Flawed
from service.flows.ports import Asked, Dispatch, Receipt, SendResult, Told
from service.flows.providers import Callback, ProviderAccount, ProviderKind, Reply, Secret, Url

from .codes import Ending, harmless
from .spoken import CONFIRMED, DENIED, for_machines, in_private, phrases, question
from .twilio import ATTEMPT, check, form, get, instant, only_one, post, reporting, sid
from .twilio_codes import ANSWERS, CALLS, SIP, machine
from .twilio_messages import HOME
from .twiml import ADDRESS_MAX, NONCE_BYTES, Script, asking, last, seal, unseal

log = structlog.get_logger()

SCRIPT = "script"
LEAVES = "leaves"
"""Says in the address of reports that a machine would hear a message."""

EVENTS = ("initiated", "ringing", "answered", "completed")
XML = "text/xml"
RECORDED = "completed"
"""`RecordingStatus` of a recording that is there; any other says that there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """
    The account, the number that calls, and under which address the provider reaches us; it rings `ring_s`.

    `leave_message`: whether a machine hears who called and that we ask to be called back, or nothing.
    """

    account_sid: str
    auth_token: Secret
    public_url: Url
    from_number: str
    ring_s: int = 30
    detect_machines: bool = True
    leave_message: bool = False
    url: Url = HOME

    def __post_init__(self) -> None:
        flaws = [*e164("from_number", self.from_number), *within("ring_s", self.ring_s, 5, 120)]
        if self.leave_message and not self.detect_machines:
            flaws.append(("leave_message", "needs detect_machines: else a machine is asked like a person"))
        if flaws:
            raise Flawed(flaws)


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


def read_found(answer: Answer, asked: Asked, *, leaves: bool) -> SendResult | None:
    """Read the state of the call that was asked for; of several that might be it, none is."""
    told = json_object(answer) or {}
    found = told if asked.provider_ref else only_one(told.get("calls"), asked.at)
    if answer.status != 200 or found is None or sid(found) is None:
        return None
    ending = _ending(str(found.get("status")), str(found.get("answered_by")), "", leaves=leaves)
    return ending.result(sid(found)) if ending else None


def read_receipt(provider: str, callback: Callback, now: Instant) -> Receipt:
    """Read how far a call has come."""
    words, told = dict(callback.query), form(callback.body)
    ref, status = told.get("CallSid", ""), told.get("CallStatus", "")
    if not ref or not status:
        raise Invalid("CallSid", "or CallStatus is missing")
    known = _ending(status, told.get("AnsweredBy", ""), told.get("SipResponseCode", ""), leaves=LEAVES in words)
    ending = known or Ending(Outcome.unknown)
    seconds = told.get("CallDuration", "")
    duration = int(seconds) if seconds.isascii() and seconds.isdigit() and len(seconds) <= 5 else None
    event = f"{ref[:40]}:{harmless(status.replace('-', '_'))}"
    at = instant(told.get("Timestamp")) or now
    return Receipt(provider, event, ending.outcome, at, words.get(ATTEMPT), ref, duration, status[:40], ending.fate)


def read_recording(provider: str, callback: Callback, now: Instant) -> Receipt:
    """Read what became of a recording: its text is the provider's name of it. It says nothing of the call's outcome."""
    told = form(callback.body)
    ref, name, status = told.get("CallSid", ""), told.get("RecordingSid", ""), told.get("RecordingStatus", "")
    if not ref or not name:
        raise Invalid("CallSid", "or RecordingSid is missing")
    event, text = f"{name[:40]}:{harmless(status.replace('-', '_'))}", name[:40] if status == RECORDED else status[:40]
    attempt = dict(callback.query).get(ATTEMPT)
    return Receipt(provider, event, Outcome.unknown, now, attempt, ref, text=text)


def read_call(account: ProviderAccount, callback: Callback, now: Instant) -> Told:
    """Answer what to say: to whoever picked up, and to whoever pressed a key."""
    words, told = dict(callback.query), form(callback.body)
    said = unseal(account.params.auth_token, words.get(ATTEMPT, ""), words[SCRIPT])
    if "Digits" in told:
        return read_key(account.name, said, callback, now)
    if (met := machine(told.get("AnsweredBy", ""))) is not None:
        return _answer(last(said.locale, said.limited if met is Outcome.voicemail_message else ()))
    known = {ATTEMPT: words[ATTEMPT]}
    public = account.params.public_url
    key_to = reporting(account, public, {**known, SCRIPT: words[SCRIPT]})
    return _answer(asking(said, phrases(said.locale).goodbye, key_to, reporting(account, public, known)))


def read_key(provider: str, said: Script, callback: Callback, now: Instant) -> Told:
    """Read the key that was pressed, and answer with what may be said to whoever pressed it."""
    told = form(callback.body)
    attempt, key, ref = dict(callback.query)[ATTEMPT], told["Digits"], told.get("CallSid", "")
    if key not in (CONFIRMED, DENIED):
        return _answer(last(said.locale, [phrases(said.locale).goodbye]))
    outcome = Outcome.conversation_right_party if key == CONFIRMED else Outcome.wrong_number
    receipt = Receipt(provider, f"{ref[:40]}:key_{key}", outcome, now, attempt, ref or None)
    spoken = said.private if key == CONFIRMED else (phrases(said.locale).denied,)
    return _answer(last(said.locale, spoken))._replace(receipts=[receipt])


def _answer(document: bytes) -> Told:
    return Told(reply=Reply(content_type=XML, body=document))


def _ending(status: str, answered_by: str, sip: str, *, leaves: bool) -> Ending | None:
    outcome = CALLS.get(status)
    if status == "completed":
        met = machine(answered_by) or Outcome.answered_dropped
        return Ending(met if leaves or met is not Outcome.voicemail_message else Outcome.voicemail_no_message)
    if status == "failed" and sip in SIP:
        return SIP[sip]
    return None if outcome is None else Ending(outcome)
