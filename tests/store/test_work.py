"""What only one may do at a time: decide about a key, dispatch a request, hold a lease, number the entries."""

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest

from service.core.errors import Unavailable
from service.core.model import SECOND, Instant
from service.flows.ports import Store, Tx
from service.store.postgres import PostgresStore

from .rows import a_request, a_reservation, an_entry


@pytest.fixture
async def replicas(postgres_database: str) -> AsyncIterator[list[PostgresStore]]:
    stores = [PostgresStore(postgres_database, pool_size=4) for _ in range(2)]
    yield stores
    for store in stores:
        await store.close()


def take_a_place(tx: Tx, request: str, cap: int) -> bool:
    """Read, then write: without the gate two would see the same last place."""
    tx.gate(["party:party-1", f"address:{request}"])
    if len(tx.history(["party-1"], [], [], Instant(0))) >= cap:
        return False
    tx.add("reservations", [a_reservation(request)])
    return True


async def test_behind_the_gate_exactly_as_many_get_a_place_as_there_are(store: Store) -> None:
    taken = await asyncio.gather(*(store.write(lambda tx, n=n: take_a_place(tx, f"r{n}", 3)) for n in range(20)))

    assert sum(taken) == 3


async def test_the_gate_holds_between_replicas(replicas: list[PostgresStore]) -> None:
    taken = await asyncio.gather(
        *(replicas[n % 2].write(lambda tx, n=n: take_a_place(tx, f"r{n}", 3)) for n in range(40))
    )

    assert sum(taken) == 3


async def test_a_second_replica_waits_at_the_gate_until_the_first_has_committed(replicas: list[PostgresStore]) -> None:
    order: list[str] = []
    inside = asyncio.Event()
    tasks: list[asyncio.Future[None]] = []

    def second(tx: Tx) -> None:
        tx.gate(["b", "a"])
        order.append("second saw " + ",".join(row["id"] for row in tx.rows("entries", {})))

    def first(tx: Tx) -> None:
        tx.gate(["a"])
        tasks.append(asyncio.ensure_future(replicas[1].write(second)))
        inside.set()
        # Each of these is a round trip, during which the other has every chance to pass.
        for _ in range(50):
            tx.blocks()
        tx.add("entries", [an_entry("e")])
        order.append("first wrote")

    await replicas[0].write(first)
    await asyncio.gather(*tasks)

    assert inside.is_set()
    assert order == ["first wrote", "second saw e"]


async def test_keys_in_any_order_never_deadlock(replicas: list[PostgresStore]) -> None:
    chance = random.Random(7)
    keys = [f"key-{n}" for n in range(12)]

    def gated(tx: Tx, mine: list[str]) -> int:
        tx.gate(mine)
        return len(tx.blocks())

    bodies = [chance.sample(keys, 6) for _ in range(60)]
    done = await asyncio.gather(*(replicas[n % 2].write(lambda tx, b=b: gated(tx, b)) for n, b in enumerate(bodies)))

    assert done == [0] * 60


async def test_clocks_that_differ_stop_the_gate_and_readiness(postgres_database: str) -> None:
    def server_now(tx: Any) -> int:
        asked = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
        return int(tx.connection.exec_driver_sql(asked).scalar())

    plain = PostgresStore(postgres_database)
    now = await plain.read(server_now)
    await plain.ready()
    await plain.close()

    for drift in (-60 * SECOND, 60 * SECOND):
        drifted = PostgresStore(postgres_database, clock=lambda drift=drift: Instant(now + drift))
        with pytest.raises(Unavailable, match="clocks"):
            await drifted.write(lambda tx: tx.gate(["a"]))
        with pytest.raises(Unavailable, match="clocks"):
            await drifted.ready()
        await drifted.close()


async def test_claims_go_by_priority_and_then_by_time(store: Store) -> None:
    rows = [
        a_request("low", priority="low", send_at=1),
        a_request("late", send_at=30),
        a_request("early", send_at=20),
        a_request("high", priority="high", send_at=40),
        a_request("future", priority="high", send_at=101),
        a_request("queued", state="queued", send_at=25),
        a_request("sent", state="sent", send_at=None),
    ]
    await store.write(lambda tx: tx.add("requests", rows))

    def claimed(tx: Tx) -> list[str]:
        return [row["id"] for row in tx.claim(Instant(100), 4, "worker", Instant(200))]

    assert await store.write(claimed) == ["high", "early", "queued", "late"]
    assert await store.write(claimed) == ["low"]
    assert await store.write(claimed) == []


async def test_a_claim_names_its_holder_until_it_runs_out(store: Store) -> None:
    await store.write(lambda tx: tx.add("requests", [a_request("r")]))

    first = await store.write(lambda tx: tx.claim(Instant(10), 9, "one", Instant(20)))
    during = await store.write(lambda tx: tx.claim(Instant(19), 9, "two", Instant(40)))
    after = await store.write(lambda tx: tx.claim(Instant(20), 9, "two", Instant(40)))

    assert [(row["id"], row["lease_owner"], row["lease_until"], row["state"]) for row in first] == [
        ("r", "one", 20, "scheduled")
    ]
    assert during == []
    assert [(row["id"], row["lease_owner"]) for row in after] == [("r", "two")]


async def test_a_claim_passes_over_channels_that_are_anothers(store: Store) -> None:
    rows = [a_request("call", channel="call", send_at=1), a_request("sms", send_at=2), a_request("more", send_at=3)]
    await store.write(lambda tx: tx.add("requests", rows))

    first = await store.write(lambda tx: tx.claim(Instant(10), 9, "one", Instant(20), ["sms", "letter"]))
    rest = await store.write(lambda tx: tx.claim(Instant(10), 9, "two", Instant(20)))

    assert (["call"], ["sms", "more"]) == ([row["id"] for row in first], [row["id"] for row in rest])


async def test_concurrent_workers_never_claim_the_same(store: Store) -> None:
    rows = [a_request(f"r{n:03}", send_at=n % 7, priority=("low", "normal", "high")[n % 3]) for n in range(200)]
    await store.write(lambda tx: tx.add("requests", rows))

    async def work(owner: str) -> list[str]:
        mine: list[str] = []
        while batch := await store.write(lambda tx: tx.claim(Instant(100), 7, owner, Instant(200))):
            mine += [row["id"] for row in batch]
        return mine

    claimed = await asyncio.gather(*(work(f"worker-{n}") for n in range(4)))

    assert sorted(id_ for mine in claimed for id_ in mine) == [f"r{n:03}" for n in range(200)]


async def test_a_lease_has_one_holder_at_a_time(store: Store) -> None:
    async def ask(owner: str, now: int) -> bool:
        return await store.write(lambda tx: tx.lease("numbering", owner, Instant(now), Instant(now + 10)))

    asked = [("one", 0), ("two", 5), ("one", 6), ("two", 15), ("two", 16), ("one", 17)]

    assert [await ask(*each) for each in asked] == [True, False, True, False, True, False]


async def test_of_many_who_ask_at_once_one_gets_the_lease(store: Store) -> None:
    got = await asyncio.gather(
        *(store.write(lambda tx, n=n: tx.lease("numbering", f"owner-{n}", Instant(0), Instant(9))) for n in range(8))
    )

    assert sum(got) == 1


async def test_indexes_are_dense_in_the_order_of_ids(store: Store) -> None:
    await store.write(lambda tx: tx.add("entries", [an_entry(id_) for id_ in "cab"]))

    counts = [await store.write(lambda tx: tx.number_entries(2)) for _ in range(3)]
    await store.write(lambda tx: tx.add("entries", [an_entry(id_) for id_ in ("e", "aa")]))
    counts.append(await store.write(lambda tx: tx.number_entries(9)))

    rows = await store.read(lambda tx: tx.rows("entries", {}, order=["index"]))
    assert counts == [2, 1, 0, 2]
    assert [(row["index"], row["id"]) for row in rows] == [(0, "a"), (1, "b"), (2, "c"), (3, "aa"), (4, "e")]


async def test_indexes_follow_the_order_in_which_replicas_wrote_whatever_their_clocks_say(
    replicas: list[PostgresStore],
) -> None:
    """What waited at the gate until another had committed comes after it, though its id, by its own clock, be less."""
    behind, ahead = replicas
    gone_through = asyncio.Event()
    loop = asyncio.get_running_loop()

    def first(tx: Tx) -> None:
        tx.gate(["attempt:a"])
        loop.call_soon(gone_through.set)
        tx.add("entries", [an_entry("e_9")])

    def second(tx: Tx) -> None:
        tx.gate(["attempt:a"])
        tx.add("entries", [an_entry("e_1"), an_entry("e_0")])

    writing = asyncio.ensure_future(ahead.write(first))
    await gone_through.wait()
    await asyncio.gather(writing, behind.write(second))
    await ahead.write(lambda tx: tx.number_entries(9))

    rows = await ahead.read(lambda tx: tx.rows("entries", {}, order=["index"]))
    assert ["e_9", "e_0", "e_1"] == [row["id"] for row in rows]


async def test_indexes_stay_dense_while_entries_are_written_and_several_would_number(store: Store) -> None:
    async def write(writer: int) -> None:
        for n in range(25):
            await store.write(lambda tx, n=n: tx.add("entries", [an_entry(f"{n:02}-{writer}")]))

    def number(tx: Tx, owner: str) -> int:
        return tx.number_entries(10) if tx.lease("numbering", owner, Instant(0), Instant(0)) else 0

    async def beat(owner: str) -> int:
        numbered = 0
        while not all(writer.done() for writer in writers):
            numbered += await store.write(lambda tx: number(tx, owner))
        return numbered

    writers = [asyncio.ensure_future(write(n)) for n in range(4)]
    numbered = sum(await asyncio.gather(*(beat(f"beat-{n}") for n in range(3))))
    await asyncio.gather(*writers)
    while more := await store.write(lambda tx: number(tx, "last")):
        numbered += more

    indexes = await store.read(lambda tx: [row["index"] for row in tx.rows("entries", {}, order=["index"])])
    assert numbered == 100
    assert indexes == list(range(100))
