"""
The simulator as a server on loopback: within the gateway's process, or alone (`python -m service.simulator`).

Its connections are handed to the application, for a provider that hangs up in the middle of an answer is a
thing that ASGI cannot say.
"""

import asyncio
import contextlib
import socket
from asyncio import Transport
from collections.abc import Iterator
from types import TracebackType
from typing import Self

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from service.simulator.app import Simulator
from service.simulator.provider import Provider
from service.simulator.teller import Teller


class RunningSimulator:
    """A started simulator; `async with` stops it."""

    def __init__(self, simulator: Simulator, listening: socket.socket) -> None:
        host, port = listening.getsockname()[:2]
        self.url = f"http://{host}:{port}"
        self.provider = simulator.provider
        self.teller = simulator.teller
        self._socket = listening
        self._server = _Server(
            uvicorn.Config(
                simulator.app(),
                http=_Protocol,
                ws="none",
                lifespan="off",
                access_log=False,
                log_config=None,
                timeout_graceful_shutdown=1,
            )
        )
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> Self:
        """Serve; who connects before the first turn of the loop waits in the backlog."""
        self._tasks = [
            asyncio.create_task(self._server.serve([self._socket])),
            asyncio.create_task(self.teller.run()),
        ]
        return self

    async def stop(self) -> None:
        """Hang up on everybody and end."""
        for connection in list(self._server.server_state.connections):
            if connection.transport is not None:
                connection.transport.abort()
        self._server.should_exit = True
        serving, telling = self._tasks
        telling.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await telling
        await serving
        await self.teller.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()


async def start_simulator(
    provider: Provider,
    *,
    secret: bytes,
    name: str = "simulator",
    gateway_url: str | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
) -> RunningSimulator:
    """Listen and serve in this event loop; port 0 takes a free one. `teller.aim` names the gateway later."""
    teller = Teller(provider, name=name, secret=secret)
    if gateway_url is not None:
        await teller.aim(gateway_url)
    return RunningSimulator(Simulator(provider, teller), _listen(host, port)).start()


def _listen(host: str, port: int) -> socket.socket:
    """
    Listen, with the protocol named: asyncio turns Nagle's algorithm off only for a socket that says it is TCP.

    Left on, each answer waits 40 ms for an acknowledgement.
    """
    listening = socket.socket(
        socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP
    )
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((host, port))
    listening.listen(128)
    return listening


class _Server(uvicorn.Server):
    """Leaves the process's signals to whoever else serves in it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _Protocol(H11Protocol):
    """Shows each request its connection, as `request.state.transport`."""

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        self.app_state = {**self.app_state, "transport": transport}
        super().connection_made(transport)
