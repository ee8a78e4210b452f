"""The events' socket: the one importer of `websockets`. What comes in is handed on in order; its end is an event."""

import asyncio
from collections.abc import Callable

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

EVENT_BYTES_MAX = 1024 * 1024
PROBE_S = 10


class Unlinked(Exception):
    """There is no socket: `word` says why, in a word of ours."""


class Link:
    """Made by `open_link`; `over` is set once nothing more will come."""

    def __init__(self, socket: ClientConnection, hear: Callable[[str | bytes], None]) -> None:
        self._socket = socket
        self._hear = hear
        self.over = asyncio.Event()
        self._listening = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        try:
            async for raw in self._socket:
                self._hear(raw)
        except WebSocketException:
            pass
        finally:
            self.over.set()

    async def close(self) -> None:
        self.over.set()
        await self._socket.close()
        self._listening.cancel()
        await asyncio.wait([self._listening])


async def open_link(url: str, authorization: str, within_s: float, hear: Callable[[str | bytes], None]) -> Link:
    """Open the socket, with the environment's proxies unread; raise `Unlinked`."""
    try:
        socket = await connect(
            url,
            additional_headers={"authorization": authorization},
            proxy=None,
            open_timeout=within_s,
            close_timeout=1,
            ping_interval=PROBE_S,
            ping_timeout=PROBE_S,
            max_size=EVENT_BYTES_MAX,
        )
    except (OSError, TimeoutError, WebSocketException) as error:
        raise Unlinked(type(error).__name__) from None
    return Link(socket, hear)
