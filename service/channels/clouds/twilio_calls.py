"""
Calls by Twilio, outside the mainland: the opening is read out, a key says who has picked up, and only then the rest.

The attempt's id stands in the addresses that the provider reports to, so that a report finds it though the answer was
lost; and a call is looked for by its recipient and the time.
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
from service.core.rule import Flawed
from service.flows.ports import Asked, Dispatch, Receipt, SendResult, Told
from service.flows.providers import Callback, ProviderAccount, ProviderKind, Reply, Secret, Url

from .codes import Ending, harmless
from .spoken import CONFIRMED, DENIED, in_private, in_public, phrases
from .twilio import ATTEMPT, check, form, get, instant, only_one, post, reporting, sid
from .twilio_codes import ANSWERED_BY, ANSWERS, CALLS, SIP
from .twilio_messages import HOME
from .twiml import NONCE_BYTES, TWIML_MAX, first, last, seal, unseal

log = structlog.get_logger()

SCRIPT = "script"
EVENTS = ("initiated", "ringing", "answered", "completed")
XML = "text/xml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The account, the number that calls, and under which address the provider reaches us; it rings `ring_s`."""

    account_sid: str
    auth_token: Secret
    public_url: Url
    from_number: str
    ring_s: int = 30
    detect_machines: bool = True
    url: Url = HOME

    def __post_init__(self) -> None:
        if flaws := e164("from_number", self.from_number) + within("ring_s", self.ring_s, 5, 120):
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
        request = build(dispatch, self._site.account, secrets.token_bytes(NONCE_BYTES))
        if request is None:
            return refused("script_too_long", Fate.rejected_content)
        return judge(await self._wire.call(request), read_answer)

    async def ask(self, asked: Asked) -> SendResult | None:
        request = question(asked, self._params)
        answer = await self._wire.call(request) if request else None
        return read_found(answer, asked) if isinstance(answer, Answer) else None

    def check(self, callback: Callback) -> None:
        check(self._params.auth_token, self._params.public_url, callback)

    def read(self, callback: Callback) -> Told:
        name, now = self._site.account.name, self._site.clock()
        if SCRIPT in dict(callback.query):
            return read_key(name, self._params.auth_token, callback, now)
        receipt = read_receipt(name, callback, now)
        if receipt.outcome is Outcome.unknown:
            log.error("receipt.unmapped_code", provider=name, code=harmless(receipt.text or ""))
        return Told([receipt])

    async def close(self) -> None:
        await self._wire.close()


def build(dispatch: Dispatch, account: ProviderAccount, nonce: bytes) -> WireRequest | None:
    """Write the call in the provider's form; None where the script is longer than it takes."""
    params: Params = account.params
    message = dispatch.message
    known = {ATTEMPT: dispatch.attempt}
    sealed = seal(params.auth_token, dispatch.attempt, message.locale, in_private(message), nonce)
    key_to = reporting(account, params.public_url, {**known, SCRIPT: sealed})
    twiml = first(message.locale, in_public(message), phrases(message.locale).goodbye, key_to)
    if len(twiml) > TWIML_MAX:
        return None
    fields = [
        ("To", dispatch.to.address),
        ("From", params.from_number),
        ("Twiml", twiml),
        ("Timeout", str(params.ring_s)),
        ("StatusCallback", reporting(account, params.public_url, known)),
        ("StatusCallbackMethod", "POST"),
        *(("StatusCallbackEvent", event) for event in EVENTS),
    ]
    if params.detect_machines:
        # Until its greeting is over, so that it records the opening from the beginning.
        fields.append(("MachineDetection", "DetectMessageEnd"))
    if dispatch.recording:
        fields.append(("Record", "true"))
    return post(params.account_sid, params.auth_token, "Calls", fields)


def question(asked: Asked, params: Params) -> WireRequest | None:
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


def read_found(answer: Answer, asked: Asked) -> SendResult | None:
    """Read the state of the call that was asked for; of several that might be it, none is."""
    told = json_object(answer) or {}
    found = told if asked.provider_ref else only_one(told.get("calls"), asked.at)
    if answer.status != 200 or found is None or sid(found) is None:
        return None
    ending = _ending(str(found.get("status")), str(found.get("answered_by")), "")
    return ending.result(sid(found)) if ending else None


def read_receipt(provider: str, callback: Callback, now: Instant) -> Receipt:
    """Read how far a call has come; its text is the provider's name of the recording, where there is one."""
    told = form(callback.body)
    ref, status = told.get("CallSid", ""), told.get("CallStatus", "")
    if not ref or not status:
        raise Invalid("CallSid", "or CallStatus is missing")
    ending = _ending(status, told.get("AnsweredBy", ""), told.get("SipResponseCode", "")) or Ending(Outcome.unknown)
    seconds = told.get("CallDuration", "")
    duration = int(seconds) if seconds.isascii() and seconds.isdigit() and len(seconds) <= 5 else None
    attempt = dict(callback.query).get(ATTEMPT)
    event = f"{ref[:40]}:{harmless(status.replace('-', '_'))}"
    text, at = (told.get("RecordingSid") or status)[:40], instant(told.get("Timestamp")) or now
    return Receipt(provider, event, ending.outcome, at, attempt, ref, duration, text, ending.fate)


def read_key(provider: str, token: bytes, callback: Callback, now: Instant) -> Told:
    """Read the key that was pressed, and answer with what may be said to whoever pressed it."""
    words, told = dict(callback.query), form(callback.body)
    attempt, key = words.get(ATTEMPT, ""), told.get("Digits", "")
    locale, spoken = unseal(token, attempt, words[SCRIPT])
    if key not in (CONFIRMED, DENIED):
        return Told(reply=Reply(content_type=XML, body=last(locale, [phrases(locale).goodbye])))
    outcome = Outcome.conversation_right_party if key == CONFIRMED else Outcome.wrong_number
    ref = told.get("CallSid", "")
    receipt = Receipt(provider, f"{ref[:40]}:key_{key}", outcome, now, attempt, ref or None)
    said = spoken if key == CONFIRMED else [phrases(locale).denied]
    return Told([receipt], reply=Reply(content_type=XML, body=last(locale, said)))


def _ending(status: str, answered_by: str, sip: str) -> Ending | None:
    outcome = CALLS.get(status)
    if status == "completed":
        return Ending(ANSWERED_BY.get(answered_by, Outcome.answered_dropped))
    if status == "failed" and sip in SIP:
        return SIP[sip]
    return None if outcome is None else Ending(outcome)
