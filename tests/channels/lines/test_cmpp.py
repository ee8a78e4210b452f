"""CMPP frames: lengths and places by the protocol's tables, results and receipts by table."""

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.channels.lines import cmpp
from service.channels.lines.agreements import CmppParams
from service.channels.lines.cmpp import Submit, Version
from service.channels.lines.cmpp_counts import query, read_query_resp
from service.channels.lines.cmpp_login import authenticator, connect, proof_of
from service.channels.lines.cmpp_results import RESULTS
from service.channels.lines.cmpp_speech import CmppSpeech
from service.channels.lines.speech import Answered, Brought, Ended, Garbled, Other
from service.core.model import Fate, Instant, Outcome
from service.flows.ports import Receipt, Told
from service.flows.providers import Secret
from tests.channels.dispatches import AT, a_dispatch
from tests.channels.lines.ismg import SECRET, SOURCE, Ismg


def params(**more) -> CmppParams:
    said = {"host": "127.0.0.1", "source_address": SOURCE, "password": Secret(SECRET), "number": "106900001234"}
    return CmppParams(**(said | {"service_id": "SVC"} | more))


def speech(**more) -> CmppSpeech:
    return CmppSpeech("line-a", params(**more))


def brought(content: bytes, *, receipt: int, version: int = 0x20, source: str = "8613800138000", **more: int) -> bytes:
    """A DELIVER as the peer writes it."""
    return Ismg(version).delivery(content, source=source, receipt=receipt, **({"fmt": 0} | more))


def reported(stat: str, *, width: int = 21, done: bytes = b"2511241001") -> bytes:
    return struct.pack(f"!Q7s10s10s{width}sI", 0x1234, stat.encode(), b"2511241000", done, b"13800138000", 9)


@pytest.mark.parametrize(("version", "length"), [(Version.v20, 171), (Version.v30, 12 + 183 + 12)])
def test_a_message_has_the_length_of_its_table(version: Version, length: int) -> None:
    message = Submit(
        SOURCE, "SVC", "106900001234", "13800138000", b"\x4f\x60\x59\x7d\x00\x31\x00\x32\x00\x33\x00\x34", 8
    )

    raw = cmpp.submit(7, version, message)

    assert length == len(raw)
    assert (len(raw), cmpp.SUBMIT, 7) == struct.unpack_from("!III", raw)


@pytest.mark.parametrize("version", Version)
@given(content=st.binary(max_size=140), total=st.integers(1, 255), receipt=st.booleans())
def test_the_peer_reads_what_we_write(version: Version, content: bytes, total: int, receipt: bool) -> None:
    message = Submit(SOURCE, "SVC", "106900001234", "13800138000", content, 8, total, total, receipt)

    told = Ismg(version).read_submit(7, cmpp.submit(7, version, message)[12:])

    assert (told.msg_src, told.service_id, told.src_id, told.dest) == (SOURCE, "SVC", "106900001234", "13800138000")
    assert (told.content, told.fmt, told.udhi, told.receipt) == (content, 8, total > 1, receipt)
    assert (told.pk_total, told.pk_number) == (total, total)


def test_the_login_is_proven_by_the_digest_that_the_protocol_names() -> None:
    raw = connect(1, SOURCE, SECRET, Version.v20, AT)

    assert 39 == len(raw)
    assert struct.pack("!6s", SOURCE.encode()) == raw[12:18]
    assert (0x20, 1124100000) == struct.unpack("!BI", raw[34:])
    assert authenticator(SOURCE, SECRET, "1124100000") == raw[18:34] == proof_of(raw)


@pytest.mark.parametrize("version", [0x20, 0x30])
def test_a_gateway_that_does_not_know_the_secret_is_not_believed(version: int) -> None:
    words = []
    for secret in (SECRET, b"another"):
        peer, line = Ismg(version), speech(version=version >> 4)
        peer.proof = secret
        login = line.login(1, AT)
        words.append(line.let_in(peer._frame(0x80000001, 1, peer._let_in(login[12:])), login).refused)

    assert ["", "not_the_gateway"] == words


def test_a_refused_login_says_why() -> None:
    peer, line = Ismg(), speech(password=Secret(b"wrong"))
    login = line.login(1, AT)

    assert "password" == line.let_in(peer._frame(0x80000001, 1, peer._let_in(login[12:])), login).refused


def test_every_result_of_the_protocol_has_its_meaning_and_an_unknown_one_is_final_and_alarms() -> None:
    assert set(range(14)) == RESULTS.keys()
    assert Fate.throttled_account is speech().judge(Answered(1, 8)).fate
    assert Fate.invalid_recipient is speech().judge(Answered(1, 13)).fate
    unknown = speech().judge(Answered(1, 117))
    assert (unknown.fate, unknown.unmapped, unknown.detail) == (Fate.permanent, True, "cmpp_117")
    agreed = speech(codes={"117": Fate.opted_out}).judge(Answered(1, 117))
    assert (agreed.fate, agreed.unmapped) == (Fate.opted_out, False)


@pytest.mark.parametrize(
    ("stat", "outcome"),
    [
        ("DELIVRD", Outcome.delivered),
        ("EXPIRED", Outcome.undelivered),
        ("DELETED", Outcome.undelivered),
        ("UNDELIV", Outcome.undelivered),
        ("REJECTD", Outcome.undelivered),
        ("ACCEPTD", Outcome.sent),
        ("UNKNOWN", Outcome.unknown),
        ("MK:0012", Outcome.undelivered),
    ],
)
@pytest.mark.parametrize(("version", "width"), [(0x20, 21), (0x30, 21), (0x30, 32)])
def test_a_receipt_is_read_by_the_table(stat: str, outcome: Outcome, version: int, width: int) -> None:
    raw = brought(reported(stat, width=width), receipt=1, version=version)
    line = speech(version=version >> 4)
    at = Instant(AT + 3_600_000_000)

    ref, done = "0000000000001234", Instant(AT + 60_000_000)
    word = stat if ":" in stat else None
    expected = Receipt("line-a", f"{ref}:{stat}", outcome, done, provider_ref=ref, text=word)

    assert (expected,) == line.told(raw, at).receipts


def test_an_agreed_code_speaks_against_the_recipient() -> None:
    raw = brought(reported("MK:0001"), receipt=1)

    (receipt,) = speech(codes={"MK:0001": Fate.invalid_recipient}).told(raw, AT).receipts

    assert (receipt.outcome, receipt.fate) == (Outcome.undelivered, Fate.invalid_recipient)


def test_a_receipt_without_a_time_happened_when_it_came() -> None:
    (receipt,) = speech().told(brought(reported("DELIVRD", done=b"notatime!!"), receipt=1), AT).receipts

    assert AT == receipt.at


@pytest.mark.parametrize(
    ("fmt", "content", "text"),
    [
        (8, "退订".encode("utf-16-be"), "退订"),
        (15, "退订".encode("gbk"), "退订"),
        (0, b"TD", "TD"),
        (4, b"\x01", None),
        (4, b"TD", "TD"),
        (3, b"TD", "TD"),
        (3, "退订".encode("gbk"), "退订"),
        (4, "退订".encode("utf-16-be"), "退订"),
        (9, "退订".encode("utf-16-be"), "退订"),
        (24, "退订".encode("utf-16-be"), "退订"),
        (25, "退订".encode("utf-16-be"), "退订"),
    ],
)
@pytest.mark.parametrize("source", ["8613800138000", "13800138000", "+8613800138000", "008613800138000"])
def test_what_a_person_wrote_is_a_reply(fmt: int, content: bytes, text: str | None, source: str) -> None:
    (reply,) = speech().told(brought(content, receipt=0, fmt=fmt, source=source), AT).inbound

    assert (reply.event, reply.sender and reply.sender.address, reply.text) == (
        "mo:0000000000000077",
        "+8613800138000",
        text,
    )
    assert (reply.outcome, reply.at, reply.attempt) == (Outcome.replied, AT, None)


def test_replies_that_all_have_the_id_of_nothing_are_told_apart_by_their_words_and_their_sender() -> None:
    said = [("13800138000", b"TD"), ("13800138001", b"TD"), ("13800138000", b"T"), ("13800138000", b"TD")]
    raws = [brought(words, receipt=0, source=source, msg_id=0) for source, words in said]
    events = [each.event for raw in raws for each in speech().told(raw, AT).inbound]
    (elsewhere,) = speech(password=Secret(b"another")).told(raws[0], AT).inbound
    (later,) = speech().told(raws[0], Instant(AT + 3_600_000_000)).inbound

    assert events[0] == events[3]
    assert 5 == len({*events, elsewhere.event, later.event})


def test_what_the_peer_says_is_told_apart() -> None:
    line, peer = speech(), Ismg()

    assert Answered(5, 8, f"{7:016x}") == line.hear(peer._frame(0x80000004, 5, struct.pack("!QB", 7, 8)))
    assert Answered(5, 300, f"{7:016x}") == line.hear(peer._frame(0x80000004, 5, struct.pack("!QI", 7, 300)))
    assert Other(peer._frame(0x80000008, 9, b"\0")) == line.hear(peer._frame(8, 9, b""))
    assert Ended(peer._frame(0x80000002, 9, b"")) == line.hear(peer._frame(2, 9, b""))
    assert Ended(b"") == line.hear(peer._frame(0x80000002, 9, b""))
    assert isinstance(line.hear(brought(b"x", receipt=0)), Brought)


@given(st.binary(max_size=120))
def test_no_bytes_break_the_reader(body: bytes) -> None:
    for line in (speech(), speech(version=3)):
        for command in (cmpp.DELIVER, cmpp.SUBMIT_RESP, cmpp.CONNECT_RESP, cmpp.QUERY_RESP, 0x42):
            raw = cmpp.frame(command, 1, body)
            with contextlib.suppress(Garbled):
                assert line.hear(raw)
            with contextlib.suppress(Garbled):
                assert line.told(raw, AT) != Told()


def test_a_query_tells_counts_of_a_day_and_nothing_of_one_message() -> None:
    assert 12 + 27 == len(query(1, "20251124", "SVC"))
    assert (9, 9, 7, 1, 1, 0, 0, 0) == read_query_resp(
        b"20251124\x01SVC\0\0\0\0\0\0\0" + struct.pack("!8I", 9, 9, 7, 1, 1, 0, 0, 0)
    )
    assert speech().query(1, "0" * 16) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("source_address", ""),
        ("source_address", "1234567"),
        ("source_address", "四川移动"),
        ("service_id", "x" * 11),
        ("number", "name"),
        ("number", "1" * 22),
        ("port", 0),
        ("window", 0),
        ("host", "a b"),
        ("host", "a..b"),
        ("host", ""),
        ("ca", Secret(b"\x30\x82\xff\xfe")),
        ("ca", Secret(b"-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----\n")),
    ],
)
def test_an_agreement_that_cannot_be_is_refused(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=name):
        params(**{name: value})


def test_a_number_abroad_is_not_for_this_line() -> None:
    from service.channels.lines.speech import Unsendable

    with pytest.raises(Unsendable, match="not_a_mainland_number"):
        speech().parts(a_dispatch(to="+447700900123"))
