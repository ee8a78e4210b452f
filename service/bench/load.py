"""
A small HTTP/1.1 load: kept connections, each with one request under way, bodies used once each.

The same client drives everything that is compared, so what it costs itself is in every figure alike.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from http.client import HTTPConnection
from time import perf_counter
from typing import NamedTuple, cast


class Load(NamedTuple):
    """Requests answered, how many with which status, a second; times in milliseconds."""

    answered: int
    statuses: Mapping[int, int]
    seconds: float
    p50_ms: float
    p99_ms: float

    @property
    def rate(self) -> float:
        return self.answered / self.seconds


async def load(port: int, path: str, bodies: Sequence[bytes], *, key: str = "", connections: int = 32) -> Load:
    """Post every body once over so many connections."""
    head = _head(path, key)
    pending = iter([head % len(body) + body for body in bodies])
    times: list[float] = []
    statuses: dict[int, int] = {}
    loop = asyncio.get_running_loop()
    callers = [_Caller(pending, times, statuses, loop.create_future()) for _ in range(connections)]
    for caller in callers:
        await loop.create_connection(partial(_same, caller), "127.0.0.1", port)
    started = perf_counter()
    for caller in callers:
        caller.next()
    await asyncio.gather(*(caller.done for caller in callers))
    seconds = perf_counter() - started
    times.sort()
    return Load(len(times), statuses, seconds, _at(times, 0.50), _at(times, 0.99))


class _Caller(asyncio.Protocol):
    """One connection: sends the next request when the answer to the last is whole."""

    def __init__(
        self, pending: Iterator[bytes], times: list[float], statuses: dict[int, int], done: asyncio.Future[None]
    ) -> None:
        self._pending = pending
        self._times = times
        self._statuses = statuses
        self.done = done
        self._received = b""
        self._whole = 0
        self._sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def next(self) -> None:
        request = next(self._pending, None)
        if request is None:
            self._transport.close()
            self.done.set_result(None)
            return
        self._sent_at = perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._whole:
            end = self._received.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self._received[:end].lower()
            at = head.index(b"content-length:") + len(b"content-length:")
            self._whole = end + 4 + int(head[at:].split(b"\r\n", 1)[0])
        if len(self._received) >= self._whole:
            self._times.append(perf_counter() - self._sent_at)
            status = int(self._received[9:12])
            self._statuses[status] = self._statuses.get(status, 0) + 1
            self._received, self._whole = b"", 0
            self.next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the server closed the connection"))


def _same(caller: _Caller) -> _Caller:
    return caller


def post(port: int, path: str, body: bytes, *, key: str, media_type: str) -> tuple[int, bytes]:
    """Post one body, however large its answer and however it is sent."""
    connection = HTTPConnection("127.0.0.1", port)
    headers = {"Content-Type": media_type, "Authorization": f"Bearer {key}"}
    connection.request("POST", path, body, headers)
    response = connection.getresponse()
    answer = response.read()
    connection.close()
    return response.status, answer


def _head(path: str, key: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", "Content-Type: application/json", "Content-Length: %d"]
    if key:
        lines.append(f"Authorization: Bearer {key}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _at(times: list[float], share: float) -> float:
    return 1000 * times[min(len(times) - 1, int(len(times) * share))]
