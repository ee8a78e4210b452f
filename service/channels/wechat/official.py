"""
Messages by a WeChat service account: template messages, and subscription notices.

The provider sends what is filed with it, field by field. A template message carries our attempt as `client_msg_id`: for
one follower the same id is one message, for ten minutes (template/send); a subscription notice has nothing of the
kind. A notice uses up a consent that the person gave in WeChat, template by template (`by_consent`). We keep count with
the provider (`flows.allowances`), which has the last word: its 43101 says that none is left.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any
from urllib.parse import urlencode

import orjson
import structlog

from service.channels.adapter import Adapter, Site
from service.channels.answers import judge, refused
from service.channels.clouds.codes import harmless
from service.channels.wire import Wire, WireRequest
from service.core.model import AddressKind, Channel, Fate
from service.flows.ports import Dispatch, SendResult, Told
from service.flows.providers import Callback, FiledTemplate, ProviderKind, Reply, Secret, Url

from .codes import OFFICIAL, reader
from .events import is_known, read_push
from .pushed import Seal, aes_key, check, echoed, sealed_in, unseal
from .token import AccessToken, Granted, granted, with_token

log = structlog.get_logger()

HOME = Url("https://api.weixin.qq.com")
FIELD = "field."
JSON = (("content-type", "application/json"),)


class Notice(StrEnum):
    """What was filed with the provider."""

    template = "template"
    subscription = "subscription"


_PATHS = {
    Notice.template: "/cgi-bin/message/template/send",
    Notice.subscription: "/cgi-bin/message/subscribe/bizsend",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The service account, what its pushes are proven and opened by, and which page a message leads to."""

    app_id: str
    app_secret: Secret
    push_token: Secret
    encoding_aes_key: Secret
    notice: Notice = Notice.template
    page: Url | None = None
    url: Url = HOME

    def __post_init__(self) -> None:
        aes_key(self.encoding_aes_key)


def _by_consent(params: Params) -> bool:
    return params.notice is Notice.subscription


KIND = ProviderKind(
    "wechat_official",
    frozenset({Channel.wechat}),
    Params,
    templated=True,
    addresses=frozenset({AddressKind.wechat_openid}),
    by_consent=_by_consent,
)


class WechatOfficial(Adapter):
    """One service account."""

    reply = Reply(content_type="text/plain", body=b"success")

    def __init__(self, site: Site) -> None:
        self._site = site
        self._params: Params = site.account.params
        self._seal = Seal(self._params.push_token, aes_key(self._params.encoding_aes_key), self._params.app_id)
        # The desk is asked twice at most for a token, and `with_token` keeps all in the time of one send.
        self._wire = Wire(self._params.url, site.send_timeout_s)
        self._desk = Wire(self._params.url, site.send_timeout_s / 4)
        self._token = AccessToken(self._granted, site.clock)

    async def send(self, dispatch: Dispatch) -> SendResult:
        filing = self._site.account.filed(dispatch.message.template, dispatch.message.locale)
        if filing is None:
            return refused("template_not_filed", Fate.rejected_content)
        if dispatch.to.kind is not AddressKind.wechat_openid:
            return refused("not_a_follower")
        hand_over = partial(self._hand_over, dispatch, filing)
        return await with_token(self._token, hand_over, self._site.send_timeout_s)

    def check(self, callback: Callback) -> None:
        sealed = None if callback.method == "GET" else sealed_in(callback.body)
        check(self._seal, callback, sealed, self._site.clock(), self._site.fresh_s)

    def read(self, callback: Callback) -> Told:
        if callback.method == "GET":
            return Told(reply=echoed(dict(callback.query).get("echostr", "").encode()))
        name, key = self._site.account.name, self._params.push_token
        told = read_push(name, key, unseal(self._seal, sealed_in(callback.body)))
        for receipt in told.receipts:
            if receipt.text is not None and not is_known(receipt.text):
                log.error("receipt.unmapped_code", provider=name, code=harmless(receipt.text))
        return told

    async def close(self) -> None:
        await self._token.close()
        await self._wire.close()
        await self._desk.close()

    async def _hand_over(self, dispatch: Dispatch, filing: FiledTemplate, token: str, within_s: float) -> SendResult:
        answer = await self._wire.call(build(dispatch, filing, self._params, token), within_s)
        return judge(answer, reader(OFFICIAL))

    async def _granted(self, force: bool) -> Granted | SendResult:
        return await granted(self._desk, build_token(self._params, force), OFFICIAL)


def build(dispatch: Dispatch, filing: FiledTemplate, params: Params, token: str) -> WireRequest:
    """Write the message in the provider's form."""
    said: dict[str, Any] = {
        "touser": dispatch.to.address,
        "template_id": filing.code,
        "data": {name: {"value": text} for name, text in fields(dispatch, filing)},
    }
    if params.page is not None:
        said["url" if params.notice is Notice.template else "page"] = params.page
    if params.notice is Notice.template:
        said["client_msg_id"] = dispatch.attempt
    return WireRequest("POST", _PATHS[params.notice], orjson.dumps(said), JSON, urlencode({"access_token": token}))


def fields(dispatch: Dispatch, filing: FiledTemplate) -> list[tuple[str, str]]:
    """Give the provider's fields: variables of ours as filed, else those that our template writes under their names."""
    if filing.variables:
        return [(theirs, dispatch.values.get(ours, "")) for theirs, ours in filing.variables]
    written = [part for part in dispatch.message.parts if part.name.startswith(FIELD)]
    return [(part.name.removeprefix(FIELD), part.text) for part in written]


def build_token(params: Params, force: bool) -> WireRequest:
    """Ask for the token that all processes share; by force: for a new one, at the cost of the old."""
    said = {
        "grant_type": "client_credential",
        "appid": params.app_id,
        "secret": params.app_secret.decode(),
        "force_refresh": force,
    }
    return WireRequest("POST", "/cgi-bin/stable_token", orjson.dumps(said), JSON)
