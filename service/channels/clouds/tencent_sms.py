"""
Text messages by Tencent Cloud (2021-01-11).

The provider sends what is filed with it, with the variables in their order. One call may hold many numbers and has an
answer for each; we give it one. Nothing makes a call idempotent: our attempt goes along as `SessionContext`. The
callbacks are signed by nobody, and a reply names no message: it is matched by its sender.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from service.channels.adapter import Adapter, Site
from service.channels.answers import Reader, accepted, judge, refused
from service.channels.wire import Answer, Wire, WireRequest
from service.core.model import HOUR, MINUTE, SECOND, Channel, Fate, Instant, Outcome
from service.flows.ports import Asked, Dispatch, SendResult, Told
from service.flows.providers import Callback, Door, FiledTemplate, ProviderKind, Reply, Secret, Trust, Url

from .codes import harmless
from .pushed import beijing_start
from .tencent import Action, Signer, call
from .tencent_codes import CAP_WINDOWS, OK, SMS, receipt
from .tencent_told import read_inbound, read_receipt, read_statuses

log = structlog.get_logger()

HOME = Url("https://sms.tencentcloudapi.com")
VERSION = "2021-01-11"
LIMIT = 100
OPENS = 8 * HOUR
"""When the provider begins to take advertising, in Beijing (`FailedOperation.MarketingSendTimeConstraint`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The key of the account, its application, and where the service is."""

    secret_id: str
    secret_key: Secret
    sdk_app_id: str
    region: str = "ap-guangzhou"
    url: Url = HOME


KIND = ProviderKind("tencent_sms", frozenset({Channel.sms}), Params, Trust.segment, templated=True, signed=True)


class TencentSms(Adapter):
    """One account."""

    reply = Reply(body=b'{"result":0,"errmsg":"OK"}')

    def __init__(self, site: Site) -> None:
        self._site = site
        self._params: Params = site.account.params
        self._wire = Wire(self._params.url, site.send_timeout_s)

    async def send(self, dispatch: Dispatch) -> SendResult:
        filing = self._site.account.filed(dispatch.message.template, dispatch.message.locale)
        if filing is None:
            return refused("template_not_filed", Fate.rejected_content)
        request = build(dispatch, filing, self._params, self._site.clock())
        return judge(await self._wire.call(request), reader(dispatch.at))

    async def ask(self, asked: Asked) -> SendResult | None:
        """Look for the attempt among the receipts of its recipient; only what has one is listed."""
        if asked.to is None:
            return None
        answer = await self._wire.call(question(asked.to.address, asked.at, self._params, self._site.clock()))
        return read_statuses(answer, asked) if isinstance(answer, Answer) else None

    def read(self, callback: Callback) -> Told:
        name, key = self._site.account.name, self._params.secret_key
        if callback.door is Door.inbound:
            return read_inbound(name, key, callback.body)
        told = read_receipt(name, key, callback.body, self._site.clock())
        for each in told.receipts:
            if each.text is not None and each.outcome is not Outcome.delivered and receipt(each.text) is None:
                log.error("receipt.unmapped_code", provider=name, code=harmless(each.text))
        return told

    async def close(self) -> None:
        await self._wire.close()


def build(dispatch: Dispatch, filing: FiledTemplate, params: Params, at: Instant) -> WireRequest:
    """Write the message in the provider's form."""
    said: dict[str, Any] = {
        "PhoneNumberSet": [dispatch.to.address],
        "SmsSdkAppId": params.sdk_app_id,
        "TemplateId": filing.code,
        "SignName": filing.signature or "",
        "SessionContext": dispatch.attempt,
    }
    if filing.variables:
        said["TemplateParamSet"] = [dispatch.values.get(ours, "") for _, ours in filing.variables]
    return call(params.url, _action("SendSms", params), said, Signer(params.secret_id, params.secret_key, at))


def question(number: str, since: Instant, params: Params, at: Instant) -> WireRequest:
    """Ask for the receipts of a number since an instant."""
    said = {
        "BeginTime": (since - MINUTE) // SECOND,
        "Offset": 0,
        "Limit": LIMIT,
        "PhoneNumber": number,
        "SmsSdkAppId": params.sdk_app_id,
    }
    action = _action("PullSmsSendStatusByPhoneNumber", params)
    return call(params.url, action, said, Signer(params.secret_id, params.secret_key, at))


def reader(at: Instant) -> Reader:
    """Give the table of answers to a message sent at that instant: of the call, and of the number in it."""

    def read(status: int, told: Mapping[str, Any]) -> SendResult | None:
        response = told.get("Response")
        if not isinstance(response, dict):
            return None
        error, numbers = response.get("Error"), response.get("SendStatusSet")
        if isinstance(error, dict):
            return _refusal(status, error.get("Code"), at)
        if not isinstance(numbers, list) or len(numbers) != 1 or not isinstance(numbers[0], dict):
            return None
        if numbers[0].get("Code") == OK:
            ref = numbers[0].get("SerialNo")
            return accepted(ref) if status == 200 and isinstance(ref, str) and ref else None
        return _refusal(status, numbers[0].get("Code"), at)

    return read


def _refusal(status: int, code: object, at: Instant) -> SendResult | None:
    if not isinstance(code, str):
        return None
    until = Instant(at + CAP_WINDOWS[code]) if code in CAP_WINDOWS else None
    if SMS.fate(code) is Fate.deferred_window:
        until = next_opening(at)
    result = SMS.result(code, until)
    return None if result.unmapped and status >= 500 else result


def next_opening(at: Instant) -> Instant:
    """When advertising may go out again, for one who was refused at that instant."""
    start = beijing_start(at)
    return Instant(start + OPENS + (24 * HOUR if at >= start + OPENS else 0))


def _action(name: str, params: Params) -> Action:
    return Action("sms", VERSION, name, params.region)
