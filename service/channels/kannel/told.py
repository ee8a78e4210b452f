"""
What Kannel tells: what became of a message, by a GET of the address that went out with it, and replies, by a POST.

Kannel fills in that address, and is asked for nothing personal: `%k` is the first word of what the operator said, such
as `NACK/0x0000000b/Invalid` or `id:4711`, for the rest may quote the message; `%D` has the operator's error. Of a text
that was cut it reports on the first part, and that any part was refused, but not why.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from service.channels.clouds.pushed import mark as named
from service.channels.lines.numbers import e164
from service.channels.lines.smpp_statuses import STATUSES
from service.channels.lines.stats import AGAINST_RECIPIENT
from service.channels.marks import marked
from service.core.errors import Invalid
from service.core.model import AddressKind, Channel, Fate, Instant, Outcome
from service.flows.ports import Inbound, Receipt, Recipient
from service.flows.providers import Callback

MARK = "mark"
REPORTED = "type=%d&ref=%F&said=%k&more=%D"
"""For Kannel to fill in: the kind of report, the operator's id of the message, its first word, and its error."""

TYPES: Mapping[str, Outcome] = {
    "1": Outcome.delivered,
    "2": Outcome.undelivered,
    "4": Outcome.sent,
    "8": Outcome.sent,
    # Not `refused_by_provider`: of a text that was cut, another part may have arrived.
    "16": Outcome.undelivered,
}

_STATUS = re.compile(r"NACK/0x([0-9A-Fa-f]{8})(?:/|$)")
_BY_KANNEL = re.compile(r"NACK/([a-z]{1,20})$")
_ERROR = re.compile(r"[?&]dlr_err=((?:%[0-9A-Fa-f]{2}|[A-Za-z0-9+*._-]){3})&")
_PLAIN = re.compile(r"""text/plain(?:; *charset="?([A-Za-z0-9_-]{1,40})"?)?""")
_NUMBER = re.compile(r"\+[0-9]{5,15}")


class Reason(NamedTuple):
    """Why a message was not delivered, in a word of ours; `fate` where a table knows what it means."""

    word: str
    fate: Fate | None = None


def read_receipt(provider: str, key: bytes, codes: Mapping[str, Fate], callback: Callback, now: Instant) -> Receipt:
    """Read what became of a message."""
    told = dict(callback.query)
    attempt = marked(key, told.get(MARK, "").encode("utf-8", "replace"))
    if attempt is None:
        raise Invalid(MARK, "is not ours")
    kind = told.get("type", "")
    outcome = TYPES.get(kind)
    if outcome is None:
        raise Invalid("type", "not a kind of report")
    reason = reason_of(told.get("said", ""), told.get("more", ""), codes) if outcome is Outcome.undelivered else None
    return Receipt(
        provider,
        f"{attempt}:{kind}",
        outcome,
        now,
        attempt,
        told.get("ref") or None,
        text=reason and reason.word,
        fate=reason.fate if reason and reason.fate in AGAINST_RECIPIENT else None,
    )


def reason_of(said: str, more: str, codes: Mapping[str, Fate]) -> Reason | None:
    """Read the status of a refusal, or the error in a receipt, each by the tables and the account's own `codes`."""
    if found := _STATUS.match(said):
        status = int(found[1], 16)
        return Reason(f"smpp_{status:#x}", STATUSES.get(status) or codes.get(str(status)))
    if found := _BY_KANNEL.match(said):
        return Reason(f"kannel_{found[1]}", Fate.permanent)
    found = _ERROR.search(more)
    # The kind of network, and two bytes that are its own error (SMPP 3.4, 5.3.2.31); 32 is spelt as a space is.
    error = int.from_bytes(unquote_to_bytes(found[1].replace("+", " "))[1:], "big") if found else 0
    return Reason(f"err:{error}", codes.get(f"err:{error}")) if error else None


def is_unmapped(word: str, codes: Mapping[str, Fate]) -> bool:
    """Whether it is a status that no table knows; of operators' errors hardly one is, and nobody is called for them."""
    status = int(word.removeprefix("smpp_"), 16) if word.startswith("smpp_") else 0
    return status not in STATUSES and str(status) not in codes


def read_inbound(provider: str, key: bytes, home: str, callback: Callback, now: Instant) -> Inbound:
    """
    Read what somebody wrote.

    Kannel gives it no id: what comes again with the same time, sender and words is the same one. Its name is keyed, for
    number and words could be guessed from a bare digest.
    """
    number = e164(callback.headers.get("x-kannel-from", ""), home)
    if not _NUMBER.fullmatch(number):
        raise Invalid("X-Kannel-From", "is missing, or no telephone number")
    event = named(key, callback.headers.get("x-kannel-time", ""), number, callback.body.hex())
    who = Recipient(None, AddressKind.mobile, number)
    return Inbound(provider, f"mo:{event}", Channel.sms, who, now, Outcome.replied, _text(callback))


def _text(callback: Callback) -> str | None:
    """Read the words; binary messages have none."""
    plain = _PLAIN.fullmatch(callback.headers.get("content-type", ""))
    try:
        return callback.body.decode(plain[1] or "utf-8", "replace") or None if plain else None
    except LookupError:
        raise Invalid("Content-Type", "a charset that nobody knows") from None
