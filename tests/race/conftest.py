"""Worlds, fronts and processes that races are run in."""

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from service.wiring import Shelf
from tests.flows.conftest import migrated, world
from tests.web.conftest import data_dir, furnished, shelf

from .fleet import Fleet, Launcher
from .front_door import Door, open_door, settings_of

__all__ = ["data_dir", "furnished", "migrated", "shelf", "world"]

Fleets = Callable[[str, int], AbstractAsyncContextManager[Fleet]]


@pytest.fixture(scope="session")
def launcher() -> Iterator[Launcher]:
    launcher = Launcher()
    yield launcher
    launcher.close()


@pytest.fixture
def fleet_over(
    launcher: Launcher, shelf: Shelf, migrated: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> Fleets:
    """Opens a fleet over a store of a kind: an embedded one has one gateway, PostgreSQL as many as are asked for."""

    @asynccontextmanager
    async def opened(kind: str, count: int) -> AsyncIterator[Fleet]:
        if kind == "sqlite":
            url, count = f"sqlite:///{shutil.copy(migrated, tmp_path / 'gateway.db')}", 1
        else:
            url = request.getfixturevalue("postgres_database")
        async with Fleet(launcher, tmp_path, url, shelf, count) as fleet:
            yield fleet

    return opened


@pytest.fixture
async def door(data_dir: Path, shelf: Shelf) -> AsyncIterator[Door]:
    async with open_door(settings_of(data_dir), shelf) as door:
        yield door


@pytest.fixture(params=["sqlite", "postgres"])
async def door_over_either(data_dir: Path, shelf: Shelf, request: pytest.FixtureRequest) -> AsyncIterator[Door]:
    """A door over a store of each kind."""
    url = request.getfixturevalue("postgres_database") if request.param == "postgres" else None
    async with open_door(settings_of(data_dir, url), shelf) as door:
        yield door
