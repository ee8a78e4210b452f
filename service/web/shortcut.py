"""
The short way to the one route whose speed matters: past routing and dependency solving, not past the guard.

Pure ASGI. Measured, it saves a third of what the door costs a contact request. The route stands in the
application as well, for its description; both run the same guard and the same handler.
"""

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from service.core.errors import GatewayError

from .auth import guard
from .contact_intake import PATH, post_contact_request
from .problems import problem_of


class _Route:
    """What the guard and the log look at."""

    path = PATH


class Shortcut:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != PATH or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        scope["route"] = _Route
        request = Request(scope, receive)
        try:
            await guard(request)
            response = await post_contact_request(request)
        except GatewayError as error:
            response = problem_of(error)
        await response(scope, receive, send)
