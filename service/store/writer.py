"""
The one writer of the embedded store: a thread that owns its connection and shares commits.

Bodies that have gathered while the last commit was on its way to the disk go into one transaction,
each under a savepoint, so that full durability costs little and one that fails harms nobody. A result
is handed back after the commit, never before (decision 0006).
"""

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from typing import Any, NamedTuple

from service.core.errors import Unavailable

from .sqlite_tx import SqliteTx, connect_writer, unavailable
from .statement import driver_of

# Each body may itself be a group of 256 requests; more would only make the first wait for the last.
_BODIES_A_COMMIT = 64


class _Job(NamedTuple):
    body: Callable[[SqliteTx], Any]
    future: "asyncio.Future[Any]"
    loop: asyncio.AbstractEventLoop


class _Done(NamedTuple):
    job: _Job
    result: Any
    failure: BaseException | None


class Writer:
    """Runs bodies in order; `write` may be called from any event loop."""

    def __init__(self, path: Path) -> None:
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._closed = False
        self._connection = connect_writer(path)
        self._driver = driver_of(self._connection)
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    async def write(self, body: Callable[[SqliteTx], Any]) -> Any:
        if self._closed:
            raise Unavailable("the store is closed")
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        self._jobs.put(_Job(body, future, loop))
        return await future

    def close(self) -> None:
        """Finish what was posted, fold the journal into the file, end the thread."""
        if not self._closed:
            self._closed = True
            self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        going_on = True
        while going_on:
            jobs, going_on = self._gather()
            if jobs:
                _hand_back(self._commit_together(jobs))
        # On a full disk the journal stays beside the file, and the next to open it folds it in.
        with contextlib.closing(self._connection), contextlib.suppress(sqlite3.Error):
            self._driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _gather(self) -> tuple[list[_Job], bool]:
        """Wait for one job and take along what else is there; False once the end was called."""
        jobs: list[_Job] = []
        job = self._jobs.get()
        while job is not None:
            if not job.future.cancelled():
                jobs.append(job)
            if self._jobs.empty() or len(jobs) == _BODIES_A_COMMIT:
                return jobs, True
            job = self._jobs.get()
        return jobs, False

    def _commit_together(self, jobs: list[_Job]) -> list[_Done]:
        """
        Run all bodies and commit once. If the transaction itself fails, all of them have failed.

        A body that raises anything at all must not take the thread with it: everybody else would wait for ever.
        """
        run = self._driver.execute
        try:
            run("BEGIN IMMEDIATE")
            done = [self._run_apart(job) for job in jobs] if len(jobs) > 1 else [self._run_alone(jobs[0])]
            if self._driver.in_transaction:
                run("COMMIT")
        except BaseException as failure:
            self._roll_back()
            return [_Done(job, None, unavailable(failure)) for job in jobs]
        return done

    def _run_alone(self, job: _Job) -> _Done:
        try:
            result = job.body(SqliteTx(self._connection))
        except BaseException as failure:
            self._roll_back()
            return _Done(job, None, unavailable(failure))
        self._still_open()
        return _Done(job, result, None)

    def _run_apart(self, job: _Job) -> _Done:
        run = self._driver.execute
        run("SAVEPOINT body")
        try:
            result = job.body(SqliteTx(self._connection))
        except BaseException as failure:
            self._still_open()
            run("ROLLBACK TO SAVEPOINT body")
            run("RELEASE SAVEPOINT body")
            return _Done(job, None, unavailable(failure))
        self._still_open()
        run("RELEASE SAVEPOINT body")
        return _Done(job, result, None)

    def _still_open(self) -> None:
        """A full disk, for one, ends a transaction behind our back; then nothing of the group is stored."""
        if not self._driver.in_transaction:
            raise Unavailable("the store cannot be written", retry_after_s=1)

    def _roll_back(self) -> None:
        if self._driver.in_transaction:
            self._driver.execute("ROLLBACK")


def _hand_back(done: list[_Done]) -> None:
    """One wake-up for each event loop, however many callers wait in it."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Done]] = {}
    for each in done:
        by_loop.setdefault(each.job.loop, []).append(each)
    for loop, theirs in by_loop.items():
        # A loop that has ended meanwhile has nobody left who waits.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_settle, theirs)


def _settle(done: list[_Done]) -> None:
    for job, result, failure in done:
        if job.future.cancelled():
            continue
        if failure is None:
            job.future.set_result(result)
        elif isinstance(failure, StopIteration):
            # A future cannot carry it.
            job.future.set_exception(RuntimeError("a transaction body ran out of an iterator"))
        else:
            job.future.set_exception(failure)
