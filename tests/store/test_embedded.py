"""The embedded store: who may open it, what it promises the disk, and how it is copied."""

import asyncio
import os
import resource
import sqlite3
import threading
from pathlib import Path

import pytest

from service.core.errors import Conflict, Misconfigured, Unavailable
from service.core.model import Instant
from service.store.engine import open_store
from service.store.migrate import migrate
from service.store.sqlite import SqliteStore
from service.store.tx import Tx

from .conftest import opened
from .rows import an_entry


def path_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


async def test_a_second_serving_process_is_pointed_to_postgresql(sqlite_database: str) -> None:
    first = await opened(sqlite_database)
    with pytest.raises(Misconfigured, match="PostgreSQL"):
        await opened(sqlite_database)
    await first.close()

    again = await opened(sqlite_database)
    await again.close()
    assert [thread for thread in threading.enumerate() if thread.name.startswith("store-")] == []


async def test_a_short_administrative_verb_may_write_beside_the_serving_process(sqlite_database: str) -> None:
    serving = await opened(sqlite_database)
    verb = await open_store(sqlite_database, clock=lambda: Instant(1_000), serving=False)

    await asyncio.gather(
        *(serving.write(lambda tx, n=n: tx.add("entries", [an_entry(f"s{n}")])) for n in range(9)),
        *(verb.write(lambda tx, n=n: tx.add("entries", [an_entry(f"v{n}")])) for n in range(9)),
    )
    await verb.close()

    assert len(await serving.read(lambda tx: tx.rows("entries", {}))) == 18
    await serving.close()


async def test_writes_are_as_durable_as_they_can_be(sqlite_database: str) -> None:
    def settings(tx: object) -> list[object]:
        assert isinstance(tx, Tx)
        names = ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers")
        return [tx.connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]

    store = await opened(sqlite_database)
    found = await store.write(settings)
    await store.close()

    assert found == ["wal", 2, 1, 1]


async def test_a_clock_behind_the_newest_entry_stops_the_start(sqlite_database: str) -> None:
    store = await opened(sqlite_database)
    await store.write(lambda tx: tx.add("entries", [an_entry("a", at=900), an_entry("b", at=950)]))
    assert await store.read(lambda tx: tx.newest_entry_at()) == 950
    await store.close()

    with pytest.raises(Misconfigured, match="clock"):
        await open_store(sqlite_database, clock=lambda: Instant(949), serving=True)

    store = await open_store(sqlite_database, clock=lambda: Instant(950), serving=True)
    await store.close()


async def test_only_the_owner_may_read_the_files(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'made' / 'gateway.db'}"
    await asyncio.to_thread(migrate, url)
    store = await opened(url)
    await store.write(lambda tx: tx.add("entries", [an_entry("a")]))
    files = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "made").iterdir()}
    await store.close()

    assert {"gateway.db", "gateway.db-wal"} <= files.keys()
    assert set(files.values()) == {0o600}


async def test_what_was_posted_before_the_end_is_still_stored(sqlite_database: str) -> None:
    store = await opened(sqlite_database)
    writes = [
        asyncio.ensure_future(store.write(lambda tx, n=n: tx.add("entries", [an_entry(f"{n}")]))) for n in range(200)
    ]
    await asyncio.tasks.sleep(0)
    await store.close()
    await asyncio.gather(*writes)

    assert not path_of(sqlite_database).with_name("gateway.db-wal").exists()
    again = await opened(sqlite_database)
    assert len(await again.read(lambda tx: tx.rows("entries", {}))) == 200
    await again.close()


async def test_a_locked_file_is_trouble_and_not_the_callers_fault(sqlite_database: str) -> None:
    store = await opened(sqlite_database)
    impatient: object = lambda tx: tx.connection.exec_driver_sql("PRAGMA busy_timeout = 1")  # noqa: E731
    await store.write(impatient)  # type: ignore[arg-type]
    other = sqlite3.connect(path_of(sqlite_database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    writes = (store.write(lambda tx, n=n: tx.add("entries", [an_entry(f"{n}")])) for n in range(3))
    results = await asyncio.gather(*writes, return_exceptions=True)
    other.execute("ROLLBACK")
    other.close()
    await store.write(lambda tx: tx.add("entries", [an_entry("after")]))

    assert [type(result) for result in results] == [Unavailable] * 3
    assert [row["id"] for row in await store.read(lambda tx: tx.rows("entries", {}))] == ["after"]
    await store.close()


async def test_a_disk_that_is_full_stores_nothing_of_a_group_and_the_writer_goes_on(sqlite_database: str) -> None:
    def limit(pages: int) -> object:
        return lambda tx: tx.connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}").scalar()

    store = await opened(sqlite_database)
    pages = await store.write(limit(1))  # type: ignore[arg-type]
    big = an_entry("big", body=b"x" * 400_000)
    results = await asyncio.gather(
        store.write(lambda tx: tx.add("entries", [an_entry("a")])),
        store.write(lambda tx: tx.add("entries", [big])),
        return_exceptions=True,
    )
    await store.write(limit(1_000_000))  # type: ignore[arg-type]
    await store.write(lambda tx: tx.add("entries", [an_entry("after")]))

    stored = {row["id"] for row in await store.read(lambda tx: tx.rows("entries", {}))}
    answered = {name for name, result in zip(("a", "big"), results, strict=True) if result is None}
    assert int(pages) > 1  # type: ignore[call-overload]
    assert isinstance(results[1], Unavailable)
    assert stored == answered | {"after"}
    await store.close()


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
async def test_a_store_that_cannot_fold_its_journal_closes_and_loses_nothing(sqlite_database: str) -> None:
    store = await opened(sqlite_database)
    await store.write(lambda tx: tx.add("entries", [an_entry("big", body=b"x" * 400_000)]))

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path_of(sqlite_database).stat().st_size, limits[1]))
    try:
        await store.close()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    again = await opened(sqlite_database)
    assert ["big"] == [row["id"] for row in await again.read(lambda tx: tx.rows("entries", {}))]
    await again.close()


async def test_a_backup_is_the_store_as_it_stood_and_opens_as_one(sqlite_database: str, tmp_path: Path) -> None:
    store = await opened(sqlite_database)
    assert isinstance(store, SqliteStore)
    await store.write(lambda tx: tx.add("entries", [an_entry(f"{n:03}") for n in range(300)]))

    backup = store.backup(tmp_path / "copy.db")
    writes = (store.write(lambda tx, n=n: tx.add("entries", [an_entry(f"later-{n}")])) for n in range(20))
    await asyncio.gather(backup, *writes)
    original = await store.read(lambda tx: tx.rows("entries", {}, order=["id"], limit=300))
    await store.close()

    copy = await opened(f"sqlite:///{tmp_path / 'copy.db'}")
    copied = await copy.read(lambda tx: tx.rows("entries", {}, order=["id"]))
    await copy.close()
    assert copied[:300] == original
    assert {row["id"] for row in copied[300:]} <= {f"later-{n}" for n in range(20)}
    assert (tmp_path / "copy.db").stat().st_mode & 0o777 == 0o600
    assert not (tmp_path / "copy.db.unfinished").exists()


async def test_a_backup_never_touches_a_file_that_is_there(sqlite_database: str, tmp_path: Path) -> None:
    store = await opened(sqlite_database)
    assert isinstance(store, SqliteStore)
    (tmp_path / "copy.db").write_bytes(b"precious")

    with pytest.raises(Conflict):
        await store.backup(tmp_path / "copy.db")
    await store.close()

    assert (tmp_path / "copy.db").read_bytes() == b"precious"


async def test_a_file_in_memory_is_no_store() -> None:
    for url in ("sqlite:///", "sqlite:///:memory:", "mysql://host/name"):
        with pytest.raises(Misconfigured):
            await open_store(url, clock=lambda: Instant(0), serving=False)

    assert not os.path.exists(":memory:")
