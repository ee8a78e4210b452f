"""
An operator's gateway that takes whatever it is given: `python -m service.bench.line_peer`, which prints its port.

It answers each message at once, so that what is measured is the session and not the peer.
"""

import asyncio
import hashlib
import struct
from itertools import count
from typing import cast

import uvloop

SOURCE = "901234"
PASSWORD = b"bench"

_HEADER = struct.Struct("!III")


class _Gateway(asyncio.Protocol):
    def __init__(self) -> None:
        self._unread = b""
        self._ids = count(1)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)  # uvloop's is one without saying so

    def data_received(self, data: bytes) -> None:
        self._unread += data
        answers = []
        while len(self._unread) >= 4 and len(self._unread) >= (length := int.from_bytes(self._unread[:4], "big")):
            _, command, sequence = _HEADER.unpack_from(self._unread)
            body = self._answer(command, self._unread[12:length])
            answers.append(_HEADER.pack(12 + len(body), command | 0x80000000, sequence) + body)
            self._unread = self._unread[length:]
        self._transport.write(b"".join(answers))

    def _answer(self, command: int, body: bytes) -> bytes:
        if command == 4:
            return struct.pack("!QB", next(self._ids), 0)
        if command == 1:
            proof = hashlib.md5(b"\0" + body[6:22] + PASSWORD, usedforsecurity=False).digest()
            return b"\0" + proof + b"\x20"
        return b"\0" if command == 8 else b""


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Gateway, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve())
