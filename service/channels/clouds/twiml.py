"""
The script of a call as TwiML, document by document, and how it waits until it is asked for.

The gateway keeps nothing of a call while it rings: what may be said travels sealed in the address that the provider
asks, first when somebody picks up and then with the key, so that any replica can read it out. Nobody but us can read
it there, and it is bound to its attempt.
"""

import base64
import hmac
import zlib
from collections.abc import Iterable
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement, tostring

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from service.core.errors import Invalid

ADDRESS_MAX = 4000
"""As many characters the provider takes of an address (its error 21609)."""

PLAIN_MAX = 64 * 1024
NONCE_BYTES = 12
WAIT_S = "8"

_LANGUAGES = {"en": "en-US", "zh": "zh-CN"}


class Script(NamedTuple):
    """
    What a call may say: who calls, the question who is there, and what is for the person meant alone.

    `limited` is what a machine hears, nothing if empty; `records`: from the end of the opening, which tells of it.
    """

    locale: str
    opening: str
    question: tuple[str, ...]
    private: tuple[str, ...]
    limited: tuple[str, ...] = ()
    records: bool = False

    def __repr__(self) -> str:
        return f"<Script {self.locale}>"


def asking(script: Script, goodbye: str, key_to: str, recording_to: str) -> bytes:
    """
    Speak to whoever picked up, and report one key; without it say good-bye.

    Keys count once the opening was heard to its end, and only then may it be recorded.
    """
    response = Element("Response")
    _say(response, script.locale, [script.opening])
    if script.records:
        told = {"recordingStatusCallback": recording_to, "recordingStatusCallbackEvent": "completed absent"}
        SubElement(SubElement(response, "Start"), "Recording", told)
    keys = {"input": "dtmf", "numDigits": "1", "timeout": WAIT_S, "action": key_to, "method": "POST"}
    _say(SubElement(response, "Gather", keys), script.locale, script.question)
    _say(response, script.locale, [goodbye])
    return _written(response)


def last(locale: str, spoken: Iterable[str]) -> bytes:
    """Speak, if there is anything to say, and hang up."""
    response = Element("Response")
    _say(response, locale, spoken)
    SubElement(response, "Hangup")
    return _written(response)


def seal(token: bytes, attempt: str, script: Script, nonce: bytes) -> str:
    """Make a script unreadable for everybody but us; it opens for its attempt alone."""
    plain = zlib.compress(orjson.dumps(list(script)), 9)
    return base64.urlsafe_b64encode(nonce + _key(token).encrypt(nonce, plain, attempt.encode())).decode().rstrip("=")


def unseal(token: bytes, attempt: str, sealed: str) -> Script:
    """Open a script; raise `Invalid` for one that is not ours, or another attempt's."""
    try:
        raw = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
        packed = _key(token).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], attempt.encode())
    except (ValueError, InvalidTag):
        raise Invalid("script", "is not ours") from None
    told = orjson.loads(zlib.decompressobj().decompress(packed, PLAIN_MAX))
    # A new version may take over while calls of the old one ring: what it cannot read it does not guess at.
    if len(told) != len(Script._fields):
        raise Invalid("script", "is another version's")
    locale, opening, question, private, limited, records = told
    return Script(locale, opening, tuple(question), tuple(private), tuple(limited), records)


def _key(token: bytes) -> AESGCM:
    return AESGCM(hmac.digest(token, b"what a call may say", "sha256"))


def _say(parent: Element, locale: str, spoken: Iterable[str]) -> None:
    language = _LANGUAGES.get(locale, locale)
    for text in filter(str.strip, spoken):
        SubElement(parent, "Say", {"language": language}).text = " ".join(text.split())


def _written(response: Element) -> bytes:
    return b'<?xml version="1.0" encoding="UTF-8"?>' + tostring(response, encoding="unicode").encode()
