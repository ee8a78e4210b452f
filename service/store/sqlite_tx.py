"""
Connections to the embedded store, and what its errors mean.

SQLAlchemy is told to stay out of transactions (autocommit): the writer and the readers begin and end
them by statement, because only `BEGIN IMMEDIATE` cannot fail half-way through.
"""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from service.core.errors import Unavailable

from .statement import driver_of
from .tx import Tx

_WRITER = (
    "PRAGMA journal_mode = WAL",
    # NORMAL may forget the last commits when the power fails: contacts that were made.
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA busy_timeout = 5000",
    # Otherwise INSERT OR REPLACE would delete a row past the append-only triggers.
    "PRAGMA recursive_triggers = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -32000",
    "PRAGMA wal_autocheckpoint = 4000",
    "PRAGMA journal_size_limit = 67108864",
)
_READER = (
    "PRAGMA busy_timeout = 5000",
    "PRAGMA query_only = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -8000",
)

# The file, the disk or another process is in the way: nothing wrong with the statement.
_TROUBLE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_PROTOCOL,
    }
)
_PRIMARY_CODE = 0xFF


class SqliteTx(Tx):
    """The gate is the writer thread itself, of which there is one."""

    def survives(self, failure: Exception) -> bool:
        """SQLite keeps the transaction open after an error, but for the few that end it: a full disk, for one."""
        if isinstance(failure, Unavailable) or is_trouble(failure):
            return False
        return driver_of(self.connection).in_transaction


def connect_writer(path: Path) -> Connection:
    return _connect(path, _WRITER)


def connect_reader(path: Path) -> Connection:
    return _connect(path, _READER)


def make_file(path: Path) -> None:
    """Create the file readable by its owner alone; SQLite gives its companions the same rights."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_CLOEXEC, 0o600))


def is_trouble(failure: BaseException) -> bool:
    """Whether it is the store that failed, and not the statement."""
    original = failure.orig if isinstance(failure, DBAPIError) else failure
    code = getattr(original, "sqlite_errorcode", None)
    return code is not None and code & _PRIMARY_CODE in _TROUBLE


@contextlib.contextmanager
def trouble_told() -> Iterator[None]:
    """Raise `Unavailable` in place of trouble with the store."""
    try:
        yield
    except Exception as failure:
        if is_trouble(failure):
            raise unavailable(failure) from failure
        raise


def unavailable(failure: BaseException) -> BaseException:
    """What a caller hears: `Unavailable` for trouble with the store, else the failure itself."""
    return Unavailable("the store cannot be reached or written", retry_after_s=1) if is_trouble(failure) else failure


def _connect(path: Path, pragmas: tuple[str, ...]) -> Connection:
    return _engine(path, pragmas).connect()


def _engine(path: Path, pragmas: tuple[str, ...]) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}",
        poolclass=NullPool,
        hide_parameters=True,
        isolation_level="AUTOCOMMIT",
        connect_args={"check_same_thread": False, "cached_statements": 512},
    )

    @event.listens_for(engine, "connect")
    def _set_up(driver: sqlite3.Connection, _: object) -> None:
        for pragma in pragmas:
            driver.execute(pragma)

    return engine
