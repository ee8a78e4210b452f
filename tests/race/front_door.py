"""A gateway in the test's own loop, with a door on loopback for the simulator's callbacks, and time by hand."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from service.core.model import SECOND
from service.settings import Settings, load
from service.simulator.provider import Provider
from service.wiring import Shelf, open_house
from tests.web.conftest import MORNING
from tests.web.front import HandClock, Web

PATH = "/v1/contact-requests"


class Door(Web):
    """As `Web`; time moves for the gateway and the simulator together, and only here."""

    async def contacts(self, request: str) -> int:
        """How often the simulator reached for the person of a request."""
        simulator = self.house.simulator
        assert simulator is not None
        return sum(contact.request == request for contact in simulator.provider.contacts)

    async def pass_time(self, seconds: int) -> None:
        """Let time pass; what the simulator has to tell by then is told, then comes a sweep and a dispatch."""
        simulator = self.house.simulator
        assert simulator is not None
        self.clock.forward(seconds * SECOND)
        simulator.provider.schedule.advance(seconds)
        await simulator.teller.tell_due()
        await self.sweep()
        await self.dispatch()

    async def posted(self, body: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = (await self.post(PATH, body)).json()
        return answer

    async def shown(self, request: str) -> dict[str, Any]:
        shown: dict[str, Any] = (await self.get(f"{PATH}/{request}")).json()
        return shown


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def settings_of(folder: Path, database_url: str | None = None) -> Settings:
    told = {
        "GATEWAY_DATA_DIR": str(folder),
        "GATEWAY_PROVIDERS": "simulator",
        "GATEWAY_WORKERS_INLINE": "no",
        "GATEWAY_SEND_TIMEOUT_S": "1",
    }
    return load(told if database_url is None else {**told, "GATEWAY_DATABASE_URL": database_url})


@contextlib.asynccontextmanager
async def open_door(settings: Settings, shelf: Shelf) -> AsyncIterator[Door]:
    """Open the house at ten on a Monday in Shanghai, and aim the simulator's callbacks at its door."""
    clock = HandClock(MORNING)
    provider = Provider(clock=clock, longest_s=None)
    async with (
        open_house(settings, clock=clock, provider=provider, shelf=shelf) as house,
        Door(house, clock) as door,
        _served(door.app) as url,
    ):
        assert house.simulator is not None
        await house.simulator.teller.aim(url)
        yield door
        await house.simulator.teller.aim(None)


@contextlib.asynccontextmanager
async def _served(app: Any) -> AsyncIterator[str]:
    config = uvicorn.Config(app, host="127.0.0.1", port=0, lifespan="off", log_config=None, ws="none")
    server = _Server(config)
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(30):
        while not server.started:
            await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await serving


async def all_at_once(*posts: Any) -> list[httpx.Response]:
    return list(await asyncio.gather(*posts))
