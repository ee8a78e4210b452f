"""Frames off a stream, and the login that every connection begins with."""

import asyncio
import ssl
from typing import NamedTuple

from service.core.model import Instant

from .speech import Garbled, Speech

FRAME_MAX = 70_000
"""An optional payload has up to 65 535 bytes; more than that no honest frame holds."""

_HEADER_MIN = 12


class Peer(NamedTuple):
    """Where a line is, and whether it is spoken to under TLS; `ca` are authorities in place of the system's."""

    host: str
    port: int
    tls: bool = False
    ca: bytes | None = None


class Refused(Exception):
    """The peer did not let us in; the argument is a word of ours."""


async def read_frame(reader: asyncio.StreamReader) -> bytes:
    """Read the next whole frame; a length that no frame has means that the stream is out of step."""
    head = await reader.readexactly(4)
    length = int.from_bytes(head, "big")
    if not _HEADER_MIN <= length <= FRAME_MAX:
        raise Garbled("a length that no frame has")
    return head + await reader.readexactly(length - 4)


def frames(stream: bytes) -> list[bytes]:
    """Cut joined frames apart."""
    found = []
    at = 0
    while at < len(stream):
        length = int.from_bytes(stream[at : at + 4], "big")
        if not _HEADER_MIN <= length <= len(stream) - at:
            raise Garbled("a length that no frame has")
        found.append(stream[at : at + length])
        at += length
    return found


async def connect(
    peer: Peer, speech: Speech, now: Instant, login_s: float
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """
    Connect and log in, or raise.

    `Refused`: not let in. `Garbled`: it speaks something else. `OSError`, `EOFError` or `TimeoutError`: not there.
    """
    async with asyncio.timeout(login_s):
        reader, writer = await asyncio.open_connection(peer.host, peer.port, ssl=_context(peer))
        try:
            login = speech.login(1, now)
            writer.write(login)
            answer = speech.let_in(await read_frame(reader), login)
            if answer.refused:
                raise Refused(answer.refused)
        except BaseException:
            writer.close()
            raise
    return reader, writer


def _context(peer: Peer) -> ssl.SSLContext | None:
    if not peer.tls:
        return None
    return ssl.create_default_context(cadata=peer.ca.decode() if peer.ca else None)
