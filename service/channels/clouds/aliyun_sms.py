"""
Text messages by Aliyun (Dysmsapi, 2017-05-25).

The provider sends what is filed with it: signature, template, and the variables by their names there. Nothing makes
a call idempotent, so our attempt goes along as `OutId`, comes back with the receipt, and is looked for by it after a
lost answer. Its callbacks are signed by nobody: the account needs an unguessable path.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import structlog

from service.channels.adapter import Adapter, Site
from service.channels.answers import Reader, accepted, judge, refused
from service.channels.wire import Answer, Wire, WireRequest
from service.core.model import MINUTE, Channel, Fate, Instant
from service.flows.ports import Asked, Dispatch, SendResult, Told
from service.flows.providers import Callback, Door, FiledTemplate, ProviderKind, Reply, Secret, Trust, Url

from .aliyun import Signer, rpc
from .aliyun_codes import OK, SMS, cap_end
from .aliyun_receipts import RECEIPTS
from .aliyun_sms_told import read_details, read_inbound, read_receipt
from .codes import harmless
from .pushed import beijing_day, mainland

log = structlog.get_logger()

HOME = Url("https://dysmsapi.aliyuncs.com")
VERSION = "2017-05-25"
PAGE = "50"


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The key of the account, and where the service is."""

    access_key_id: str
    access_key_secret: Secret
    url: Url = HOME


KIND = ProviderKind("aliyun_sms", frozenset({Channel.sms}), Params, Trust.segment, templated=True, signed=True)


class AliyunSms(Adapter):
    """One account."""

    reply = Reply(body=b'{"code":0,"msg":"OK"}')

    def __init__(self, site: Site) -> None:
        self._site = site
        self._params: Params = site.account.params
        self._wire = Wire(self._params.url, site.send_timeout_s)

    async def send(self, dispatch: Dispatch) -> SendResult:
        filing = self._site.account.filed(dispatch.message.template, dispatch.message.locale)
        if filing is None:
            return refused("template_not_filed", Fate.rejected_content)
        request = build(dispatch, filing, self._params, self._signer())
        return judge(await self._wire.call(request), reader(dispatch.at))

    async def ask(self, asked: Asked) -> SendResult | None:
        """Look for the attempt among the messages to its recipient; not to find it proves nothing."""
        if asked.to is None:
            return None
        # Near midnight it may stand under the day that followed.
        for day in sorted({beijing_day(asked.at), beijing_day(Instant(asked.at + 2 * MINUTE))}):
            answer = await self._wire.call(question(asked.to.address, day, self._params, self._signer()))
            if isinstance(answer, Answer) and (found := read_details(answer, asked.attempt)) is not None:
                return found
        return None

    def read(self, callback: Callback) -> Told:
        name, key = self._site.account.name, self._params.access_key_secret
        now = self._site.clock()
        if callback.door is Door.inbound:
            return read_inbound(name, key, callback.body, now)
        told = read_receipt(name, key, callback.body, now)
        for receipt in told.receipts:
            if receipt.text is not None and receipt.text not in RECEIPTS:
                log.error("receipt.unmapped_code", provider=name, code=harmless(receipt.text))
        return told

    async def close(self) -> None:
        await self._wire.close()

    def _signer(self) -> Signer:
        params = self._params
        return Signer(params.access_key_id, params.access_key_secret, self._site.clock(), secrets.token_hex(16))


def build(dispatch: Dispatch, filing: FiledTemplate, params: Params, signer: Signer) -> WireRequest:
    """Write the message in the provider's form."""
    said = {
        "PhoneNumbers": mainland(dispatch.to.address),
        "SignName": filing.signature or "",
        "TemplateCode": filing.code,
        "OutId": dispatch.attempt,
    }
    if filing.variables:
        said["TemplateParam"] = variables(dispatch, filing)
    return rpc(params.url, VERSION, "SendSms", said, signer)


def variables(dispatch: Dispatch, filing: FiledTemplate) -> str:
    """Give the values by the provider's names, as JSON."""
    return orjson.dumps({theirs: dispatch.values.get(ours, "") for theirs, ours in filing.variables}).decode()


def question(number: str, day: str, params: Params, signer: Signer) -> WireRequest:
    """Ask for what was sent to a number on a day."""
    said = {"PhoneNumber": mainland(number), "SendDate": day, "PageSize": PAGE, "CurrentPage": "1"}
    return rpc(params.url, VERSION, "QuerySendDetails", said, signer)


def reader(at: Instant) -> Reader:
    """Give the table of answers to a message sent at that instant; a refusal may come with status 200."""

    def read(status: int, told: Mapping[str, Any]) -> SendResult | None:
        code = told.get("Code")
        if not isinstance(code, str):
            return None
        if code == OK:
            ref = told.get("BizId")
            return accepted(ref) if status == 200 and isinstance(ref, str) and ref else None
        result = SMS.result(code, cap_end(at, told.get("Message")))
        # A fault of theirs behind a word that we do not know: it may have been sent all the same.
        return None if result.unmapped and status >= 500 else result

    return read
