"""
The script of a call as TwiML, in two documents, and how the second waits for its key.

The gateway keeps nothing of a call between its two halves: what may be said once the person has confirmed travels
sealed in the address that the key is reported to, so that any replica can read it out. Nobody but us can read it
there, and it is bound to its attempt.
"""

import base64
import hmac
import zlib
from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement, tostring

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from service.core.errors import Invalid

TWIML_MAX = 4000
"""As many characters the provider takes with a call."""

PLAIN_MAX = 64 * 1024
NONCE_BYTES = 12
WAIT_S = "8"

_LANGUAGES = {"en": "en-US", "zh": "zh-CN"}


def first(locale: str, spoken: Iterable[str], goodbye: str, report_to: str) -> str:
    """Speak, and report one key; without it say good-bye."""
    response = Element("Response")
    keys = {"input": "dtmf", "numDigits": "1", "timeout": WAIT_S, "action": report_to, "method": "POST"}
    _say(SubElement(response, "Gather", keys), locale, spoken)
    _say(response, locale, [goodbye])
    return _written(response)


def last(locale: str, spoken: Iterable[str]) -> bytes:
    """Speak, and hang up."""
    response = Element("Response")
    _say(response, locale, spoken)
    SubElement(response, "Hangup")
    return _written(response).encode()


def seal(token: bytes, attempt: str, locale: str, spoken: Iterable[str], nonce: bytes) -> str:
    """Make a script unreadable for everybody but us; it opens for its attempt alone."""
    plain = zlib.compress(orjson.dumps([locale, *spoken]), 9)
    return base64.urlsafe_b64encode(nonce + _key(token).encrypt(nonce, plain, attempt.encode())).decode().rstrip("=")


def unseal(token: bytes, attempt: str, sealed: str) -> tuple[str, list[str]]:
    """Open a script; raise `Invalid` for one that is not ours, or another attempt's."""
    try:
        raw = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
        packed = _key(token).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], attempt.encode())
    except (ValueError, InvalidTag):
        raise Invalid("script", "is not ours") from None
    locale, *spoken = orjson.loads(zlib.decompressobj().decompress(packed, PLAIN_MAX))
    return locale, spoken


def _key(token: bytes) -> AESGCM:
    return AESGCM(hmac.digest(token, b"the second half of a call", "sha256"))


def _say(parent: Element, locale: str, spoken: Iterable[str]) -> None:
    language = _LANGUAGES.get(locale, locale)
    for text in spoken:
        SubElement(parent, "Say", {"language": language}).text = " ".join(text.split())


def _written(response: Element) -> str:
    return '<?xml version="1.0" encoding="UTF-8"?>' + tostring(response, encoding="unicode")
