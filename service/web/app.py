"""The application: routes, the guard in front of all of them, and how every failure is told."""

from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from service.core.errors import GatewayError

from .auth import guard, routes_guarded
from .bodies import Faulty
from .canonical_line import CanonicalLine
from .complaints import faults_outside
from .door import Door
from .problems import problem, problem_of
from .routers import ROUTERS
from .shortcut import Shortcut

_BY_STATUS = {404: "not-found", 405: "method-not-allowed", 413: "too-large"}


def create_app(door: Door, *, lifespan: Any = None, routers: tuple[APIRouter, ...] = ROUTERS) -> FastAPI:
    """
    Build the application around what it is handed.

    Refuses to be built where a route has no row in the table of scopes.
    """
    app = FastAPI(
        title="Contact Gateway",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=lifespan,
        dependencies=[Depends(guard)],
        redirect_slashes=False,
        # Spans would carry paths, which may hold anything; figures and lines of our own do not.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    for router in routers:
        app.include_router(router)
    app.state.door = door
    app.state.guarded = routes_guarded(app)
    app.add_middleware(Shortcut)
    app.add_middleware(CanonicalLine, metrics=door.metrics, simulated=bool(door.about.get("simulated")))
    app.add_exception_handler(GatewayError, _told)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    return app


async def _told(request: Request, error: Exception) -> Response:
    assert isinstance(error, GatewayError)
    return problem_of(error)


async def _invalid(request: Request, error: Exception) -> Response:
    """A path or query string of the wrong shape; FastAPI's own answer would repeat the values."""
    assert isinstance(error, RequestValidationError)
    return problem_of(Faulty(faults_outside(error.errors())))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = _BY_STATUS.get(error.status_code, "malformed" if error.status_code < 500 else "internal")
    headers = error.headers
    if error.status_code == 405:
        path = request.scope["route"].path
        headers = {"Allow": ", ".join(sorted(method for method, known in request.app.state.guarded if known == path))}
    return problem(code, "see the type of this problem", headers=headers)
