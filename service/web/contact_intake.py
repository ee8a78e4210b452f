"""
`POST /v1/contact-requests`: the gateway's front door, and the one route whose speed matters.

It reads its body by itself, so that nothing is done twice; what it takes is described beside it.
"""

from typing import Any

import orjson
from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from service.core.request import Client
from service.core.variables import Fault
from service.flows.accept import Ask

from .accepted import note, say
from .answers import JSON, documented
from .bodies import Faulty, expect_media_type, parse, read_body
from .contact_body import ContactRequestBody, contact_request
from .door import Door
from .negotiate import language_of
from .problems import MEDIA_TYPE
from .schemas import Id
from .shown import AcceptedShown, RefusedShown

PATH = "/v1/contact-requests"

router = APIRouter(tags=["contact requests"])

ALIAS = "Idempotency-Key"

_BODY: TypeAdapter[ContactRequestBody] = TypeAdapter(ContactRequestBody)
_ALIAS: TypeAdapter[str] = TypeAdapter(Id)

_TAKES: dict[str, Any] = {
    "parameters": [
        {
            "name": ALIAS,
            "in": "header",
            "required": False,
            "description": "Stands in for an absent `reference`.",
            "schema": _ALIAS.json_schema(),
        }
    ],
    "requestBody": {
        "required": True,
        "content": {JSON: {"schema": {"$ref": f"#/components/schemas/{ContactRequestBody.__name__}"}}},
    },
}


@router.post(
    PATH,
    status_code=202,
    openapi_extra=_TAKES,
    responses=documented(AcceptedShown, status=202, s200=AcceptedShown)
    | {403: {"model": RefusedShown, "description": "Refused by policy; stored, and final."}},
)
async def post_contact_request(request: Request) -> Response:
    """
    Decide about one contact, and plan it, permit it, or refuse it.

    The same reference again is answered as it stands, with `Idempotency-Replayed: true`.
    """
    door: Door = request.app.state.door
    caller: Client = request.scope["caller"]
    kit = door.gateway.kit
    expect_media_type(request, JSON)
    body = parse(_BODY, await read_body(request, door.max_body_bytes))
    asked = contact_request(body, _alias(request), kit.numbers, kit.vault)
    [given] = await door.gateway.accepting.submit([Ask(caller, asked)])
    said = await say(door.gateway, given, language_of(request))
    note(door, [given])
    request.scope["told"] = {"contact_request": said.body.get("id")}
    media_type = JSON if said.status < 400 else MEDIA_TYPE
    return Response(orjson.dumps(said.body), said.status, said.headers, media_type)


def _alias(request: Request) -> str | None:
    given = request.headers.get(ALIAS)
    if given is None:
        return None
    try:
        # Beyond ASCII nobody can tell which letters the bytes of a header mean.
        return _ALIAS.validate_python(given.encode("ascii").decode())
    except ValueError:
        raise Faulty([Fault(ALIAS, "format", "has not the form of a reference")]) from None
