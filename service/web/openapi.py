"""
The OpenAPI document: what FastAPI knows of the routes, and what the door does to all of them.

Added here, once for all routes: the body that `Json` reads, the scopes of the one table, the problems
that any such route can answer with. FastAPI's own validation errors are never sent and are left out.
"""

from collections.abc import Iterator
from typing import Any

import orjson
from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from starlette.requests import Request
from starlette.responses import Response

from .answers import JSON
from .auth import routes_of
from .bodies import JsonBody
from .contact_body import ContactRequestBody
from .problems import MEDIA_TYPE, PROBLEMS
from .scopes import SCOPES, any_of

router = APIRouter(tags=["operation"])

_ABOUT = """The single door that every contact about an overdue loan passes.

Instants are RFC 3339 with an offset. Unknown fields and query parameters are refused. Problems are RFC 9457 documents.
"""
_PREFIX = "#/components/schemas/{model}"

PROBLEM: dict[str, Any] = {
    "type": "object",
    "properties": {
        "type": {"type": "string", "enum": [f"/problems/{code}" for code in PROBLEMS]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("field", "code", "detail")},
                "required": ["field", "code", "detail"],
            },
        },
        "state": {"type": "string"},
        "incident": {"type": "string"},
    },
    "required": ["type", "title", "status", "detail"],
}


@router.get("/openapi.json")
async def openapi(request: Request) -> Response:
    """Give this document."""
    state = request.app.state
    if not hasattr(state, "openapi"):
        state.openapi = orjson.dumps(openapi_document(request.app))
    return Response(state.openapi, media_type=JSON)


def openapi_document(app: FastAPI) -> dict[str, Any]:
    """Describe every route of the table."""
    document = get_openapi(title="Contact Gateway", version="1", description=_ABOUT, routes=app.routes)
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    bodies = {(route.path, method): model for route, method, model in _bodies(app)}
    schemas |= _schemas(sorted({*bodies.values(), ContactRequestBody}, key=lambda model: model.__name__))
    schemas["Problem"] = PROBLEM
    document["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            model = bodies.get((path, method.upper()))
            _describe(operation, method.upper(), path, model)
            _retype(operation["responses"], schemas)
    return document


def _describe(operation: dict[str, Any], method: str, path: str, model: type[BaseModel] | None) -> None:
    if model is not None:
        schema = {"$ref": _PREFIX.format(model=model.__name__)}
        operation["requestBody"] = {"required": True, "content": {JSON: {"schema": schema}}}
    scopes = SCOPES[method, path]
    if scopes is not None:
        operation["security"] = [{"key": []}]
        operation["x-scopes"] = list(any_of(scopes))
    responses = operation["responses"]
    for status in sorted(_problems(method, path, "requestBody" in operation)):
        described = responses.get(str(status), {})
        content = {} if status == 422 else described.get("content", {})
        problem = {MEDIA_TYPE: {"schema": {"$ref": _PREFIX.format(model="Problem")}}}
        responses[str(status)] = {"description": _title(status), "content": content | problem}


def _retype(responses: dict[str, Any], schemas: dict[str, Any]) -> None:
    """What a route documents as a problem of its own is one, and not the only one of its status."""
    for described in responses.values():
        content = described.get("content", {})
        reference = content.get(JSON, {}).get("schema", {}).get("$ref", "")
        if "detail" in schemas.get(reference.rpartition("/")[2], {}).get("properties", {}):
            either = [content.pop(JSON)["schema"], content[MEDIA_TYPE]["schema"]]
            content[MEDIA_TYPE] = {"schema": {"anyOf": either}}


def _problems(method: str, path: str, has_body: bool) -> Iterator[int]:
    """The statuses that a route of this form can answer with beside its own."""
    yield from (422, 500, 503)
    if SCOPES[method, path] is not None:
        yield from (401, 403)
    if has_body:
        yield from (400, 413, 415)
    if "{" in path:
        yield 404
    if method != "GET" and SCOPES[method, path] is not None:
        yield from (409, 410)


def _title(status: int) -> str:
    return next(kind.title for kind in PROBLEMS.values() if kind.status == status)


def _bodies(app: FastAPI) -> Iterator[tuple[Any, str, type[BaseModel]]]:
    for route, method in routes_of(app):
        for dependency in route.dependant.dependencies if hasattr(route, "dependant") else ():
            if isinstance(dependency.call, JsonBody):
                yield route, method, dependency.call.model


def _schemas(models: list[type[BaseModel]]) -> dict[str, Any]:
    _, definitions = models_json_schema([(model, "validation") for model in models], ref_template=_PREFIX)
    found: dict[str, Any] = definitions.get("$defs", {})
    return found
