"""
What providers call: receipts of what was sent, and what people wrote or said of their own accord.

No API key is asked: each provider signs in its own way, or is known by a last segment of the path that nobody can
guess. Whatever it says is stored before it is answered, and 5xx means that it was not.
"""

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response

from service.core.errors import NotFound
from service.flows.gateway import Gateway
from service.flows.hearing import hear
from service.flows.providers import Callback, Reply
from service.flows.providers import Door as ProviderDoor

from .answers import answer, documented
from .bodies import read_body
from .door import GatewayDep
from .shown import TakenShown

router = APIRouter(prefix="/v1", tags=["provider callbacks"])

CALLBACK_BYTES_MAX = 1_048_576
CALLBACK_WITHIN_S = 20.0
"""Who calls is known only once the body is read, so nobody may take his time with it."""

Segment = Annotated[str, Path(min_length=1, max_length=200)]
Provider = Annotated[str, Path(min_length=1, max_length=40, pattern=r"^[a-z][a-z0-9-]*$")]


@router.post("/receipts/{provider}", responses=documented(TakenShown))
async def take_receipts(request: Request, gateway: GatewayDep, provider: Provider) -> Response:
    """Take in what a provider says of messages it was given; each receipt counts once."""
    return await _take(request, gateway, provider, None, ProviderDoor.receipts)


@router.post("/receipts/{provider}/{segment}", responses=documented(TakenShown))
async def take_unsigned_receipts(
    request: Request, gateway: GatewayDep, provider: Provider, segment: Segment
) -> Response:
    """The same for a provider that signs nothing: the last segment of the path is the secret agreed with it."""
    return await _take(request, gateway, provider, segment, ProviderDoor.receipts)


@router.get("/receipts/{provider}", responses=documented(TakenShown))
async def answer_echo(request: Request, gateway: GatewayDep, provider: Provider) -> Response:
    """
    Answer a provider that makes sure of us before it calls: what it gives is given back, once it is proven.

    From one that reports by GET it is a receipt, taken in like any other.
    """
    return await _asked(request, gateway, provider, None)


@router.get("/receipts/{provider}/{segment}", responses=documented(TakenShown))
async def answer_unsigned_echo(request: Request, gateway: GatewayDep, provider: Provider, segment: Segment) -> Response:
    """The same with the secret agreed as the last segment of the path."""
    return await _asked(request, gateway, provider, segment)


@router.post("/inbound/{provider}", responses=documented(TakenShown))
async def take_replies(request: Request, gateway: GatewayDep, provider: Provider) -> Response:
    """Take in what people wrote or said of their own accord; it binds the next decision."""
    return await _take(request, gateway, provider, None, ProviderDoor.inbound)


@router.post("/inbound/{provider}/{segment}", responses=documented(TakenShown))
async def take_unsigned_replies(
    request: Request, gateway: GatewayDep, provider: Provider, segment: Segment
) -> Response:
    """The same for a provider that signs nothing."""
    return await _take(request, gateway, provider, segment, ProviderDoor.inbound)


async def _take(request: Request, gateway: Gateway, provider: str, segment: str | None, door: ProviderDoor) -> Response:
    """Let it in, store it, apply it; once it is stored the answer is the one that the provider expects."""
    callback = _callback(request, door, await read_body(request, CALLBACK_BYTES_MAX, CALLBACK_WITHIN_S))
    gateway.channels.check(provider, segment, _source(request), callback)
    return await _taken(gateway, provider, callback)


async def _taken(gateway: Gateway, provider: str, callback: Callback) -> Response:
    heard = await hear(gateway.kit, gateway.store, gateway.channels, provider, callback)
    reply = (heard.told and heard.told.reply) or gateway.channels.reply(provider)
    return _as_expected(reply) if reply else answer({"taken": heard.said, "new": heard.new})


async def _asked(request: Request, gateway: Gateway, provider: str, segment: str | None) -> Response:
    callback = _callback(request, ProviderDoor.receipts, b"")
    gateway.channels.check(provider, segment, _source(request), callback)
    if gateway.channels.by_get(provider):
        return await _taken(gateway, provider, callback)
    told = gateway.channels.read(provider, callback)
    if told.reply is None:
        raise NotFound("this provider asks for no echo")
    return _as_expected(told.reply)


def _callback(request: Request, door: ProviderDoor, body: bytes) -> Callback:
    query = tuple(request.query_params.multi_items())
    return Callback(body, request.method, request.url.path, query, dict(request.headers), door)


def _source(request: Request) -> str | None:
    return request.client.host if request.client else None


def _as_expected(reply: Reply) -> Response:
    return Response(reply.body, reply.status, media_type=reply.content_type)
