"""Servers on loopback that do exactly what a test tells them: one that speaks by the byte, one that takes callbacks."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import NamedTuple

Conversation = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

LISTEN_MAX = 200


@contextlib.asynccontextmanager
async def speaking(conversation: Conversation) -> AsyncIterator[str]:
    """Hold this conversation with everyone who connects; gives the address."""
    talks: set[asyncio.Task[None]] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks.add(task)
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            await conversation(reader, writer)
        writer.transport.abort()

    server = await asyncio.start_server(talk, "127.0.0.1", 0, backlog=LISTEN_MAX)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in talks:
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)


def saying(answer: bytes, *, then_hold: bool = False) -> Conversation:
    """Read one request, say these bytes, and hang up or hold on."""

    async def conversation(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(answer)
        await writer.drain()
        if then_hold:
            await asyncio.Event().wait()
        writer.close()
        await writer.wait_closed()

    return conversation


def http(status: int, body: bytes = b"{}", media_type: str = "application/json", *headers: str) -> bytes:
    """Write a whole answer."""
    lines = [f"HTTP/1.1 {status} X", f"content-type: {media_type}", f"content-length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


class Heard(NamedTuple):
    path: str
    headers: dict[str, str]
    body: bytes


async def read_request(reader: asyncio.StreamReader) -> Heard:
    """Read one request with its body."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Heard(head[0].split()[1], headers, body)


class Receiver:
    """Takes callbacks as a gateway would, and keeps them; `answers` are the statuses to come, then 202."""

    def __init__(self, url: str, answers: list[int]) -> None:
        self.url = url
        self.answers = answers
        self.heard: list[Heard] = []
        self._open = asyncio.Event()
        self._open.set()
        self._changed = asyncio.Condition()

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError):
            while True:
                heard = await read_request(reader)
                await self._open.wait()
                status = self.answers.pop(0) if self.answers else 202
                async with self._changed:
                    self.heard.append(heard)
                    self._changed.notify_all()
                writer.write(http(status))
                await writer.drain()

    def hold(self) -> None:
        """Take what comes, and keep the caller waiting."""
        self._open.clear()

    def go_on(self) -> None:
        """Answer, those who wait too."""
        self._open.set()

    async def wait_for(self, count: int) -> None:
        """Wait until so many callbacks were heard."""
        async with asyncio.timeout(30), self._changed:
            await self._changed.wait_for(lambda: len(self.heard) >= count)


@contextlib.asynccontextmanager
async def receiving(*answers: int) -> AsyncIterator[Receiver]:
    """Take callbacks."""
    receiver = Receiver("", list(answers))
    async with speaking(receiver.take) as url:
        receiver.url = url
        yield receiver
