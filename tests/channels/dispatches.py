"""Dispatches as the flows make them, for the tests of what sends them."""

import json

from service.core.model import AddressKind, Channel, Dialing, Instant, LetterService, Purpose
from service.core.rendering import Message, Part, Reveals
from service.flows.ports import Dispatch, Recipient

AT = Instant(1_763_949_600_000_000)
"""2025-11-24 10:00:00 in Shanghai."""

PLACE = json.dumps({"city": "某市", "country": "CN", "lines": ["测试路1号"]}, ensure_ascii=False)

_ADDRESSES = {
    Channel.call: (AddressKind.mobile, "+8613800138000"),
    Channel.sms: (AddressKind.mobile, "+8613800138000"),
    Channel.wechat: (AddressKind.wechat_openid, "oABCDEF1234567890"),
    Channel.email: (AddressKind.email, "zhang.san@example.com"),
    Channel.letter: (AddressKind.postal, PLACE),
}


def a_message(channel: Channel = Channel.sms) -> Message:
    parts = (Part("opening", "", "您好"), Part("closing", "", "再见"))
    subject = "账户提醒" if channel is Channel.email else None
    segments = 1 if channel is Channel.sms else None
    states: frozenset[object] = frozenset()
    return Message(
        channel,
        "zh-CN",
        "overdue-reminder",
        "0" * 64,
        Reveals.debt,
        states,
        subject,
        "【示例银行】请还款",
        parts,
        segments,
        "d",
    )  # type: ignore[arg-type]


def a_dispatch(
    channel: Channel = Channel.sms,
    *,
    attempt: str = "a1",
    request: str = "r1",
    to: str | None = None,
    name: str = "张三",
) -> Dispatch:
    kind, address = _ADDRESSES[channel]
    return Dispatch(
        attempt=attempt,
        request=request,
        at=AT,
        channel=channel,
        purpose=Purpose.collection,
        to=Recipient(name, kind, to or address),
        message=a_message(channel),
        dialing=Dialing.ai_voice if channel is Channel.call else None,
        recording=channel is Channel.call,
        letter_service=LetterService.registered if channel is Channel.letter else None,
    )
