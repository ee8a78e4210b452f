"""
How many units a text message is billed and delivered as, and where it is cut.

Mainland China counts every character as one, ASCII included: up to 70 are one unit, longer texts
are cut at 67, and 500 is the most the networks take. Elsewhere GSM-7 gives 160 or 153 septets
(an extension character costs two), and any other character turns the text into UCS-2, 70 or 67.
The signature with its 【】 is part of the text: count what is sent, not what was written.
"""

from collections.abc import Set
from enum import StrEnum

CN_MOST_CHARACTERS = 500

_ESCAPE = "\x1b"

# In the order of the alphabet's own numbers (3GPP TS 23.038); the escape has a place there and is no character.
_BASIC = (
    f"@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ{_ESCAPE}ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = dict(zip("\f^{}\\[~]|€", b"\x0a\x14\x28\x29\x2f\x3c\x3d\x3e\x40\x65", strict=True))
_GSM = frozenset(_BASIC.replace(_ESCAPE, "")) | _EXTENSION.keys()
_SEPTETS = {c: bytes([n]) for n, c in enumerate(_BASIC) if c != _ESCAPE} | {
    c: _ESCAPE.encode() + bytes([n]) for c, n in _EXTENSION.items()
}
_LETTERS = {septets: c for c, septets in _SEPTETS.items()}


class SmsRule(StrEnum):
    """Whose way of counting applies."""

    cn_flat = "cn_flat"
    international = "international"


def rule_for(number: str) -> SmsRule:
    """Give the counting rule of an E.164 number: +86 is flat, all others are international."""
    return SmsRule.cn_flat if number.startswith("+86") else SmsRule.international


def units(text: str, rule: SmsRule) -> int:
    """Count the units; an empty text is one."""
    if rule is SmsRule.cn_flat and len(text.encode("utf-16-le", "surrogatepass")) == 2 * len(text):
        return 1 if len(text) <= 70 else -(-len(text) // 67)
    return len(split(text, rule))


def split(text: str, rule: SmsRule) -> tuple[str, ...]:
    """Cut a text into its units; an escape pair or a surrogate pair is never torn apart."""
    if rule is SmsRule.international and is_gsm(text):
        return _cut(text, _EXTENSION.keys(), single=160, multi=153)
    # The flat rule counts a character beyond the basic plane as two, as UCS-2 does: a rare name is
    # then never one unit more on the wire than we said.
    return _cut(text, frozenset(c for c in text if c > "\uffff"), single=70, multi=67)


def is_gsm(text: str) -> bool:
    """Whether every character has a place in the GSM 7-bit alphabet or its extension."""
    return _GSM.issuperset(text)


def to_septets(text: str) -> bytes:
    """Spell a text in the GSM alphabet, one septet a byte, unpacked; the text must be `is_gsm`."""
    return b"".join([_SEPTETS[c] for c in text])


def from_septets(septets: bytes) -> str:
    """Read unpacked septets; what has no place in the alphabet is shown as the replacement character."""
    letters = []
    units = iter(septets)
    for n in units:
        unit = bytes([n])
        if unit == _ESCAPE.encode():
            unit += bytes([next(units, 0)])
        letters.append(_LETTERS.get(unit, "\ufffd"))
    return "".join(letters)


def _cut(text: str, double: Set[str], *, single: int, multi: int) -> tuple[str, ...]:
    if len(text) + sum(c in double for c in text) <= single:
        return (text,)
    parts: list[str] = []
    start = used = 0
    for i, c in enumerate(text):
        cost = 2 if c in double else 1
        if used + cost > multi:
            parts.append(text[start:i])
            start, used = i, 0
        used += cost
    return (*parts, text[start:])
