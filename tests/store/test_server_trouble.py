"""PostgreSQL: what is run again, and what is told as our own failure."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from service.core.errors import Unavailable
from service.flows.ports import Tx
from service.store.postgres import PostgresStore

from .rows import an_entry


@pytest.fixture
async def server(postgres_database: str) -> AsyncIterator[PostgresStore]:
    store = PostgresStore(postgres_database, pool_size=3)
    yield store
    await store.close()


def run(tx: Any, sql: str) -> Any:
    return tx.connection.exec_driver_sql(sql).scalar()


async def test_a_deadlock_is_run_again_until_both_have_passed(server: PostgresStore) -> None:
    await server.write(lambda tx: tx.add("leases", [{"name": n, "owner": "-", "until": 0} for n in "ab"]))
    runs: list[str] = []

    def crosswise(tx: Tx, one: str, other: str) -> None:
        runs.append(one)
        tx.change("leases", {"name": one}, {"owner": one})
        run(tx, "SELECT pg_sleep(0.05)")
        tx.change("leases", {"name": other}, {"owner": one})

    await asyncio.gather(
        server.write(lambda tx: crosswise(tx, "a", "b")), server.write(lambda tx: crosswise(tx, "b", "a"))
    )

    assert len(runs) >= 3
    owners = await server.read(lambda tx: {row["owner"] for row in tx.rows("leases", {})})
    assert len(owners) == 1


async def test_a_deadlock_is_not_taken_for_the_fault_of_one_item(server: PostgresStore) -> None:
    runs: list[int] = []

    def body(tx: Tx) -> Any:
        runs.append(1)
        if len(runs) == 1:
            sql = "DO $$ BEGIN RAISE EXCEPTION 'as if' USING ERRCODE = 'deadlock_detected'; END $$"
            tx.apart(lambda: run_plain(tx, sql))
        return tx.apart(lambda: tx.add("entries", [an_entry("e")]))

    def run_plain(tx: Any, sql: str) -> None:
        tx.connection.exec_driver_sql(sql)

    assert await server.write(body) is None
    assert len(runs) == 2


async def test_what_never_stops_failing_is_given_up(server: PostgresStore) -> None:
    runs: list[int] = []

    def body(tx: Any) -> None:
        runs.append(1)
        tx.connection.exec_driver_sql(
            "DO $$ BEGIN RAISE EXCEPTION 'as if' USING ERRCODE = 'serialization_failure'; END $$"
        )

    with pytest.raises(DBAPIError):
        await server.write(body)

    assert len(runs) == 4


async def test_connections_that_died_while_idle_are_replaced_unnoticed(
    server: PostgresStore, postgres_database: str
) -> None:
    mine = await server.write(lambda tx: run(tx, "SELECT pg_backend_pid()"))
    other = PostgresStore(postgres_database)
    await other.write(lambda tx: run(tx, f"SELECT pg_terminate_backend({mine}, 5000)"))
    await other.close()

    await server.write(lambda tx: tx.add("entries", [an_entry("e")]))

    assert [row["id"] for row in await server.read(lambda tx: tx.rows("entries", {}))] == ["e"]


async def test_a_connection_that_dies_in_the_middle_leaves_nothing_half_done(server: PostgresStore) -> None:
    runs: list[int] = []

    def body(tx: Any) -> None:
        runs.append(1)
        tx.add("entries", [an_entry(f"e{len(runs)}")])
        if len(runs) == 1:
            run(tx, "SELECT pg_terminate_backend(pg_backend_pid())")

    await server.write(body)

    assert [row["id"] for row in await server.read(lambda tx: tx.rows("entries", {}))] == ["e2"]


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    gone = PostgresStore("postgresql+asyncpg://nobody@127.0.0.1:1/nothing")

    for call in (gone.write, gone.read):
        with pytest.raises(Unavailable):
            await call(lambda tx: tx.blocks())
    with pytest.raises(Unavailable):
        await gone.ready()
    await gone.close()


async def test_what_a_failed_statement_carried_is_not_told(server: PostgresStore) -> None:
    def body(tx: Tx) -> None:
        tx.add("entries", [an_entry("e", kind="13800138000"), an_entry("e", kind="13800138000")])

    with pytest.raises(DBAPIError) as caught:
        await server.write(body)

    assert "13800138000" not in str(caught.value)
