"""`/v1/events`: what became of the client's own requests, for a client that asks instead of being called."""

from fastapi import APIRouter
from starlette.responses import Response

from service.flows.audit import START
from service.flows.event_json import event_json
from service.flows.events import read_events

from .answers import documented, listing
from .audit import After
from .auth import ClientDep
from .door import GatewayDep
from .entries_shown import EventPageShown
from .schemas import Limit

router = APIRouter(prefix="/v1/events", tags=["events"])


@router.get("", responses=documented(EventPageShown))
async def list_events(gateway: GatewayDep, client: ClientDep, after: After = None, limit: Limit = 50) -> Response:
    """List what became of one's own requests, in order; permits issued at their hour are among it."""
    page = await read_events(gateway.store, client, START if after is None else after, limit)
    items = [event_json(each, gateway.kit.bank_zone) for each in page.items]
    head = page.head if page.head > START else None
    return listing(items, None if page.next is None else str(page.next), head=head)
