"""Open the store that a URL names, or say why it must not be opened."""

from sqlalchemy import inspect

from service.core.errors import Misconfigured
from service.flows.ports import Clock, Store
from service.flows.ports import Tx as AnyTx

from .address import is_sqlite, postgres_url, sqlite_path
from .postgres import PostgresStore
from .sqlite import SqliteStore
from .tx import Tx

REVISION = "0002"
"""The newest revision in `migrations`; a test holds the two together."""


async def open_store(url: str, *, clock: Clock, serving: bool, system_clock: bool = True, pool_size: int = 10) -> Store:
    """
    Open a store whose tables are up to date.

    `serving` keeps other serving processes away from the embedded store. `system_clock` says that `clock` is this
    machine's own, which PostgreSQL's must agree with; the embedded store is compared with its newest entry.
    """
    store: Store
    if is_sqlite(url):
        store = SqliteStore(sqlite_path(url), serving=serving)
    else:
        store = PostgresStore(postgres_url(url), clock=clock if system_clock else None, pool_size=pool_size)
    try:
        await store.read(_check_tables)
        if is_sqlite(url):
            await _check_clock(store, clock)
    except BaseException:
        await store.close()
        raise
    return store


def _check_tables(tx: AnyTx) -> None:
    assert isinstance(tx, Tx)
    found = None
    if inspect(tx.connection).has_table("alembic_version"):
        found = tx.connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    if found is None or found < REVISION:
        raise Misconfigured("the tables are not up to date: run the verb `migrate`")
    if found != REVISION:
        raise Misconfigured("the tables were made by a newer version of the gateway")


async def _check_clock(store: Store, clock: Clock) -> None:
    """A clock that was set back would offer a second time what caps have counted already."""
    newest = await store.read(lambda tx: tx.newest_entry_at())
    if newest is not None and clock() < newest:
        raise Misconfigured("the clock is behind the newest entry; set it right before starting")
