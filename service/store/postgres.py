"""
The store for several replicas: PostgreSQL, the same transaction bodies run through `run_sync`.

A body may be run again: a deadlock, a serialization failure and a connection that was dead before it
was used are met by a few repetitions. Trouble with the server itself is `Unavailable`; nothing was stored
then, unless the connection broke during the very commit, and the caller's reference settles that case.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from service.core.errors import Unavailable
from service.core.model import SECOND, Instant
from service.flows.ports import Clock
from service.flows.ports import Tx as AnyTx

from .tx import Tx

R = TypeVar("R")

_RUNS = 4
_CLOCK_TOLERANCE = 2 * SECOND

# serialization_failure, deadlock_detected
_RUN_AGAIN = frozenset({"40001", "40P01"})
# What speaks of the server and not of the statement: connection, log-in, a server that is read-only or gave up on an
# idle transaction, missing database, resources, lock time-out, operator, system, internal.
_TROUBLE = ("08", "28", "25006", "25P03", "3D", "53", "55P03", "57", "58", "XX")

_SERVER_SETTINGS = {
    "application_name": "contact-gateway",
    # Longer than any transaction of ours should last; then the caller is told to try again.
    "lock_timeout": "15s",
    "statement_timeout": "60s",
    # A process that is stopped in the middle of a transaction must not bar its parties for ever.
    "idle_in_transaction_session_timeout": "60s",
    "timezone": "UTC",
}

# The server sorts the hashes, so that every gateway takes the locks in one order; because of OFFSET the subqueries are
# run as they stand, in that order. One round trip takes all locks and reads the clock after the last.
_GATE = """
    SELECT count(*), (extract(epoch FROM clock_timestamp()) * 1000000)::bigint FROM (
        SELECT pg_advisory_xact_lock(hash) FROM (
            SELECT DISTINCT hashtextextended(key, 0) AS hash FROM unnest($1::text[]) AS key ORDER BY hash OFFSET 0
        ) AS sorted OFFSET 0
    ) AS locked
"""


class PostgresTx(Tx):
    """One transaction on PostgreSQL; `clock` is the process clock to be compared with the server's, or None."""

    def __init__(self, connection: Connection, clock: Clock | None) -> None:
        super().__init__(connection)
        self._clock = clock

    def gate(self, keys: Iterable[str]) -> None:
        """
        Lock the keys until the transaction ends; wait for whoever holds one of them.

        What is read from here on is as the others left it. The two clocks must agree, or instants that were planned
        by one process would be judged by another's idea of now.
        """
        row = self.connection.exec_driver_sql(_GATE, (sorted(set(keys)),)).one()
        if self._clock is not None:
            check_clock(self._clock(), row[1])

    def survives(self, failure: Exception) -> bool:
        if isinstance(failure, Unavailable):
            return False
        return not _may_run_again(failure) and not _is_trouble(failure)


def check_clock(here: Instant, server: int) -> None:
    if abs(here - server) > _CLOCK_TOLERANCE:
        raise Unavailable("the clocks of this process and of the database differ by over 2 seconds", retry_after_s=5)


class PostgresStore:
    """`Store` over PostgreSQL, with up to `pool_size` connections; a `clock` given is compared with the server's."""

    def __init__(self, url: str, *, clock: Clock | None = None, pool_size: int = 10) -> None:
        self._clock = clock
        self._closed = False
        self._engine: AsyncEngine = create_async_engine(
            url,
            hide_parameters=True,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=15,
            pool_recycle=1800,
            connect_args={"timeout": 5, "command_timeout": 70, "server_settings": _SERVER_SETTINGS},
        )
        self._snapshots = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    async def write(self, body: Callable[[AnyTx], R]) -> R:
        """Run `body` in a transaction and commit; the body may be run more than once."""
        return await self._run(self._engine, body)

    async def read(self, body: Callable[[AnyTx], R]) -> R:
        """Run `body` on a snapshot; it cannot write."""
        return await self._run(self._snapshots, body)

    async def ready(self) -> None:
        """Raise Unavailable unless the server answers and its clock agrees with ours."""
        await self.read(lambda tx: tx.gate(()))

    async def close(self) -> None:
        self._closed = True
        await self._engine.dispose()

    async def _run(self, engine: AsyncEngine, body: Callable[[AnyTx], R]) -> R:
        runs = 1
        while True:
            if self._closed:
                # A disposed pool would open new connections.
                raise Unavailable("the store is closed")
            try:
                return await self._run_once(engine, body)
            except (SQLAlchemyError, OSError) as failure:
                if runs < _RUNS and _may_run_again(failure):
                    runs += 1
                elif _is_trouble(failure):
                    raise _unavailable() from failure
                else:
                    raise

    async def _run_once(self, engine: AsyncEngine, body: Callable[[AnyTx], R]) -> R:
        async with engine.connect() as connection:
            result = await connection.run_sync(lambda inside: body(PostgresTx(inside, self._clock)))
            try:
                await connection.commit()
            except DBAPIError as failure:
                if failure.connection_invalidated:
                    # It may be stored or not, so it must not be run again.
                    raise _unavailable() from failure
                raise
        return result


def _unavailable() -> Unavailable:
    return Unavailable("the store cannot be reached or written", retry_after_s=1)


def _may_run_again(failure: BaseException) -> bool:
    """Nothing is stored, and the same again may well succeed."""
    return isinstance(failure, DBAPIError) and (failure.connection_invalidated or _code(failure) in _RUN_AGAIN)


def _is_trouble(failure: BaseException) -> bool:
    """Whether it is the store that failed, and not the statement."""
    if isinstance(failure, OSError | PoolTimeout):
        return True
    return isinstance(failure, DBAPIError) and (failure.connection_invalidated or _code(failure).startswith(_TROUBLE))


def _code(failure: DBAPIError) -> str:
    return getattr(failure.orig, "sqlstate", None) or ""
