"""
The embedded store: one process, one writer thread, full durability (decision 0006).

Reads run beside the writer on connections of their own, each a snapshot. A second serving process is
refused by a lock on a file beside the database; short administrative verbs may come and go.
"""

import asyncio
import contextlib
import fcntl
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeVar

from sqlalchemy import Connection

from service.core.errors import Misconfigured, Unavailable
from service.flows.ports import Tx

from .backup import back_up
from .sqlite_tx import SqliteTx, connect_reader, make_file, trouble_told
from .statement import driver_of
from .writer import Writer

R = TypeVar("R")

_READERS = 3


class SqliteStore:
    """`Store` over one SQLite file. `serving` keeps every other serving process away until `close`."""

    def __init__(self, path: Path, *, serving: bool = False) -> None:
        self.path = path
        make_file(path)
        with contextlib.ExitStack() as undo:
            self._lock = _serve_alone(path) if serving else None
            if self._lock is not None:
                undo.callback(os.close, self._lock)
            with trouble_told():
                self._writer = Writer(path)
            undo.pop_all()
        self._idle: SimpleQueue[Connection] = SimpleQueue()
        for _ in range(_READERS):
            self._idle.put(connect_reader(path))
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="store-reader")
        self._closed = False

    async def write(self, body: Callable[[Tx], R]) -> R:
        """Run `body` in the writer thread; return once it is durable."""
        result: R = await self._writer.write(body)
        return result

    async def read(self, body: Callable[[Tx], R]) -> R:
        """Run `body` on a snapshot; it cannot write."""
        return await self._beside_the_writer(self._read, body)

    async def ready(self) -> None:
        """Raise Unavailable unless both the writer and a reader answer."""
        await self.write(lambda tx: tx.newest_entry_at())
        await self.read(lambda tx: tx.newest_entry_at())

    async def backup(self, target: Path) -> None:
        """Copy the store as it stands to a new file, checked and on the disk."""
        await self._beside_the_writer(back_up, self.path, target)

    async def close(self) -> None:
        """Finish what was posted; leave no thread, no journal and no lock behind."""
        if self._closed:
            return
        await self._beside_the_writer(self._writer.close)
        self._closed = True
        self._readers.shutdown()
        while not self._idle.empty():
            self._idle.get().close()
        if self._lock is not None:
            os.close(self._lock)

    async def _beside_the_writer(self, work: Callable[..., R], *args: Any) -> R:
        if self._closed:
            raise Unavailable("the store is closed")
        return await asyncio.get_running_loop().run_in_executor(self._readers, work, *args)

    def _read(self, body: Callable[[Tx], R]) -> R:
        """Each reader thread finds an idle connection, as there are as many."""
        connection = self._idle.get()
        driver = driver_of(connection)
        try:
            with trouble_told():
                driver.execute("BEGIN")
                return body(SqliteTx(connection))
        finally:
            if driver.in_transaction:
                driver.execute("ROLLBACK")
            self._idle.put(connection)


def _serve_alone(path: Path) -> int:
    """Hold the lock of the serving process; the kernel lets go of it however that process ends."""
    lock = os.open(path.with_name(path.name + ".serving"), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise Misconfigured(
            f"another process serves {path.name} already; several need PostgreSQL: set GATEWAY_DATABASE_URL"
        ) from None
    return lock
