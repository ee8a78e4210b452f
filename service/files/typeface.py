"""
Which characters a typeface has, read from the file itself: the table `cmap`, in its full form.

Only that table is read, once. The typesetter would say the same, but takes a thousand times longer to.
"""

from bisect import bisect_right
from pathlib import Path
from struct import iter_unpack, unpack_from
from typing import BinaryIO

from service.core.errors import Misconfigured

_FULL = 12


class Typeface:
    """The characters of one OpenType file."""

    def __init__(self, file: Path) -> None:
        with file.open("rb") as font:
            table = _table(font, b"cmap")
        self._firsts: list[int] = []
        self._lasts: list[int] = []
        for first, last, _ in _groups(table):
            self._firsts.append(first)
            self._lasts.append(last)

    def has(self, character: str) -> bool:
        place = bisect_right(self._firsts, ord(character)) - 1
        return place >= 0 and ord(character) <= self._lasts[place]


def _table(font: BinaryIO, wanted: bytes) -> bytes:
    """Find one table by the directory at the head of the file."""
    head = font.read(12)
    (count,) = unpack_from(">H", head, 4)
    for tag, _, offset, length in iter_unpack(">4sIII", font.read(16 * count)):
        if tag == wanted:
            font.seek(offset)
            return font.read(length)
    raise Misconfigured("the typeface says nothing of its characters")


def _groups(table: bytes) -> list[tuple[int, int, int]]:
    """Give the runs of characters that have glyphs: first, last, and the glyph of the first."""
    (count,) = unpack_from(">H", table, 2)
    for _, _, offset in iter_unpack(">HHI", table[4 : 4 + 8 * count]):
        if unpack_from(">H", table, offset) == (_FULL,):
            (length,) = unpack_from(">I", table, offset + 4)
            return list(iter_unpack(">III", table[offset + 16 : offset + length]))
    raise Misconfigured("the typeface has no full table of its characters")
