"""Callbacks out on both stores: each event of a client once, whichever process tells it."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import orjson

from service.core.model import DeliveryState
from service.flows.callbacks import add_callback
from service.flows.callout import Called
from service.flows.callouts import LEASE_LASTS, Callouts
from service.flows.ports import Store
from service.flows.sweep import number
from tests.flows.world import AGENCY, BANK, HandClock, World, request


class Heard:
    """A receiver that takes everything."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    def check(self, url: str) -> None:
        return None

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Called:
        self.bodies.append(body)
        return Called(200)


async def test_each_event_is_planned_once_and_told(store: Store) -> None:
    world = await World(store, HandClock("2026-11-23T10:00:00+08:00")).start()
    heard = Heard()
    made = await store.write(lambda tx: add_callback(world.kit, tx, BANK, "https://bank.example/", ()))
    for n in range(12):
        await world.one(request(f"r-{n}", party=replace(request().party, id=f"P-{n}")))
    await world.one(request("theirs"), client=AGENCY)
    await store.write(lambda tx: number(tx, "n", world.clock(), 1_000_000))
    one, two = (Callouts(world.kit, store, heard, name) for name in ("one", "two"))

    await asyncio.gather(one.beat(), two.beat())
    await asyncio.gather(one.settle(), two.settle())
    await asyncio.gather(one.beat(), two.beat())
    await asyncio.gather(one.settle(), two.settle())

    assert {f"r-{n}" for n in range(12)} == {orjson.loads(body)["data"]["reference"] for body in heard.bodies}
    assert 12 == len(heard.bodies)
    counts = await store.read(lambda tx: tx.counts("deliveries", {"callback": made.row["id"]}, "state"))
    assert {DeliveryState.delivered: 12} == counts


async def test_a_process_that_died_while_telling_is_followed_by_another_with_the_same_ids(store: Store) -> None:
    world = await World(store, HandClock("2026-11-23T10:00:00+08:00")).start()
    hanging, heard = Hanging(), Heard()
    await store.write(lambda tx: add_callback(world.kit, tx, BANK, "https://bank.example/", ()))
    await world.one(request())
    await store.write(lambda tx: number(tx, "n", world.clock(), 1_000_000))
    dead, living = Callouts(world.kit, store, hanging, "dead"), Callouts(world.kit, store, heard, "living")

    await dead.beat()
    await hanging.begun.wait()
    hanging.task.cancel()
    await dead.settle()
    world.clock.forward(LEASE_LASTS)
    await living.beat()
    await living.settle()

    assert hanging.bodies == heard.bodies
    assert 1 == len(heard.bodies)


class Hanging(Heard):
    """A receiver that never answers."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = asyncio.Event()
        self.task: asyncio.Task[object]

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Called:
        self.bodies.append(body)
        task = asyncio.current_task()
        assert task is not None
        self.task = task
        self.begun.set()
        await asyncio.Event().wait()
        raise AssertionError
