"""
Callbacks out, by the Standard Webhooks scheme: how a message is signed, and when it is tried again.

The signature covers id, time and body, so that none of them can be exchanged; the id stays the same over
all tries, and by it a receiver knows a message that it has taken already. (https://www.standardwebhooks.com)
"""

import hmac
from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import blake2b, sha256

from .model import HOUR, MINUTE, SECOND, Instant

RETRIES = (5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR)
"""How long after each failed try the next one comes: ten tries over three days, then it is a dead letter."""

JITTER = 10
"""A tenth of a pause more or less, so that what failed together does not come back together."""

SECRET_PREFIX = "whsec_"


def secret_text(secret: bytes) -> str:
    """A secret as a client is shown it, once."""
    return SECRET_PREFIX + b64encode(secret).decode()


def signed_headers(secrets: Sequence[bytes], message: str, at: Instant, body: bytes) -> Mapping[str, str]:
    """The three headers of one try; while a secret is exchanged, the new one signs and each that it followed."""
    seconds = str(at // SECOND)
    covered = f"{message}.{seconds}.".encode() + body
    signatures = (b64encode(hmac.new(secret, covered, sha256).digest()).decode() for secret in secrets)
    return {
        "webhook-id": message,
        "webhook-timestamp": seconds,
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }


def next_try(message: str, tries: int, now: Instant) -> Instant | None:
    """When to try again after so many tries that failed; None: never again. The same arguments, the same instant."""
    if tries > len(RETRIES):
        return None
    pause = RETRIES[tries - 1]
    chance = int.from_bytes(blake2b(f"{message}:{tries}".encode(), digest_size=4).digest(), "big")
    spread = 2 * pause // JITTER
    return Instant(now + pause - spread // 2 + chance % (spread + 1))
