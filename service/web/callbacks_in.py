"""
What providers call: receipts of what was sent, and what people wrote or said of their own accord.

No API key is asked: each provider signs in its own way, or is known by a last segment of the path that nobody can
guess. Whatever it says is stored before it is answered, and 5xx means that it was not. It is matched at once, so that
it binds the next decision; but no provider waits for that longer than `ANSWER_WITHIN_S`.
"""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response

from service.core.errors import NotFound
from service.flows.gateway import Gateway
from service.flows.hearing import keep, match, said
from service.flows.ports import Told
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

ANSWER_WITHIN_S = 2.0
"""Some hang up after five seconds, and say all of it again. What takes longer to match is matched after the answer."""

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
    """Let it in and take it down; once it is stored the answer is the one that the provider expects."""
    callback = _callback(request, door, await read_body(request, CALLBACK_BYTES_MAX, CALLBACK_WITHIN_S))
    gateway.channels.check(provider, segment, _source(request), callback)
    return await _taken(gateway, provider, callback)


async def _taken(gateway: Gateway, provider: str, callback: Callback) -> Response:
    """Store it, match it, and answer when that is done; where it takes too long it goes on behind the answer."""
    row = await keep(gateway.kit, gateway.store, provider, callback)
    read: list[Told] = []
    matching = asyncio.create_task(
        match(gateway.kit, gateway.store, gateway.channels, row, callback, read.append), name="matching"
    )
    await asyncio.wait([matching], timeout=ANSWER_WITHIN_S)
    told = read[0] if read else Told()
    if (reply := told.reply or gateway.channels.reply(provider)) is not None:
        response = _as_expected(reply)
    elif matching.done():
        response = answer({"taken": matching.result().said, "new": matching.result().new})
    else:
        response = answer({"taken": said(told), "new": None})
    if not matching.done():
        response.background = BackgroundTask(asyncio.wait, [matching])
    return response


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
