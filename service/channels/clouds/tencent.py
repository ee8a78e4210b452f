"""
Tencent Cloud's calls over HTTP with TC3-HMAC-SHA256.

Content type and host are signed beside the body, byte for byte. The timestamp may be five minutes off at most, so
each try is signed afresh.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import orjson

from service.channels.wire import WireRequest
from service.core.model import SECOND, Instant

ALGORITHM = "TC3-HMAC-SHA256"
JSON = "application/json"


class Signer(NamedTuple):
    """Whose call it is, and when it is made."""

    key_id: str
    secret: bytes
    at: Instant

    def __repr__(self) -> str:
        return "<Signer>"


class Action(NamedTuple):
    """What is called: an action of a service in a version, and the region that it goes to."""

    service: str
    version: str
    name: str
    region: str


def call(url: str, action: Action, said: Mapping[str, Any], signer: Signer) -> WireRequest:
    """Write the signed call of an action."""
    body = orjson.dumps(said)
    seconds = signer.at // SECOND
    host = urlsplit(url).netloc
    headers = (
        ("content-type", JSON),
        ("host", host),
        ("x-tc-action", action.name),
        ("x-tc-version", action.version),
        ("x-tc-region", action.region),
        ("x-tc-timestamp", str(seconds)),
        ("authorization", authorize(signer.key_id, signer.secret, action.service, seconds, host, JSON, body)),
    )
    return WireRequest("POST", "/", body, headers)


def authorize(key_id: str, secret: bytes, service: str, seconds: int, host: str, content_type: str, body: bytes) -> str:
    """Sign a POST to the root; the day of the scope is that of UTC."""
    signed = "content-type;host"
    block = f"content-type:{content_type}\nhost:{host}\n"
    request = "\n".join(("POST", "/", "", block, signed, hashlib.sha256(body).hexdigest()))
    day = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")
    scope = f"{day}/{service}/tc3_request"
    text = f"{ALGORITHM}\n{seconds}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = b"TC3" + secret
    for word in (day, service, "tc3_request"):
        key = hmac.digest(key, word.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    return f"{ALGORITHM} Credential={key_id}/{scope}, SignedHeaders={signed}, Signature={signature}"
