"""
An e-mail taken apart: fields, parts, text, in time that grows with its length alone.

Anybody may write to us, and the stdlib's parser takes minutes over a long field or parts in parts in parts. So it is
taken apart here by plain searches, a few levels deep and as many parts as an honest e-mail has; only the short value
of `Content-Type` is given to the library.
"""

import re
from binascii import a2b_base64, a2b_qp
from collections.abc import Iterator, Mapping
from email.message import Message
from itertools import islice
from typing import NamedTuple

from service.core.errors import Invalid

HEAD_BYTES_MAX = 128 * 1024
"""Honest ones have 30 KB when many systems stamped them."""

VALUE_MAX = 16 * 1024
TYPE_MAX = 1024
PARTS_MAX = 64
DEPTH_MAX = 6
ENCODED_BYTES_MAX = 128 * 1024
TEXT_MAX = 64 * 1024
BLOCKS_MAX = 100

_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")
_GUOBIAO = re.compile(r"gb[\w-]{0,10}|x-gbk|cp936|euc-cn")
_CHARSETS = frozenset(
    {
        *("us-ascii", "ascii", "utf-8", "utf8", "utf-16", "utf-16le", "utf-16be", "big5", "big5-hkscs", "shift_jis"),
        *("iso-2022-jp", "iso-2022-kr", "euc-jp", "euc-kr", "koi8-r", "koi8-u", "tis-620"),
        *(f"iso-8859-{n}" for n in range(1, 17) if n != 12),
        *(f"windows-125{n}" for n in range(9)),
    }
)
"""Some of what Python decodes is no charset at all, and slow."""


class Part(NamedTuple):
    """One part, or the whole. Names of fields are lower-case; of a field that comes twice the first counts."""

    fields: Mapping[str, str]
    body: bytes

    def __repr__(self) -> str:
        return f"<Part {len(self.body)} bytes>"

    @property
    def kind(self) -> str:
        return self._about.get_content_type()

    @property
    def attached(self) -> bool:
        return self.fields.get("content-disposition", "").strip().lower().startswith("attachment")

    @property
    def text(self) -> str:
        """What it says, or the beginning of it."""
        charset = (self._about.get_content_charset() or "").lower()
        # Whoever says gb2312 means all of what came after it.
        known = "gb18030" if _GUOBIAO.fullmatch(charset) else charset if charset in _CHARSETS else "utf-8"
        return self._decoded().decode(known, "replace")[:TEXT_MAX]

    def inside(self) -> Iterator["Part"]:
        """The parts of a multipart."""
        boundary = self._about.get_boundary()
        if not boundary or self._about.get_content_maintype() != "multipart":
            return
        line = re.compile(rb"^--" + re.escape(boundary.encode("utf-8", "replace")) + rb"(--)?[ \t]*$", re.MULTILINE)
        found = list(islice(line.finditer(self.body), PARTS_MAX + 1))
        ends = [each.start() for each in found[1:]] + [len(self.body)]
        for this, end in zip(found, ends, strict=False):
            if this[1]:
                return
            yield part(self.body[this.end() + 1 : end])

    @property
    def _about(self) -> Message:
        about = Message()
        about["Content-Type"] = self.fields.get("content-type", "text/plain")[:TYPE_MAX]
        return about

    def _decoded(self) -> bytes:
        encoded = self.body[:ENCODED_BYTES_MAX]
        match self.fields.get("content-transfer-encoding", "").strip().lower():
            case "base64":
                letters = _NOT_BASE64.sub(b"", encoded)
                whole = letters[:-1] if len(letters) % 4 == 1 else letters
                return a2b_base64(whole + b"=" * (-len(whole) % 4))
            case "quoted-printable":
                return a2b_qp(encoded)
            case _:
                return encoded


def opened(raw: bytes) -> Part:
    """Open an e-mail."""
    whole = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if whole.find(b"\n\n", 0, HEAD_BYTES_MAX) < 0 and len(whole) > HEAD_BYTES_MAX:
        raise Invalid("head", f"more than {HEAD_BYTES_MAX} bytes")
    return part(whole)


def part(raw: bytes) -> Part:
    """Open a part whose lines end in line feeds alone."""
    if raw.startswith(b"\n"):
        return Part({}, raw[1:])
    head, _, body = raw.partition(b"\n\n")
    return Part(fields(head[:HEAD_BYTES_MAX].decode("utf-8", "replace")), body)


def walk(whole: Part) -> Iterator[Part]:
    """The part and those within it, from the first on; e-mails that are parts are not opened."""
    return islice(_walk(whole, DEPTH_MAX), PARTS_MAX)


def _walk(here: Part, depth: int) -> Iterator[Part]:
    yield here
    for each in here.inside() if depth else ():
        yield from _walk(each, depth - 1)


def fields(head: str) -> dict[str, str]:
    """Read a block of fields, folded lines joined."""
    told: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in head.split("\n"):
        if line[:1] in (" ", "\t"):
            lines.append(line.strip())
            continue
        name, colon, value = line.partition(":")
        lines = [value.strip()]
        if colon and " " not in name.strip():
            told.setdefault(name.strip().lower(), lines)
    return {name: " ".join(values)[:VALUE_MAX] for name, values in told.items()}


def blocks(text: str) -> list[dict[str, str]]:
    """Read blocks of fields with empty lines between them."""
    found = re.split(r"\n[ \t]*\n", text.strip().replace("\r\n", "\n"), maxsplit=BLOCKS_MAX)
    return [told for told in map(fields, found[:BLOCKS_MAX]) if told]
