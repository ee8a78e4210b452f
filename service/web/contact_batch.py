"""
`POST /v1/contact-requests/batch`: up to ten thousand requests in one call, as JSON or a line each.

It is many groups and not atomic: an item that is wrong hurts itself alone, and after a crash the whole
is posted again, for references make that safe. Answers are written out group by group, so that
neither the answers nor the checking of the items ever fills the memory or holds up other callers.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import orjson
from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from service.core.errors import GatewayError
from service.core.request import Client
from service.core.variables import Fault
from service.flows.accept import Answer, Ask

from .accepted import note, say
from .answers import JSON, documented
from .auth import ClientDep
from .bodies import NDJSON, Faulty, Unreadable, expect_media_type, parse, read_body, why_malformed
from .contact_body import ContactRequestBody, contact_request
from .door import Door, DoorDep
from .negotiate import Language, language_of
from .shown import BatchShown

router = APIRouter(prefix="/v1/contact-requests", tags=["contact requests"])

ITEMS_MAX = 10_000
VALUES_MAX = ITEMS_MAX * 256
"""A body of more values than so many requests can have is not parsed: tiny ones would fill the memory."""
GROUP = 256


_REF = {"$ref": "#/components/schemas/ContactRequestBody"}
_DESCRIBED: dict[str, Any] = {
    "required": True,
    "content": {
        JSON: {
            "schema": {
                "type": "object",
                "properties": {"requests": {"type": "array", "items": _REF, "minItems": 1, "maxItems": ITEMS_MAX}},
                "required": ["requests"],
                "additionalProperties": False,
            }
        },
        NDJSON: {"schema": _REF},
    },
}
"""NDJSON has a contact request a line."""

_ITEM: TypeAdapter[ContactRequestBody] = TypeAdapter(ContactRequestBody)


@router.post("/batch", responses=documented(BatchShown), openapi_extra={"requestBody": _DESCRIBED})
async def post_contact_requests(request: Request, door: DoorDep, client: ClientDep) -> Response:
    """Decide about many contacts, each as if it had been posted alone, in order; answer for each."""
    given = expect_media_type(request, JSON, NDJSON)
    body = await read_body(request, door.max_batch_bytes)
    items = lines_of(body) if given == NDJSON else items_of(body)
    return StreamingResponse(_answers(door, client, items, language_of(request)), 200, media_type=JSON)


def lines_of(body: bytes) -> list[bytes]:
    """The lines that are not blank, each one item, readable or not."""
    if body.count(b"\n") > VALUES_MAX:
        raise Faulty([Fault("", "too_long", f"must have 1 to {ITEMS_MAX} items")])
    return counted([line for line in body.split(b"\n") if line.strip()], "")


def items_of(body: bytes) -> list[bytes]:
    """The items of `{"requests": […]}`, each as JSON of its own, readable or not as a request."""
    if sum(map(body.count, (b",", b"[", b"{"))) > VALUES_MAX:
        raise Faulty([Fault("", "too_long", f"has more values than {ITEMS_MAX} requests can have")])
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Unreadable(why_malformed(body) or "the body is not JSON") from None
    if not isinstance(said, dict):
        raise Faulty([Fault("", "type", "must be an object")])
    if unknown := said.keys() - {"requests"}:
        raise Faulty([Fault("", "unknown", f"takes only requests; {len(unknown)} more given")])
    if not isinstance(said.get("requests"), list):
        raise Faulty([Fault("requests", "required", "must be a list")])
    return [orjson.dumps(item) for item in counted(said["requests"], "requests")]


def counted(items: list[Any], field: str) -> list[Any]:
    """The items, if they are neither none nor too many."""
    if not 1 <= len(items) <= ITEMS_MAX:
        raise Faulty([Fault(field, "too_long" if items else "too_short", f"must have 1 to {ITEMS_MAX} items")])
    return items


async def _answers(door: Door, client: Client, items: Sequence[bytes], language: Language) -> AsyncIterator[bytes]:
    """
    Take group after group, and write out what became of its items.

    While one group is being committed the next is read: the disk and the processor work side by side.
    """
    yield b'{"results":['
    ahead = _begin(door, client, items, 0)
    for start in range(0, len(items), GROUP):
        group, taking = ahead
        ahead = _begin(door, client, items, start + GROUP)
        answers = iter(await taking)
        told = [item if isinstance(item, GatewayError) else next(answers) for item in group]
        lines = [await _line(door, start + place, each, language) for place, each in enumerate(told)]
        note(door, told)
        yield (b"," if start else b"") + b",".join(lines)
        await asyncio.sleep(0)  # Where every item is wrong nothing else would let other callers in between.
    await ahead[1]
    yield b"]}"


def _begin(
    door: Door, client: Client, items: Sequence[bytes], start: int
) -> tuple[list[Ask | GatewayError], asyncio.Task[Sequence[Answer | BaseException]]]:
    """Read the group that starts there, and hand it in."""
    group = [_ask(door, client, item) for item in items[start : start + GROUP]]
    asks = [item for item in group if isinstance(item, Ask)]
    return group, asyncio.create_task(_taken(door, asks))


def _ask(door: Door, client: Client, item: bytes) -> Ask | GatewayError:
    kit = door.gateway.kit
    try:
        return Ask(client, contact_request(parse(_ITEM, item), None, kit.numbers, kit.vault))
    except GatewayError as error:
        # Its frames hold the whole group, in a cycle that would live until the collector comes by.
        return error.with_traceback(None)


async def _taken(door: Door, asks: list[Ask]) -> Sequence[Answer | BaseException]:
    """Once the answer has begun its status is told, so that a group that fails is told item by item."""
    try:
        return await door.gateway.accepting.submit(asks)
    except Exception as error:
        return [error] * len(asks)


async def _line(door: Door, index: int, each: Answer | BaseException, language: Language) -> bytes:
    said = await say(door.gateway, each, language)
    return orjson.dumps({"index": index, "status": said.status, **said.body})
