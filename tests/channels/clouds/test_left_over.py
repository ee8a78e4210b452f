"""One item that cannot be read, or that came to the wrong door, is left over: it is not lost, and spoils no other."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest

from service.channels.clouds import aliyun_sms, aliyun_voice, tencent_sms, twilio_messages
from service.core.errors import Invalid
from service.flows.ports import Told
from service.flows.providers import Callback, Door, ProviderKind
from tests.channels.clouds.accounts import ADAPTERS, account, site
from tests.channels.dispatches import AT

ALIYUN_REPORT = {"biz_id": "1", "phone_number": "13800138000", "success": True, "send_time": "2025-11-24 10:00:00"}
ALIYUN_REPLY = {"phone_number": "13800138000", "content": "退订", "send_time": "2025-11-24 10:00:00"}
TENCENT_REPORT = {"sid": "1", "mobile": "13800138000", "nationcode": "86", "report_status": "SUCCESS"}
TENCENT_REPLY = {"mobile": "13800138000", "nationcode": "86", "text": "退订", "time": AT // 1_000_000}
CALL = {"call_id": "1", "status_code": "200002"}

GOOD = [
    (aliyun_sms.KIND, Door.receipts, ALIYUN_REPORT),
    (aliyun_sms.KIND, Door.inbound, ALIYUN_REPLY),
    (tencent_sms.KIND, Door.receipts, TENCENT_REPORT),
    (tencent_sms.KIND, Door.inbound, TENCENT_REPLY),
    (aliyun_voice.KIND, Door.receipts, CALL),
]
each = pytest.mark.parametrize(("kind", "door", "good"), GOOD, ids=lambda each: str(getattr(each, "name", "")))


def read(kind: ProviderKind, door: Door, raw: bytes) -> Told:
    told: Told = ADAPTERS[kind](site(account(kind))).read(Callback(raw, door=door))
    return told


def said(told: Told) -> int:
    return len(told.receipts) + len(told.inbound)


@each
@pytest.mark.parametrize(
    "spoil",
    [
        lambda good: "text",
        lambda good: {},
        lambda good: good | {name: ["a list"] for name in good},
        lambda good: good | dict.fromkeys(good, "x" * 4001),
        lambda good: good | dict.fromkeys(good, "\x00"),
    ],
    ids=["no object", "nothing in it", "lists", "too long", "zero bytes"],
)
def test_a_bad_item_is_left_over_in_a_form_that_is_read_again(
    kind: ProviderKind, door: Door, good: dict[str, Any], spoil: Callable[[dict[str, Any]], object]
) -> None:
    bad = spoil(good)
    told = read(kind, door, orjson.dumps([bad, good, bad]))

    assert 1 == said(told)
    assert told.left is not None and (2, [bad, bad]) == (told.left.items, orjson.loads(told.left.body))
    again = read(kind, door, told.left.body)
    assert (0, told.left) == (said(again), again.left)


@each
def test_what_cannot_be_written_again_stays_in_the_body_it_came_in(
    kind: ProviderKind, door: Door, good: dict[str, Any]
) -> None:
    deep = b"[" * 900 + b"]" * 900
    raw = b"[" + orjson.dumps(good) + b"," + deep + b"]"
    told = read(kind, door, raw)

    assert 1 == said(told)
    assert told.left is not None and 1 == told.left.items
    assert told.left.body in (raw, b"[" + deep + b"]")


@pytest.mark.parametrize(
    ("kind", "door", "item"),
    [
        (aliyun_sms.KIND, Door.receipts, ALIYUN_REPLY),
        (aliyun_sms.KIND, Door.inbound, ALIYUN_REPORT),
        (tencent_sms.KIND, Door.receipts, TENCENT_REPLY),
        (tencent_sms.KIND, Door.inbound, TENCENT_REPORT),
    ],
    ids=lambda each: str(getattr(each, "name", "")),
)
def test_what_came_to_the_wrong_door_is_left_over(kind: ProviderKind, door: Door, item: dict[str, Any]) -> None:
    told = read(kind, door, orjson.dumps([item]))

    assert 0 == said(told)
    assert told.left is not None and (1, [item]) == (told.left.items, orjson.loads(told.left.body))


@pytest.mark.parametrize(
    ("door", "fields"),
    [
        (Door.receipts, {"MessageSid": "SM1", "SmsStatus": "received", "From": "+13125550100", "Body": "STOP"}),
        (Door.inbound, {"MessageSid": "SM1", "MessageStatus": "delivered", "From": "+14155550100"}),
    ],
)
def test_a_form_that_came_to_the_wrong_door_is_refused(door: Door, fields: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        read(twilio_messages.KIND, door, urlencode(fields).encode())


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (rb'[{"phone_number":"13800138000","content":"STOP\ud83d"}]', "STOP?"),
        (rb'[{"phone_number":"13800138000","content":"\ud83d"},{"phone_number":"13800138000","content":"TD"}]', "TD"),
        (b'[{"phone_number":"13800138000","content":"TD","sign_name":"\xcb\xbe"}]', "TD"),
    ],
    ids=["half a character", "half a character elsewhere", "another encoding"],
)
def test_what_is_no_text_keeps_no_wish_from_being_heard(raw: bytes, text: str) -> None:
    told = read(aliyun_sms.KIND, Door.inbound, raw)

    assert text == told.inbound[-1].text
    assert told.left is None
