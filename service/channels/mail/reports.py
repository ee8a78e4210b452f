"""
What comes back by mail, as whole e-mails: bounces (RFC 3464), complaints (RFC 5965), and what people answer.

Whoever has the address may send one, so only a mark of ours, anywhere in it, says which attempt it speaks of. `relayed`
and `expanded` mean that the next one does not report: what became of the message stays open.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from service.channels.clouds.codes import Ending
from service.channels.clouds.pushed import mark as named
from service.channels.marks import marked
from service.core.errors import Invalid
from service.core.model import AddressKind, Channel, Fate, Instant, Outcome
from service.flows.ports import Inbound, Receipt, Recipient, Told

from .parts import Part, blocks, opened, walk
from .statuses import enhanced, fate_of
from .written import own_words

_ACTIONS: Mapping[str, Outcome] = {
    "delivered": Outcome.delivered,
    "failed": Outcome.undelivered,
    "delayed": Outcome.sent,
    "relayed": Outcome.sent,
    "expanded": Outcome.sent,
}

_UNWANTED = frozenset({"abuse", "fraud", "opt-out", "opt-out-list"})
"""Feedback types by which the recipient refuses; `not-spam` and others say nothing against us."""


_COMPLAINT = "message/feedback-report"
_REPORTS = frozenset({"message/delivery-status", "message/global-delivery-status", _COMPLAINT})

_FROM_MAX = 2000
_ASIDE = re.compile(r'"(?:[^"\\]|\\.)*"|\([^()]*\)')
_ADDRESS = re.compile(r"(?<![^\s<>@,;:])[^\s<>@,;:]{1,64}@[^\s<>@,;:]{1,255}(?![^\s<>,;:])")
_BRACKETED = re.compile(r"<[^<>]*>")


class _Report(NamedTuple):
    kind: str
    blocks: list[dict[str, str]]


def read_report(provider: str, key: bytes, raw: bytes, now: Instant) -> Told:
    """Read a report; an e-mail that is none, such as a holiday notice, tells nothing."""
    mail = opened(raw)
    report = _report(mail)
    if report is None:
        return Told()
    attempt = marked(key, raw)
    if attempt is None:
        raise Invalid("body", "carries no mark of ours")
    if report.kind == _COMPLAINT:
        return Told(list(_complaints(provider, key, attempt, report.blocks, now)))
    return Told([read_receipt(provider, key, attempt, block, now) for block in report.blocks if "action" in block])


def read_receipt(provider: str, key: bytes, attempt: str, block: Mapping[str, str], now: Instant) -> Receipt:
    """Read what a bounce says of its recipient."""
    action = block["action"].lower().partition(" ")[0]
    status = enhanced(block.get("status", "")) or "unknown"
    fate = fate_of(status) if action == "failed" else None
    ending = Ending(_ACTIONS.get(action, Outcome.unknown), fate if fate is Fate.invalid_recipient else None)
    event = named(key, attempt, action, status)
    return Receipt(provider, event, ending.outcome, now, attempt, text=status, fate=ending.fate)


def read_reply(provider: str, key: bytes, raw: bytes, now: Instant) -> Told:
    """Read what somebody wrote back, in their own words. Machines answer for nobody."""
    mail = opened(raw)
    if mail.fields.get("auto-submitted", "no").lower() != "no" or _report(mail) is not None:
        return Told()
    # An answer names the Message-ID that it answers: then whoever that was for has written, from whatever address. Else
    # the last one to the sender's address is meant, which anybody can write there.
    fields = mail.fields
    attempt = marked(key, f"{fields.get('in-reply-to', '')} {fields.get('references', '')}".encode())
    sender = _sender(mail)
    if attempt is None and sender is None:
        raise Invalid("From", "is missing, or no address")
    event = named(key, fields.get("message-id", ""), fields.get("date", ""), sender or "")
    who = Recipient(None, AddressKind.email, sender) if attempt is None and sender else None
    said = Inbound(provider, event, Channel.email, who, now, Outcome.replied, own_words(mail), attempt)
    return Told(inbound=[said])


def _report(mail: Part) -> _Report | None:
    """Take the machine's part out of a report; None for an e-mail that is none."""
    if mail.kind != "multipart/report":
        return None
    for each in walk(mail):
        if each.kind in _REPORTS:
            return _Report(each.kind, blocks(each.text))
    return None


def _complaints(
    provider: str, key: bytes, attempt: str, blocks: list[dict[str, str]], now: Instant
) -> Iterator[Receipt]:
    for block in blocks:
        kind = block.get("feedback-type", "").lower()
        if kind in _UNWANTED:
            event = named(key, attempt, kind)
            # Who complains of it has got it.
            yield Receipt(provider, event, Outcome.delivered, now, attempt, text=kind, fate=Fate.opted_out)


def _sender(mail: Part) -> str | None:
    """The first address: one in brackets, or else any."""
    told = _ASIDE.sub(" ", mail.fields.get("from", "")[:_FROM_MAX])
    for where in (" ".join(_BRACKETED.findall(told)), told):
        for found in _ADDRESS.findall(where):
            if found.isascii():
                return str(found).lower()
    return None
