"""
Bring the tables of either store up to date, one starter at a time.

One history serves both dialects and only goes forward. It runs in one transaction: a starter that dies
in the middle leaves the tables as they were.
"""

import asyncio
import contextlib
import fcntl
import os
import threading
from collections.abc import Iterator
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from .address import is_sqlite, postgres_url, sqlite_path
from .sqlite_tx import connect_writer, make_file, trouble_told
from .statement import driver_of

MIGRATIONS = Path(__file__).parent / "migrations"

# Any number will do, as long as every version of the gateway uses the same.
_ADVISORY_KEY = 0x636F6E74616374

# Alembic keeps the connection it works on in a module of its own.
_ONE_AT_A_TIME = threading.Lock()


def migrate(url: str) -> None:
    """Apply the missing revisions; concurrent starters wait for each other. Not to be called in an event loop."""
    with _ONE_AT_A_TIME:
        if is_sqlite(url):
            _migrate_sqlite(sqlite_path(url))
        else:
            asyncio.run(_migrate_postgres(postgres_url(url)))


def upgrade(connection: Connection, to: str = "head") -> None:
    """Apply the missing revisions, up to one, inside the transaction that is open on `connection`."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def _migrate_sqlite(path: Path) -> None:
    make_file(path)
    with _locked(path), trouble_told(), contextlib.closing(connect_writer(path)) as connection:
        # A copied table must not be found missing by those that refer to it while it is being copied.
        driver_of(connection).execute("PRAGMA foreign_keys = OFF")
        with connection.begin():
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            upgrade(connection)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Wait for the lock on a file beside the database; the kernel lets go of it however its holder ends."""
    lock = os.open(path.with_name(path.name + ".migrating"), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


async def _migrate_postgres(url: str) -> None:
    engine = create_async_engine(url, poolclass=NullPool, hide_parameters=True)
    try:
        async with engine.connect() as connection:
            await _upgrade_locked(connection)
    finally:
        await engine.dispose()


async def _upgrade_locked(connection: AsyncConnection) -> None:
    """The lock is the transaction's own, so that it is let go only once the others can see the new tables."""
    async with connection.begin():
        await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY_KEY})")
        await connection.run_sync(upgrade)
