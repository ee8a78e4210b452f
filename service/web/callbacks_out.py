"""`/v1/callbacks`: where a client is called when something becomes of its requests (Standard Webhooks)."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import ConfigDict, Field
from starlette.responses import Response

from service.core.model import DeliveryState
from service.core.webhooks import secret_text
from service.flows.callbacks import (
    Callback,
    add_callback,
    delete_callback,
    deliveries,
    list_callbacks,
    replay,
    rotate_secret,
)
from service.flows.events import EventKind
from service.flows.ports import Row

from .answers import answer, documented, listing
from .audit import After
from .auth import ClientDep
from .bodies import Json
from .callbacks_shown import CallbackMadeShown, CallbackReplayedShown, CallbacksShown, DeliveriesShown
from .decisions_json import instant_json
from .door import GatewayDep
from .schemas import Id, Limit, Model

router = APIRouter(prefix="/v1/callbacks", tags=["callbacks"])

URL_LENGTH_MAX = 2000


class CallbackBody(Model):
    """Where to call, and of what kinds of event."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"url": "https://collections.example/hooks/gateway", "kinds": ["request.refused"]}]
        }
    )

    url: str = Field(
        min_length=1,
        max_length=URL_LENGTH_MAX,
        pattern=r"^[\x21-\x7e]+$",
        description="HTTPS on port 443 or 8443, on the open network.",
    )
    kinds: list[EventKind] | None = Field(
        None, min_length=1, max_length=50, description="Kinds of event, as `/v1/events` names them. Absent: all."
    )


class CallbackReplayBody(Model):
    """Which events to tell again."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"after": 4711}]})

    after: int | None = Field(
        None, ge=-1, le=2**62, description="Everything after this index; absent: what could not be delivered."
    )


@router.post("", status_code=201, responses=documented(CallbackMadeShown, status=201))
async def post_callback(gateway: GatewayDep, client: ClientDep, body: Json[CallbackBody]) -> Response:
    """Be called from now on. The secret that signs the calls is told in this answer, and never again."""
    gateway.callout.check(body.url)
    made = await gateway.store.write(lambda tx: add_callback(gateway.kit, tx, client, body.url, body.kinds or ()))
    return answer(_callback_json(made, gateway.kit.bank_zone), 201)


@router.get("", responses=documented(CallbacksShown))
async def get_callbacks(gateway: GatewayDep, client: ClientDep) -> Response:
    """List one's own callbacks, with how many events wait and how many could not be delivered."""
    found = await list_callbacks(gateway.store, client)
    return listing([_callback_json(each, gateway.kit.bank_zone) for each in found], None)


@router.delete("/{id}", status_code=204)
async def delete_one(gateway: GatewayDep, client: ClientDep, id: Id) -> Response:
    """Be called there no more."""
    await gateway.store.write(lambda tx: delete_callback(gateway.kit, tx, client, id))
    return Response(status_code=204)


@router.post("/{id}/rotate", responses=documented(CallbackMadeShown))
async def post_rotate(gateway: GatewayDep, client: ClientDep, id: Id) -> Response:
    """Exchange the secret. For a day calls are signed by the old one too, and by all that were exchanged that day."""
    made = await gateway.store.write(lambda tx: rotate_secret(gateway.kit, tx, client, id))
    return answer(_callback_json(made, gateway.kit.bank_zone))


@router.post("/{id}/replay", responses=documented(CallbackReplayedShown))
async def post_replay(gateway: GatewayDep, client: ClientDep, id: Id, body: Json[CallbackReplayBody]) -> Response:
    """Tell again what could not be delivered, or all after an index; takes up a callback that was disabled."""
    found, again = await gateway.store.write(lambda tx: replay(gateway.kit, tx, client, id, body.after))
    return answer({**_callback_json(found, gateway.kit.bank_zone), "replayed": again})


@router.get("/{id}/deliveries", responses=documented(DeliveriesShown))
async def get_deliveries(
    gateway: GatewayDep,
    client: ClientDep,
    id: Id,
    state: Annotated[DeliveryState | None, Query()] = None,
    after: After = None,
    limit: Limit = 50,
) -> Response:
    """List what was told there, or waits, or could not be delivered, by the index of the event."""
    start = -1 if after is None else after
    rows = await gateway.store.read(lambda tx: deliveries(tx, client, id, state, start, limit + 1))
    page = rows[:limit]
    items = [_delivery_json(each, gateway.kit.bank_zone) for each in page]
    return listing(items, str(page[-1]["index"]) if len(rows) > limit else None)


def _callback_json(callback: Callback, zone: str) -> dict[str, Any]:
    row = callback.row
    shown = {
        "id": row["id"],
        "url": row["url"],
        "kinds": row["kinds"].split(),
        "created_at": instant_json(row["created_at"], zone),
        "disabled_at": instant_json(row["disabled_at"], zone),
        "old_secret_until": instant_json(row["old_secret_until"], zone),
        "waiting": callback.waiting,
        "dead": callback.dead,
    }
    return shown if callback.secret is None else {**shown, "secret": secret_text(callback.secret)}


def _delivery_json(row: Row, zone: str) -> Mapping[str, Any]:
    return {
        "id": row["id"],
        "index": row["index"],
        "state": row["state"],
        "tries": row["tries"],
        "next_at": instant_json(row["next_at"], zone),
        "tried_at": instant_json(row["tried_at"], zone),
        "said": row["said"],
    }
