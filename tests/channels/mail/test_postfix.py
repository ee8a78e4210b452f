"""E-mail by a real Postfix: what it refuses, what it hands on, and the notices that it writes of its own accord."""

import asyncio
import email
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from service.channels.mail.composing import build
from service.channels.mail.smtp import letterhead
from service.channels.mail.submission import Security
from service.channels.marks import Use, mark
from service.core.model import Fate, Outcome
from service.flows.ports import Dispatch
from service.flows.providers import Secret
from tests.loopback import receiving
from tests.peers import lacking

from .accounts import ATTEMPT, KEY, PUBLIC, account, adapter, dispatch, report
from .postfix import Postfix, postfix, table, unpacked
from .relay import Sink, certificate, listening

README = Path(__file__).parents[3] / "service/channels/README.md"
NOTICES = "mail.bank.example"
"""The domain that `accounts` has its notices sent to."""


@pytest.fixture(scope="module")
def root() -> Path:
    return unpacked()


def sending(port: int, **more: Any) -> AbstractAsyncContextManager[Any]:
    """Our side, with patience: Postfix starts its helpers as it needs them, on a machine that may be busy."""
    return adapter(port, timeout_s=120, **more)


@asynccontextmanager
async def relaying(root: Path, hops: dict[str, Sink], **more: str) -> AsyncIterator[Postfix]:
    """A Postfix that hands on what is for these domains."""
    async with AsyncExitStack() as stack:
        ports = {domain: await stack.enter_async_context(listening(sink)) for domain, sink in hops.items()}
        yield stack.enter_context(postfix(root, ports, **more))


def to(address: str, attempt: str = ATTEMPT, **more: Any) -> Dispatch:
    plain = dispatch(**more)
    return plain._replace(to=plain.to._replace(address=address), attempt=attempt)


async def test_what_postfix_refuses_at_once_is_certain_and_means_what_it_says(root: Path) -> None:
    asked = {
        "nobody@box.example": (Fate.invalid_recipient, "smtp_5_1_1"),
        "zhang.san@none.example": (Fate.invalid_recipient, "smtp_5_1_2"),
        "zhang.san@full.example": (Fate.permanent, "smtp_5_2_2"),
        "zhang.san@strict.example": (Fate.rejected_content, "smtp_5_7_1"),
        "zhang.san@grey.example": (Fate.retryable, "smtp_4_2_1"),
    }
    async with relaying(root, {}) as relay, sending(relay.port) as mail:
        results = {address: await mail.send(to(address)) for address in asked}
        too_large = await mail.send(to("zhang.san@box.example", html="x" * 100_000))

    assert asked == {address: (result.fate, result.detail) for address, result in results.items()}
    assert (Fate.rejected_content, "smtp_5_3_4") == (too_large.fate, too_large.detail)
    assert all(result.certain for result in (*results.values(), too_large))


async def test_what_postfix_has_against_us_is_not_held_against_the_recipient(root: Path) -> None:
    """Postfix says it in answer to the recipient, whomever it concerns."""
    stranger = {"mynetworks": "10.0.0.0/8", "smtpd_reject_unlisted_sender": "no"}
    results = []
    async with relaying(root, {}) as relay, sending(relay.port, bounces_to="bounces@none.example") as mail:
        results.append(await mail.send(to("zhang.san@box.example")))
    for may in ("reject_unauth_destination", "defer_unauth_destination"):
        more = {**stranger, "smtpd_relay_restrictions": f"permit_mynetworks, {may}"}
        async with relaying(root, {}, **more) as relay, sending(relay.port) as mail:
            results.append(await mail.send(to("zhang.san@elsewhere.example")))

    assert ["smtp_5_1_8", "smtp_5_7_1", "smtp_4_7_1"] == [result.detail for result in results]
    assert [Fate.provider_unavailable, Fate.provider_unavailable, Fate.retryable] == [each.fate for each in results]


async def test_a_postfix_that_insists_on_tls_is_spoken_to_under_tls_alone(root: Path, tmp_path: Path) -> None:
    _, authority = certificate(tmp_path)
    pem = str(tmp_path / "server.pem")
    tls = {"smtpd_tls_security_level": "encrypt", "smtpd_tls_cert_file": pem, "smtpd_tls_key_file": pem}
    sent = to("zhang.san@box.example")
    async with relaying(root, {}, **tls) as relay:
        results = []
        for security, ca in [(Security.starttls, Secret(authority)), (Security.starttls, None), (Security.none, None)]:
            async with sending(relay.port, security=security, ca=ca) as mail:
                results.append(await mail.send(sent))

    assert [Fate.accepted, Fate.provider_unavailable, Fate.provider_unavailable] == [each.fate for each in results]
    assert ["", "tls_refused", "smtp_5_7_0"] == [each.detail for each in results]


async def test_an_e_mail_arrives_intact_and_the_next_one_is_asked_for_notices_as_we_ask(root: Path) -> None:
    sink = Sink()
    sent = to("zhang.san@example.com", html="<p>您好，请还款。</p>")
    async with relaying(root, {"example.com": sink}) as relay, sending(relay.port) as mail:
        await mail.send(sent)
        (envelope,) = await sink.wait_for(1)

    ours, arrived = build(sent, letterhead(account())), bytes(envelope.content)
    link = f"<{PUBLIC}/v1/unsubscribe/mail/{mark(KEY, ATTEMPT, Use.unsubscribe)}>"
    texts = [part.get_content() for part in email.message_from_bytes(arrived, policy=default).iter_parts()]
    # Postfix puts a header of its own before ours, and changes none.
    assert arrived.startswith(b"Received: from bank.example ") and arrived.endswith(b"\r\n" + ours.content)
    assert f"\r\nList-Unsubscribe: {link}\r\n".encode() in arrived
    assert ["您好，请还款。", "<p>您好，请还款。</p>"] == [text.splitlines()[0] for text in texts]
    assert ours.sender == envelope.mail_from
    assert {*ours.mail_options} <= {*envelope.mail_options}
    assert {*ours.recipient_options} == {*envelope.rcpt_options}


async def test_each_notice_that_postfix_writes_is_the_right_receipt_of_the_right_attempt(root: Path) -> None:
    slow, notices = Sink(answers={"RCPT": "451 4.7.1 later"}), Sink()
    hops = {
        "gone.example": Sink(answers={"RCPT": "550 5.1.1 no such user"}),
        "spam.example": Sink(answers={"DATA": "554 5.7.1 not wanted"}),
        "bare.example": Sink(answers={"RCPT": "550 邮箱不存在"}),
        "slow.example": slow,
        "mute.example": Sink(dsn=False),
        NOTICES: notices,
    }
    told = {
        "zhang.san@gone.example": [(Outcome.undelivered, "5.1.1", Fate.invalid_recipient)],
        "zhang.san@spam.example": [(Outcome.undelivered, "5.7.1", None)],
        "zhang.san@bare.example": [(Outcome.undelivered, "5.0.0", None)],
        "zhang.san@slow.example": [(Outcome.sent, "4.7.1", None), (Outcome.undelivered, "5.2.2", None)],
        # Handed to a server that sends no notices.
        "zhang.san@mute.example": [(Outcome.sent, "2.0.0", None)],
        "zhang.san@box.example": [(Outcome.delivered, "2.0.0", None)],
        # Handed to the two that the address stands for.
        "both@box.example": [(Outcome.sent, "2.0.0", None)],
    }
    attempts = {address: f"{ATTEMPT[:-2]}{n:02}" for n, address in enumerate(told)}
    async with relaying(root, hops, delay_warning_time="1s") as relay, sending(relay.port) as mail:
        results = await asyncio.gather(*(mail.send(to(*sent)) for sent in attempts.items()))
        assert {Fate.accepted} == {result.fate for result in results}
        await notices.wait_for(len(told))
        slow.answers["RCPT"] = "550 5.2.2 full for too long"
        raw = [bytes(each.content) for each in await notices.wait_for(len(told) + 1)]
        receipts = [receipt for each in raw for receipt in mail.read(report(each)).receipts]

    assert told == {
        address: [(each.outcome, each.text, each.fate) for each in receipts if each.attempt == attempt]
        for address, attempt in attempts.items()
    }
    assert [f"Original-Envelope-Id: {mark(KEY, str(receipt.attempt))}" for receipt in receipts] == [
        line for each in raw for line in each.decode().splitlines() if line.startswith("Original-Envelope-Id:")
    ]
    assert {f"Original-Recipient: rfc822;{address}" for address in told} == {
        line for each in raw for line in each.decode().splitlines() if line.startswith("Original-Recipient:")
    }
    assert len(receipts) == len({receipt.event for receipt in receipts})


async def test_what_postfix_gives_up_is_undelivered_though_its_last_obstacle_might_pass(root: Path) -> None:
    slow, notices = Sink(answers={"RCPT": "451 4.7.1 later"}), Sink()
    hops = {"slow.example": slow, NOTICES: notices}
    async with relaying(root, hops, maximal_queue_lifetime="0") as relay, sending(relay.port) as mail:
        await mail.send(to("zhang.san@slow.example"))
        (notice,) = await notices.wait_for(1)
        (receipt,) = mail.read(report(bytes(notice.content))).receipts

    assert (ATTEMPT, Outcome.undelivered, "4.7.1") == (receipt.attempt, receipt.outcome, receipt.text)


async def test_the_alias_that_the_readme_gives_brings_a_notice_until_it_is_taken(root: Path) -> None:
    if shutil.which("curl") is None:
        lacking("no curl: the alias of the README did not run")
    found = re.search(r"`(\|curl [^`]+)`", README.read_text())
    assert found is not None
    async with receiving(503) as gateway, adapter() as mail:
        pipe = found[1].replace("https://…", f"{gateway.url}/v1/receipts/mail/secret")
        more = {"mydestination": NOTICES, "alias_maps": table({"bounces": f'"{pipe}"'})}
        async with relaying(root, {}, **more) as relay, sending(relay.port) as sender:
            await sender.send(to("zhang.san@box.example"))
            await gateway.wait_for(2)
        receipts = [mail.read(report(heard.body)).receipts for heard in gateway.heard]

    assert receipts[0] == receipts[1]
    assert [(ATTEMPT, Outcome.delivered)] == [(receipt.attempt, receipt.outcome) for receipt in receipts[1]]
    assert {("/v1/receipts/mail/secret", "message/rfc822")} == {
        (heard.path, heard.headers["content-type"]) for heard in gateway.heard
    }
