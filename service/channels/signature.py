"""
Callbacks signed by a shared secret: HMAC-SHA256 over `<seconds>.<body>`, both ends of it.

A signature binds the body to its time, so that an old callback cannot be passed off as a new one. What
is replayed within the time allowed meets the event's id, which is taken once.
"""

import hmac
from collections.abc import Mapping

from service.core.errors import Unauthenticated
from service.core.model import SECOND, Instant

TIMESTAMP = "provider-timestamp"
SIGNATURE = "provider-signature"
SECRET_BYTES_MIN = 16
FRESH_S = 300


def sign(secret: bytes, at: Instant, body: bytes) -> tuple[tuple[str, str], ...]:
    """Give the two headers that prove the body."""
    seconds = str(at // SECOND)
    return (TIMESTAMP, seconds), (SIGNATURE, _proof(secret, seconds, body))


def check(secret: bytes, headers: Mapping[str, str], body: bytes, now: Instant, fresh_s: int | None = FRESH_S) -> None:
    """
    Raise `Unauthenticated` unless the body was signed with the secret, and lately; header names are lower-case.

    `fresh_s` is None where the clock was handed in, and cannot be compared with the provider's.
    """
    seconds = headers.get(TIMESTAMP, "")
    given = headers.get(SIGNATURE, "")
    # Bytes, for compare_digest refuses text beyond ASCII and a header may hold any.
    if not hmac.compare_digest(_proof(secret, seconds, body).encode(), given.encode()):
        raise Unauthenticated("the callback is not signed with the secret that was agreed")
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= 12):
        raise Unauthenticated("the callback says no time")
    if fresh_s is not None and abs(now // SECOND - int(seconds)) > fresh_s:
        raise Unauthenticated("the callback was signed too long ago, or in the future")


def _proof(secret: bytes, seconds: str, body: bytes) -> str:
    return "v1=" + hmac.digest(secret, b"%s.%s" % (seconds.encode(), body), "sha256").hex()
