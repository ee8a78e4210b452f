"""E-mail over a real server on loopback: what arrives, what is proven, and what every misbehaviour means."""

import asyncio
import email
from email.policy import default
from pathlib import Path

import pytest

from service.channels.mail.submission import Security
from service.channels.marks import Use, mark, marked
from service.core.model import Fate, Outcome
from service.flows.ports import Recipient
from service.flows.providers import Secret, Url
from tests.loopback import speaking

from .accounts import ATTEMPT, KEY, PUBLIC, adapter, dispatch
from .relay import Sink, certificate, knowing, listening


async def send(port: int, message=None, **more):
    async with adapter(port, **more) as mail:
        return await mail.send(message or dispatch())


def read(sink: Sink):
    (envelope,) = sink.taken
    return email.message_from_bytes(bytes(envelope.content), policy=default)


async def test_an_e_mail_arrives_word_for_word_with_its_marks() -> None:
    sink = Sink()
    async with listening(sink) as port:
        result = await send(port)

    (envelope,) = sink.taken
    message = read(sink)
    assert (Fate.accepted, Outcome.sent, True) == (result.fate, result.outcome, result.awaits)
    assert ["zhang.san@example.com"] == envelope.rcpt_tos
    assert "您好，请还款。\n\n. 一行\n..\n" == message.get_content().replace("\r\n", "\n")
    assert ("账户提醒", "示例银行 <service@bank.example>") == (message["Subject"], str(message["From"]))
    assert "张三 <zhang.san@example.com>" == str(message["To"])
    assert ATTEMPT == marked(KEY, (envelope.mail_from or "").encode())
    assert ATTEMPT == marked(KEY, str(message["Message-ID"]).encode())
    assert "List-Unsubscribe=One-Click" == message["List-Unsubscribe-Post"]
    assert ATTEMPT == marked(KEY, str(message["List-Unsubscribe"]).encode(), Use.unsubscribe)


async def test_the_link_to_unsubscribe_stands_in_its_header_as_it_is_however_long() -> None:
    """Mailbox providers offer no button for one that is encoded, which a library does to what exceeds a line."""
    sink = Sink()
    async with listening(sink) as port:
        await send(port, public_url=Url(f"{PUBLIC}/{'x' * 90}"))

    head, _, _ = bytes(sink.taken[0].content).partition(b"\r\n\r\n")
    link = f"{PUBLIC}/{'x' * 90}/v1/unsubscribe/mail/{mark(KEY, ATTEMPT, Use.unsubscribe)}"
    assert f"List-Unsubscribe: <{link}>".encode() in head.split(b"\r\n")


async def test_delivery_notices_are_asked_for_where_the_relay_knows_them() -> None:
    knows, knows_not = Sink(), Sink(dsn=False)
    for sink in (knows, knows_not):
        async with listening(sink) as port:
            await send(port)

    (asked,), (unasked,) = knows.taken, knows_not.taken
    envid = next(each for each in asked.mail_options if each.startswith("ENVID="))
    assert "RET=HDRS" in asked.mail_options
    assert ATTEMPT == marked(KEY, envid.encode())
    assert ["NOTIFY=SUCCESS,FAILURE,DELAY", "ORCPT=rfc822;zhang.san@example.com"] == asked.rcpt_options
    assert ([], []) == ([each for each in unasked.mail_options if each[:4] in ("RET=", "ENVI")], unasked.rcpt_options)


async def test_a_template_with_html_makes_two_alternatives_and_the_same_bytes_each_time() -> None:
    sink = Sink()
    async with listening(sink) as port:
        for _ in range(2):
            await send(port, dispatch(html="<p>您好</p>"))

    first, second = sink.taken
    message = email.message_from_bytes(bytes(first.content), policy=default)
    assert ["text/plain", "text/html"] == [part.get_content_type() for part in message.iter_parts()]
    assert first.content == second.content


# The server cannot know that it is spoken to under TLS from the first byte.
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize("implicit", [False, True], ids=["starttls", "tls"])
async def test_the_password_goes_out_under_tls_alone(implicit: bool, tmp_path: Path) -> None:
    context, authority = certificate(tmp_path)
    security = Security.tls if implicit else Security.starttls
    sink, who = Sink(), {"user": "bank", "password": Secret(b"secret"), "security": security}
    how = {"authenticator": knowing("bank", "secret"), "auth_required": True, "auth_require_tls": not implicit}
    async with listening(sink, tls=context, implicit=implicit, **how) as port:
        good = await send(port, **who, ca=Secret(authority))
        wrong = await send(port, **{**who, "password": Secret(b"wrong")}, ca=Secret(authority))
        stranger = await send(port, **who)

    assert (Fate.accepted, 1) == (good.fate, len(sink.taken))
    assert (Fate.provider_unavailable, "smtp_5_7_8") == (wrong.fate, wrong.detail)
    assert Fate.provider_unavailable is stranger.fate


async def test_a_relay_without_tls_gets_nothing() -> None:
    sink = Sink()
    async with listening(sink) as port:
        result = await send(port, security=Security.starttls)

    assert (True, 0) == (result.transient, sink.seen)


@pytest.mark.parametrize(
    ("command", "answer", "fate"),
    [
        ("MAIL", "451 4.3.0 try later", Fate.retryable),
        ("MAIL", "550 5.1.8 your domain is none", Fate.provider_unavailable),
        ("RCPT", "450 4.2.1 greylisted", Fate.retryable),
        ("RCPT", "452 4.5.3 too many", Fate.throttled_account),
        ("RCPT", "550 5.1.1 no such user", Fate.invalid_recipient),
        ("RCPT", "550 5.1.10 null mx", Fate.invalid_recipient),
        ("RCPT", "550 5.2.2 full", Fate.permanent),
        ("RCPT", "550 no", Fate.permanent),
        ("RCPT", "550 5.7.1 policy", Fate.rejected_content),
        ("RCPT", "550 5.7.1 your relay is listed", Fate.rejected_content),
        ("RCPT", "554 5.7.1 <x@y.example>: Relay access denied", Fate.provider_unavailable),
        ("RCPT", "550 5.7.1 Relaying denied", Fate.provider_unavailable),
        ("RCPT", "550 relay not permitted", Fate.provider_unavailable),
        ("RCPT", "550 5.7.1 Unable to relay", Fate.provider_unavailable),
        ("RCPT", "454 4.7.1 Relay access denied", Fate.retryable),
        ("DATA", "554 5.7.1 spam", Fate.rejected_content),
        ("DATA", "552 5.3.4 too big", Fate.rejected_content),
        ("DATA", "451 4.3.0 try later", Fate.retryable),
        ("DATA", "421 4.3.2 shutting down", Fate.retryable),
    ],
)
async def test_a_refusal_is_certain_and_means_what_its_code_says(command: str, answer: str, fate: Fate) -> None:
    sink = Sink(answers={command: answer})
    async with listening(sink) as port:
        result = await send(port)

    assert (fate, True, 0) == (result.fate, result.certain, len(sink.taken))
    assert " " not in result.detail


@pytest.mark.parametrize(
    ("command", "fate"), [("MAIL", Fate.retryable), ("RCPT", Fate.retryable), ("DATA", Fate.ambiguous)]
)
async def test_a_relay_that_hangs_up_has_taken_nothing_until_the_message_left(command: str, fate: Fate) -> None:
    async with listening(Sink(drop=command)) as port:
        result = await send(port)

    assert fate is result.fate


async def test_a_relay_that_takes_the_message_and_says_nothing_may_have_taken_it() -> None:
    async def conversation(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 relay\r\n")
        while not (line := await reader.readline()).startswith(b"DATA"):
            writer.write(b"250 OK\r\n")
            assert line
        writer.write(b"354 go on\r\n")
        await asyncio.Event().wait()

    async with speaking(conversation) as url:
        result = await send(int(url.rpartition(":")[2]), timeout_s=0.4)

    assert (Fate.ambiguous, "timeout") == (result.fate, result.detail)


async def test_a_relay_that_is_not_there_or_says_nothing_has_taken_nothing() -> None:
    async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async def nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 50)
        await writer.drain()

    fates = []
    for conversation in (silence, nonsense):
        async with speaking(conversation) as url:
            fates.append((await send(int(url.rpartition(":")[2]), timeout_s=0.4)).fate)
    fates.append((await send(1)).fate)

    assert [Fate.retryable] * 3 == fates


@pytest.mark.parametrize("name", ["张三\r\nBcc: everybody@example.com", "a\nX-Evil: 1", "\x00", '"><script>'])
async def test_nobody_begins_a_header_of_their_own(name: str) -> None:
    sink = Sink()
    to = Recipient(name, dispatch().to.kind, dispatch().to.address)
    async with listening(sink) as port:
        await send(port, dispatch(to=to))
        evil = dispatch()
        refused = await send(port, evil._replace(message=evil.message._replace(subject="x\r\nBcc: a@b.example")))

    assert (Fate.rejected_content, "unfit_header") == (refused.fate, refused.detail)
    for envelope in sink.taken:
        message = email.message_from_bytes(bytes(envelope.content), policy=default)
        assert (None, None) == (message["Bcc"], message["X-Evil"])
        assert ["zhang.san@example.com"] == envelope.rcpt_tos
