"""
What mail systems and mailbox providers report, as whole e-mails: bounces (RFC 3464) and complaints (RFC 5965).

Whoever has the address may send one, so only a mark of ours, anywhere in it, says which attempt it speaks of. `relayed`
and `expanded` mean that the next one does not report: what became of the message stays open.
"""

from collections.abc import Iterator, Mapping
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default
from typing import NamedTuple

from service.channels.clouds.codes import Ending
from service.channels.clouds.pushed import mark as named
from service.channels.marks import marked
from service.core.errors import Invalid
from service.core.model import AddressKind, Channel, Fate, Instant, Outcome
from service.flows.ports import Inbound, Receipt, Recipient, Told

from .statuses import enhanced, fate_of

_ACTIONS: Mapping[str, Outcome] = {
    "delivered": Outcome.delivered,
    "failed": Outcome.undelivered,
    "delayed": Outcome.sent,
    "relayed": Outcome.sent,
    "expanded": Outcome.sent,
}

_UNWANTED = frozenset({"abuse", "fraud", "opt-out", "opt-out-list"})
"""Feedback types by which the recipient refuses; `not-spam` and others say nothing against us."""


class _Report(NamedTuple):
    kind: str
    blocks: list[Message]


def read_report(provider: str, key: bytes, raw: bytes, now: Instant) -> Told:
    """Read a report; an e-mail that is none, such as a holiday notice, tells nothing."""
    report = _report(_parsed(raw))
    if report is None:
        return Told()
    attempt = marked(key, raw)
    if attempt is None:
        raise Invalid("body", "carries no mark of ours")
    if report.kind == "feedback-report":
        return Told(list(_complaints(provider, key, attempt, report.blocks, now)))
    return Told([read_receipt(provider, key, attempt, block, now) for block in report.blocks if "Action" in block])


def read_receipt(provider: str, key: bytes, attempt: str, block: Message, now: Instant) -> Receipt:
    """Read what a bounce says of its recipient."""
    action = str(block["Action"]).strip().lower().partition(" ")[0]
    status = enhanced(str(block.get("Status", ""))) or "unknown"
    fate = fate_of(status) if action == "failed" else None
    ending = Ending(_ACTIONS.get(action, Outcome.unknown), fate if fate is Fate.invalid_recipient else None)
    event = named(key, attempt, action, status)
    return Receipt(provider, event, ending.outcome, now, attempt, text=status, fate=ending.fate)


def read_reply(provider: str, key: bytes, raw: bytes, now: Instant) -> Told:
    """Read what somebody wrote back: their own words, without what they quote. Machines answer for nobody."""
    try:
        return _reply(provider, key, _parsed(raw), now)
    except (LookupError, ValueError, AttributeError):
        # The library stumbles over some broken headers when they are asked for.
        raise Invalid("body", "not an e-mail that can be read") from None


def _reply(provider: str, key: bytes, message: EmailMessage, now: Instant) -> Told:
    if str(message.get("Auto-Submitted", "no")).strip().lower() != "no" or _report(message) is not None:
        return Told()
    # An answer names the Message-ID that it answers: then whoever that was for has written, from whatever address. Else
    # the last one to the sender's address is meant, which anybody can write there.
    attempt = marked(key, f"{message.get('In-Reply-To', '')} {message.get('References', '')}".encode())
    sender = _sender(message)
    if attempt is None and sender is None:
        raise Invalid("From", "is missing, or no address")
    event = named(key, str(message.get("Message-ID", "")), str(message.get("Date", "")), sender or "")
    who = Recipient(None, AddressKind.email, sender) if attempt is None and sender else None
    said = Inbound(provider, event, Channel.email, who, now, Outcome.replied, _own_words(message), attempt)
    return Told(inbound=[said])


def _parsed(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=default)


def _report(message: EmailMessage) -> _Report | None:
    """Take the machine's part out of a report; None for an e-mail that is none."""
    if message.get_content_type() != "multipart/report":
        return None
    for part in message.walk():
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            listed = part.get_payload()
            return _Report("delivery-status", [each for each in listed if isinstance(each, Message)])
        if kind == "message/feedback-report":
            return _Report("feedback-report", [_fields(part)])
    return None


def _fields(part: Message) -> Message:
    """The library knows no feedback reports: their fields are the headers of what is inside, or its text."""
    inner = part.get_payload()
    first = inner[0] if isinstance(inner, list) and inner else inner
    if isinstance(first, Message) and first.keys():
        return first
    text = first.get_payload() if isinstance(first, Message) else first
    return message_from_bytes(str(text).lstrip().encode("utf-8", "replace"), policy=default)


def _complaints(provider: str, key: bytes, attempt: str, blocks: list[Message], now: Instant) -> Iterator[Receipt]:
    for block in blocks:
        kind = str(block.get("Feedback-Type", "")).strip().lower()
        if kind in _UNWANTED:
            event = named(key, attempt, kind)
            # Who complains of it has got it.
            yield Receipt(provider, event, Outcome.delivered, now, attempt, text=kind, fate=Fate.opted_out)


def _sender(message: EmailMessage) -> str | None:
    found = [str(each.addr_spec) for each in getattr(message.get("From"), "addresses", ())]
    return next((each.lower() for each in found if each.isascii() and "@" in each), None)


def _own_words(message: EmailMessage) -> str | None:
    part = message.get_body(preferencelist=("plain",))
    try:
        text = part.get_content() if part is not None else ""
    except (LookupError, ValueError):
        return None
    lines = []
    for line in str(text).splitlines():
        if line.startswith(">"):
            break
        lines.append(line)
    return "\n".join(lines).strip()[:2000] or None
