import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from service.files.books import Books
from service.settings import Settings, load
from service.wiring import Shelf, open_house, read_shelf

from .front import HandClock, Web

POLICIES = Path(__file__).parents[2] / "policies"
MORNING = "2026-11-23T10:00:00+08:00"


def settings_for(folder: Path, **more: str) -> Settings:
    given = {"GATEWAY_DATA_DIR": str(folder), "GATEWAY_PROVIDERS": "simulator", "GATEWAY_WORKERS_INLINE": "no"}
    return load(given | more)


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    return read_shelf(settings_for(tmp_path_factory.mktemp("shelf")))


@pytest.fixture
def data_dir(tmp_path: Path, furnished: Path) -> Path:
    """A store with its tables, its book and its templates, and the key to it."""
    folder = tmp_path / "var"
    shutil.copytree(furnished, folder)
    return folder


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory, shelf: Shelf) -> Path:
    folder = tmp_path_factory.mktemp("furnished")
    asyncio.run(_furnish(folder, shelf))
    return folder


async def _furnish(folder: Path, shelf: Shelf) -> None:
    async with open_house(settings_for(folder), clock=HandClock("2026-11-01T00:00:00Z"), shelf=shelf):
        pass


@pytest.fixture
async def web(data_dir: Path, shelf: Shelf) -> AsyncIterator[Web]:
    """The door on a Monday at ten in Shanghai, over a real store; the clock is in the hand, and nothing can be sent."""
    async with opened(data_dir, shelf, serving=False) as front:
        yield front


@pytest.fixture
async def wired(data_dir: Path, shelf: Shelf) -> AsyncIterator[Web]:
    """As `web`, with a real wire to the simulator."""
    async with opened(data_dir, shelf, serving=True) as front:
        yield front


@asynccontextmanager
async def opened(data_dir: Path, shelf: Shelf, *, serving: bool, **more: str) -> AsyncIterator[Web]:
    clock = HandClock(MORNING)
    async with (
        open_house(settings_for(data_dir, **more), serving=serving, clock=clock, shelf=shelf) as house,
        Web(house, clock) as front,
    ):
        yield front


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A policies folder that a test may change."""
    made = tmp_path / "policies"
    shutil.copytree(POLICIES, made)
    return made


@pytest.fixture
async def bank(data_dir: Path, shelf: Shelf, folder: Path) -> AsyncIterator[Web]:
    """The door over that folder."""
    async with opened(data_dir, Shelf(shelf.templates, Books(folder)), serving=False) as front:
        yield front
