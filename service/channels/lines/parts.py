"""
A text as the parts that a line carries: cut by `core.segments`, spelt in an alphabet, joined by a header.

Each part but a lone one begins with the six bytes that let the handset join them (3GPP TS 23.040, 9.2.3.24.1).
Their reference follows from the attempt, so that the same dispatch is always the same bytes.
"""

import zlib
from enum import StrEnum
from typing import NamedTuple

from service.core.segments import SmsRule, is_gsm, rule_for, split, to_septets


class Alphabet(StrEnum):
    """How characters become bytes; what a line cannot spell in its own goes out in UCS-2. Latin-1 is only read."""

    gsm7 = "gsm7"
    ucs2 = "ucs2"
    gbk = "gbk"
    latin1 = "latin1"


class Part(NamedTuple):
    """One message on the wire; `joined` says that `content` begins with a user data header. The repr shows no text."""

    alphabet: Alphabet
    content: bytes
    number: int
    total: int

    @property
    def joined(self) -> bool:
        return self.total > 1

    @property
    def last(self) -> bool:
        """The receipt for the last part stands for all (decision 0017)."""
        return self.number == self.total

    def __repr__(self) -> str:
        return f"<Part {self.number}/{self.total} {self.alphabet}>"


def cut(text: str, number: str, preferred: Alphabet, attempt: str) -> tuple[Part, ...]:
    """Cut a text for an E.164 number; no part is longer than 140 bytes of UCS-2 or GBK, or 160 septets."""
    alphabet = _alphabet(text, rule_for(number), preferred)
    # Only septets hold more than 70 characters; in every other alphabet the flat rule gives the lengths.
    pieces = split(text, SmsRule.international if alphabet is Alphabet.gsm7 else SmsRule.cn_flat)
    total = len(pieces)
    if total > 255:
        raise ValueError("longer than the 255 parts that can be joined")
    reference = zlib.crc32(attempt.encode()) & 0xFF
    return tuple(
        Part(
            alphabet,
            (bytes((5, 0, 3, reference, total, n)) if total > 1 else b"") + _spell(piece, alphabet),
            n,
            total,
        )
        for n, piece in enumerate(pieces, 1)
    )


def _alphabet(text: str, rule: SmsRule, preferred: Alphabet) -> Alphabet:
    if preferred is Alphabet.gsm7 and rule is SmsRule.international and is_gsm(text):
        return Alphabet.gsm7
    if preferred is Alphabet.gbk and _is_gbk(text):
        return Alphabet.gbk
    return Alphabet.ucs2


def _is_gbk(text: str) -> bool:
    try:
        text.encode("gbk")
    except UnicodeEncodeError:
        return False
    return True


def _spell(piece: str, alphabet: Alphabet) -> bytes:
    match alphabet:
        case Alphabet.gsm7:
            return to_septets(piece)
        case Alphabet.gbk:
            return piece.encode("gbk")
        case _:
            return piece.encode("utf-16-be", "replace")
