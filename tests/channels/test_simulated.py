"""The simulated provider's adapter: its pure functions, by table."""

from typing import Any

import orjson
import pytest

from service.channels.simulated import REFUSALS, build, build_letter
from service.channels.simulated_told import OUTCOMES, read_inbound, read_receipt
from service.channels.spool import Spooled
from service.core.errors import Invalid
from service.core.model import AddressKind, Channel, Outcome
from service.flows.ports import Inbound, Receipt, Recipient
from service.simulator.magic import MAGIC
from service.simulator.message import read_message
from tests.channels.dispatches import AT, a_dispatch

SENT_BY_WIRE = (Channel.call, Channel.sms, Channel.wechat, Channel.email)
EVENT = {"event": "e1", "id": "a1", "ref": "s1", "status": "delivered", "at_us": AT}
WROTE = {
    "event": "e1",
    "channel": "sms",
    "from": {"kind": "mobile", "value": "+8613800138000"},
    "text": "退订",
    "at_us": AT,
}


def body(*events: Any) -> bytes:
    return orjson.dumps({"events": events})


@pytest.mark.parametrize("channel", SENT_BY_WIRE)
def test_a_message_is_built_with_the_attempt_as_its_key_and_nothing_personal_in_its_path(channel: Channel) -> None:
    dispatch = a_dispatch(channel)

    request = build(dispatch)
    said = orjson.loads(request.body)

    assert (request.method, request.path) == ("POST", "/messages")
    assert dict(request.headers) == {"content-type": "application/json", "idempotency-key": "a1"}
    assert (said["id"], said["request"], said["channel"], said["at_us"]) == ("a1", "r1", channel, AT)
    assert said["to"] == {"name": "张三", "kind": dispatch.to.kind, "value": dispatch.to.address}
    assert said["text"] == dispatch.message.body
    assert [part["name"] for part in said["parts"]] == ["opening", "closing"]
    assert ("dialing" in said) is (channel is Channel.call)


def test_the_same_dispatch_is_built_into_the_same_bytes() -> None:
    assert build(a_dispatch()) == build(a_dispatch())


def test_the_print_house_is_told_of_a_letter_and_not_what_it_says() -> None:
    letter = Spooled("a1", "r1", "registered", 2, "f" * 64, "a1.pdf", simulated=True)

    said = orjson.loads(build_letter(a_dispatch(Channel.letter), letter).body)

    assert {name: said[name] for name in ("file", "sha256", "pages", "service")} == {
        "file": "a1.pdf",
        "sha256": "f" * 64,
        "pages": 2,
        "service": "registered",
    }
    assert said.keys().isdisjoint({"text", "parts", "subject"})


@pytest.mark.parametrize("channel", SENT_BY_WIRE)
def test_the_simulator_reads_what_the_adapter_builds(channel: Channel) -> None:
    message = read_message(build(a_dispatch(channel)).body)

    assert (message.id, message.request, message.channel, message.name) == ("a1", "r1", channel, "张三")


@pytest.mark.parametrize(("status", "outcome"), OUTCOMES.items())
def test_a_receipt_is_read_by_the_table(status: str, outcome: Outcome) -> None:
    expected = Receipt("sandbox", "e1", outcome, AT, "a1", "s1", 42)

    assert [expected] == read_receipt("sandbox", body(EVENT | {"status": status, "duration_s": 42})).receipts


def test_a_status_that_nobody_knows_moves_nothing() -> None:
    assert [Outcome.unknown] == [
        receipt.outcome for receipt in read_receipt("sandbox", body(EVENT | {"status": "new"})).receipts
    ]


def test_every_word_of_the_simulator_is_in_the_tables() -> None:
    statuses = {
        told.status
        for each in MAGIC.values()
        for column in (each.calls, each.messages, each.letters)
        for told in column
    }
    refusals = {each.refusal for each in MAGIC.values() if each.refusal}

    assert statuses - OUTCOMES.keys() == set()
    assert refusals - REFUSALS.keys() == set()


def test_a_callback_may_mix_many_messages_and_keeps_their_order() -> None:
    receipts = read_receipt("sandbox", body(*(EVENT | {"event": f"e{n}", "id": f"a{n}"} for n in range(1000)))).receipts

    assert [f"a{n}" for n in range(1000)] == [receipt.attempt for receipt in receipts]


def test_what_a_person_wrote_is_a_reply() -> None:
    sender = Recipient(None, AddressKind.mobile, "+8613800138000")
    expected = Inbound("sandbox", "e1", Channel.sms, sender, AT, Outcome.replied, "退订", "a1")

    assert [expected] == read_inbound("sandbox", body(WROTE | {"id": "a1"})).inbound


def test_who_calls_us_is_spoken_with() -> None:
    (inbound,) = read_inbound("sandbox", body(WROTE | {"channel": "call", "text": None})).inbound

    assert (inbound.outcome, inbound.text, inbound.attempt) == (Outcome.conversation_right_party, None, None)


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (b"", "body"),
        (b"\xff", "body"),
        (b"[]", "events"),
        (b"{}", "events"),
        (body(), "events"),
        (body(*[EVENT] * 1001), "events"),
    ],
)
def test_a_body_that_holds_no_events_is_refused(raw: bytes, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_receipt("sandbox", raw)

    assert caught.value.field == field


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (body("e1"), "events.0"),
        (body(EVENT, {}), "events.1.event"),
        (body(EVENT | {"event": ""}), "events.0.event"),
        (body(EVENT | {"event": "e" * 5000}), "events.0.event"),
        (body(EVENT | {"event": "e\0"}), "events.0.event"),
        (body(EVENT | {"id": 7}), "events.0.id"),
        (body(EVENT | {"status": None}), "events.0.status"),
        (body(EVENT | {"at_us": "now"}), "events.0.at_us"),
        (body(EVENT | {"at_us": -1}), "events.0.at_us"),
        (body(EVENT | {"at_us": 10**18}), "events.0.at_us"),
        (body(EVENT | {"at_us": True}), "events.0.at_us"),
        (body(EVENT | {"duration_s": 1.5}), "events.0.duration_s"),
    ],
)
def test_a_receipt_that_cannot_be_read_is_left_over_and_names_the_field(raw: bytes, field: str) -> None:
    left = read_receipt("sandbox", raw).left

    assert left is not None and (1, field) == (left.items, left.why)
    assert left.body != b"" and read_receipt("sandbox", left.body).receipts == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"channel": "visit"}, "events.0.channel"),
        ({"channel": "letter"}, "events.0.channel"),
        ({"channel": "pigeon"}, "events.0.channel"),
        ({"from": "+8613800138000"}, "events.0.from"),
        ({"from": {"kind": "mobile"}}, "events.0.from.value"),
        ({"from": {"kind": "pigeon", "value": "+8613800138000"}}, "events.0.from.kind"),
        ({"text": 7}, "events.0.text"),
    ],
)
def test_a_reply_that_cannot_be_read_names_the_field_and_not_the_value(change: dict[str, Any], field: str) -> None:
    told = read_inbound("sandbox", body(WROTE | change, WROTE))

    assert told.left is not None and field == told.left.why
    assert "13800138000" not in repr(told.left)
    assert 1 == len(told.inbound)


def test_nothing_personal_shows_in_what_a_log_might_print() -> None:
    dispatch = a_dispatch()
    (inbound,) = read_inbound("sandbox", body(WROTE)).inbound
    shown = f"{dispatch!r} {build(dispatch)!r} {inbound!r}"

    assert [word for word in ("张三", "13800138000", "还款", "退订") if word in shown] == []
