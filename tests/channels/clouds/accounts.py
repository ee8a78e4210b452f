"""Accounts at the clouds, their sites, and what is sent through them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from service.channels.adapter import Site
from service.channels.clouds import aliyun_sms, aliyun_voice, tencent_sms, twilio_calls, twilio_messages
from service.core.model import Channel, Instant
from service.core.rendering import Reveals, Statement
from service.flows.ports import Asked, Dispatch, Recipient, SendResult
from service.flows.providers import FiledTemplate, FilingState, ProviderAccount, ProviderKind, Secret, Url
from tests.channels.dispatches import AT, a_dispatch

ATTEMPT = "a_0644d1e5a8c0000000a1b2c3d4e5f6"
SIGNATURE = "示例银行"
SECRET = Secret(b"a secret of the account")
PUBLIC = Url("https://gateway.example")

VALUES = {"amount_due": "1,234.50元", "due_on": "11月20日"}

FILED = FiledTemplate(
    "overdue-reminder",
    "zh-CN",
    "SMS_154950909",
    FilingState.approved,
    (("amount", "amount_due"), ("day", "due_on")),
    SIGNATURE,
)

ALIYUN = {"access_key_id": "LTAI-test", "access_key_secret": SECRET}
TENCENT = {"secret_id": "AKID-test", "secret_key": SECRET, "sdk_app_id": "1400006666"}
TWILIO = {"account_sid": "AC" + "0" * 32, "auth_token": SECRET, "public_url": PUBLIC, "from_number": "+14155550100"}

OWN = {
    aliyun_sms.KIND: ALIYUN,
    aliyun_voice.KIND: ALIYUN,
    tencent_sms.KIND: TENCENT,
    twilio_messages.KIND: TWILIO,
    twilio_calls.KIND: TWILIO,
}

ADAPTERS = {
    aliyun_sms.KIND: aliyun_sms.AliyunSms,
    aliyun_voice.KIND: aliyun_voice.AliyunVoice,
    tencent_sms.KIND: tencent_sms.TencentSms,
    twilio_messages.KIND: twilio_messages.TwilioMessages,
    twilio_calls.KIND: twilio_calls.TwilioCalls,
}


def account(kind: ProviderKind, url: str | None = None, **more: Any) -> ProviderAccount:
    own: dict[str, Any] = {**OWN[kind], **more}
    if url is not None:
        own["url"] = Url(url)
    return ProviderAccount(
        "cloud",
        kind,
        kind.params(**own),
        kind.channels,
        signatures={SIGNATURE: FilingState.approved},
        templates=(FILED,),
    )


def site(at: ProviderAccount, timeout_s: float = 5.0, now: Instant = AT) -> Site:
    return Site(at, lambda: now, timeout_s, lambda *_: b"", Path())


@asynccontextmanager
async def adapter(kind: ProviderKind, url: str, timeout_s: float = 5.0, **more: Any) -> AsyncIterator[Any]:
    opened = ADAPTERS[kind](site(account(kind, url, **more), timeout_s))
    try:
        yield opened
    finally:
        await opened.close()


async def send(kind: ProviderKind, url: str, message: Dispatch, timeout_s: float = 5.0, **more: Any) -> SendResult:
    async with adapter(kind, url, timeout_s, **more) as opened:
        return await opened.send(message)


async def ask(kind: ProviderKind, url: str, what: Asked, **more: Any) -> Any:
    async with adapter(kind, url, **more) as opened:
        return await opened.ask(what)


def dispatch(channel: Channel = Channel.sms, *, reveals: Reveals = Reveals.debt, to: str | None = None) -> Dispatch:
    plain = a_dispatch(channel, attempt=ATTEMPT, to=to)
    # A call that is recorded tells of it.
    states = frozenset({Statement.recording}) if plain.recording else plain.message.states
    return plain._replace(values=VALUES, message=plain.message._replace(reveals=reveals, states=states))


def asked(channel: Channel = Channel.sms, ref: str | None = None, to: str = "+8613800138000") -> Asked:
    plain = a_dispatch(channel)
    return Asked(ATTEMPT, channel, AT, Recipient(None, plain.to.kind, to), ref)
