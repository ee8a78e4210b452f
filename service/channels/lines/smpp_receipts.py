"""What an SMPP receipt says in its text, and the states that a message may be in (SMPP 3.4, 5.2.28 and appendix B)."""

import re

STATES = {
    1: "ENROUTE",
    2: "DELIVRD",
    3: "EXPIRED",
    4: "DELETED",
    5: "UNDELIV",
    6: "ACCEPTD",
    7: "UNKNOWN",
    8: "REJECTD",
}

_FIELD = re.compile(rb"\b(id|stat):([^ ]*)")
_MESSAGE = re.compile(rb"\btext:", re.IGNORECASE)


def said_in(receipt: bytes) -> dict[bytes, bytes]:
    """Read the fields of a receipt's text: the first of each, and none in the message that it repeats behind them."""
    fields, *_ = _MESSAGE.split(receipt, maxsplit=1)
    said: dict[bytes, bytes] = {}
    for name, value in _FIELD.findall(fields):
        said.setdefault(name, value)
    return said
