"""The ways in which a provider answers, or does not: after each but `plain` its caller cannot know what happened."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from service.simulator.magic import Manner

HUGE_BYTES = 1024 * 1024
DRIP_S = 2.0


async def answer_in(manner: Manner, request: Request, status: int, told: dict[str, Any]) -> Response:
    """Answer in the manner asked for."""
    body = orjson.dumps(told)
    match manner:
        case Manner.plain:
            return Response(body, status, media_type="application/json")
        case Manner.error:
            return Response(b'{"error":"internal"}', 500, media_type="application/json")
        case Manner.wrong_type:
            return Response("<html><body>OK</body></html>", 200, media_type="text/html")
        case Manner.huge:
            return Response(b'{"padding":"' + b"x" * HUGE_BYTES + b'"}', 200, media_type="application/json")
        case Manner.drip:
            return StreamingResponse(_drip(body), status, media_type="application/json")
        case Manner.half:
            return _Half(body, status, media_type="application/json")
        case Manner.drop:
            request.state.transport.abort()
            await _until_gone(request.receive)
            return Response()
        case Manner.hang:
            await _until_gone(request.receive)
            return Response()


class _Half(Response):
    """Promises the whole body, sends half of it and hangs up."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        scope["state"]["transport"].close()
        await _until_gone(receive)


async def _drip(body: bytes) -> AsyncIterator[bytes]:
    for n in range(len(body)):
        await asyncio.sleep(DRIP_S)
        yield body[n : n + 1]


async def _until_gone(receive: Receive) -> None:
    """Wait until the caller has hung up, or the server has hung up on it."""
    while (await receive())["type"] != "http.disconnect":
        continue
