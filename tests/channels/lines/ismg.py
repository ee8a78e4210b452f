"""
A small operator's gateway (ISMG) that speaks CMPP 2.0 and 3.0, written from the tables of the protocol alone.

It shares no code with what it tests. What it is told to do with messages is a queue of moods, the last of which stays.
"""

import asyncio
import hashlib
import struct
from collections.abc import Callable
from typing import Any, NamedTuple

SECRET = b"shared-secret-of-the-line"
SOURCE = "901234"


class Message(NamedTuple):
    sequence: int
    pk_total: int
    pk_number: int
    receipt: int
    service_id: str
    udhi: int
    fmt: int
    msg_src: str
    src_id: str
    dest: str
    content: bytes


class Ismg:
    """Start it with `async with`; `messages` are those it was given, in order."""

    def __init__(self, version: int = 0x20, *, ssl: Any = None) -> None:
        self.version = version
        self.messages: list[Message] = []
        self.logins = 0
        self.login_status = 0
        self.proof = SECRET
        self.results: list[int] = [0]
        self.holding = False
        self.held: list[bytes] = []
        self.mute = False
        self.acknowledged: list[tuple[int, str, int]] = []
        self.probes = 0
        self.probed = 0
        self.good_byes = 0
        self.arrived = asyncio.Condition()
        self._ssl = ssl
        self._writers: set[asyncio.StreamWriter] = set()
        self._ids = 0x1122334400000000

    async def __aenter__(self) -> "Ismg":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._ssl)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.kill()

    async def stop_listening(self) -> None:
        self._server.close()

    async def listen_again(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    def kill(self) -> None:
        """Drop every connection, as a crash does."""
        for writer in self._writers:
            writer.transport.abort()

    async def until(self, true: Callable[[], bool], within_s: float = 10) -> None:
        async with asyncio.timeout(within_s), self.arrived:
            await self.arrived.wait_for(true)

    def answer_held(self) -> None:
        self.holding = False
        self._write(b"".join(self.held))
        self.held.clear()

    def deliver(self, content: bytes, **more: Any) -> None:
        """Bring a message from a handset, or a receipt."""
        self._write(self.delivery(content, **more))

    def delivery(
        self, content: bytes, *, source: str, receipt: int = 0, fmt: int = 8, udhi: int = 0, msg_id: int = 0x77
    ) -> bytes:
        number = source.encode()
        body = struct.pack("!Q21s10sBBB", msg_id, b"106900001234", b"SVC", 0, udhi, fmt)
        body += struct.pack("!32sB", number, 0) if self.version == 0x30 else struct.pack("!21s", number)
        body += struct.pack("!BB", receipt, len(content)) + content
        body += bytes(20 if self.version == 0x30 else 8)
        return self._frame(5, 4242, body)

    def report(self, msg_id: str, stat: str, *, done: str = "2511241001", wide: bool = False) -> None:
        width = 32 if wide else 21
        content = bytes.fromhex(msg_id) + struct.pack(
            f"!7s10s10s{width}sI", stat.encode(), b"2511241000", done.encode(), b"13800138000", 9
        )
        self.deliver(content, source="13800138000", receipt=1, fmt=0)

    def probe(self) -> None:
        self._write(self._frame(8, 99, b""))

    def say_good_bye(self) -> None:
        self._write(self._frame(2, 77, b""))

    def send_garbage(self) -> None:
        self._write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    # --- within

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while True:
                length, command, sequence = struct.unpack("!III", await reader.readexactly(12))
                body = await reader.readexactly(length - 12)
                async with self.arrived:
                    self._take(writer, command, sequence, body)
                    self.arrived.notify_all()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    def _take(self, writer: asyncio.StreamWriter, command: int, sequence: int, body: bytes) -> None:
        match command:
            case 1:
                writer.write(self._frame(0x80000001, sequence, self._let_in(body)))
            case 2:
                self.good_byes += 1
                writer.write(self._frame(0x80000002, sequence, b""))
            case 4:
                self._submitted(writer, sequence, body)
            case 8:
                self.probed += 1
                if not self.mute:
                    writer.write(self._frame(0x80000008, sequence, b"\0"))
            case 0x80000008:
                assert len(body) == 1
                self.probes += 1
            case 0x80000005:
                assert len(body) == (12 if self.version == 0x30 else 9)
                self.acknowledged.append((sequence, body[:8].hex(), int.from_bytes(body[8:], "big")))

    def _let_in(self, body: bytes) -> bytes:
        source, proof, version, at = struct.unpack("!6s16sBI", body)
        ours = hashlib.md5(source + bytes(9) + SECRET + f"{at:010d}".encode()).digest()
        assert version == self.version
        self.logins += 1
        status = self.login_status or (0 if ours == proof and source.decode() == SOURCE else 3)
        spelt = status.to_bytes(4 if self.version == 0x30 else 1, "big")
        return spelt + hashlib.md5(spelt + proof + self.proof).digest() + bytes([self.version])

    def _submitted(self, writer: asyncio.StreamWriter, sequence: int, body: bytes) -> None:
        message = self.read_submit(sequence, body)
        self.messages.append(message)
        result = self.results.pop(0) if len(self.results) > 1 else self.results[0]
        self._ids += 1
        answer = struct.pack("!Q", self._ids) + result.to_bytes(4 if self.version == 0x30 else 1, "big")
        if self.holding:
            self.held.append(self._frame(0x80000004, sequence, answer))
        else:
            writer.write(self._frame(0x80000004, sequence, answer))

    def read_submit(self, sequence: int, body: bytes) -> Message:
        """Take a message apart by the offsets of the table, one after the other."""
        wide = self.version == 0x30
        number = 32 if wide else 21
        total, count, receipt, _ = body[8:12]
        at = 12
        service, at = body[at : at + 10], at + 10
        at += 1 + number + (1 if wide else 0) + 1
        udhi, fmt, at = body[at], body[at + 1], at + 2
        source, at = body[at : at + 6], at + 6 + 2 + 6 + 17 + 17
        src_id, at = body[at : at + 21], at + 21
        assert body[at] == 1
        dest, at = body[at + 1 : at + 1 + number], at + 1 + number + (1 if wide else 0)
        length = body[at]
        content = body[at + 1 : at + 1 + length]
        assert len(body) == at + 1 + length + (20 if wide else 8)
        texts = [each.rstrip(b"\0").decode() for each in (service, source, src_id, dest)]
        return Message(sequence, total, count, receipt, texts[0], udhi, fmt, texts[1], texts[2], texts[3], content)

    def _frame(self, command: int, sequence: int, body: bytes) -> bytes:
        return struct.pack("!III", 12 + len(body), command, sequence) + body

    def _write(self, raw: bytes) -> None:
        for writer in self._writers:
            writer.write(raw)
