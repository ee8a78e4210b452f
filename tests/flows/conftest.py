import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from service.store.migrate import migrate
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
