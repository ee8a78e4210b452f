"""
What providers call: receipts of what was sent, and what people wrote or said of their own accord.

No API key is asked: each provider signs in its own way, and its adapter checks that before it reads.
"""

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response

from service.flows.inbound import take_inbound
from service.flows.receive import receive

from .answers import answer, documented
from .bodies import read_body
from .door import GatewayDep
from .shown import TakenShown

router = APIRouter(prefix="/v1", tags=["provider callbacks"])

CALLBACK_BYTES_MAX = 1_048_576

Provider = Annotated[str, Path(min_length=1, max_length=40, pattern=r"^[a-z][a-z0-9-]*$")]


@router.post("/receipts/{provider}", responses=documented(TakenShown))
async def take_receipts(request: Request, gateway: GatewayDep, provider: Provider) -> Response:
    """Take in what a provider says of messages it was given; each receipt counts once."""
    body = await read_body(request, CALLBACK_BYTES_MAX)
    receipts = gateway.channels.read(provider, request.headers, body)
    new = await gateway.store.write(lambda tx: receive(gateway.kit, tx, receipts)) if receipts else 0
    return answer({"taken": len(receipts), "new": new})


@router.post("/inbound/{provider}", responses=documented(TakenShown))
async def take_replies(request: Request, gateway: GatewayDep, provider: Provider) -> Response:
    """Take in what people wrote or said of their own accord; it binds the next decision."""
    body = await read_body(request, CALLBACK_BYTES_MAX)
    said = gateway.channels.read_inbound(provider, request.headers, body)
    new = await gateway.store.write(lambda tx: take_inbound(gateway.kit, tx, said)) if said else 0
    return answer({"taken": len(said), "new": new})


@router.post("/inbound/{provider}", responses=documented(TakenShown))
async def take_inbound_events(request: Request, gateway: GatewayDep, provider: Provider) -> Response:
    """Take in what people wrote or said to us through a provider; each event counts once."""
    body = await read_body(request, CALLBACK_BYTES_MAX)
    events = gateway.channels.read_inbound(provider, request.headers, body)
    new = await gateway.store.write(lambda tx: take_inbound(gateway.kit, tx, events)) if events else 0
    return answer({"taken": len(events), "new": new})
