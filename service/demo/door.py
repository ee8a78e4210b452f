"""The demonstration's way in: the gateway's own HTTP API, as any client uses it."""

import asyncio
from collections.abc import Iterable
from typing import Any

import orjson

from service.channels.wire import Answer, Wire, WireRequest
from service.core.errors import Misconfigured

ANSWER_BYTES_MAX = 256 * 2**20
"""The answer to a batch holds every decision in full."""

TOGETHER = 16
"""Calls under way at once; group commit makes one transaction of them."""

WAIT_S = 120.0


class Door:
    """Calls the gateway with one client's key, in one language. An answer not expected ends the demonstration."""

    def __init__(self, url: str, key: str = "", language: str = "en") -> None:
        self.url = url
        self._wire = Wire(url, WAIT_S, answer_bytes_max=ANSWER_BYTES_MAX)
        self._headers = (("authorization", f"Bearer {key}"), ("accept-language", language))
        self._places = asyncio.Semaphore(TOGETHER)

    async def get(self, path: str) -> Any:
        return (await self._call("GET", path, b"", (200,)))[1]

    async def tell(self, method: str, path: str, body: Any) -> Any:
        """Tell a fact or report; it may stand already."""
        return (await self._call(method, path, b"" if body is None else orjson.dumps(body), (200, 201, 204)))[1]

    async def ask(self, body: Any) -> tuple[int, Any]:
        """Post one contact request, which may be refused."""
        return await self._call("POST", "/v1/contact-requests", orjson.dumps(body), (200, 202, 403))

    async def lines(self, path: str, items: Iterable[Any]) -> Any:
        """Post NDJSON."""
        body = b"\n".join(orjson.dumps(item) for item in items)
        return (await self._call("POST", path, body, (200,), "application/x-ndjson"))[1]["results"]

    async def close(self) -> None:
        await self._wire.close()

    async def opened(self) -> bool:
        """Whether the gateway answers yet."""
        answer = await self._wire.call(WireRequest("GET", "/readyz"))
        return isinstance(answer, Answer) and answer.status == 200

    async def _call(
        self, method: str, path: str, body: bytes, expected: tuple[int, ...], media_type: str = "application/json"
    ) -> tuple[int, Any]:
        headers = (*self._headers, ("content-type", media_type)) if body else self._headers
        async with self._places:
            answer = await self._wire.call(WireRequest(method, path, body, headers))
        if not isinstance(answer, Answer):
            raise Misconfigured(f"{method} {path}: no whole answer ({answer})")
        if answer.status not in expected:
            raise Misconfigured(f"{method} {path}: {answer.status} {answer.body[:2000].decode(errors='replace')}")
        return answer.status, orjson.loads(answer.body) if answer.body else None
