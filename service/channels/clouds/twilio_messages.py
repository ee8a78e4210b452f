"""
Text messages by Twilio, outside the mainland.

Nothing makes a call idempotent. The attempt's id stands in the address that the provider reports to, so that a
receipt finds it though the answer was lost; and a message is looked for by its recipient and the time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from service.channels.adapter import Adapter, Site
from service.channels.answers import accepted, json_object, judge
from service.channels.wire import Answer, Wire, WireRequest
from service.core.errors import Invalid
from service.core.model import Channel, Instant, Outcome
from service.core.rule import Flawed
from service.flows.ports import Asked, Dispatch, Inbound, Receipt, SendResult, Told
from service.flows.providers import Callback, Door, ProviderAccount, ProviderKind, Reply, Secret, Url

from .codes import Ending, harmless
from .pushed import sender
from .twilio import ATTEMPT, check, form, get, only_one, post, reporting, sid
from .twilio_codes import ANSWERS, MESSAGE_ERRORS, MESSAGES

log = structlog.get_logger()

HOME = Url("https://api.twilio.com")
STOP = "STOP"


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """
    The account, who the messages come from, and under which address the provider reaches us.

    Exactly one of `from_number` and `messaging_service_sid`.
    """

    account_sid: str
    auth_token: Secret
    public_url: Url
    from_number: str | None = None
    messaging_service_sid: str | None = None
    url: Url = HOME

    def __post_init__(self) -> None:
        if (self.from_number is None) is (self.messaging_service_sid is None):
            raise Flawed([("from_number", "or else messaging_service_sid must be given, and not both")])


KIND = ProviderKind("twilio_sms", frozenset({Channel.sms}), Params)


class TwilioMessages(Adapter):
    """One account."""

    reply = Reply(content_type="text/xml", body=b"<Response/>")

    def __init__(self, site: Site) -> None:
        self._site = site
        self._params: Params = site.account.params
        self._wire = Wire(self._params.url, site.send_timeout_s)

    async def send(self, dispatch: Dispatch) -> SendResult:
        return judge(await self._wire.call(build(dispatch, self._site.account)), read_answer)

    async def ask(self, asked: Asked) -> SendResult | None:
        request = question(asked, self._params)
        answer = await self._wire.call(request) if request else None
        return read_found(answer, asked) if isinstance(answer, Answer) else None

    def check(self, callback: Callback) -> None:
        check(self._params.auth_token, self._params.public_url, callback)

    def read(self, callback: Callback) -> Told:
        name, now = self._site.account.name, self._site.clock()
        if callback.door is Door.inbound:
            return Told(inbound=[read_inbound(name, callback, now)])
        receipt = read_receipt(name, callback, now)
        if receipt.text is not None and receipt.text not in MESSAGE_ERRORS:
            log.error("receipt.unmapped_code", provider=name, code=harmless(receipt.text))
        return Told([receipt])

    async def close(self) -> None:
        await self._wire.close()


def build(dispatch: Dispatch, account: ProviderAccount) -> WireRequest:
    """Write the message in the provider's form."""
    params: Params = account.params
    fields = [("To", dispatch.to.address), ("Body", dispatch.message.body)]
    if params.from_number is not None:
        fields.append(("From", params.from_number))
    if params.messaging_service_sid is not None:
        fields.append(("MessagingServiceSid", params.messaging_service_sid))
    fields.append(("StatusCallback", reporting(account, params.public_url, {ATTEMPT: dispatch.attempt})))
    return post(params.account_sid, params.auth_token, "Messages", fields)


def question(asked: Asked, params: Params) -> WireRequest | None:
    """
    Ask for the message by the provider's id, or else for all to its recipient.

    The provider's filter by day leaves out what it has not sent yet, so the time is compared here.
    """
    if asked.provider_ref:
        return get(params.account_sid, params.auth_token, f"Messages/{asked.provider_ref}", {})
    if asked.to is None:
        return None
    return get(params.account_sid, params.auth_token, "Messages", {"To": asked.to.address, "PageSize": "100"})


def read_answer(status: int, told: Mapping[str, Any]) -> SendResult | None:
    """The table of answers: the message that was made, or the code of a refusal."""
    if status == 201 and sid(told) is not None:
        return accepted(sid(told))
    code = told.get("code")
    if 400 <= status < 500 and isinstance(code, int):
        return ANSWERS.result(str(code))
    return None


def read_found(answer: Answer, asked: Asked) -> SendResult | None:
    """Read the state of the message that was asked for; of several that might be it, none is."""
    told = json_object(answer) or {}
    found = told if asked.provider_ref else only_one(told.get("messages"), asked.at)
    if answer.status != 200 or found is None or sid(found) is None:
        return None
    ending = _ending(str(found.get("status")), found.get("error_code"))
    return ending.result(sid(found)) if ending else None


def read_receipt(provider: str, callback: Callback, now: Instant) -> Receipt:
    """Read what became of a message."""
    told = form(callback.body)
    ref, status, code = told.get("MessageSid", ""), told.get("MessageStatus", ""), told.get("ErrorCode") or None
    if not ref or not status:
        raise Invalid("MessageSid", "or MessageStatus is missing")
    ending = _ending(status, code) or Ending(Outcome.unknown)
    event = f"{ref[:40]}:{harmless(status)}"
    attempt = dict(callback.query).get(ATTEMPT)
    return Receipt(provider, event, ending.outcome, now, attempt, ref, text=code and code[:20], fate=ending.fate)


def read_inbound(provider: str, callback: Callback, now: Instant) -> Inbound:
    """Read what somebody wrote; the provider's own word for a wish to stop stands for whatever word it was."""
    told = form(callback.body)
    if not told.get("MessageSid"):
        raise Invalid("MessageSid", "is missing")
    if "Body" not in told:
        # A picture comes without words, but never without the field: this is a report at the wrong door.
        raise Invalid("Body", "is missing")
    text = STOP if told.get("OptOutType") == STOP else told.get("Body")
    number = sender(told.get("From", ""))
    return Inbound(provider, told["MessageSid"][:40], Channel.sms, number, now, Outcome.replied, text or None)


def _ending(status: str, code: object) -> Ending | None:
    outcome = MESSAGES.get(status)
    if outcome is Outcome.undelivered and code:
        return MESSAGE_ERRORS.get(str(code), Ending(outcome))
    return None if outcome is None else Ending(outcome)
