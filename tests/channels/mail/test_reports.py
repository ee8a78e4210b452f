"""Bounces, complaints, answers and links: what comes back finds its attempt by our mark, and nothing else does."""

import pytest

from service.channels.mail.composing import build, xtext
from service.channels.mail.smtp import letterhead
from service.channels.marks import Use, mark, marked
from service.core.errors import Invalid, NotFound
from service.core.model import AddressKind, Channel, Fate, Outcome
from service.flows.providers import Callback, Door

from .accounts import ATTEMPT, KEY, account, adapter, dispatch, report

ENVELOPE = build(dispatch(), letterhead(account()))
OURS = ENVELOPE.content.split(b"\r\n\r\n")[0].decode()


def bounce(action: str, status: str, *, to: str = ENVELOPE.sender, more: str = "") -> bytes:
    """A notice as Postfix writes it."""
    return f"""Return-Path: <>
From: MAILER-DAEMON@mx.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: {to}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
 boundary="AF"

--AF
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.example.

--AF
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
X-Postfix-Queue-ID: AF
Arrival-Date: Mon, 24 Nov 2025 02:00:00 +0000 (UTC)

Final-Recipient: rfc822; zhang.san@example.com
Original-Recipient: rfc822;zhang.san@example.com
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 user unknown
{more}
--AF
Content-Type: text/rfc822-headers

Subject: x

--AF--
""".encode()


def complaint(kind: str, original: str = OURS) -> bytes:
    """A complaint in the form of RFC 5965, appendix B, about an e-mail of ours."""
    return f"""From: <abusedesk@example.com>
To: <fbl@bank.example>
Subject: FW: complaint
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report;
 boundary="part1_13d.2e68ed54_boundary"

--part1_13d.2e68ed54_boundary
Content-Type: text/plain; charset="US-ASCII"
Content-Transfer-Encoding: 7bit

This is an email abuse report.

--part1_13d.2e68ed54_boundary
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: SomeGenerator/1.0
Version: 1

--part1_13d.2e68ed54_boundary
Content-Type: message/rfc822
Content-Disposition: inline

{original.replace(chr(13), "")}

x
--part1_13d.2e68ed54_boundary--
""".encode()


def answer(text: str, *, headers: str = "", quoted: str = "") -> bytes:
    said = "From: =?utf-8?b?5byg5LiJ?= <Zhang.San@example.com>\nTo: service@bank.example\nMessage-ID: <1@example.com>\n"
    return (said + headers + "Content-Type: text/plain; charset=utf-8\n\n" + text + "\n" + quoted).encode()


@pytest.mark.parametrize(
    ("action", "status", "outcome", "fate"),
    [
        ("failed", "5.1.1", Outcome.undelivered, Fate.invalid_recipient),
        ("failed", "5.1.2", Outcome.undelivered, Fate.invalid_recipient),
        ("failed", "5.2.2", Outcome.undelivered, None),
        ("failed", "5.7.1", Outcome.undelivered, None),
        ("failed", "4.4.7", Outcome.undelivered, None),
        ("delayed", "4.7.1", Outcome.sent, None),
        ("relayed", "2.0.0", Outcome.sent, None),
        ("delivered (to mailbox)", "2.0.0", Outcome.delivered, None),
        ("something-new", "2.0.0", Outcome.unknown, None),
    ],
)
async def test_a_notice_means_what_its_action_says(
    action: str, status: str, outcome: Outcome, fate: Fate | None
) -> None:
    async with adapter() as mail:
        (receipt,) = mail.read(report(bounce(action, status))).receipts
        (again,) = mail.read(report(bounce(action, status))).receipts

    assert (ATTEMPT, outcome, fate) == (receipt.attempt, receipt.outcome, receipt.fate)
    assert receipt.event == again.event


async def test_a_notice_is_found_by_the_envelopes_id_where_its_address_was_rewritten() -> None:
    envid = f"Original-Envelope-Id: {mark(KEY, ATTEMPT)}"
    rewritten = bounce("failed", "5.1.1", to="postmaster@bank.example", more=envid)
    async with adapter() as mail:
        (receipt,) = mail.read(report(rewritten)).receipts

    assert ATTEMPT == receipt.attempt


@pytest.mark.parametrize(
    "to",
    ["service@bank.example", f"bounces+{ATTEMPT}.0123456789abcdef@mail.bank.example", "bounces+a_2.x@bank.example"],
)
async def test_a_notice_without_a_mark_of_ours_is_about_nothing_of_ours(to: str) -> None:
    async with adapter() as mail:
        with pytest.raises(Invalid):
            mail.read(report(bounce("failed", "5.1.1", to=to)))


@pytest.mark.parametrize(
    ("kind", "fates"), [("abuse", [Fate.opted_out]), ("opt-out", [Fate.opted_out]), ("not-spam", [])]
)
async def test_a_complaint_is_a_refusal(kind: str, fates: list[Fate]) -> None:
    async with adapter() as mail:
        receipts = mail.read(report(complaint(kind))).receipts

    assert fates == [receipt.fate for receipt in receipts]
    assert {ATTEMPT} >= {receipt.attempt for receipt in receipts}


async def test_a_holiday_notice_tells_nothing_at_either_door() -> None:
    away = answer("我在休假", headers="Auto-Submitted: auto-replied\n")
    async with adapter() as mail:
        told = [mail.read(report(away, door)) for door in (Door.receipts, Door.inbound)]

    assert [((), ())] * 2 == [(tuple(each.receipts), tuple(each.inbound)) for each in told]


def plain_bounce(more: str = "", sender: str = "MAILER-DAEMON@mx.example", to: str = ENVELOPE.sender) -> bytes:
    """A notice as qmail writes it, in words for people alone."""
    return f"""From: {sender}
To: {to}
Subject: failure notice
{more}
Hi. This is the qmail-send program at mx.example.
<zhang.san@example.com>:
Sorry, no mailbox here by that name. (#5.1.1)
""".encode()


@pytest.mark.parametrize("door", [Door.receipts, Door.inbound])
@pytest.mark.parametrize("more", ["", "Auto-Submitted: auto-replied\n", "Precedence: bulk\n"])
async def test_a_bounce_in_words_alone_is_set_aside_and_not_taken_for_nothing(door: Door, more: str) -> None:
    async with adapter() as mail:
        with pytest.raises(Invalid):
            mail.read(report(plain_bounce(more), door))
        others = mail.read(report(plain_bounce(more, to="service@bank.example"), door))

    assert ((), ()) == (tuple(others.receipts), tuple(others.inbound))


async def test_a_report_that_says_nothing_of_a_recipient_is_set_aside() -> None:
    async with adapter() as mail:
        with pytest.raises(Invalid):
            mail.read(report(bounce("failed", "5.1.1").replace(b"Action: failed\n", b"")))


async def test_what_a_person_sends_to_where_bounces_go_is_set_aside() -> None:
    async with adapter() as mail:
        with pytest.raises(Invalid):
            mail.read(report(plain_bounce(sender="zhang.san@example.com")))


@pytest.mark.parametrize(
    "more", ["Auto-Submitted: auto-replied\n", "Precedence: bulk\n", "Precedence: auto_reply\n", "X-Autoreply: yes\n"]
)
async def test_who_is_away_is_no_bounce_though_our_mark_is_in_it(more: str) -> None:
    async with adapter() as mail:
        told = mail.read(report(plain_bounce(more, sender="zhang.san@example.com")))

    assert () == tuple(told.receipts)


async def test_a_notice_that_it_was_opened_is_no_answer() -> None:
    opened = (
        f"From: zhang.san@example.com\nTo: {ENVELOPE.sender}\n"
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n"
        "--b\nContent-Type: message/disposition-notification\n\nDisposition: manual-action/x; displayed\n--b--\n"
    ).encode()
    async with adapter() as mail:
        told = [mail.read(report(opened, door)) for door in (Door.receipts, Door.inbound)]

    assert [((), ())] * 2 == [(tuple(each.receipts), tuple(each.inbound)) for each in told]


async def test_a_report_that_came_to_the_door_of_answers_is_one_all_the_same() -> None:
    async with adapter() as mail:
        (bounced,) = mail.read(report(bounce("failed", "5.1.1"), Door.inbound)).receipts
        (complained,) = mail.read(report(complaint("abuse"), Door.inbound)).receipts
        (again,) = mail.read(report(bounce("failed", "5.1.1"))).receipts
        others = mail.read(report(bounce("failed", "5.1.1", to="service@bank.example"), Door.inbound))

    assert (bounced, Fate.opted_out) == (again, complained.fate)
    assert ((), ()) == (tuple(others.receipts), tuple(others.inbound))


@pytest.mark.parametrize(
    ("sender", "address"),
    [
        ('"service@bank.example" <Zhang@example.com>', "zhang@example.com"),
        ("service@bank.example <zhang@example.com>", "zhang@example.com"),
        ("zhang@example.com (Zhang, San <x@y.example>)", "zhang@example.com"),
        ("=?gb2312?B?1cXI/Q==?= <zhang@example.com>", "zhang@example.com"),
        ('"A \\" b@c.example" <zhang@example.com>, second@example.com', "zhang@example.com"),
        ("zhang@example.com", "zhang@example.com"),
    ],
)
async def test_the_sender_is_the_address_and_no_name_of_one(sender: str, address: str) -> None:
    raw = answer("你好").replace(b"=?utf-8?b?5byg5LiJ?= <Zhang.San@example.com>", sender.encode())
    async with adapter() as mail:
        (said,) = mail.read(report(raw, Door.inbound)).inbound

    assert said.sender is not None and address == said.sender.address


async def test_an_answer_is_its_writers_own_words_and_finds_what_it_answers() -> None:
    headers = f"In-Reply-To: <{mark(KEY, ATTEMPT)}@bank.example>\n"
    async with adapter() as mail:
        (said,) = mail.read(report(answer("退订", headers=headers, quoted="> 您好，请还款"), Door.inbound)).inbound
        (loose,) = mail.read(report(answer("你好"), Door.inbound)).inbound

    assert ("退订", ATTEMPT, None) == (said.text, said.attempt, said.sender)
    assert loose.sender is not None
    assert (AddressKind.email, "zhang.san@example.com", None) == (
        loose.sender.kind,
        loose.sender.address,
        loose.attempt,
    )


@pytest.mark.parametrize("raw", [b"", b"\x00\xff", b"Content-Type: multipart/report\n\n", b"From: nobody\n\nx"])
async def test_what_is_no_e_mail_is_refused_or_tells_nothing(raw: bytes) -> None:
    async with adapter() as mail:
        assert () == tuple(mail.read(report(raw)).receipts)
        with pytest.raises(Invalid):
            mail.read(report(raw.replace(b"multipart/report", b"text/plain"), Door.inbound))


@pytest.mark.parametrize("sender", ["a@b <", "<@", '"" <"">', "=?utf-8?b??= <a@(", "a..@b.example"])
async def test_an_answer_whose_sender_is_broken_is_refused_or_taken_and_nothing_else(sender: str) -> None:
    raw = answer("你好").replace(b"=?utf-8?b?5byg5LiJ?= <Zhang.San@example.com>", sender.encode())
    async with adapter() as mail:
        try:
            said = mail.read(report(raw, Door.inbound)).inbound
        except Invalid:
            said = []

    assert len(said) <= 1


async def test_only_our_own_link_unsubscribes_and_each_attempts_once() -> None:
    link = mark(KEY, ATTEMPT, Use.unsubscribe)
    good = Callback(path=f"/v1/unsubscribe/mail/{link}", door=Door.unsubscribe)
    async with adapter() as mail:
        mail.check(good)
        (said,) = mail.read(good).inbound
        for bad in (mark(KEY, ATTEMPT), mark(b"another key", ATTEMPT, Use.unsubscribe), ATTEMPT):
            with pytest.raises(NotFound):
                mail.check(good._replace(path=f"/v1/unsubscribe/mail/{bad}"))

    assert (Channel.email, ATTEMPT, "unsubscribe", None) == (said.channel, said.attempt, said.text, said.sender)
    assert f"{ATTEMPT}:unsubscribe" == said.event


def test_a_mark_is_found_in_whatever_surrounds_it_and_fits_the_local_part() -> None:
    token = mark(KEY, ATTEMPT)

    assert ATTEMPT == marked(KEY, f"<bounces+{token}@x>".encode()) == marked(KEY, token.encode())
    assert marked(KEY, f"x{token}".encode()) is None
    assert marked(KEY, f"{token}0".encode()) is None
    assert 64 >= len(ENVELOPE.sender.partition("@")[0])


def test_parameters_of_the_envelope_are_encoded_as_the_standard_has_it() -> None:
    assert "a+2Bb+3Dc@example.com" == xtext("a+b=c@example.com")
    assert "+20+E5+BC+A0" == xtext(" 张")
