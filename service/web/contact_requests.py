"""`/v1/contact-requests`: post one, read one, search, cancel. This is the gateway's front door."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Header, Query
from starlette.requests import Request
from starlette.responses import Response

from service.core.model import State
from service.flows.accept import Ask
from service.flows.cancel import cancel
from service.flows.requests_query import leaves_entry, read_request, search_requests

from .accepted import book_of, note, say
from .answers import JSON, answer, documented, listing
from .auth import ClientDep
from .bodies import Json
from .contact_body import ContactRequestBody, contact_request
from .contact_views import cancelled_json, line_json, told_json
from .door import DoorDep, GatewayDep
from .negotiate import language_of
from .schemas import Cursor, Id, Limit
from .shown import AcceptedShown, CancelledShown, PageShown, RefusedShown, RequestShown

router = APIRouter(prefix="/v1/contact-requests", tags=["contact requests"])


@router.post(
    "",
    status_code=202,
    responses=documented(AcceptedShown, status=202, s200=AcceptedShown)
    | {403: {"model": RefusedShown, "description": "Refused by policy; stored, and final."}},
)
async def post_contact_request(
    request: Request,
    door: DoorDep,
    client: ClientDep,
    body: Json[ContactRequestBody],
    idempotency_key: Annotated[Id | None, Header(description="Stands in for an absent `reference`.")] = None,
) -> Response:
    """
    Decide about one contact, and plan it, permit it, or refuse it.

    The same reference again is answered as it stands, with `Idempotency-Replayed: true`.
    """
    gateway = door.gateway
    asked = contact_request(body, idempotency_key, gateway.kit.numbers, gateway.kit.vault)
    [given] = await gateway.accepting.submit([Ask(client, asked)])
    said = await say(gateway, given, language_of(request))
    note(door, [given])
    request.scope["told"] = {"contact_request": said.body.get("id")}
    media_type = JSON if said.status < 400 else "application/problem+json"
    return Response(orjson.dumps(said.body), said.status, said.headers, media_type)


@router.get("", responses=documented(PageShown))
async def search_contact_requests(
    gateway: GatewayDep,
    client: ClientDep,
    reference: Id | None = None,
    party_id: Id | None = None,
    account_id: Id | None = None,
    state: Annotated[list[State] | None, Query(description="Any of these states.")] = None,
    after: Cursor | None = None,
    limit: Limit = 50,
) -> Response:
    """List contact requests in the order they were made: one's own, or with `audit:read` everybody's."""
    page = await gateway.store.read(
        lambda tx: search_requests(
            tx,
            client,
            reference=reference,
            party_id=party_id,
            account_id=account_id,
            states=[each.value for each in state or ()],
            after=after,
            limit=limit,
        )
    )
    return listing([line_json(row, party) for row, party in page.items], page.next)


@router.get("/{id}", responses=documented(RequestShown))
async def read_contact_request(request: Request, gateway: GatewayDep, client: ClientDep, id: Id) -> Response:
    """Tell how a contact request stands: its state, every decision, attempt and receipt."""
    store = gateway.store
    run = store.write if leaves_entry(client) else store.read
    told = await run(lambda tx: read_request(gateway.kit, tx, client, id))
    books = {each.decision.book: await book_of(gateway, each.decision.book) for each in told.decisions}
    return answer(told_json(told, books, language_of(request), simulated=gateway.kit.routes.simulated))


@router.post("/{id}/cancel", responses=documented(CancelledShown))
async def cancel_contact_request(gateway: GatewayDep, client: ClientDep, id: Id) -> Response:
    """Cancel a request that waits. 409 with the state when it is too late; cancelling again is harmless."""
    row = await gateway.store.write(lambda tx: cancel(gateway.kit, tx, client, id))
    return answer(cancelled_json(row, simulated=gateway.kit.routes.simulated))
