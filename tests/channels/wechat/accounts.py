"""Accounts at WeChat and WeCom, their sites, and what the provider pushes, sealed by a library that is not ours."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from wechatpy.crypto import WeChatCrypto
from wechatpy.enterprise.crypto import WeChatCrypto as WecomCrypto

from service.channels.adapter import Site
from service.channels.wechat import official, wecom
from service.core.model import SECOND, AddressKind, Channel, Instant
from service.core.rendering import Part
from service.flows.ports import Dispatch, Recipient
from service.flows.providers import Callback, FiledTemplate, FilingState, ProviderAccount, ProviderKind, Secret, Url
from tests.channels.dispatches import AT, a_dispatch

ATTEMPT = "a_0644d1e5a8c0000000a1b2c3d4e5f6"
OPENID = "oABCDEF1234567890"
APP, CORP, AGENT = "wx0123456789abcdef", "ww0123456789abcdef", 1000002
DESK = ("li.si", "wang.wu")
APP_SECRET = Secret(b"0123456789abcdef0123456789abcdef")
TOKEN = Secret(b"a token that was agreed")
AES_KEY = Secret(base64.b64encode(bytes(range(32))).rstrip(b"="))
VALUES = {"amount_due": "1,234.50元", "due_on": "11月20日"}

FILED = FiledTemplate(
    "overdue-reminder",
    "zh-CN",
    "ngqIpbwh8bUfcSsECmogfXcV14J0tQlEpBO27izEYtY",
    FilingState.approved,
    (("amount1", "amount_due"), ("time2", "due_on")),
)

OWN: dict[ProviderKind, dict[str, Any]] = {
    official.KIND: {"app_id": APP, "app_secret": APP_SECRET},
    wecom.KIND: {"corp_id": CORP, "corp_secret": APP_SECRET, "agent_id": AGENT},
}
ADAPTERS: dict[ProviderKind, Any] = {official.KIND: official.WechatOfficial, wecom.KIND: wecom.Wecom}


def account(kind: ProviderKind, url: str | None = None, **more: Any) -> ProviderAccount:
    own = {**OWN[kind], "push_token": TOKEN, "encoding_aes_key": AES_KEY, **more}
    if url is not None:
        own["url"] = Url(url)
    return ProviderAccount("chat", kind, kind.params(**own), kind.channels, templates=(FILED,))


@asynccontextmanager
async def adapter(
    kind: ProviderKind, url: str | None = None, *, timeout_s: float = 5.0, fresh_s: int | None = 300, **more: Any
) -> AsyncIterator[Any]:
    site = Site(account(kind, url, **more), lambda: AT, timeout_s, lambda *_: b"", Path(), fresh_s)
    opened = ADAPTERS[kind](site)
    try:
        yield opened
    finally:
        await opened.close()


def dispatch(kind: ProviderKind = official.KIND, to: str | None = None) -> Dispatch:
    plain = a_dispatch(Channel.wechat, attempt=ATTEMPT, to=to)
    if kind is wecom.KIND:
        plain = plain._replace(to=Recipient("李四", AddressKind.wecom_user, to or "li.si"))
    return plain._replace(values=VALUES)


def order(opening: str = "您好", facts: str = "许可：p_1") -> Dispatch:
    """The order for a visit, as the flows make it."""
    parts = (Part("order", "上门走访工作单", facts), Part("opening", "到访时说明", opening))
    plain = a_dispatch(Channel.letter, attempt=ATTEMPT)._replace(channel=Channel.visit, letter_service=None)
    return plain._replace(message=plain.message._replace(parts=parts))


def sealed(inner: str, *, at: Instant = AT, crypto: Any = None) -> Callback:
    """A push as the provider makes it: `inner` are the elements of the document."""
    library = crypto or WeChatCrypto(TOKEN.decode(), AES_KEY.decode(), APP)
    seconds = str(at // SECOND)
    body = library.encrypt_message(f"<xml>{inner}</xml>", "a-nonce", seconds)
    signature = body.split("<MsgSignature><![CDATA[")[1].split("]]>")[0]
    query = (("timestamp", seconds), ("nonce", "a-nonce"), ("encrypt_type", "aes"), ("msg_signature", signature))
    return Callback(body.encode(), query=query)


def sealed_for_wecom(inner: str) -> Callback:
    return sealed(inner, crypto=WecomCrypto(TOKEN.decode(), AES_KEY.decode(), CORP))


def event(name: str, more: str = "", *, openid: str = OPENID, at: Instant = AT) -> str:
    return (
        f"<ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[{openid}]]></FromUserName>"
        f"<CreateTime>{at // SECOND}</CreateTime><MsgType><![CDATA[event]]></MsgType>"
        f"<Event><![CDATA[{name}]]></Event>{more}"
    )


def text(words: str, *, openid: str = OPENID, msg_id: str = "23456789012345678", at: Instant = AT) -> str:
    return (
        f"<ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[{openid}]]></FromUserName>"
        f"<CreateTime>{at // SECOND}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content><![CDATA[{words}]]></Content><MsgId>{msg_id}</MsgId>"
    )


def finished(status: str, ref: str = "200163836") -> str:
    return event("TEMPLATESENDJOBFINISH", f"<MsgID>{ref}</MsgID><Status><![CDATA[{status}]]></Status>")


def answered(template: str, answer: str) -> str:
    """What a person said in the window about one template."""
    said = f"<TemplateId>{template}</TemplateId><SubscribeStatusString>{answer}</SubscribeStatusString>"
    return f"<SubscribeMsgPopupEvent><List>{said}<PopupScene>2</PopupScene></List></SubscribeMsgPopupEvent>"
