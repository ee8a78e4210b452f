from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from service.store.sqlite import SqliteStore

from .world import HandClock, World


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Ten in the morning of a Monday in Shanghai, on an empty store."""
    store = SqliteStore(tmp_path / "gateway.db")
    world = World(store, HandClock("2026-11-23T10:00:00+08:00"))
    yield await world.start()
    await store.close()
