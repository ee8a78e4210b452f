"""Text messages by Kannel: what is written, and what its answers, reports and replies mean. None of it needs Kannel."""

import contextlib
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.channels.answers import accepted, not_taken, refused, unsure
from service.channels.kannel.sendsms import build
from service.channels.kannel.told import MARK, REPORTED, read_inbound, read_receipt
from service.channels.marks import Use, mark
from service.core.errors import Invalid, Unauthenticated
from service.core.model import Channel, Fate, Outcome
from service.core.rule import Flawed
from service.flows.ports import Receipt, SendResult
from service.flows.providers import Callback, Door, Secret, Url
from tests.channels.clouds.recorder import recording
from tests.channels.dispatches import AT
from tests.channels.kannel.accounts import ABROAD, ATTEMPT, CODES, KEY, MAINLAND, account, adapter, saying
from tests.loopback import http, speaking
from tests.loopback import saying as saying_on


def test_a_message_says_all_in_headers_and_body_and_nothing_in_its_address() -> None:
    request = build(saying("【示例银行】请还款", MAINLAND), account(smsc="line"))

    assert request is not None
    assert ("POST", "/cgi-bin/sendsms", "") == (request.method, request.path, request.query)
    assert "【示例银行】请还款" == request.body.decode("utf-16-be")
    assert {
        "content-type": "text/plain; charset=UTF-16BE",
        "x-kannel-username": "gateway",
        "x-kannel-password": "kannel",
        "x-kannel-from": "106900001234",
        "x-kannel-to": MAINLAND,
        "x-kannel-coding": "2",
        "x-kannel-validity": "60",
        "x-kannel-smsc": "line",
        "x-kannel-dlr-mask": "31",
        "x-kannel-dlr-url": "https://gateway.example/v1/receipts/kannel/secret-segment"
        f"?mark={mark(KEY, ATTEMPT)}&type=%d&ref=%F&said=%k&more=%D",
    } == dict(request.headers)


@pytest.mark.parametrize(
    ("text", "to", "charset", "coding", "body"),
    [
        ("10 € [x]", ABROAD, "gsm7", "0", "10 € [x]".encode()),
        ("10 €", ABROAD, "ucs2", "2", "10 €".encode("utf-16-be")),
        ("10", MAINLAND, "gsm7", "2", "10".encode("utf-16-be")),
        ("Łódź", ABROAD, "gsm7", "2", "Łódź".encode("utf-16-be")),
        ("half a pair \ud83d", ABROAD, "gsm7", "2", "half a pair ?".encode("utf-16-be")),
    ],
)
def test_a_text_is_spelt_in_the_alphabet_that_it_is_counted_in(
    text: str, to: str, charset: str, coding: str, body: bytes
) -> None:
    request = build(saying(text, to), account(charset=charset))

    assert request is not None
    assert (coding, body) == (dict(request.headers)["x-kannel-coding"], request.body)


@pytest.mark.parametrize(
    ("text", "to", "fits"),
    [
        ("款" * 201, MAINLAND, True),
        ("款" * 202, MAINLAND, False),
        ("x" * 459, ABROAD, True),
        ("x" * 460, ABROAD, False),
        ("款" * 20_000, MAINLAND, False),
    ],
)
async def test_a_text_of_which_kannel_would_drop_the_end_is_refused(text: str, to: str, fits: bool) -> None:
    with recording((202, b"0: Accepted for delivery"), content_type="text/html") as there:
        async with adapter(there.url) as kannel:
            result = await kannel.send(saying(text, to))

    assert (accepted() if fits else refused("too_long", Fate.rejected_content)) == result
    assert int(fits) == len(there.heard)


@pytest.mark.parametrize(
    ("status", "said", "result"),
    [
        (202, b"0: Accepted for delivery", accepted()),
        (202, b"3: Queued for later delivery", accepted()),
        (202, b"Sent. Message splits: 3", accepted()),
        (202, b"", unsure("unreadable")),
        (202, b"Not routable. Do not try again.", unsure("unreadable")),
        (200, b"<html>0: Accepted for delivery", unsure("unreadable")),
        (403, b"0: Accepted for delivery", not_taken("http_403", Fate.provider_unavailable)),
        (403, b"Authorization failed for sendsms", not_taken("authorization_failed", Fate.provider_unavailable)),
        (403, b"Not routable. Do not try again.", refused("not_routable")),
        (400, b"Number(s) has/have been denied by white- and/or black-lists.", refused("denied_by_list")),
        (400, b"Sender missing and no global set, rejected", not_taken("sender_missing", Fate.provider_unavailable)),
        (400, b"Charset or body misformed, rejected", refused("body_misformed", Fate.rejected_content)),
        (400, b"UDH field misformed, rejected", refused("http_400")),
        (404, b"Unknown request.", not_taken("http_404", Fate.provider_unavailable)),
        (503, b"Temporal failure, try again later.", not_taken("temporal_failure")),
        (503, b"<html>a proxy", unsure("http_503")),
        (500, b"Sending failed.", unsure("http_500")),
        (500, b"\xff\xfe", unsure("http_500")),
    ],
)
async def test_an_answer_means_what_kannel_means_by_it(status: int, said: bytes, result: SendResult) -> None:
    with recording((status, said), content_type="text/html") as there:
        async with adapter(there.url) as kannel:
            assert result == await kannel.send(saying("hi"))

    assert ["POST"] == [heard.method for heard in there.heard]


async def test_of_half_an_answer_nothing_is_believed() -> None:
    half = http(202, b"0: Accepted for delivery", "text/html")[:-9]
    async with speaking(saying_on(half)) as url, adapter(url) as kannel:
        assert unsure("cut") == await kannel.send(saying("hi"))


async def test_a_kannel_that_is_not_there_has_taken_nothing() -> None:
    async with adapter() as kannel:
        assert not_taken("unreachable") == await kannel.send(saying("hi"))


def report(kind: int, *, ref: str = "", said: str = "", more: str = "", token: str = mark(KEY, ATTEMPT)) -> Callback:
    """Fill in the address as Kannel does."""
    filled = {"%d": str(kind), "%F": ref, "%k": said, "%D": more}
    query = [(MARK, token), *((name, filled[escape]) for name, escape in parse_qsl(REPORTED.replace("%", "%25")))]
    return Callback(method="GET", path="/v1/receipts/kannel/secret-segment", query=tuple(query))


def error(code: int) -> str:
    """What Kannel keeps of `err:` in a receipt."""
    spelt = "".join(f"%{byte:02X}" for byte in bytes([3]) + code.to_bytes(2, "big"))
    return f"?orig_msg?dlr_mask=31&?smpp?dlr_err={spelt}&"


@pytest.mark.parametrize(
    ("callback", "outcome", "fate", "text"),
    [
        (report(8, ref="m1", said="ACK/"), Outcome.sent, None, None),
        (report(4, ref="m1", said="id:m1", more=error(0)), Outcome.sent, None, None),
        (report(1, ref="m1", said="id:m1", more=error(0)), Outcome.delivered, None, None),
        (report(1, ref="m1", more="?smpp?"), Outcome.delivered, None, None),
        (report(2, ref="m1", said="id:m1", more=error(0)), Outcome.undelivered, None, None),
        (report(2, said="id:m1", more=error(11)), Outcome.undelivered, None, "err:11"),
        (report(2, said="id:m1", more=error(401)), Outcome.undelivered, Fate.invalid_recipient, "err:401"),
        (report(2, said="id:m1", more=error(5)), Outcome.undelivered, None, "err:5"),
        (report(2, said="id:m1", more=error(0x2041).replace("%20%41", "+A")), Outcome.undelivered, None, "err:8257"),
        (report(2, said="id:m1", more="?smpp?dlr_err=%03%zz&"), Outcome.undelivered, None, None),
        (report(16, said="NACK/0x0000000b/Invalid"), Outcome.undelivered, Fate.invalid_recipient, "smpp_0xb"),
        (report(16, said="NACK/0x00000401/Vendor-specific"), Outcome.undelivered, Fate.opted_out, "smpp_0x401"),
        (report(16, said="NACK/0x00000500/Unknown/Reserved"), Outcome.undelivered, None, "smpp_0x500"),
        (report(16, said="NACK/0x00000066/ESME"), Outcome.undelivered, None, "smpp_0x66"),
        (report(16, said="NACK/validity"), Outcome.undelivered, None, "kannel_validity"),
        (report(16, said="NACK/no"), Outcome.undelivered, None, "kannel_no"),
        (report(16, said="NACK/"), Outcome.undelivered, None, None),
        (report(16, said="+8613800138000"), Outcome.undelivered, None, None),
    ],
)
def test_a_report_tells_of_its_attempt_what_kannel_knows(
    callback: Callback, outcome: Outcome, fate: Fate | None, text: str | None
) -> None:
    kind, ref = dict(callback.query)["type"], dict(callback.query)["ref"] or None

    told = read_receipt("kannel", KEY, CODES, callback, AT)

    assert Receipt("kannel", f"{ATTEMPT}:{kind}", outcome, AT, ATTEMPT, ref, text=text, fate=fate) == told


@pytest.mark.parametrize("callback", [report(3), report(32), report(1)._replace(query=()), report(1, token="a_1.0")])
def test_what_is_no_report_is_refused(callback: Callback) -> None:
    with pytest.raises(Invalid):
        read_receipt("kannel", KEY, CODES, callback, AT)


async def test_a_report_is_let_in_for_its_mark_alone() -> None:
    async with adapter() as kannel:
        kannel.check(report(1))
        kannel.check(Callback(door=Door.inbound))
        for token in ("", ATTEMPT, mark(b"another key of ours", ATTEMPT), mark(KEY, ATTEMPT, Use.unsubscribe)):
            with pytest.raises(Unauthenticated):
                kannel.check(report(1, token=token))
        assert ("text/plain", b"") == (kannel.reply.content_type, kannel.reply.body)
        for said in ("NACK/0x00000500/Unknown/Reserved", "NACK/0x0000000b/Invalid"):
            assert 1 == len(kannel.read(report(16, said=said)).receipts)
        assert 1 == len(kannel.read(reply(b"hi")).inbound)


def reply(body: bytes, number: str = "+8613800138000", media_type: str = "text/plain", time: str = "1") -> Callback:
    headers = {"x-kannel-from": number, "x-kannel-time": time, "content-type": media_type}
    return Callback(body, headers=headers, door=Door.inbound)


@pytest.mark.parametrize(
    ("callback", "number", "text"),
    [
        (reply("退订".encode("utf-16-be"), media_type='text/plain; charset="UTF-16BE"'), MAINLAND, "退订"),
        (reply(b"STOP", "447700900123", 'text/plain; charset="UTF-8"'), "+86447700900123", "STOP"),
        (reply(b"STOP", "13800138000"), MAINLAND, "STOP"),
        (reply(b"STOP", "8613800138000"), MAINLAND, "STOP"),
        (reply(b"", "+447700900123"), ABROAD, None),
        (reply(b"\x01\x02", "+447700900123", "application/octet-stream"), ABROAD, None),
        (reply(b"\xff", "+447700900123"), ABROAD, "\ufffd"),
    ],
)
def test_a_reply_is_read_in_its_charset_with_its_sender(callback: Callback, number: str, text: str | None) -> None:
    said = read_inbound("kannel", KEY, "86", callback, AT)

    assert said.sender is not None
    assert (number, text, Channel.sms, Outcome.replied) == (said.sender.address, said.text, said.channel, said.outcome)


def test_a_reply_is_the_same_one_when_it_comes_again() -> None:
    said = [read_inbound("kannel", KEY, "", each, AT) for each in (reply(b"1"), reply(b"1"), reply(b"1", time="2"))]

    assert said[0] == said[1]
    assert said[0].event != said[2].event


@pytest.mark.parametrize(
    "callback",
    [reply(b"hi", ""), reply(b"hi", "Bank"), reply(b"hi", media_type="text/plain; charset=klingon")],
)
def test_a_reply_of_nobody_or_in_no_known_charset_is_refused(callback: Callback) -> None:
    with pytest.raises(Invalid):
        read_inbound("kannel", KEY, "", callback, AT)


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("user", {"user": "gate\nway"}),
        ("number", {"number": "示例"}),
        ("number", {"number": ""}),
        ("smsc", {"smsc": " line"}),
        ("password_file", {"password": Secret("密码".encode())}),
        ("public_url", {"public_url": Url("https://gateway.example/%46")}),
        ("max_messages", {"max_messages": 0}),
        ("valid_minutes", {"valid_minutes": 0}),
        ("home", {"home": "+86"}),
    ],
)
def test_what_kannel_could_not_use_is_refused_by_name(name: str, more: dict[str, Any]) -> None:
    with pytest.raises(Flawed) as error:
        account(**more)

    assert [name] == [flaw for flaw, _ in error.value.flaws]


words = st.text("aN/CK0x1b?&%=_. \ud83d错", max_size=24)


@given(words, words, words, words, words)
def test_whatever_is_told_is_read_or_refused(kind: str, ref: str, said: str, number: str, media_type: str) -> None:
    query = (*report(1).query[:1], ("type", kind), ("ref", ref), ("said", said), ("more", f"?dlr_err={said}&"))
    for each in (kind, "16"):
        with contextlib.suppress(Invalid):
            told = read_receipt("kannel", KEY, CODES, Callback(query=(*query, ("type", each))), AT)
            assert len(told.event) <= 64
    with contextlib.suppress(Invalid):
        read_inbound("kannel", KEY, "", reply(said.encode("utf-8", "replace"), number, media_type), AT)
