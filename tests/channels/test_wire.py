"""What the wire says of everything a server can do to it, with real servers on loopback."""

import asyncio
import socket
import tracemalloc

import httpx
import pytest

from service.channels.wire import CONNECTIONS_MAX, Answer, Fault, Wire, WireRequest
from tests.loopback import http, read_request, saying, speaking

REQUEST = WireRequest("POST", "/messages", b'{"text":"secret"}', (("content-type", "application/json"),))
SECONDS = 30.0
"""Long enough never to be reached by an answer that does come."""


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer so slowly that no single read ever waits for long."""
    await read_request(reader)
    for byte in http(200, b" " * 10_000):
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.05)


async def call(url: str, timeout_s: float = SECONDS) -> Answer | Fault:
    wire = Wire(url, timeout_s)
    try:
        return await wire.call(REQUEST)
    finally:
        await wire.close()


async def test_an_answer_is_given_whole_whatever_its_status() -> None:
    for status in (200, 302, 404, 500):
        async with speaking(saying(http(status, b'{"a":1}', "Application/JSON; charset=utf-8"))) as url:
            assert Answer(status, "application/json", b'{"a":1}') == await call(url)


async def test_a_server_that_does_not_listen_was_surely_not_reached() -> None:
    with socket.socket() as bound:  # bound but not listening: nobody else can take the port meanwhile
        bound.bind(("127.0.0.1", 0))

        assert Fault.unreachable is await call(f"http://127.0.0.1:{bound.getsockname()[1]}")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (b"", Fault.cut),
        (b"HTTP/1.1 200 OK\r\ncontent-le", Fault.cut),
        (http(200, b'{"status":"accepted"}')[:-5], Fault.cut),
        (b"220 mail.example ESMTP\r\n", Fault.cut),
        (http(200, b"x" * 70_000), Fault.oversized),
        (http(200, b"\x1f\x8b", "application/json", "content-encoding: gzip"), Fault.malformed),
    ],
    ids=["nothing", "half a head", "half a body", "not HTTP", "too long", "compressed unasked"],
)
async def test_an_answer_that_is_none_leaves_it_open_what_happened(said: bytes, expected: Fault) -> None:
    async with speaking(saying(said)) as url:
        assert expected is await call(url)


async def test_silence_and_single_bytes_run_out_of_time_after_the_request_has_left() -> None:
    async with speaking(saying(b"", then_hold=True)) as silent, speaking(drip) as dripping:
        told = await asyncio.gather(call(silent, 2.0), call(dripping, 2.0))

    assert told == [Fault.timeout, Fault.timeout]


async def test_no_more_connections_than_allowed_are_opened_and_who_waits_in_vain_surely_sent_nothing() -> None:
    asked = 0

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        await read_request(reader)
        asked += 1
        await asyncio.Event().wait()

    async with speaking(hold) as url:
        wire = Wire(url, 3.0)
        told = await asyncio.gather(*(wire.call(REQUEST) for _ in range(CONNECTIONS_MAX + 10)))
        await wire.close()

    assert asked == CONNECTIONS_MAX
    assert (told.count(Fault.timeout), told.count(Fault.unreachable)) == (CONNECTIONS_MAX, 10)


async def test_an_endless_answer_is_cut_off_and_never_held_in_memory() -> None:
    sent = 0

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 104857600\r\n\r\n")
        block = b"x" * 65536
        while sent < 104_857_600:
            writer.write(block)
            await writer.drain()
            sent += len(block)

    async with speaking(flood) as url:
        tracemalloc.start()
        told = await call(url)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert told is Fault.oversized
    assert sent < 50_000_000
    assert peak < 5_000_000


async def test_redirects_are_not_followed() -> None:
    async with speaking(saying(http(200))) as elsewhere:
        moved = http(307, b"", "text/plain", f"location: {elsewhere}/messages")
        async with speaking(saying(moved)) as url:
            told = await call(url)

    assert isinstance(told, Answer)
    assert told.status == 307


async def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with speaking(saying(http(200))) as url:
        assert isinstance(await call(url), Answer)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (httpx.ConnectError("x"), Fault.unreachable),
        (httpx.ConnectTimeout("x"), Fault.unreachable),
        (httpx.PoolTimeout("x"), Fault.unreachable),
        (httpx.WriteTimeout("x"), Fault.timeout),
        (httpx.ReadTimeout("x"), Fault.timeout),
        (httpx.WriteError("x"), Fault.cut),
        (httpx.ReadError("x"), Fault.cut),
        (httpx.CloseError("x"), Fault.cut),
        (httpx.RemoteProtocolError("x"), Fault.cut),
        (httpx.LocalProtocolError("x"), Fault.cut),
        (httpx.ProxyError("x"), Fault.cut),
    ],
    ids=lambda each: type(each).__name__ if isinstance(each, Exception) else str(each),
)
async def test_only_errors_of_the_connect_phase_are_sure(error: httpx.TransportError, expected: Fault) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise error

    wire = Wire("http://provider.example", SECONDS, transport=httpx.MockTransport(fail))

    assert expected is await wire.call(REQUEST)


def test_a_request_shows_no_word_of_its_body_or_query() -> None:
    assert repr(REQUEST) == "<WireRequest POST /messages>"
    assert repr(REQUEST._replace(query="to=somebody")) == "<WireRequest POST /messages>"


async def test_a_query_goes_out_as_it_was_written() -> None:
    heard = []

    def take(request: httpx.Request) -> httpx.Response:
        heard.append(request.url.raw_path)
        raise httpx.ConnectError("x")

    wire = Wire("http://provider.example", SECONDS, transport=httpx.MockTransport(take))
    await wire.call(REQUEST._replace(query="a=%20%2A~&b=%E9%93%B6"))

    assert [b"/messages?a=%20%2A~&b=%E9%93%B6"] == heard
