"""
Aliyun's RPC calls over HTTP with the V3 signature, ACS3-HMAC-SHA256: what text messages and voice have in common.

A signature is good for one call: the nonce is refused the second time, so each try is signed afresh. All parameters
stand in the query, as the provider's own libraries send them; they hold numbers and words, and are never logged.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from service.channels.wire import WireRequest
from service.core.model import Instant

ALGORITHM = "ACS3-HMAC-SHA256"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Signer(NamedTuple):
    """Whose call it is, and what makes this one unlike any other."""

    key_id: str
    secret: bytes
    at: Instant
    nonce: str

    def __repr__(self) -> str:
        return "<Signer>"


def rpc(url: str, version: str, action: str, parameters: Mapping[str, str], signer: Signer) -> WireRequest:
    """Write the signed call of an action."""
    query = canonical(parameters.items())
    headers = {
        "host": urlsplit(url).netloc,
        "x-acs-action": action,
        "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
        "x-acs-date": (_EPOCH + timedelta(microseconds=signer.at)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": signer.nonce,
        "x-acs-version": version,
    }
    authorization = authorize(signer.key_id, signer.secret, "POST", "/", query, headers, b"")
    return WireRequest("POST", "/", b"", (*headers.items(), ("authorization", authorization)), query)


def authorize(
    key_id: str, secret: bytes, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes
) -> str:
    """Sign a request whose `query` is canonical; every header given is signed, and named in lower case."""
    signed = ";".join(sorted(headers))
    block = "".join(f"{name}:{headers[name].strip()}\n" for name in sorted(headers))
    request = "\n".join((method, path, query, block, signed, hashlib.sha256(body).hexdigest()))
    text = f"{ALGORITHM}\n{hashlib.sha256(request.encode()).hexdigest()}"
    signature = hmac.digest(secret, text.encode(), "sha256").hex()
    return f"{ALGORITHM} Credential={key_id},SignedHeaders={signed},Signature={signature}"


def canonical(parameters: Iterable[tuple[str, str]]) -> str:
    """Write parameters in order and percent-encoded by RFC 3986."""
    return "&".join(f"{_encoded(key)}={_encoded(value)}" for key, value in sorted(parameters))


def _encoded(text: str) -> str:
    return quote(text, safe="~")
