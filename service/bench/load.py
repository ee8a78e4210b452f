"""
A small HTTP/1.1 load: kept connections, each with one request under way, bodies used once each.

The same client drives everything that is compared, so what it costs itself is in every figure alike.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from http.client import HTTPConnection
from time import perf_counter
from typing import NamedTuple


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
    pending = iter(bodies)
    times: list[float] = []
    statuses: dict[int, int] = {}
    started = perf_counter()
    await asyncio.gather(*(_one(port, path, key, pending, times, statuses) for _ in range(connections)))
    seconds = perf_counter() - started
    times.sort()
    return Load(len(times), statuses, seconds, _at(times, 0.50), _at(times, 0.99))


def post(port: int, path: str, body: bytes, *, key: str, media_type: str) -> tuple[int, bytes]:
    """Post one body, however large its answer and however it is sent."""
    connection = HTTPConnection("127.0.0.1", port)
    headers = {"Content-Type": media_type, "Authorization": f"Bearer {key}"}
    connection.request("POST", path, body, headers)
    response = connection.getresponse()
    answer = response.read()
    connection.close()
    return response.status, answer


async def _one(
    port: int, path: str, key: str, pending: Iterator[bytes], times: list[float], statuses: dict[int, int]
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = _head(path, key)
    for body in pending:
        started = perf_counter()
        writer.write(head % len(body) + body)
        status, _ = await _answer(reader)
        times.append(perf_counter() - started)
        statuses[status] = statuses.get(status, 0) + 1
    writer.close()


def _head(path: str, key: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", "Content-Type: application/json", "Content-Length: %d"]
    if key:
        lines.append(f"Authorization: Bearer {key}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    length = next(int(line[15:]) for line in lines if line.startswith(b"content-length:"))
    return int(head[9:12]), await reader.readexactly(length)


def _at(times: list[float], share: float) -> float:
    return 1000 * times[min(len(times) - 1, int(len(times) * share))]
