"""Telephone numbers as lines write them, with or without their country code."""

from service.core.model import AddressKind
from service.flows.ports import Recipient


def e164(written: str, home: str = "") -> str:
    """Read a number as a line writes it; `home` is the country code of those that are written without theirs."""
    for international in ("+", "00"):
        if written.startswith(international):
            return f"+{written.removeprefix(international)}"
    if home and not written.startswith(home):
        return f"+{home}{written.removeprefix('0')}"
    return f"+{written}"


def sender(number: str) -> Recipient:
    """Who wrote to us."""
    return Recipient(None, AddressKind.mobile, number)
