"""
What WeChat and WeCom push: small XML documents, sealed with a key that both sides know, signed with a token.

    signature  SHA-1 over token, time, nonce and (where there is one) the ciphertext, sorted and joined
    plain      16 random bytes, the length of the document, the document, whose it is; padded to 32 (PKCS #7)
    cipher     AES-256-CBC; the vector is the beginning of the key

Whose it is must be ourselves: another account's push under the same key is refused.
"""

import base64
import hashlib
import hmac
import re
from typing import NamedTuple
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from service.core.errors import Invalid, Unauthenticated
from service.core.model import SECOND, Instant
from service.core.rule import Flawed
from service.flows.providers import Callback, Reply

BLOCK = 32
RANDOM = 16
LENGTH = 4
KEY_CHARACTERS = 43

_ECHO = re.compile(rb"[!-~]{1,200}")


class Seal(NamedTuple):
    """What was agreed with the provider: the token, the key, and the id of our own account there."""

    token: bytes
    key: bytes
    owner: str

    def __repr__(self) -> str:
        return "<Seal>"


def aes_key(written: bytes) -> bytes:
    """Read the key as the provider's console shows it; raise `Flawed` if it is none."""
    try:
        key = base64.b64decode(written + b"=", validate=True)
    except ValueError:
        key = b""
    if len(written) != KEY_CHARACTERS or len(key) != BLOCK:
        raise Flawed([("encoding_aes_key_file", f"must hold {KEY_CHARACTERS} characters, as in the console")])
    return key


def signature(token: bytes, *words: str) -> str:
    """Sign the words of a push; SHA-1 is what the provider asks for."""
    joined = b"".join(sorted([token, *(word.encode() for word in words)]))
    return hashlib.sha1(joined, usedforsecurity=False).hexdigest()


def check(seal: Seal, callback: Callback, sealed: str | None, now: Instant, fresh_s: int | None) -> None:
    """
    Raise `Unauthenticated` unless the push is signed with our token, and lately.

    `sealed` is the ciphertext that the signature covers; None where it covers no body, as when the address is tried.
    """
    query = dict(callback.query)
    seconds, nonce = query.get("timestamp", ""), query.get("nonce", "")
    given = query.get("signature" if sealed is None else "msg_signature", "")
    words = (seconds, nonce) if sealed is None else (seconds, nonce, sealed)
    if not hmac.compare_digest(signature(seal.token, *words).encode(), given.encode()):
        raise Unauthenticated("the callback is not signed with the token that was agreed")
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= 12):
        raise Unauthenticated("the callback says no time")
    if fresh_s is not None and abs(now // SECOND - int(seconds)) > fresh_s:
        raise Unauthenticated("the callback was signed too long ago, or in the future")


def sealed_in(body: bytes) -> str:
    """Give the ciphertext of a body; one that is not sealed is refused, for nothing would prove it."""
    found = read_xml(body).findtext("Encrypt")
    if not found:
        raise Invalid("Encrypt", "is missing: the push must be in safe mode")
    return found


def unseal(seal: Seal, sealed: str) -> bytes:
    """Open what is meant for us."""
    try:
        plain = _plain(seal.key, base64.b64decode(sealed, validate=True))
    except ValueError:
        raise Invalid("Encrypt", "cannot be opened") from None
    length = int.from_bytes(plain[RANDOM : RANDOM + LENGTH], "big")
    start = RANDOM + LENGTH
    document, owner = plain[start : start + length], plain[start + length :]
    if len(document) != length or not hmac.compare_digest(owner, seal.owner.encode()):
        raise Invalid("Encrypt", "is meant for another account")
    return document


def echoed(word: bytes) -> Reply:
    """Give back what the provider tries our address with."""
    if not _ECHO.fullmatch(word):
        raise Invalid("echostr", "not a bare word")
    return Reply(200, "text/plain", word)


def _plain(key: bytes, sealed: bytes) -> bytes:
    opened = Cipher(AES(key), CBC(key[:RANDOM])).decryptor()
    padded = opened.update(sealed) + opened.finalize()
    padding = padded[-1] if padded else 0
    if not 1 <= padding <= BLOCK or padded[-padding:] != bytes([padding]) * padding:
        raise ValueError("not padded")
    return padded[:-padding]


class _NoDoctype(TreeBuilder):
    """Without a document type there are no entities of anybody's own, and nothing to unfold or to fetch."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise Invalid("body", "a document type is not taken")


def read_xml(body: bytes) -> Element:
    """Read a document that says no more than its elements do."""
    parser = XMLParser(target=_NoDoctype())
    try:
        parser.feed(body)
        found: Element = parser.close()
    except (ParseError, ValueError):
        raise Invalid("body", "not XML") from None
    return found
