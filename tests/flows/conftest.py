import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from service.flows.ports import Store
from service.store.migrate import migrate
from service.store.postgres import PostgresStore
from service.store.sqlite import SqliteStore

from .world import HandClock, World


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty store with its tables, to be copied."""
    path = tmp_path_factory.mktemp("migrated") / "gateway.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
async def world(tmp_path: Path, migrated: Path) -> AsyncIterator[World]:
    """Ten in the morning of a Monday in Shanghai, on an empty store."""
    path = tmp_path / "gateway.db"
    shutil.copy(migrated, path)
    store = SqliteStore(path)
    world = World(store, HandClock("2026-11-23T10:00:00+08:00"))
    yield await world.start()
    await store.close()


@pytest.fixture(params=["sqlite", "postgres"])
async def both(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """Ten in the morning on an empty store of either kind; nothing is active in it yet."""
    store: Store
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated"), tmp_path / "gateway.db")
        store = SqliteStore(tmp_path / "gateway.db")
    else:
        store = PostgresStore(request.getfixturevalue("postgres_database"))
    yield World(store, HandClock("2026-11-23T10:00:00+08:00"))
    await store.close()
