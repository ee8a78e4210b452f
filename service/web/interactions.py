"""
`/v1/interactions`: what came in, and contacts that another system made; one, or a line each. And what parties answered.

A take-over of up to ten thousand lines is not atomic: it is written in groups, a line that is wrong
hurts itself alone, and with a `reference` on each line the whole can be sent again.
"""

from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Header
from pydantic import ConfigDict, Field, TypeAdapter
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from service.core.errors import GatewayError
from service.core.request import Client
from service.flows.gateway import Gateway
from service.flows.interactions import GROUP_MAX, Interaction, Recorded, record_interactions
from service.flows.kit import Kit
from service.flows.reply import read_reply

from .accepted import REPLAYED, Said, failed
from .answers import JSON, answer, documented
from .auth import ClientDep
from .bodies import NDJSON, expect_media_type, parse, read_body
from .contact_batch import lines_of
from .decisions_json import instant_json
from .door import DoorDep, GatewayDep
from .fact_bodies import ContactBody
from .facts_said import contact_of
from .facts_shown import InteractionShown, InteractionsShown, ReplyShown
from .problems import MEDIA_TYPE
from .schemas import Id, Note

router = APIRouter(prefix="/v1/interactions", tags=["interactions"])


class InteractionBody(ContactBody):
    """
    Somebody phoned, wrote or walked in; or, outbound, a contact that another system made, which counts as an attempt.

    An outbound `wrong_number` bars the address for the party at once.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "reference": "dialer-20261123-0815",
                    "at": "2026-11-23T09:00:00+08:00",
                    "channel": "call",
                    "direction": "outbound",
                    "outcome": "conversation_right_party",
                    "duration_s": 90,
                    "party_id": "P-10086",
                    "party_role": "debtor",
                    "account_id": "LN-7788",
                    "address": "+8613800138000",
                    "address_kind": "mobile",
                    "purpose": "collection",
                    "client": "agency-a",
                }
            ]
        }
    )

    reference: Id | None = Field(
        None, description="Unique per client; the same again is answered as it stands. Absent: the `Idempotency-Key`."
    )
    note: Note | None = Field(None, description="What was said; sealed.")


_SCHEMA = InteractionBody.model_json_schema(ref_template="#/components/schemas/{model}")
_SCHEMA.pop("$defs", None)
_DESCRIBED = {"required": True, "content": {JSON: {"schema": _SCHEMA}, NDJSON: {"schema": _SCHEMA}}}
"""What it refers to is described with the facts of a what-if. NDJSON has an interaction a line."""

_ITEM: TypeAdapter[InteractionBody] = TypeAdapter(InteractionBody)


@router.post(
    "",
    status_code=201,
    responses=documented(InteractionShown, status=201, s200=InteractionsShown),
    openapi_extra={"requestBody": _DESCRIBED},
)
async def post_interactions(
    request: Request,
    door: DoorDep,
    client: ClientDep,
    idempotency_key: Annotated[Id | None, Header(description="Stands in for an absent `reference`.")] = None,
) -> Response:
    """
    Record one interaction as JSON, or up to 10 000 as NDJSON, one a line.

    Lines are answered together, by 200 and each with its own status; a known reference by 200, as it stands.
    """
    if expect_media_type(request, JSON, NDJSON) == NDJSON:
        lines = lines_of(await read_body(request, door.max_batch_bytes))
        return StreamingResponse(_answers(door.gateway, client, lines), 200, media_type=JSON)
    body = parse(_ITEM, await read_body(request, door.max_body_bytes))
    [said] = await _recorded(door.gateway, client, [_item(door.gateway.kit, body, idempotency_key)])
    media_type = JSON if said.status < 400 else MEDIA_TYPE
    return Response(orjson.dumps(said.body), said.status, said.headers, media_type)


@router.get("/{id}", responses=documented(ReplyShown))
async def get_interaction(gateway: GatewayDep, client: ClientDep, id: Id) -> Response:
    """Read what a party answered to one's own contact; to another's with `audit:read`, its words with `pii:read`."""
    reply = await gateway.store.write(lambda tx: read_reply(gateway.kit, tx, client, id))
    row = reply.row
    shown: dict[str, Any] = {
        **{name: row[name] for name in ("id", "channel", "outcome", "purpose")},
        "at": instant_json(row["at"], gateway.kit.bank_zone),
        "party_id": reply.party_id,
        "account_id": row["account"],
        "text": reply.text,
    }
    return answer({**shown, "simulated": True} if gateway.kit.routes.simulated else shown)


async def _answers(gateway: Gateway, client: Client, lines: Sequence[bytes]) -> AsyncIterator[bytes]:
    """Record group after group, and write out what became of its lines."""
    yield b'{"results":['
    for start in range(0, len(lines), GROUP_MAX):
        items = [_read(gateway.kit, line) for line in lines[start : start + GROUP_MAX]]
        results = await _recorded(gateway, client, items)
        shown = (
            orjson.dumps({"index": start + n, "status": said.status, **said.body}) for n, said in enumerate(results)
        )
        yield (b"," if start else b"") + b",".join(shown)
    yield b"]}"


def _read(kit: Kit, line: bytes) -> Interaction | GatewayError:
    try:
        return _item(kit, parse(_ITEM, line), None)
    except GatewayError as error:
        return error.with_traceback(None)


def _item(kit: Kit, body: InteractionBody, alias: str | None) -> Interaction:
    contact = contact_of(kit.numbers, body)
    reference = body.reference or alias
    if reference is None:
        return Interaction(contact, note=body.note)
    understood = orjson.dumps([tuple(contact), body.note]).decode()
    return Interaction(contact, reference, kit.vault.mark("body", understood), body.note)


async def _recorded(gateway: Gateway, client: Client, items: Sequence[Interaction | GatewayError]) -> list[Said]:
    """Record those that could be read as one group; if that fails, each alone, so that one cannot harm another."""
    readable = [item for item in items if isinstance(item, Interaction)]
    results: Sequence[Recorded | BaseException] = []
    try:
        if readable:
            results = await gateway.store.write(partial(_record, gateway.kit, client, readable))
    except Exception as error:
        results = [error] if len(readable) == 1 else [await _alone(gateway, client, item) for item in readable]
    recorded = iter(results)
    return [_say(gateway, item, item if isinstance(item, GatewayError) else next(recorded)) for item in items]


async def _alone(gateway: Gateway, client: Client, item: Interaction) -> Recorded | BaseException:
    try:
        return (await gateway.store.write(partial(_record, gateway.kit, client, [item])))[0]
    except Exception as error:
        return error


def _record(kit: Kit, client: Client, items: Sequence[Interaction], tx: Any) -> list[Recorded]:
    return record_interactions(kit, tx, client, items)


def _say(gateway: Gateway, item: Interaction | GatewayError, result: Recorded | BaseException) -> Said:
    if isinstance(result, BaseException):
        return failed(result)
    if result.error is not None:
        return failed(result.error)
    shown: dict[str, Any] = {"id": result.id, "reference": item.reference if isinstance(item, Interaction) else None}
    if gateway.kit.routes.simulated:
        shown["simulated"] = True
    return Said(200 if result.replayed else 201, shown, REPLAYED if result.replayed else {})
