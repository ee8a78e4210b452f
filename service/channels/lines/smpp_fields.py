"""
The fields of an SMPP frame's body: bytes, texts that end with a zero byte, addresses and optional parameters. Pure.

What is too long for a field is refused here, before it could shift those behind it.
"""

import struct
from typing import NamedTuple

from .speech import Garbled

INTERNATIONAL, ISDN = 1, 1
ALPHANUMERIC = 5


class Address(NamedTuple):
    value: str
    ton: int = INTERNATIONAL
    npi: int = ISDN

    def __repr__(self) -> str:
        return f"<Address {self.ton}/{self.npi}>"


class Fields:
    """Reads a body from the front; one that ends early is malformed."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    def byte(self) -> int:
        return self.take(1)[0]

    def skip(self, count: int) -> None:
        self.take(count)

    def take(self, count: int) -> bytes:
        found = self._body[self._at : self._at + count]
        if len(found) != count:
            raise Garbled("it ends early")
        self._at += count
        return found

    def text(self) -> str:
        end = self._body.find(b"\0", self._at)
        if end < 0:
            raise Garbled("a text without its end")
        found = self._body[self._at : end].decode("latin-1")
        self._at = end + 1
        return found

    def address(self) -> Address:
        ton, npi = self.byte(), self.byte()
        return Address(self.text(), ton, npi)

    def extras(self) -> dict[int, bytes]:
        """Read the optional parameters; of a tag that comes twice, the last."""
        found = {}
        while self._at < len(self._body):
            tag, length = struct.unpack("!HH", self.take(4))
            found[tag] = self.take(length)
        return found


def c_text(text: bytes, most: int) -> bytes:
    """Write a text with its zero byte, which counts among the `most`."""
    if len(text) >= most or b"\0" in text:
        raise Garbled(f"longer than {most - 1} bytes, or with a zero byte")
    return text + b"\0"


def address_of(address: Address) -> bytes:
    """Write an address."""
    return bytes((address.ton, address.npi)) + c_text(address.value.encode(), 21)
