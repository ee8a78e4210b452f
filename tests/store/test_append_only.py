"""Evidence is written once: neither store lets an entry or a receipt be changed or removed."""

from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from service.flows.ports import Store
from service.store.tables import TABLES
from service.store.tx import Tx

from .rows import a_receipt, an_entry

ENTRY = an_entry("e", client="c", account="a", address="m", channel="sms", effect="allow", state="sent")
RECEIPT = a_receipt("r", attempt="a", party="p", outcome="delivered", sealed=b"s")


async def refused(store: Store, sql: str) -> None:
    def body(tx: Any) -> None:
        assert isinstance(tx, Tx)
        tx.connection.exec_driver_sql(sql)

    with pytest.raises(DBAPIError, match="append-only"):
        await store.write(body)


async def test_no_column_of_an_entry_can_be_changed(store: Store) -> None:
    await store.write(lambda tx: tx.add("entries", [ENTRY]))
    before = await store.read(lambda tx: tx.rows("entries", {}))

    for column in TABLES["entries"].c:
        if column.name != "index":
            await refused(store, f'UPDATE entries SET "{column.name}" = "{column.name}"')

    assert await store.read(lambda tx: tx.rows("entries", {})) == before


async def test_no_column_of_a_receipt_can_be_changed(store: Store) -> None:
    await store.write(lambda tx: tx.add("receipts", [RECEIPT]))

    for column in TABLES["receipts"].c:
        await refused(store, f'UPDATE receipts SET "{column.name}" = "{column.name}"')

    assert [row["id"] for row in await store.read(lambda tx: tx.rows("receipts", {}))] == ["r"]


async def test_an_index_is_given_once_and_never_taken_back(store: Store) -> None:
    await store.write(lambda tx: tx.add("entries", [ENTRY]))
    assert await store.write(lambda tx: tx.number_entries(1)) == 1

    await refused(store, 'UPDATE entries SET "index" = 7')
    await refused(store, 'UPDATE entries SET "index" = NULL')

    assert [row["index"] for row in await store.read(lambda tx: tx.rows("entries", {}))] == [0]


@pytest.mark.parametrize("table", ["entries", "receipts"])
async def test_nothing_of_the_evidence_can_be_removed(store: Store, table: str) -> None:
    await store.write(lambda tx: tx.add(table, [ENTRY if table == "entries" else RECEIPT]))

    await refused(store, f"DELETE FROM {table}")

    assert len(await store.read(lambda tx: tx.rows(table, {}))) == 1


async def test_a_row_put_in_the_place_of_an_entry_is_refused(sqlite_store: Store) -> None:
    await sqlite_store.write(lambda tx: tx.add("entries", [ENTRY]))

    await refused(
        sqlite_store,
        "INSERT OR REPLACE INTO entries (id, kind, at, actor, rules, body) VALUES ('e', 'x', 1, 'x', '[]', 'x')",
    )

    assert [row["kind"] for row in await sqlite_store.read(lambda tx: tx.rows("entries", {}))] == [ENTRY["kind"]]


async def test_postgresql_refuses_to_empty_the_evidence_at_a_stroke(postgres_store: Store) -> None:
    await postgres_store.write(lambda tx: tx.add("entries", [ENTRY]))

    await refused(postgres_store, "TRUNCATE entries")
    await refused(postgres_store, "TRUNCATE receipts")

    assert len(await postgres_store.read(lambda tx: tx.rows("entries", {}))) == 1
