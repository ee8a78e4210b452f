"""SMPP frames, held against an independent codec; statuses and receipts by table."""

import contextlib
import struct
from typing import Any

import pytest
import smpp34
from hypothesis import given
from hypothesis import strategies as st

from service.channels.lines import smpp
from service.channels.lines.agreements import SmppParams
from service.channels.lines.parts import Alphabet, Part
from service.channels.lines.smpp_fields import Address
from service.channels.lines.smpp_speech import SmppSpeech
from service.channels.lines.smpp_statuses import STATUSES
from service.channels.lines.speech import Answered, Brought, Ended, Garbled, Other
from service.core.model import AddressKind, Fate, Instant, Outcome
from service.flows.ports import Receipt, Recipient, Told
from service.flows.providers import Secret
from tests.channels.dispatches import AT

TEXT = b"id:0123456789 sub:001 dlvrd:001 submit date:2511241000 done date:2511241001 stat:%s err:000 text:hello"


def params(**more) -> SmppParams:
    said = {"host": "127.0.0.1", "system_id": "gateway", "password": Secret(b"secret"), "number": "106900001234"}
    return SmppParams(**(said | more))


def speech(**more) -> SmppSpeech:
    return SmppSpeech("line-b", params(**more))


def deliver(content: bytes, *, source: str = "447700900123", **more) -> bytes:
    return smpp34.DeliverSm(source, "106900001234", content, source_addr_ton=1, sequence_number=5, **more).encode()


@given(
    source=st.text(st.sampled_from("0123456789abc"), max_size=20),
    dest=st.text(st.sampled_from("0123456789"), max_size=20),
    content=st.binary(max_size=254),
    coding=st.integers(0, 255),
    joined=st.booleans(),
    receipt=st.booleans(),
)
def test_an_independent_codec_reads_and_writes_the_same_message(source, dest, content, coding, joined, receipt) -> None:
    ours = smpp.submit_sm(
        9, smpp.Submit(Address(source, 5, 0), Address(dest), content, coding, "CMT", joined=joined, receipt=receipt)
    )
    theirs: Any = smpp34.decode(ours)

    assert (theirs.sequence_number, theirs.service_type) == (9, "CMT")
    assert (theirs.source_addr_ton, theirs.source_addr_npi, theirs.source_addr) == (5, 0, source)
    assert (theirs.dest_addr_ton, theirs.dest_addr_npi, theirs.destination_addr) == (1, 1, dest)
    assert (theirs.esm_class, theirs.registered_delivery) == (0x40 if joined else 0, int(receipt))
    assert (theirs.data_coding, theirs.short_message) == (coding, content)
    assert ours == theirs.encode()


@given(
    source=st.text(st.sampled_from("0123456789"), max_size=20),
    content=st.binary(max_size=200),
    esm_class=st.sampled_from([0, 4, 0x40, 0x44]),
    coding=st.integers(0, 255),
    tlvs=st.lists(st.tuples(st.integers(1, 0x3FFF), st.binary(max_size=20)), max_size=4),
)
def test_a_delivery_is_read_as_an_independent_codec_wrote_it(source, content, esm_class, coding, tlvs) -> None:
    extras = [smpp34.Tlv(tag, value) for tag, value in tlvs]
    raw = deliver(content, source=source, esm_class=esm_class, data_coding=coding, tlvs=extras)

    told = smpp.read_deliver(smpp.parse(raw).body)

    assert (told.source, told.dest.value) == (Address(source, 1, 0), "106900001234")
    assert (told.coding, told.joined, told.receipt) == (coding, bool(esm_class & 0x40), bool(esm_class & 4))
    assert told.extras == dict(tlvs)
    assert told.content == (content or told.extras.get(smpp.MESSAGE_PAYLOAD, b""))


def test_a_login_has_the_fields_of_its_table() -> None:
    raw = speech(system_type="GW").login(1, AT)

    assert struct.pack("!IIII", len(raw), 0x09, 0, 1) == raw[:16]
    assert b"gateway\0secret\0GW\0\x34\0\0\0" == raw[16:]


@pytest.mark.parametrize(
    ("status", "word"), [(0, ""), (0x0E, "password"), (0x0D, "bind_failed"), (0x99, "login_refused")]
)
def test_the_answer_to_a_login_is_judged(status: int, word: str) -> None:
    raw = smpp.frame(smpp.BIND_TRANSCEIVER_RESP, 1, b"SMSC\0", status)

    assert word == speech().let_in(raw, b"").refused


def test_a_peer_that_answers_something_else_is_garbled() -> None:
    with pytest.raises(Garbled):
        speech().let_in(smpp.frame(smpp.ENQUIRE_LINK, 1), b"")


@pytest.mark.parametrize(
    ("status", "fate"),
    [
        (0x00, Fate.accepted),
        (0x08, Fate.retryable),
        (0x0A, Fate.provider_unavailable),
        (0x0B, Fate.invalid_recipient),
        (0x14, Fate.throttled_account),
        (0x45, Fate.retryable),
        (0x58, Fate.throttled_account),
        (0x33, Fate.permanent),
        (0x402, Fate.permanent),
    ],
)
def test_a_status_has_its_meaning(status: int, fate: Fate) -> None:
    result = speech().judge(Answered(1, status, "m1"))

    assert fate is result.fate
    assert result.unmapped is (status not in STATUSES)
    assert result.detail == ("" if status == 0 else f"smpp_{status:#x}")


def test_the_independent_codecs_statuses_are_all_mapped() -> None:
    listed = {value for name, value in vars(smpp34).items() if name.startswith("ESME_R")}

    assert listed
    assert listed - STATUSES.keys() == set()


@pytest.mark.parametrize(
    ("stat", "state", "outcome"),
    [
        (b"DELIVRD", 2, Outcome.delivered),
        (b"EXPIRED", 3, Outcome.undelivered),
        (b"DELETED", 4, Outcome.undelivered),
        (b"UNDELIV", 5, Outcome.undelivered),
        (b"ACCEPTD", 6, Outcome.sent),
        (b"UNKNOWN", 7, Outcome.unknown),
        (b"REJECTD", 8, Outcome.undelivered),
        (b"ENROUTE", 1, Outcome.sent),
    ],
)
def test_a_receipt_is_read_from_its_text_and_from_its_parameters(stat: bytes, state: int, outcome: Outcome) -> None:
    by_text = deliver(TEXT % stat, esm_class=4)
    tlvs = [smpp34.Tlv(0x1E, b"0123456789\0"), smpp34.Tlv(0x427, bytes([state]))]
    by_parameters = deliver(b"", esm_class=4, tlvs=tlvs)
    expected = Receipt("line-b", f"0123456789:{stat.decode()}", outcome, AT, provider_ref="0123456789")

    assert (expected,) == speech().told(by_text, AT).receipts == speech().told(by_parameters, AT).receipts


@pytest.mark.parametrize(
    ("spelling", "answered", "receipted"),
    [("same", "7B", "7B"), ("hex", "123", "7B"), ("decimal", "7b", "123"), ("hex", "id-1", "id-1")],
)
def test_an_id_is_found_again_in_whichever_spelling_was_agreed(spelling: str, answered: str, receipted: str) -> None:
    line = speech(receipt_ids=spelling)
    answer = line.hear(smpp.frame(smpp.SUBMIT_SM_RESP, 1, answered.encode() + b"\0"))
    raw = deliver(f"id:{receipted} stat:DELIVRD err:000".encode(), esm_class=4)

    assert isinstance(answer, Answered)
    assert [answer.ref] == [receipt.provider_ref for receipt in line.told(raw, AT).receipts]


def test_a_query_spells_the_id_as_the_answer_did_and_an_answer_moves_what_it_can() -> None:
    line = speech(receipt_ids="decimal")

    assert b"7b\0" in (line.query(1, "123") or b"")
    delivered, on_its_way = (line.found(Answered(1, 0, "123", state)) for state in (2, 1))
    assert delivered is not None and delivered.outcome is Outcome.delivered
    assert on_its_way is not None and on_its_way.awaits
    assert line.found(Answered(1, 0x67)) is None
    assert line.found(Answered(1, 0, "123", 7)) is None


def test_a_reply_comes_once_though_it_be_brought_again_and_its_mark_hides_it() -> None:
    raw = deliver("退订".encode("utf-16-be"), data_coding=8)
    again = raw[:12] + struct.pack("!I", 6) + raw[16:]
    (first,), (second,) = (speech().told(each, AT).inbound for each in (raw, again))
    (other,) = SmppSpeech("line-b", params(password=Secret(b"another"))).told(raw, AT).inbound

    assert first == second
    assert (first.sender and first.sender.address, first.text, first.outcome) == (
        "+447700900123",
        "退订",
        Outcome.replied,
    )
    assert first.event != other.event
    assert speech().told(raw, Instant(AT + 3_600_000_000)).inbound[0].event != first.event


@pytest.mark.parametrize(
    ("source", "ton", "home", "number"),
    [
        ("8613800138000", 1, "86", "+8613800138000"),
        ("13800138000", 2, "86", "+8613800138000"),
        ("8613800138000", 0, "86", "+8613800138000"),
        ("12025550123", 1, "86", "+12025550123"),
        ("07700900123", 2, "44", "+447700900123"),
        ("447700900123", 0, "", "+447700900123"),
        ("+8613800138000", 1, "86", "+8613800138000"),
        ("008613800138000", 1, "86", "+8613800138000"),
        ("+447700900123", 0, "86", "+447700900123"),
    ],
)
def test_who_wrote_is_known_in_full(source: str, ton: int, home: str, number: str) -> None:
    raw = smpp34.DeliverSm(source, "1069", b"hi", source_addr_ton=ton).encode()

    assert [number] == [each.sender and each.sender.address for each in speech(home=home).told(raw, AT).inbound]


@pytest.mark.parametrize(
    ("coding", "content", "text"),
    [
        (0x18, "退订".encode("utf-16-be"), "退订"),
        (0x11, b"STOP", "STOP"),
        (0x10, b"STOP", "STOP"),
        (0xF1, b"STOP", "STOP"),
        (4, b"STOP", "STOP"),
        (0xF5, b"STOP", "STOP"),
        (4, b"\x01\x02\x03", None),
    ],
)
@pytest.mark.parametrize("joined", [False, True])
def test_a_reply_is_read_whatever_class_it_came_for(coding: int, content: bytes, text, joined: bool) -> None:
    header = bytes((5, 0, 3, 1, 1, 1)) if joined else b""
    raw = deliver(header + content, data_coding=coding, esm_class=0x40 if joined else 0)

    assert [text] == [each.text for each in speech().told(raw, AT).inbound]


def test_the_words_of_the_message_are_no_fields_of_its_receipt() -> None:
    text = TEXT.replace(b"text:hello", b"Text:id:77 stat:DELIVRD") % b"UNDELIV"
    (receipt,) = speech().told(deliver(text, esm_class=4), AT).receipts

    assert ("0123456789", Outcome.undelivered) == (receipt.provider_ref, receipt.outcome)


def test_of_a_field_that_comes_twice_the_first_one_counts() -> None:
    (receipt,) = speech().told(deliver(b"id:A1 stat:EXPIRED id:77 stat:DELIVRD", esm_class=4), AT).receipts

    assert ("A1", Outcome.undelivered) == (receipt.provider_ref, receipt.outcome)


def test_what_the_peer_says_is_told_apart() -> None:
    line = speech()

    assert Answered(5, 0, "m1") == line.hear(smpp.frame(smpp.SUBMIT_SM_RESP, 5, b"m1\0"))
    assert Answered(5, 0x58) == line.hear(smpp.frame(smpp.SUBMIT_SM_RESP, 5, b"", 0x58))
    assert Answered(5, 3) == line.hear(smpp.frame(smpp.GENERIC_NACK, 5, b"", 3))
    assert Answered(5, 0, "m1", 2) == line.hear(smpp.frame(smpp.QUERY_SM_RESP, 5, b"m1\0\0\x02\0"))
    assert Ended(smpp.frame(smpp.UNBIND_RESP, 5)) == line.hear(smpp.frame(smpp.UNBIND, 5))
    assert Ended(b"") == line.hear(smpp.frame(smpp.UNBIND_RESP, 5))
    assert Other(smpp.frame(smpp.ENQUIRE_LINK_RESP, 5)) == line.hear(smpp.frame(smpp.ENQUIRE_LINK, 5))
    assert Other(smpp.frame(smpp.GENERIC_NACK, 5, status=3)) == line.hear(smpp.frame(0x103, 5))
    assert isinstance(line.hear(deliver(b"hi")), Brought)


@given(st.binary(max_size=120))
def test_no_bytes_break_the_reader(body: bytes) -> None:
    line = speech()
    for command in (smpp.DELIVER_SM, smpp.SUBMIT_SM_RESP, smpp.QUERY_SM_RESP, smpp.BIND_TRANSCEIVER_RESP, 0x42):
        raw = smpp.frame(command, 1, body)
        with contextlib.suppress(Garbled):
            assert line.hear(raw)
        with contextlib.suppress(Garbled):
            assert line.told(raw, AT) != Told()


def test_a_sender_may_be_a_name_and_a_field_that_is_too_long_is_never_written() -> None:
    to = Recipient(None, AddressKind.mobile, "+447700900123")
    told: Any = smpp34.decode(speech(number="TestBank").submit(1, to, Part(Alphabet.gsm7, b"hi", 1, 1)))

    assert (5, 0, "TestBank") == (told.source_addr_ton, told.source_addr_npi, told.source_addr)
    with pytest.raises(Garbled):
        smpp.query_sm(1, "x" * 65, Address("1"))


@pytest.mark.parametrize(
    ("name", "value"),
    [("system_id", "x" * 16), ("password", Secret(b"ninebytes")), ("number", "x" * 21), ("home", "x"), ("window", 0)],
)
def test_an_agreement_that_cannot_be_is_refused(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=name):
        params(**{name: value})
