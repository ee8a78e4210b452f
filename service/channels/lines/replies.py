"""
What a handset sent, as both protocols bring it: who wrote, and the words.

It may be a wish to be left alone. So it is read wherever it can be: whatever class or store a text came for does not
matter, and one whose alphabet nobody names is read by the look of it.
"""

import hmac
import re

from service.core.model import MINUTE, AddressKind, Channel, Instant, Outcome
from service.core.segments import from_septets
from service.flows.ports import Inbound, Recipient
from service.flows.providers import Secret

from .parts import Alphabet

_GENERAL = (Alphabet.gsm7, None, Alphabet.ucs2, None)
_COMPRESSED = 0x20
_EIGHT_BITS = 0x04

_BY_LOOK = (
    ("ascii", re.compile(r"[A-Za-z0-9 .,:;!?'\"()/&@+-]+")),
    ("utf-16-be", re.compile(r"[ -~\r\n\u3000-\u303f\u4e00-\u9fff\uff01-\uff5e]+")),
    ("gb2312", re.compile(r"[ -~\r\n\u3000-\u303f\u4e00-\u9fff\uff01-\uff5e]+")),
)
"""
What a text looks like in each. No Chinese text in GB 2312 is one in UCS-2 as well. Some of the latter are ASCII, but
then with signs that nobody writes: 停止 is `P\\kb`.
"""


def reply(provider: str, event: str, number: str, text: str | None, at: Instant) -> Inbound:
    """A message to us; `number` is in full. One that nobody can read is a reply without words."""
    sender = Recipient(None, AddressKind.mobile, number)
    return Inbound(provider, f"mo:{event}", Channel.sms, sender, at, Outcome.replied, text)


def mark(key: Secret, body: bytes, at: Instant) -> str:
    """
    Name a message that has no id: what comes again within the hour is the same one.

    It is keyed, for number and text together could be guessed from a bare digest.
    """
    hour = str(at // (60 * MINUTE)).encode()
    return hmac.digest(key, hour + body, "sha256").hex()[:32]


def by_scheme(coding: int) -> Alphabet | None:
    """Give the alphabet that a data coding scheme names, whatever its class and store (3GPP TS 23.038, 4)."""
    match coding >> 4:
        case group if group <= 0x7:
            return None if coding & _COMPRESSED else _GENERAL[coding >> 2 & 0x3]
        case 0xC | 0xD:
            return Alphabet.gsm7
        case 0xE:
            return Alphabet.ucs2
        case 0xF if not coding & _EIGHT_BITS:
            return Alphabet.gsm7
    return None


def read(content: bytes, alphabet: Alphabet | None, *, joined: bool) -> str | None:
    """Read what came in, without its header; bytes that spell nothing become replacement characters."""
    if joined and content:
        content = content[1 + content[0] :]
    match alphabet:
        case Alphabet.gsm7:
            return from_septets(content)
        case Alphabet.ucs2:
            return content.decode("utf-16-be", "replace")
        case Alphabet.gbk:
            return content.decode("gb18030", "replace")
        case Alphabet.latin1:
            return content.decode("latin-1")
        case None:
            return _guessed(content)


def _guessed(content: bytes) -> str | None:
    for codec, look in _BY_LOOK:
        try:
            text = content.decode(codec)
        except UnicodeDecodeError:
            continue
        if look.fullmatch(text):
            return text
    return None
