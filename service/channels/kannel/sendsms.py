"""
Text messages by a Kannel gateway of the lender's own, which keeps the lines to the operators.

All goes in headers and body of a POST, so that neither number nor text nor password stands in an address. Kannel has
no idempotency key and cannot be asked: what became of a lost answer its reports tell, whose address carries our mark.
It cuts long texts, and silently drops what is over its `max-messages`; such a text is refused here.
"""

from collections.abc import Mapping

import structlog

from service.channels.adapter import Adapter, Site
from service.channels.answers import accepted, judge_whole, meant, refused
from service.channels.doors import door_address
from service.channels.lines.parts import Alphabet, cut
from service.channels.marks import mark, marked
from service.channels.wire import Answer, Wire, WireRequest
from service.core.errors import Unauthenticated
from service.core.model import Channel, Fate
from service.flows.ports import Dispatch, SendResult, Told
from service.flows.providers import (
    Callback,
    Door,
    ProviderAccount,
    ProviderKind,
    Reply,
    Trust,
)

from .account import Params
from .told import MARK, REPORTED, is_unmapped, read_inbound, read_receipt

log = structlog.get_logger()

EVERY_REPORT = 31
"""`dlr-mask`: delivered, undelivered, waiting at the operator, taken by the operator, refused by the operator."""

_CODINGS = {Alphabet.gsm7: ("0", "UTF-8"), Alphabet.ucs2: ("2", "UTF-16BE")}
"""Each as Kannel keeps it, under the name that Kannel has for it: then it changes nothing."""

KIND = ProviderKind("kannel", frozenset({Channel.sms}), Params, Trust.segment, signed=True, by_get=True)

ANSWERS: Mapping[str, tuple[Fate, str]] = {
    "0: Accepted for delivery": (Fate.accepted, ""),
    "3: Queued for later delivery": (Fate.accepted, ""),
    "Authorization failed for sendsms": (Fate.provider_unavailable, "authorization_failed"),
    "Sender missing and no global set, rejected": (Fate.provider_unavailable, "sender_missing"),
    "Not routable. Do not try again.": (Fate.permanent, "not_routable"),
    "Number(s) has/have been denied by white- and/or black-lists.": (Fate.permanent, "denied_by_list"),
    "Charset or body misformed, rejected": (Fate.rejected_content, "body_misformed"),
    # Its queue is full, or could not be written: the one 5xx that says nothing was taken.
    "Temporal failure, try again later.": (Fate.retryable, "temporal_failure"),
}
"""What Kannel answers, word for word; the rest is judged by its status."""


class Kannel(Adapter):
    """One `sendsms-user` of one Kannel."""

    reply = Reply(content_type="text/plain", body=b"")
    """Kannel would send to the person whatever we say to their message, unless `max-messages = 0` forbids it."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._params: Params = site.account.params
        self._wire = Wire(self._params.url, site.send_timeout_s)

    async def send(self, dispatch: Dispatch) -> SendResult:
        request = build(dispatch, self._site.account)
        if request is None:
            return refused("too_long", Fate.rejected_content)
        return judge_whole(await self._wire.call(request), read_answer)

    def check(self, callback: Callback) -> None:
        told = dict(callback.query).get(MARK, "").encode("utf-8", "replace")
        if callback.door is Door.receipts and marked(self._params.mark_key, told) is None:
            raise Unauthenticated("the report carries no mark of ours")

    def read(self, callback: Callback) -> Told:
        name, params, now = self._site.account.name, self._params, self._site.clock()
        if callback.door is Door.inbound:
            return Told(inbound=[read_inbound(name, params.mark_key, params.home, callback, now)])
        receipt = read_receipt(name, params.mark_key, params.codes, callback, now)
        if receipt.text is not None and is_unmapped(receipt.text, params.codes):
            log.error("receipt.unmapped_code", provider=name, code=receipt.text)
        return Told([receipt])

    async def close(self) -> None:
        await self._wire.close()


def build(dispatch: Dispatch, account: ProviderAccount) -> WireRequest | None:
    """Write the message in Kannel's form; None where Kannel would drop its end."""
    params: Params = account.params
    try:
        parts = cut(dispatch.message.body, dispatch.to.address, Alphabet(params.charset), dispatch.attempt)
    except ValueError:
        return None
    if len(parts) > params.max_messages:
        return None
    coding, charset = _CODINGS[parts[0].alphabet]
    report_to = f"{door_address(account, params.public_url)}?{MARK}={mark(params.mark_key, dispatch.attempt)}"
    headers = [
        ("content-type", f"text/plain; charset={charset}"),
        ("x-kannel-username", params.user),
        ("x-kannel-password", params.password.decode()),
        ("x-kannel-from", params.number),
        ("x-kannel-to", dispatch.to.address),
        ("x-kannel-coding", coding),
        ("x-kannel-validity", str(params.valid_minutes)),
        ("x-kannel-dlr-mask", str(EVERY_REPORT)),
        ("x-kannel-dlr-url", f"{report_to}&{REPORTED}"),
    ]
    if params.smsc is not None:
        headers.append(("x-kannel-smsc", params.smsc))
    return WireRequest("POST", params.path, dispatch.message.body.encode(charset, "replace"), tuple(headers))


def read_answer(answer: Answer) -> SendResult | None:
    """The table of answers."""
    said = answer.body.decode("latin-1").strip()
    # With `immediate-sendsms-reply` it only says that the message has left its first half.
    if answer.status == 202 and said.startswith("Sent."):
        return accepted()
    fate, word = ANSWERS.get(said, (None, ""))
    if fate is None or (fate is Fate.accepted) is not (answer.status == 202):
        return None
    return meant(fate, word)
