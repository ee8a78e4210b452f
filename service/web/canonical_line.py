"""
The outermost layer: one line in the log for each request, its time in the metrics, and no escape for an error.

Pure ASGI. What is logged are ids of ours, the route as it is declared (a path may hold anything), and
figures. An error that nobody foresaw becomes a 500 with an incident number here, and goes no further.
"""

from secrets import token_hex
from time import perf_counter

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.incidents import incident

from .metrics import Metrics
from .problems import problem

log = structlog.get_logger()


class CanonicalLine:
    def __init__(self, app: ASGIApp, *, metrics: Metrics, simulated: bool) -> None:
        self._app = app
        self._metrics = metrics
        self._always = [(b"gateway-simulated", b"true")] if simulated else []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = token_hex(8)
        started, status = perf_counter(), 0

        async def send_marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message.get("headers", ()),
                    (b"x-request-id", request_id.encode()),
                    *self._always,
                ]
            await send(message)

        try:
            await self._app(scope, receive, send_marked)
        except Exception as error:
            number = incident(error)
            if status == 0:
                answer = problem("internal", "the fault is ours; name the incident", incident=number)
                await answer(scope, receive, send_marked)
        finally:
            self._tell(scope, request_id, status, perf_counter() - started)

    def _tell(self, scope: Scope, request_id: str, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        self._metrics.served.labels(scope["method"] if route != "unmatched" else "ANY", route, status).observe(seconds)
        caller = scope.get("caller")
        log.info(
            "request.served",
            request=request_id,
            method=scope["method"],
            route=route,
            status=status,
            ms=round(seconds * 1000, 2),
            client=caller.id if caller else None,
            **scope.get("told", {}),
        )
