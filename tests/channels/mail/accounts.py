"""A mail account, its site, and what is sent through it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from service.channels.adapter import Site
from service.channels.mail import smtp
from service.channels.mail.submission import Security
from service.core.model import Channel
from service.core.rendering import Part
from service.flows.ports import Dispatch
from service.flows.providers import Callback, Door, ProviderAccount, Secret, Url
from tests.channels.dispatches import AT, a_dispatch

ATTEMPT = "a_0644d1e5a8c0000000a1b2c3d4e5f6"
KEY = Secret(b"the key of the marks")
SEGMENT = Secret(b"a segment that nobody guesses")
PUBLIC = Url("https://gateway.example")
ADAPTER: Any = smtp.Mail
OWN: dict[str, Any] = {
    "host": "127.0.0.1",
    "security": Security.none,
    "sender": "service@bank.example",
    "sender_name": "示例银行",
    "bounces_to": "bounces@mail.bank.example",
    "mark_key": KEY,
    "public_url": PUBLIC,
}


def account(port: int = 587, **more: Any) -> ProviderAccount:
    params = smtp.Params(**{**OWN, "port": port, **more})
    return ProviderAccount("mail", smtp.KIND, params, smtp.KIND.channels, callback_secret=SEGMENT)


@asynccontextmanager
async def adapter(port: int = 587, *, timeout_s: float = 5.0, **more: Any) -> AsyncIterator[Any]:
    opened = ADAPTER(Site(account(port, **more), lambda: AT, timeout_s, lambda *_: b"", Path()))
    try:
        yield opened
    finally:
        await opened.close()


def dispatch(*, html: str = "", **changes: Any) -> Dispatch:
    plain = a_dispatch(Channel.email, attempt=ATTEMPT)
    parts: tuple[Part, ...] = (Part("subject", "", "账户提醒"), Part("text", "", "您好，请还款。\n\n. 一行\n.."))
    if html:
        parts = (*parts, Part("html", "", html))
    return plain._replace(message=plain.message._replace(parts=parts), **changes)


def report(raw: bytes, door: Door = Door.receipts) -> Callback:
    return Callback(raw, headers={"content-type": "message/rfc822"}, door=door)
