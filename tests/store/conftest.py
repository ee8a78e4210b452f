import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from service.core.model import Instant
from service.flows.ports import Store
from service.store.engine import open_store
from service.store.migrate import migrate


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_database(migrated_sqlite: Path, tmp_path: Path) -> str:
    """An embedded store with the tables of today and no rows, as a URL."""
    return f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path / 'gateway.db')}"


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> str:
    """A database of either kind with the tables of today and no rows, as a URL."""
    url: str = request.getfixturevalue(f"{request.param}_database")
    return url


@pytest.fixture
async def store(database: str) -> AsyncIterator[Store]:
    store = await opened(database)
    yield store
    await store.close()


@pytest.fixture
async def sqlite_store(sqlite_database: str) -> AsyncIterator[Store]:
    store = await opened(sqlite_database)
    yield store
    await store.close()


@pytest.fixture
async def postgres_store(postgres_database: str) -> AsyncIterator[Store]:
    store = await opened(postgres_database)
    yield store
    await store.close()


async def opened(url: str) -> Store:
    return await open_store(url, clock=lambda: Instant(1_000), serving=True, system_clock=False)
