"""What the door is handed at the start: the gateway, its limits, and how to say that it is well."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends
from starlette.requests import Request

from service.flows.gateway import Gateway

from .keys import Keys
from .metrics import Metrics

Check = Callable[[], Awaitable[str | None]]
"""Gives None where all is well, else what is wrong, in words without values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """
    `wake` tells the dispatch beat that work was queued; `checks` by name make up `/readyz`, which tells
    the `notes` and shows the breakers of `providers` beside them.
    """

    gateway: Gateway
    keys: Keys
    wake: Callable[[], None] = lambda: None
    metrics: Metrics
    checks: Mapping[str, Check]
    notes: Sequence[Check] = ()
    about: Mapping[str, Any]
    providers: Callable[[], Mapping[str, str]] = dict
    max_body_bytes: int = 262_144
    max_batch_bytes: int = 67_108_864


async def door_of(request: Request) -> Door:
    door: Door = request.app.state.door
    return door


async def gateway_of(request: Request) -> Gateway:
    gateway: Gateway = request.app.state.door.gateway
    return gateway


DoorDep = Annotated[Door, Depends(door_of)]
GatewayDep = Annotated[Gateway, Depends(gateway_of)]
