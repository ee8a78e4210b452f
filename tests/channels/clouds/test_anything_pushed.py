"""Whatever is pushed at us is read or refused by name; nothing else comes of it."""

import contextlib

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.channels.clouds import aliyun_sms_told, aliyun_voice_told, tencent_told, twilio_calls_told, twilio_messages
from service.core.errors import Invalid
from service.flows.providers import Callback, Door
from tests.channels.clouds.accounts import ADAPTERS, SECRET, account, site
from tests.channels.dispatches import AT

KEY = bytes(SECRET)
NAMES = (
    *("biz_id", "call_id", "sid", "phone_number", "mobile", "nationcode", "status_code", "err_code", "errmsg"),
    *(
        "success",
        "report_time",
        "send_time",
        "end_time",
        "duration",
        "time",
        "text",
        "content",
        "sequence_id",
        "out_id",
    ),
)
words = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=12), st.just("13800138000"),
    st.just("2025-11-24 10:00:00"), st.lists(st.integers(), max_size=2),
)  # fmt: skip
items = st.dictionaries(st.sampled_from(NAMES), words, max_size=10)
pushes = st.one_of(
    st.binary(max_size=40),
    st.one_of(items, st.lists(st.one_of(items, words), max_size=4), words).map(
        lambda told: (
            orjson.dumps(told, option=orjson.OPT_PASSTHROUGH_SUBCLASS, default=str) if not _too_large(told) else b"{}"
        )
    ),
)
fields = ("MessageSid", "MessageStatus", "CallSid", "CallStatus", "ErrorCode", "From", "Body", "Digits", "OptOutType")
forms = st.one_of(
    st.binary(max_size=40),
    st.lists(st.tuples(st.sampled_from(fields), st.text("aé%&=+1 ", max_size=12)), max_size=6).map(
        lambda pairs: "&".join(f"{name}={value}" for name, value in pairs).encode()
    ),
)


def _too_large(told: object) -> bool:
    """JSON numbers beyond 64 bits cannot be written by the library at hand."""
    if isinstance(told, int):
        return abs(told) >= 2**63
    if isinstance(told, dict):
        return any(map(_too_large, told.values()))
    return isinstance(told, list) and any(map(_too_large, told))


GOOD = {
    "biz_id": "good", "call_id": "good", "sid": "good", "success": True, "report_status": "SUCCESS",
    "status_code": "200002", "phone_number": "13800138000", "mobile": "13800138000", "content": "TD", "text": "TD",
    "time": 1,
}  # fmt: skip
"""An item that every reader can read."""

READERS = [
    lambda raw: aliyun_sms_told.read_receipt("cloud", KEY, raw, AT),
    lambda raw: aliyun_sms_told.read_inbound("cloud", KEY, raw, AT),
    lambda raw: aliyun_voice_told.read_receipt("cloud", KEY, raw, AT),
    lambda raw: tencent_told.read_receipt("cloud", KEY, raw, AT),
    lambda raw: tencent_told.read_inbound("cloud", KEY, raw),
]


@given(pushes)
def test_a_push_of_the_chinese_clouds_is_read_or_refused(raw: bytes) -> None:
    for read in READERS:
        with contextlib.suppress(Invalid):
            told = read(raw)
            events = [receipt.event for receipt in told.receipts] + [reply.event for reply in told.inbound]
            assert all(0 < len(event) <= 64 for event in events)


@given(st.lists(st.one_of(items, words), max_size=4).filter(lambda listed: not _too_large(listed)), st.integers(0, 4))
def test_a_good_item_is_read_whatever_stands_beside_it(beside: list[object], place: int) -> None:
    raw = orjson.dumps([*beside[:place], GOOD, *beside[place:]], default=str)
    for read in READERS:
        told = read(raw)
        good, left = len(told.receipts) + len(told.inbound), told.left.items if told.left else 0

        assert read(orjson.dumps([GOOD])).left is None
        assert good >= 1 and good + left <= len(beside) + 1
        if told.left is not None:
            assert left == len(orjson.loads(told.left.body))


@pytest.mark.parametrize("read", READERS)
def test_an_item_of_a_megabyte_is_left_over_whole(read) -> None:
    bad = dict.fromkeys(GOOD, "x" * 80_000)
    told = read(orjson.dumps([bad, GOOD]))

    assert 1 == len(told.receipts) + len(told.inbound)
    assert told.left is not None and [bad] == orjson.loads(told.left.body)


@given(forms)
def test_a_form_of_twilio_is_read_or_refused(raw: bytes) -> None:
    for read in (twilio_messages.read_receipt, twilio_messages.read_inbound, twilio_calls_told.read_receipt):
        with contextlib.suppress(Invalid):
            assert len(read("cloud", Callback(raw), AT).event) <= 100


@pytest.mark.parametrize("kind", sorted(ADAPTERS, key=repr), ids=repr)
@pytest.mark.parametrize("door", Door)
async def test_a_megabyte_is_read_or_refused(kind, door) -> None:
    raw = b"[" + b'{"biz_id":"1","call_id":"1","sid":"1"},' * 26_000 + b"{}]"
    adapter = ADAPTERS[kind](site(account(kind)))
    try:
        with pytest.raises(Invalid):
            adapter.read(Callback(raw, door=door))
    finally:
        await adapter.close()
