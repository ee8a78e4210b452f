"""The migrations and the description of the tables say the same, on both stores; starters do not race."""

import asyncio
import multiprocessing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from service.core.errors import Misconfigured
from service.core.model import Instant
from service.store.engine import REVISION, open_store
from service.store.migrate import MIGRATIONS, migrate, upgrade
from service.store.tables import METADATA

from .rows import an_entry

STALE = "the revision and service/store/tables.py differ: write what tables.py says into the newest revision"

# Everything that makes up a table on PostgreSQL, as the server itself writes it down.
CATALOGUE = """
    SELECT 'column' AS kind, table_name || '.' || column_name AS name, data_type || ' null:' || is_nullable AS text
        FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
    UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
    ORDER BY 1, 2
"""


def described_by_sqlite(connection: Connection) -> dict[str, list[str]]:
    """The lines of what made each table and index, in no order and without quotes: a copied table has them."""
    found = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql <> '' AND type <> 'trigger'")
    return {
        name: sorted(line.strip(", \t") for line in sql.replace('"', "").splitlines())
        for name, sql in found
        if name != "alembic_version"
    }


def described_by_postgres(connection: Connection) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in connection.exec_driver_sql(CATALOGUE) if not row[1].startswith("alembic_version")]


def test_on_sqlite_the_migrations_make_what_the_tables_say(migrated_sqlite: Path, tmp_path: Path) -> None:
    created = create_engine(f"sqlite:///{tmp_path / 'created.db'}", poolclass=NullPool)
    migrated = create_engine(f"sqlite:///{migrated_sqlite}", poolclass=NullPool)
    METADATA.create_all(created)

    with created.connect() as one, migrated.connect() as other:
        assert described_by_sqlite(other) == described_by_sqlite(one), STALE
        assert compare_metadata(MigrationContext.configure(other), METADATA) == [], STALE


async def test_on_postgresql_the_migrations_make_what_the_tables_say(
    postgres_database: str, empty_postgres_database: str
) -> None:
    created = create_async_engine(empty_postgres_database, poolclass=NullPool)
    migrated = create_async_engine(postgres_database, poolclass=NullPool)

    async with created.begin() as one, migrated.begin() as other:
        await one.run_sync(METADATA.create_all)
        assert await other.run_sync(described_by_postgres) == await one.run_sync(described_by_postgres), STALE
        difference = await other.run_sync(lambda c: compare_metadata(MigrationContext.configure(c), METADATA))
    assert difference == [], STALE


def test_the_newest_revision_is_the_one_that_stores_ask_for() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))

    assert ScriptDirectory.from_config(config).get_current_head() == REVISION


def test_to_migrate_again_changes_nothing(database: str) -> None:
    migrate(database)
    migrate(database)

    opened = asyncio.run(rows_after_one_write(database))
    assert opened == ["e"]


async def rows_after_one_write(url: str) -> list[str]:
    store = await open_store(url, clock=lambda: Instant(99), serving=True, system_clock=False)
    await store.write(lambda tx: tx.add("entries", [an_entry("e")]))
    rows = await store.read(lambda tx: tx.rows("entries", {}))
    await store.close()
    return [row["id"] for row in rows]


@pytest.fixture(params=["sqlite", "postgres"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of either kind without any table, as a URL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new.db'}"
    url: str = request.getfixturevalue("empty_postgres_database")
    return url


def test_twelve_starters_at_once_migrate_once(empty_database: str) -> None:
    spawning = multiprocessing.get_context("forkserver")
    spawning.set_forkserver_preload(["service.store.migrate"])
    starters = [spawning.Process(target=migrate, args=(empty_database,)) for _ in range(12)]
    for starter in starters:
        starter.start()
    for starter in starters:
        starter.join()

    assert [starter.exitcode for starter in starters] == [0] * 12
    assert asyncio.run(rows_after_one_write(empty_database)) == ["e"]


def test_a_permit_that_stood_before_there_were_orders_is_kept_and_orders_nothing(
    empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def before(connection: Connection) -> None:
        upgrade(connection, "0001")
        connection.exec_driver_sql("INSERT INTO permits VALUES ('p_1', 'cr_1', 'a_1', 10, 20)")

    with monkeypatch.context() as patched:
        patched.setattr("service.store.migrate.upgrade", before)
        migrate(empty_database)
    migrate(empty_database)

    kept = {"id": "p_1", "request": "cr_1", "attempt": "a_1", "valid_from": 10, "valid_until": 20, "order_at": None}
    assert [kept] == asyncio.run(permits_in(empty_database))


async def permits_in(url: str) -> list[dict[str, Any]]:
    store = await open_store(url, clock=lambda: Instant(99), serving=True, system_clock=False)
    rows = await store.read(lambda tx: tx.rows("permits", {}))
    await store.close()
    return rows


def test_a_migration_that_dies_half_way_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(connection: Connection) -> None:
        upgrade(connection)
        raise ZeroDivisionError

    url = f"sqlite:///{tmp_path / 'new.db'}"
    with monkeypatch.context() as patched:
        patched.setattr("service.store.migrate.upgrade", dies)
        with pytest.raises(ZeroDivisionError):
            migrate(url)

    with create_engine(url, poolclass=NullPool).connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar() == 0
    migrate(url)
    assert asyncio.run(rows_after_one_write(url)) == ["e"]


async def test_a_store_without_its_tables_is_not_opened(empty_database: str) -> None:
    with pytest.raises(Misconfigured, match="migrate"):
        await open_store(empty_database, clock=lambda: Instant(0), serving=False, system_clock=False)


async def test_tables_of_a_newer_version_are_not_touched(database: str) -> None:
    store = await open_store(database, clock=lambda: Instant(0), serving=False, system_clock=False)
    newer: Any = lambda tx: tx.connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")  # noqa: E731
    await store.write(newer)
    await store.close()

    with pytest.raises(Misconfigured, match="newer"):
        await open_store(database, clock=lambda: Instant(0), serving=False, system_clock=False)
