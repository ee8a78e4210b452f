"""
The mark of an attempt: its id with a proof under a key of ours, short enough for the local part of an address.

It goes out with the message, in an e-mail's return path or the address that a gateway reports to, and comes back in
what is told of it. Anybody may send us such a report; one that carries no mark of ours speaks of nothing we sent. The
mark of the unsubscribing link is another one, so that neither serves for the other.
"""

import hmac
import re
from enum import Enum

PROOF_LENGTH = 16

_MARK = re.compile(rb"(?<![a-z0-9])(a_[0-9a-z]{1,40})\.([0-9a-f]{16})(?![0-9a-z])")


class Use(Enum):
    """What a mark is good for."""

    report = b"report"
    unsubscribe = b"unsubscribe"


def mark(key: bytes, attempt: str, use: Use = Use.report) -> str:
    """Give the mark of an attempt."""
    return f"{attempt}.{_proof(key, attempt.encode(), use)}"


def marked(key: bytes, raw: bytes, use: Use = Use.report) -> str | None:
    """Give the attempt whose mark stands in these bytes, wherever; None: no mark of ours does."""
    for attempt, proof in _MARK.findall(raw):
        if hmac.compare_digest(_proof(key, attempt, use).encode(), proof):
            return str(attempt.decode())
    return None


def _proof(key: bytes, attempt: bytes, use: Use) -> str:
    return hmac.digest(key, use.value + b"\0" + attempt, "sha256").hex()[:PROOF_LENGTH]
