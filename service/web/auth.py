"""
The guard of every route: the key, the scope that the table asks for, and no query parameter unknown or given twice.

It runs before a body is read. It is one dependency of the whole application, so a route cannot be
added without it; `ClientDep` only hands on whom it found.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, NamedTuple, get_args, get_origin

from fastapi import Depends, FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.datastructures import QueryParams
from starlette.requests import Request

from service.core.errors import GatewayError, Misconfigured, Unauthenticated
from service.core.request import Client
from service.core.variables import Fault

from .bodies import Faulty
from .scopes import PII_READ, SCOPES, Scopes, any_of


class MissingScope(GatewayError):
    """The key is known but may not do this; `scope` names what it lacks."""

    code = "missing-scope"


PROVIDERS_OWN = ("/v1/receipts/", "/v1/inbound/")
"""What providers call. What they put into the query is theirs, signed by some of them, and read by their adapters."""


class Guarded(NamedTuple):
    """`parameters` of the query string, with whether each may be given more than once; None: whatever is given."""

    scopes: tuple[str, ...]
    open_to_all: bool
    parameters: Mapping[str, bool] | None


def routes_guarded(app: FastAPI, table: Mapping[tuple[str, str], Scopes] = SCOPES) -> dict[tuple[str, str], Guarded]:
    """Read the table for every route; Misconfigured if there is a route that it does not name."""
    guarded: dict[tuple[str, str], Guarded] = {}
    unnamed = []
    for route, method in routes_of(app):
        key = (method, route.path)
        if key not in table:
            unnamed.append(" ".join(key))
            continue
        scopes = table[key]
        known = None if route.path.startswith(PROVIDERS_OWN) else dict(_query_names(route))
        guarded[key] = Guarded(any_of(scopes), scopes is None, known)
    if unnamed:
        raise Misconfigured(f"no scope is declared for {', '.join(sorted(unnamed))}")
    return guarded


def routes_of(app: FastAPI) -> Iterable[tuple[Any, str]]:
    """Every route that the application serves, with each of its methods."""
    for context in iter_route_contexts(app.routes):
        for method in sorted((getattr(context, "methods", None) or set()) - {"HEAD"}):
            yield context, method


async def guard(request: Request) -> None:
    """Let the request through, or say why not: 401, 403 with the scope, 422 with the parameter."""
    guarded = request.app.state.guarded[request.method, request.scope["route"].path]
    if not guarded.open_to_all:
        client = await request.app.state.door.keys.bearer(request.headers.get("authorization"))
        if client is None:
            raise Unauthenticated("a valid API key is needed")
        request.scope["caller"] = client
        if client.scopes.isdisjoint(guarded.scopes):
            raise MissingScope(f"this needs the scope {' or '.join(guarded.scopes)}")
    if request.scope["query_string"] and guarded.parameters is not None:
        _expect_parameters(request.query_params, guarded.parameters)


def _expect_parameters(given: QueryParams, known: Mapping[str, bool]) -> None:
    if given.keys() - known:
        # The name is the caller's own text and is not repeated.
        taken = ", ".join(sorted(known)) or "nothing"
        raise Faulty([Fault("query", "unknown", f"the query string takes only: {taken}")])
    for name, repeatable in known.items():
        if not repeatable and len(given.getlist(name)) > 1:
            raise Faulty([Fault(name, "repeated", "must be given once")])


async def client_of(request: Request) -> Client:
    client: Client = request.scope["caller"]
    return client


ClientDep = Annotated[Client, Depends(client_of)]
"""Who calls. Only on routes that ask for a scope."""


def sees_values(client: Client) -> bool:
    """True if the client may see personal data in the clear; others see masks."""
    return PII_READ in client.scopes


def _query_names(route: Any) -> Iterable[tuple[str, bool]]:
    pending = [route.dependant] if isinstance(getattr(route, "original_route", route), APIRoute) else []
    while pending:
        dependant = pending.pop()
        for parameter in dependant.query_params:
            fields = getattr(parameter.field_info.annotation, "model_fields", None)
            for name, field in (fields or {parameter.alias: parameter.field_info}).items():
                yield name, any(get_origin(each) is list for each in (field.annotation, *get_args(field.annotation)))
        pending.extend(dependant.dependencies)
