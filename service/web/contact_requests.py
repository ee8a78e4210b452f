"""`/v1/contact-requests`: search, read one, cancel."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from service.core.model import State
from service.flows.cancel import cancel
from service.flows.requests_query import leaves_entry, read_request, search_requests

from .accepted import book_of
from .answers import answer, documented, listing
from .auth import ClientDep
from .contact_views import cancelled_json, line_json, told_json
from .door import GatewayDep
from .negotiate import language_of
from .schemas import Cursor, Id, Limit
from .shown import CancelledShown, PageShown, RequestShown

router = APIRouter(prefix="/v1/contact-requests", tags=["contact requests"])


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
