"""Many callers, one transaction: who shares it, and who is harmed by whom."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from service.core.errors import Unavailable
from service.flows.ports import Store, Tx
from service.store.group import Grouped

from .rows import a_request, an_entry


class Poison(Exception):
    pass


def storing(tx: Tx, items: Sequence[str]) -> list[str]:
    """Store a request and an entry for each; an item that is called poison fails after it has written."""
    results = []
    for item in items:
        tx.add("requests", [a_request(item)])
        tx.add("entries", [an_entry(item)])
        if item.startswith("poison"):
            raise Poison(item)
        results.append(f"stored {item}")
    return results


async def stored(store: Store) -> list[str]:
    def body(tx: Tx) -> list[str]:
        entries = [row["id"] for row in tx.rows("entries", {}, order=["id"])]
        assert entries == [row["id"] for row in tx.rows("requests", {}, order=["id"])]
        return entries

    return await store.read(body)


class Recorder:
    """A body that notes the size and the members of each group it was given."""

    def __init__(self, body: Callable[[Tx, Sequence[str]], list[str]] = storing) -> None:
        self.groups: list[list[str]] = []
        self._body = body

    def __call__(self, tx: Tx, items: Sequence[str]) -> list[str]:
        self.groups.append(list(items))
        return self._body(tx, items)


async def test_concurrent_callers_share_a_transaction_and_each_gets_its_own_results(store: Store) -> None:
    recorder = Recorder()
    grouped = Grouped(store, recorder)

    results = await asyncio.gather(*(grouped.submit([f"i{n:02}", f"j{n:02}"]) for n in range(30)))

    assert results == [[f"stored i{n:02}", f"stored j{n:02}"] for n in range(30)]
    assert len(recorder.groups) < 30
    assert len(await stored(store)) == 60


async def test_no_group_is_larger_than_the_limit_and_the_order_of_a_caller_is_kept(store: Store) -> None:
    recorder = Recorder()
    grouped = Grouped(store, recorder, limit=64)
    items = [f"i{n:04}" for n in range(300)]

    results = await grouped.submit(items)

    assert results == [f"stored {item}" for item in items]
    assert [len(group) for group in recorder.groups] == [64, 64, 64, 64, 44]
    assert [item for group in recorder.groups for item in group] == items


async def test_a_poisoned_item_among_concurrent_callers_harms_nobody_else(store: Store) -> None:
    grouped = Grouped(store, storing)

    results = await asyncio.gather(*(grouped.submit([f"poison{n}" if n == 7 else f"i{n:02}"]) for n in range(20)))

    assert [type(result[0]) for n, result in enumerate(results) if n == 7] == [Poison]
    assert [result for n, result in enumerate(results) if n != 7] == [[f"stored i{n:02}"] for n in range(20) if n != 7]
    assert await stored(store) == [f"i{n:02}" for n in range(20) if n != 7]


async def test_poisoned_items_of_a_batch_fail_in_their_places(store: Store) -> None:
    grouped = Grouped(store, storing, limit=16)
    items = [f"poison{n}" if n in (0, 17, 39) else f"i{n:02}" for n in range(40)]

    results = await grouped.submit(items)

    assert [n for n, result in enumerate(results) if isinstance(result, Poison)] == [0, 17, 39]
    assert len(await stored(store)) == 37


async def test_an_item_that_breaks_a_constraint_fails_alone(store: Store) -> None:
    grouped = Grouped(store, storing)
    await grouped.submit(["a"])

    first, again, last = await grouped.submit(["b", "a", "c"])

    assert (first, last) == ("stored b", "stored c")
    assert isinstance(again, Exception)
    assert await stored(store) == ["a", "b", "c"]


async def test_single_callers_do_not_queue_behind_a_batch(store: Store) -> None:
    recorder = Recorder()
    grouped = Grouped(store, recorder, limit=64)
    batch = asyncio.ensure_future(grouped.submit([f"batch{n:04}" for n in range(640)]))
    await asyncio.tasks.sleep(0)

    singles = await asyncio.gather(*(grouped.submit([f"single{n}"]) for n in range(5)))
    unfinished = not batch.done()
    await batch

    first_with_singles = next(n for n, group in enumerate(recorder.groups) if any("single" in i for i in group))
    assert singles == [[f"stored single{n}"] for n in range(5)]
    assert unfinished
    assert first_with_singles <= 1
    assert len(await stored(store)) == 645


async def test_trouble_with_the_store_is_told_to_all_and_not_tried_item_by_item(store: Store) -> None:
    def trouble(tx: Tx, items: Sequence[str]) -> list[str]:
        tx.add("entries", [an_entry(item) for item in items])
        raise Unavailable("the store is gone")

    recorder = Recorder(trouble)
    results = await Grouped(store, recorder).submit(["a", "b", "c"])

    assert [type(result) for result in results] == [Unavailable] * 3
    assert recorder.groups == [["a", "b", "c"]]
    assert await stored(store) == []


async def test_a_body_that_loses_count_of_its_items_stores_nothing(store: Store) -> None:
    def forgetful(tx: Tx, items: Sequence[str]) -> list[str]:
        storing(tx, items)
        return []

    results = await Grouped(store, forgetful).submit(["a", "b"])

    assert [type(result) for result in results] == [ValueError] * 2
    assert await stored(store) == []


async def test_a_caller_that_goes_away_stops_its_own_items_and_nobody_elses(store: Store) -> None:
    grouped = Grouped(store, storing, limit=32)
    batch = asyncio.ensure_future(grouped.submit([f"batch{n:04}" for n in range(3_200)]))
    staying = asyncio.ensure_future(grouped.submit([f"stay{n:02}" for n in range(40)]))
    await grouped.submit(["first"])
    batch.cancel()

    assert await staying == [f"stored stay{n:02}" for n in range(40)]
    with pytest.raises(asyncio.CancelledError):
        await batch
    await grouped.close()
    assert len([item for item in await stored(store) if item.startswith("batch")]) < 3_200


async def test_at_the_end_what_was_taken_is_finished_and_nothing_more_is_taken(store: Store) -> None:
    grouped = Grouped(store, storing, limit=8)
    taken = asyncio.ensure_future(grouped.submit([f"i{n:02}" for n in range(40)]))
    await asyncio.tasks.sleep(0)

    await grouped.close()

    assert taken.done()
    assert len(await taken) == 40
    with pytest.raises(Unavailable):
        await grouped.submit(["late"])
    assert len(await stored(store)) == 40


async def test_to_submit_nothing_is_answered_with_nothing(store: Store) -> None:
    recorder = Recorder()

    assert await Grouped[str, Any](store, recorder).submit([]) == []
    assert recorder.groups == []
