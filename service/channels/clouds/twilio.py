"""
Twilio's calls over HTTP, and the signature under its callbacks: what messages and calls have in common.

Callbacks are signed over the public address that was called, so that address is a setting: behind a proxy it cannot
be read off the request. Our attempt's id stands in the query of the address, so that a callback finds its attempt
even where the answer to our call was lost.
"""

import base64
import hmac
from collections import defaultdict
from collections.abc import Iterable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from service.channels.doors import door_address
from service.channels.wire import WireRequest
from service.core.errors import Invalid, Unauthenticated
from service.core.model import MINUTE, SECOND, Instant
from service.flows.providers import Callback, ProviderAccount

SIGNATURE = "x-twilio-signature"
ATTEMPT = "attempt"

FORM = "application/x-www-form-urlencoded"
FIELDS_MAX = 200

EARLY, LATE = MINUTE, 2 * MINUTE
"""How far from our instant the provider's may lie: its clock, and how long a call may be under way."""

_DEFAULT_PORTS = {"https": 443, "http": 80}


def post(account_sid: str, token: bytes, resource: str, fields: Iterable[tuple[str, str]]) -> WireRequest:
    """Write the call that makes a resource: a message, a call."""
    headers = (("authorization", basic(account_sid, token)), ("content-type", FORM))
    return WireRequest("POST", path(account_sid, resource), urlencode(list(fields)).encode(), headers)


def get(account_sid: str, token: bytes, resource: str, fields: Mapping[str, str]) -> WireRequest:
    """Write the call that reads a resource, or the list of those that fit."""
    headers = (("authorization", basic(account_sid, token)),)
    return WireRequest("GET", path(account_sid, resource), b"", headers, urlencode(fields))


def path(account_sid: str, resource: str) -> str:
    return f"/2010-04-01/Accounts/{account_sid}/{resource}.json"


def basic(user: str, secret: bytes) -> str:
    return "Basic " + base64.b64encode(user.encode() + b":" + secret).decode()


def reporting(account: ProviderAccount, public_url: str, words: Mapping[str, str]) -> str:
    """Give the address that the provider shall report to."""
    return f"{door_address(account, public_url)}?{urlencode(words)}"


def sid(told: Mapping[str, Any]) -> str | None:
    """Give the provider's id of a resource."""
    found = told.get("sid")
    return found if isinstance(found, str) and found.isascii() and found.isalnum() else None


def only_one(listed: object, at: Instant) -> Mapping[str, Any] | None:
    """Give the one resource that was made by a call of ours around that instant; of several, none."""
    near = [each for each in listed if _near(each, at)] if isinstance(listed, list) else []
    return near[0] if len(near) == 1 else None


def _near(told: object, at: Instant) -> bool:
    if not isinstance(told, dict) or told.get("direction") != "outbound-api":
        return False
    made = instant(told.get("date_created"))
    return made is not None and at - EARLY <= made <= at + LATE


def instant(told: object) -> Instant | None:
    """Read an instant such as `Mon, 24 Nov 2025 02:00:01 +0000`."""
    try:
        return Instant(int(parsedate_to_datetime(str(told)).timestamp()) * SECOND)
    except (ValueError, OverflowError):
        return None


def form(raw: bytes) -> dict[str, str]:
    """Read the fields of a callback's body; of one that is named twice, the last."""
    return dict(_pairs(raw))


def check(token: bytes, public_url: str, callback: Callback) -> None:
    """Raise `Unauthenticated` unless the callback is signed with the account's token."""
    given = callback.headers.get(SIGNATURE, "").encode()
    address = public_url.rstrip("/") + callback.path + ("?" + urlencode(callback.query) if callback.query else "")
    pairs = _pairs(callback.body)
    if not any(
        hmac.compare_digest(sign(token, each, pairs).encode(), given) for each in _with_and_without_port(address)
    ):
        raise Unauthenticated("the callback is not signed with the account's token")


def sign(token: bytes, address: str, pairs: Iterable[tuple[str, str]]) -> str:
    """Give the signature over an address and the fields of the form."""
    fields: dict[str, set[str]] = defaultdict(set)
    for name, value in pairs:
        fields[name].add(value)
    text = address + "".join(name + value for name in sorted(fields) for value in sorted(fields[name]))
    return base64.b64encode(hmac.digest(token, text.encode(), "sha1")).decode()


def _pairs(raw: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(raw.decode(), keep_blank_values=True, strict_parsing=bool(raw), max_num_fields=FIELDS_MAX)
    except ValueError:
        raise Invalid("body", "not a form") from None


def _with_and_without_port(address: str) -> tuple[str, str]:
    """Some of the provider's hosts sign the default port, some do not."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    port = parts.port or _DEFAULT_PORTS.get(parts.scheme, 443)
    return urlunsplit(parts._replace(netloc=host)), urlunsplit(parts._replace(netloc=f"{host}:{port}"))
