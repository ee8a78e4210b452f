"""
An e-mail and its envelope, as bytes: the same dispatch gives the same ones, so that a repeat can be recognised.

The return path carries the attempt's mark (VERP), so a bounce finds its attempt though it says nothing else; so do the
envelope's id (RFC 3461) and the Message-ID. Nothing that a person or a lender wrote can begin a header of its own: the
library refuses line breaks in headers, and what it refuses is not sent.
"""

import re
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import NamedTuple

from service.channels.marks import Use, mark
from service.flows.ports import Dispatch

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NOT_XTEXT = re.compile(r"[^!-*,-<>-~]")


class Letterhead(NamedTuple):
    """Who writes, where bounces go, where to unsubscribe (None: nowhere), and the key of the marks."""

    sender: str
    sender_name: str
    bounces_to: str
    unsubscribe_at: str | None
    key: bytes

    def __repr__(self) -> str:
        return "<Letterhead>"


class Envelope(NamedTuple):
    """What is handed to the relay. The options are those of delivery status notifications (RFC 3461)."""

    sender: str
    recipient: str
    mail_options: tuple[str, ...]
    recipient_options: tuple[str, ...]
    content: bytes

    def __repr__(self) -> str:
        return f"<Envelope {len(self.content)} bytes>"


def build(dispatch: Dispatch, head: Letterhead) -> Envelope:
    """Write the e-mail; `ValueError` where a header cannot hold what it is told."""
    token = mark(head.key, dispatch.attempt)
    user, _, domain = head.bounces_to.partition("@")
    return Envelope(
        f"{user}+{token}@{domain}",
        dispatch.to.address,
        ("RET=HDRS", f"ENVID={xtext(token)}"),
        ("NOTIFY=SUCCESS,FAILURE,DELAY", f"ORCPT=rfc822;{xtext(dispatch.to.address)}"),
        _unsubscribing(dispatch, head) + _message(dispatch, head, token).as_bytes(policy=SMTP),
    )


def _message(dispatch: Dispatch, head: Letterhead, token: str) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(head.sender_name, addr_spec=head.sender)
    message["To"] = Address(" ".join((dispatch.to.name or "").split()), addr_spec=dispatch.to.address)
    message["Subject"] = dispatch.message.subject or ""
    message["Date"] = format_datetime(_EPOCH + timedelta(microseconds=dispatch.at))
    message["Message-ID"] = f"<{token}@{head.sender.partition('@')[2]}>"
    # Nobody's holiday notice is wanted (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = dispatch.message.locale
    _fill(message, dispatch)
    return message


def _unsubscribing(dispatch: Dispatch, head: Letterhead) -> bytes:
    """Write the headers by which a mail reader posts to our link without asking anything more (RFC 8058)."""
    if head.unsubscribe_at is None:
        return b""
    link = f"{head.unsubscribe_at}/{mark(head.key, dispatch.attempt, Use.unsubscribe)}"
    # By hand: the library would encode what is longer than a line, and mailbox providers would find no link in it.
    return f"List-Unsubscribe: <{link}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n".encode("ascii")


def _fill(message: EmailMessage, dispatch: Dispatch) -> None:
    """Plain text first, and the same as HTML where the template has it."""
    text, html = dispatch.message.part("text") or dispatch.message.body, dispatch.message.part("html")
    message.set_content(text, cte="base64")
    if html:
        message.add_alternative(html, subtype="html", cte="base64")
        # A boundary that is drawn would make two tries of one attempt two e-mails.
        message.set_boundary(f"={dispatch.attempt}=")


def xtext(text: str) -> str:
    """Encode for a parameter of the envelope (RFC 3461, 4)."""
    return _NOT_XTEXT.sub(lambda found: "".join(f"+{byte:02X}" for byte in found[0].encode()), text)
