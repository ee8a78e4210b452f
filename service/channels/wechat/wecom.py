"""
Messages of a WeCom application (企业微信) to the lender's own people, such as field staff.

A WeCom user is a colleague, never a debtor. The same message within the time given is dropped by the provider
(`enable_duplicate_check`), by its content; so it carries our attempt, and a repeat of one attempt is one message. It
tells nothing of what becomes of a message, and drops what is over its limits in silence.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

import orjson

from service.channels.adapter import Adapter, Site
from service.channels.answers import judge, refused
from service.channels.wire import Wire, WireRequest
from service.core.errors import Invalid
from service.core.model import AddressKind, Channel, Fate, Outcome
from service.core.rule import Flawed
from service.flows.ports import Dispatch, Inbound, Recipient, SendResult, Told
from service.flows.providers import Callback, ProviderKind, Reply, Secret, Url

from .codes import WECOM, reader
from .events import Push
from .pushed import Seal, aes_key, check, echoed, sealed_in, unseal
from .token import AccessToken, Granted, granted, with_token

HOME = Url("https://qyapi.weixin.qq.com")
JSON = (("content-type", "application/json"),)
SAME_WITHIN_S = 14_400
"""As long as the provider looks back at most."""

TEXT_BYTES_MAX = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The company, the application that speaks, and what its pushes are proven and opened by."""

    corp_id: str
    corp_secret: Secret
    agent_id: int
    push_token: Secret
    encoding_aes_key: Secret
    url: Url = HOME

    def __post_init__(self) -> None:
        aes_key(self.encoding_aes_key)
        if self.agent_id < 1:
            raise Flawed([("agent_id", "must be at least 1")])


KIND = ProviderKind("wecom", frozenset({Channel.wechat}), Params)


class Wecom(Adapter):
    """One application."""

    reply = Reply(content_type="text/plain", body=b"success")

    def __init__(self, site: Site) -> None:
        self._site = site
        self._params: Params = site.account.params
        self._seal = Seal(self._params.push_token, aes_key(self._params.encoding_aes_key), self._params.corp_id)
        self._wire = Wire(self._params.url, site.send_timeout_s)
        self._desk = Wire(self._params.url, site.send_timeout_s / 4)
        self._token = AccessToken(self._granted, site.clock)

    async def send(self, dispatch: Dispatch) -> SendResult:
        if dispatch.to.kind is not AddressKind.wecom_user:
            return refused("not_a_colleague")
        if len(text_of(dispatch).encode()) > TEXT_BYTES_MAX:
            return refused("too_long", Fate.rejected_content)
        return await with_token(self._token, partial(self._hand_over, dispatch), self._site.send_timeout_s)

    def check(self, callback: Callback) -> None:
        echo = dict(callback.query).get("echostr", "")
        sealed = echo if callback.method == "GET" else sealed_in(callback.body)
        check(self._seal, callback, sealed, self._site.clock(), self._site.fresh_s)

    def read(self, callback: Callback) -> Told:
        if callback.method == "GET":
            return Told(reply=echoed(unseal(self._seal, dict(callback.query).get("echostr", ""))))
        document = unseal(self._seal, sealed_in(callback.body))
        return read_push(self._site.account.name, self._params.push_token, document)

    async def close(self) -> None:
        await self._token.close()
        await self._wire.close()
        await self._desk.close()

    async def _hand_over(self, dispatch: Dispatch, token: str, within_s: float) -> SendResult:
        return judge(await self._wire.call(build(dispatch, self._params, token), within_s), read_answer)

    async def _granted(self, force: bool) -> Granted | SendResult:
        # There is no renewal by force: the provider renews a token only once it is over.
        return await granted(self._desk, build_token(self._params), WECOM)


def build(dispatch: Dispatch, params: Params, token: str) -> WireRequest:
    """Write the message in the provider's form."""
    said = {
        "touser": dispatch.to.address,
        "msgtype": "text",
        "agentid": params.agent_id,
        "text": {"content": text_of(dispatch)},
        "enable_duplicate_check": 1,
        "duplicate_check_interval": SAME_WITHIN_S,
    }
    return WireRequest("POST", "/cgi-bin/message/send", orjson.dumps(said), JSON, urlencode({"access_token": token}))


def text_of(dispatch: Dispatch) -> str:
    """Give the text with our mark under it: what the provider compares must not be equal for two attempts."""
    return f"{dispatch.message.body}\n({dispatch.attempt})"


def build_token(params: Params) -> WireRequest:
    """Ask for the token that all processes share."""
    query = urlencode({"corpid": params.corp_id, "corpsecret": params.corp_secret.decode()})
    return WireRequest("GET", "/cgi-bin/gettoken", query=query)


def read_answer(status: int, told: Mapping[str, Any]) -> SendResult | None:
    """The table of answers; a success that names our one recipient as invalid is none."""
    if told.get("errcode") == 0 and told.get("invaliduser"):
        return refused("invaliduser", Fate.invalid_recipient)
    return reader(WECOM)(status, told)


def read_push(provider: str, key: bytes, document: bytes) -> Told:
    """Read what a colleague wrote to the application; what they press or open asks nothing of us."""
    push = Push(document)
    user, text = push.word("FromUserName"), push.word("Content")
    if push.event or not text:
        return Told()
    if not user or len(user) > 64:
        raise Invalid("FromUserName", "is missing, or no user")
    event = push.word("MsgId")[:64] or push.name(key, text)
    sender = Recipient(None, AddressKind.wecom_user, user)
    return Told(inbound=[Inbound(provider, event, Channel.wechat, sender, push.at, Outcome.replied, text)])
