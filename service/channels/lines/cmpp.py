"""
CMPP 2.0 and 3.0, China Mobile's protocol between a service provider and its gateway (ISMG): frames as bytes. Pure.

The two versions differ in widths alone: results have 1 byte or 4, numbers 21 or 32, and a link id of 20 takes the
place of 8 reserved bytes. Numbers are big-endian, texts ASCII and filled up with zero bytes.
"""

import struct
from enum import IntEnum
from typing import NamedTuple

from .speech import Garbled

CONNECT, CONNECT_RESP = 0x01, 0x80000001
TERMINATE, TERMINATE_RESP = 0x02, 0x80000002
SUBMIT, SUBMIT_RESP = 0x04, 0x80000004
DELIVER, DELIVER_RESP = 0x05, 0x80000005
QUERY, QUERY_RESP = 0x06, 0x80000006
ACTIVE_TEST, ACTIVE_TEST_RESP = 0x08, 0x80000008

HEADER = struct.Struct("!III")

_FEE = struct.pack("!2s6s", b"01", b"000000")
"""Free of charge to whoever gets it; the agreement says what the sender pays."""


class Version(IntEnum):
    v20 = 0x20
    v30 = 0x30


class Frame(NamedTuple):
    """One frame taken apart; the repr shows no body."""

    command: int
    sequence: int
    body: bytes

    def __repr__(self) -> str:
        return f"<Frame {self.command:#x} {self.sequence}>"


class Submit(NamedTuple):
    """One message to one number: what the agreement fixes, and what is said."""

    source_addr: str
    service_id: str
    src_id: str
    dest: str
    content: bytes
    fmt: int
    number: int = 1
    total: int = 1
    receipt: bool = True


class Deliver(NamedTuple):
    """What the gateway brings: a message from a handset, or a receipt if `receipt`. The repr shows nothing of it."""

    msg_id: str
    dest: str
    source: str
    fmt: int
    joined: bool
    receipt: bool
    content: bytes

    def __repr__(self) -> str:
        return f"<Deliver {self.msg_id}>"


class Status(NamedTuple):
    """A receipt's content; `done` is Beijing time as `YYMMDDHHMM`."""

    msg_id: str
    stat: str
    done: str


def frame(command: int, sequence: int, body: bytes = b"") -> bytes:
    return HEADER.pack(HEADER.size + len(body), command, sequence) + body


def parse(raw: bytes) -> Frame:
    """Take a whole frame apart, its length included."""
    if len(raw) < HEADER.size:
        raise Garbled("shorter than a header")
    length, command, sequence = HEADER.unpack_from(raw)
    if length != len(raw):
        raise Garbled("the length is not the frame's")
    return Frame(command, sequence, raw[HEADER.size :])


def submit(sequence: int, version: Version, message: Submit) -> bytes:
    width = _width(version)
    typed = b"\0" if version is Version.v30 else b""
    service_id, source_addr = message.service_id.encode(), message.source_addr.encode()
    counts = (message.total, message.number, message.receipt)
    body = (
        struct.pack(f"!8x4B10sB{width}s", *counts, 0, service_id, 2, b"")
        + typed
        + struct.pack("!BBB6s", 0, message.total > 1, message.fmt, source_addr)
        + _FEE
        + struct.pack(f"!17x17x21sB{width}s", message.src_id.encode(), 1, message.dest.encode())
        + typed
        + struct.pack("!B", len(message.content))
        + message.content
        + bytes(20 if version is Version.v30 else 8)
    )
    return frame(SUBMIT, sequence, body)


def read_submit_resp(body: bytes) -> tuple[str, int]:
    """Give the message's id and the result, in whichever width it came."""
    if len(body) not in (9, 12):
        raise Garbled("no answer to a message")
    return body[:8].hex(), int.from_bytes(body[8:], "big")


def read_deliver(body: bytes, version: Version) -> Deliver:
    layout = struct.Struct("!8s21s10sBBB32sBBB" if version is Version.v30 else "!8s21s10sBBB21sBB")
    if len(body) < layout.size:
        raise Garbled("a delivery without its fields")
    msg_id, dest, _, _, joined, fmt, source, *rest = layout.unpack_from(body)
    receipt, length = rest[-2:]
    content = body[layout.size : layout.size + length]
    if len(content) != length:
        raise Garbled("a delivery without its content")
    return Deliver(msg_id.hex(), _text(dest), _text(source), fmt, bool(joined), receipt == 1, content)


def read_status(content: bytes) -> Status:
    """Read a receipt; gateways of 3.0 write the number in 21 bytes or in 32."""
    if len(content) not in (60, 71):
        raise Garbled("a receipt of another length")
    msg_id, stat, _, done = struct.unpack_from("!8s7s10s10s", content)
    return Status(msg_id.hex(), _text(stat), _text(done))


def deliver_resp(sequence: int, version: Version, msg_id: str, result: int) -> bytes:
    width = 4 if version is Version.v30 else 1
    return frame(DELIVER_RESP, sequence, bytes.fromhex(msg_id) + result.to_bytes(width, "big"))


def _width(version: Version) -> int:
    return 32 if version is Version.v30 else 21


def _text(field: bytes) -> str:
    return field.split(b"\0", 1)[0].decode("ascii", "replace").strip()
