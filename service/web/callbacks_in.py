"""
What providers call: receipts of what was sent, and what people wrote or said of their own accord.

No API key is asked: each provider signs in its own way, and its adapter checks that before it reads.
"""

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response

from service.flows.inbound import take_inbound
from service.flows.providers import Callback
from service.flows.providers import Door as ProviderDoor
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
    return await _take(request, gateway, provider, ProviderDoor.receipts)


@router.post("/inbound/{provider}", responses=documented(TakenShown))
async def take_replies(request: Request, gateway: GatewayDep, provider: Provider) -> Response:
    """Take in what people wrote or said of their own accord; it binds the next decision."""
    return await _take(request, gateway, provider, ProviderDoor.inbound)


async def _take(request: Request, gateway: GatewayDep, provider: str, door: ProviderDoor) -> Response:
    body = await read_body(request, CALLBACK_BYTES_MAX)
    callback = Callback(
        body, request.method, request.url.path, tuple(request.query_params.multi_items()), dict(request.headers), door
    )
    source = request.client.host if request.client else None
    gateway.channels.check(provider, None, source, callback)
    told = gateway.channels.read(provider, callback)
    new = await gateway.store.write(
        lambda tx: receive(gateway.kit, tx, told.receipts) + take_inbound(gateway.kit, tx, told.inbound)
    )
    return answer({"taken": len(told.receipts) + len(told.inbound), "new": new})
