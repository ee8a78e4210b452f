"""All or nothing, on both stores."""

import asyncio
import sqlite3
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from service.core.errors import NotFound, Unavailable
from service.flows.ports import Store, Tx

from .rows import a_request, an_entry


async def ids(store: Store) -> list[str]:
    return await store.read(lambda tx: [row["id"] for row in tx.rows("entries", {}, order=["id"])])


async def test_what_a_body_returns_comes_back_after_its_rows_are_there(store: Store) -> None:
    def body(tx: Tx) -> str:
        tx.add("entries", [an_entry("a"), an_entry("b", request=None, party=None)])
        return "done"

    assert await store.write(body) == "done"
    assert await ids(store) == ["a", "b"]


async def test_a_body_that_raises_leaves_nothing_behind(store: Store) -> None:
    def body(tx: Tx) -> None:
        tx.add("requests", [a_request("r")])
        tx.add("entries", [an_entry("a")])
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await store.write(body)

    assert await store.read(lambda tx: (tx.rows("requests", {}), tx.rows("entries", {}))) == ([], [])


async def test_one_of_many_concurrent_bodies_fails_alone(store: Store) -> None:
    await store.write(lambda tx: tx.add("entries", [an_entry("e07")]))

    results = await asyncio.gather(
        *(store.write(lambda tx, n=n: tx.add("entries", [an_entry(f"e{n:02}")])) for n in range(20)),
        return_exceptions=True,
    )

    assert [n for n, result in enumerate(results) if result is not None] == [7]
    assert isinstance(results[7], DBAPIError | sqlite3.IntegrityError)
    assert await ids(store) == [f"e{n:02}" for n in range(20)]


async def test_what_fails_apart_undoes_itself_alone(store: Store) -> None:
    def poison(tx: Tx) -> None:
        tx.add("entries", [an_entry("b")])
        tx.add("entries", [an_entry("a")])

    def body(tx: Tx) -> list[Any]:
        return [
            tx.apart(lambda: tx.add("entries", [an_entry("a")])),
            tx.apart(lambda: poison(tx)),
            tx.apart(lambda: tx.add("entries", [an_entry("c")])),
        ]

    first, second, third = await store.write(body)

    assert (first, third) == (None, None)
    assert isinstance(second, DBAPIError | sqlite3.IntegrityError)
    assert await ids(store) == ["a", "c"]


async def test_trouble_with_the_store_is_not_taken_for_the_fault_of_one_item(store: Store) -> None:
    def body(tx: Tx) -> None:
        def fail() -> None:
            raise Unavailable("the store is gone")

        tx.add("entries", [an_entry("a")])
        tx.apart(fail)

    with pytest.raises(Unavailable):
        await store.write(body)

    assert await ids(store) == []


async def test_a_read_sees_one_snapshot_and_cannot_write(store: Store) -> None:
    with pytest.raises(Unavailable):
        await store.read(lambda tx: tx.add("entries", [an_entry("a")]))

    assert await ids(store) == []


async def test_a_cancelled_caller_disturbs_nobody(store: Store) -> None:
    impatient = asyncio.ensure_future(store.write(lambda tx: tx.add("entries", [an_entry("a")])))
    await asyncio.tasks.sleep(0)
    impatient.cancel()
    await store.write(lambda tx: tx.add("entries", [an_entry("b")]))

    with pytest.raises(asyncio.CancelledError):
        await impatient
    assert "b" in await ids(store)


async def test_a_closed_store_says_so(store: Store) -> None:
    await store.close()
    await store.close()

    for call in (store.write, store.read):
        with pytest.raises(Unavailable):
            await call(lambda tx: tx.blocks())


async def test_a_name_that_is_no_column_is_refused_wherever_it_stands(store: Store) -> None:
    bodies = [
        lambda tx: tx.add("entries", [{**an_entry("a"), 'id", "at': 1}]),
        lambda tx: tx.add("entries", [an_entry("a"), an_entry("b", nope=1)]),
        lambda tx: tx.change("entries", {"nope": 1}, {"kind": "x"}),
        lambda tx: tx.change("entries", {"id": "a"}, {"nope": 1}),
        lambda tx: tx.rows("entries", {"nope": 1}),
        lambda tx: tx.rows("entries", {}, order=["nope"]),
        lambda tx: tx.due("entries", "nope", 1, {}, limit=1),
    ]
    for body in bodies:
        with pytest.raises(ValueError, match="has no column"):
            await store.write(body)

    assert await ids(store) == []


async def test_rows_are_found_by_value_by_none_and_by_list(store: Store) -> None:
    rows = [an_entry("a", state="sent"), an_entry("b"), an_entry("c", at=30), an_entry("d", at=20, state="sent")]
    await store.write(lambda tx: tx.add("entries", rows))

    def found(tx: Tx, where: dict[str, Any], **more: Any) -> list[str]:
        return [row["id"] for row in tx.rows("entries", where, **more)]

    def body(tx: Tx) -> list[list[str]]:
        return [
            found(tx, {"state": None}, order=["id"]),
            found(tx, {"state": "sent"}, order=["at", "id"]),
            found(tx, {"id": ["d", "a", "x"], "state": "sent"}, order=["id"]),
            found(tx, {"at": {20, 30}}, order=["at"]),
            found(tx, {"id": []}),
            found(tx, {}, order=["id"], limit=2),
            found(tx, {}, order=["id"], limit=2, after=("id", "b")),
        ]

    assert await store.read(body) == [["b", "c"], ["a", "d"], ["a", "d"], ["d", "c"], [], ["a", "b"], ["c", "d"]]


async def test_a_change_counts_the_rows_it_changed(store: Store) -> None:
    def body(tx: Tx) -> tuple[int, int]:
        tx.add("requests", [a_request("a"), a_request("b"), a_request("c")])
        return (
            tx.change("requests", {"id": ["a", "c", "x"]}, {"state": "cancelled", "send_at": None}),
            tx.change("requests", {"id": "x"}, {"tries": 2}),
        )

    assert await store.write(body) == (2, 0)
    states = await store.read(lambda tx: [row["state"] for row in tx.rows("requests", {}, order=["id"])])
    assert states == ["cancelled", "scheduled", "cancelled"]


async def test_only_missing_rows_are_added_where_that_is_asked(store: Store) -> None:
    role = {"account": "a", "party": "p"}
    await store.write(lambda tx: tx.add("account_parties", [{**role, "role": "debtor"}]))
    await store.write(
        lambda tx: tx.add_missing(
            "account_parties", [{**role, "role": "heir"}, {**role, "party": "q", "role": "guarantor"}]
        )
    )

    kin = await store.read(lambda tx: tx.account_parties(["a"]))
    assert sorted((row["party"], row["role"]) for row in kin) == [("p", "debtor"), ("q", "guarantor")]


async def test_what_is_due_comes_longest_due_first(store: Store) -> None:
    rows = [an_entry("a", at=30), an_entry("b", at=10), an_entry("c", at=20), an_entry("d", at=5, kind="other")]
    await store.write(lambda tx: tx.add("entries", rows))

    due = await store.read(lambda tx: tx.due("entries", "at", 20, {"kind": "request.accepted"}, limit=9))
    first = await store.read(lambda tx: tx.due("entries", "at", 99, {}, limit=1))

    assert [row["id"] for row in due] == ["b", "c"]
    assert [row["id"] for row in first] == ["d"]


async def test_known_references_are_found_for_each_client(store: Store) -> None:
    rows = [
        a_request("a", client="x", reference="1"),
        a_request("b", client="y", reference="1"),
        a_request("c", client="x", reference="2"),
    ]
    await store.write(lambda tx: tx.add("requests", rows))

    found = await store.read(lambda tx: tx.references([("x", "1"), ("y", "1"), ("y", "2"), ("z", "1")]))

    assert {pair: row["id"] for pair, row in found.items()} == {("x", "1"): "a", ("y", "1"): "b"}


async def test_the_book_in_force_is_the_latest_that_two_made_active(store: Store) -> None:
    def activation(id_: str, effective_at: int, activated_at: int | None) -> dict[str, Any]:
        return {"id": id_, "sha256": f"book-{id_}", "effective_at": effective_at, "first_by": "one",
                "second_by": activated_at and "two", "activated_at": activated_at}  # fmt: skip

    rows = [activation("a", 10, 1), activation("b", 20, 2), activation("c", 30, None), activation("d", 20, 5)]
    await store.write(lambda tx: tx.add("activations", rows))

    in_force = await store.read(lambda tx: [tx.book_in_force(now) for now in (9, 10, 19, 20, 99)])

    assert in_force == [None, "book-a", "book-a", "book-d", "book-d"]


async def test_the_text_of_a_book_is_found_by_its_digest(store: Store) -> None:
    await store.write(lambda tx: tx.add("books", [{"sha256": "d", "label": "l", "text": b"text"}]))

    assert await store.read(lambda tx: tx.book_text("d")) == b"text"
    with pytest.raises(NotFound):
        await store.read(lambda tx: tx.book_text("e"))


async def test_an_impossible_row_cannot_exist(store: Store) -> None:
    bodies = [
        lambda tx: tx.add("requests", [a_request("r", state="lost")]),
        lambda tx: tx.add("requests", [a_request("r", priority="urgent")]),
        lambda tx: tx.add("requests", [a_request("r", state="sent")]),
        lambda tx: tx.add("requests", [a_request("r", send_at=None)]),
        lambda tx: tx.add("requests", [a_request("r"), a_request("s", reference="reference-r")]),
    ]
    for body in bodies:
        with pytest.raises((DBAPIError, sqlite3.IntegrityError)):
            await store.write(body)

    assert await store.read(lambda tx: tx.rows("requests", {})) == []
