"""Cancel races dispatch: until the intent is written cancel wins, and whoever was cancelled is never contacted."""

import asyncio
import os
import random
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from service.core.errors import Conflict
from service.core.model import HOUR, State
from service.core.request import ContactRequest
from service.flows.accept import accept
from service.flows.cancel import cancel
from service.flows.dispatch import decide_due
from service.flows.kit import Ids
from service.flows.ports import Store
from service.flows.sweep import sweep
from service.store.engine import open_store
from service.store.group import Grouped
from tests.flows.world import BANK, HandClock, World, request

ROUNDS_A_FAULT_ROUND = 3
PEOPLE = 16
LONGEST_S = 0.03
"""About as long as it takes to dispatch so many."""

TEN = "2026-11-23T10:00:00+08:00"


def replica(store: Store, clock: HandClock) -> World:
    """One of several gateways over a store: what it makes up must not be what another makes up."""
    world = World(store, clock)
    world.kit = kit = replace(world.kit, ids=Ids(os.urandom))
    world.accepting = Grouped(store, lambda tx, asks: accept(kit, tx, list(asks)))
    world.deciding = Grouped(store, lambda tx, names: decide_due(kit, tx, list(names)))
    return world


@asynccontextmanager
async def two_replicas(url: str) -> AsyncIterator[tuple[World, World]]:
    """Two gateways over PostgreSQL; over the embedded store, which one process serves, two halves of one."""
    clock = HandClock(TEN)
    stores = [await open_store(url, clock=clock, serving=True, system_clock=False)]
    if url.startswith("postgresql"):
        stores.append(await open_store(url, clock=clock, serving=True, system_clock=False))
    one, other = (replica(store, clock) for store in (stores[0], stores[-1]))
    try:
        await one.start()
        yield one, other
    finally:
        for store in stores:
            await store.close()


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, migrated: Path, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{shutil.copy(migrated, tmp_path / 'gateway.db')}"
    found: str = request.getfixturevalue("postgres_database")
    return found


def text_to(person: int, reference: str) -> ContactRequest:
    made = request(reference)
    assert made.address is not None and made.account is not None
    return replace(
        made,
        party=replace(made.party, id=f"P-{person}"),
        address=replace(made.address, value=f"+861390013{person:04}"),
        account=replace(made.account, id=f"LN-{person}"),
    )


async def cancelled(world: World, name: str, after_s: float) -> bool:
    """Cancel in a moment; False if it was too late."""
    await asyncio.sleep(after_s)
    try:
        row = await world.store.write(lambda tx: cancel(world.kit, tx, BANK, name))
    except Conflict:
        return False
    return bool(row["state"] == State.cancelled)


async def dispatched(world: World) -> None:
    """Round after round, until nothing is left to claim."""
    while (await world.dispatch()).claimed:
        pass


async def test_whoever_was_cancelled_is_never_contacted(url: str, fault_rounds: int) -> None:
    won = lost = 0
    async with two_replicas(url) as (one, other):
        for round_ in range(ROUNDS_A_FAULT_ROUND * fault_rounds):
            seed = random.SystemRandom().randrange(2**32)
            print(f"round {round_ + 1}: seed {seed}")
            chance = random.Random(seed)
            one.clock.forward(HOUR // 1000)
            people = range(round_ * PEOPLE, (round_ + 1) * PEOPLE)
            answers = await one.post(*(text_to(n, f"t-{n}") for n in people))
            names = [answer.request["id"] for answer in answers if answer.request is not None]
            one.wire.out.clear()
            other.wire.out.clear()

            actors = [(chance.choice((one, other)), name, chance.random() * LONGEST_S) for name in names]
            told = await asyncio.gather(
                *(cancelled(world, name, after_s) for world, name, after_s in actors),
                dispatched(one),
                dispatched(other),
            )

            spared = {name for name, was in zip(names, told, strict=False) if was}
            contacted = [out.request for out in (*one.wire.out, *other.wire.out)]
            assert sorted(set(names) - spared) == sorted(contacted)
            places = {row["request"]: row["state"] for row in await one.rows("reservations", request=names)}
            assert {name: "released" if name in spared else "kept" for name in names} == places
            won, lost = won + len(spared), lost + len(contacted)
    print(f"cancelled {won}, contacted {lost}")
    assert won and lost


async def test_what_expires_while_it_is_dispatched_is_either_sent_or_certainly_not(url: str, fault_rounds: int) -> None:
    async with two_replicas(url) as (one, other):
        for round_ in range(fault_rounds):
            end = one.clock.now + HOUR
            people = range(round_ * PEOPLE, (round_ + 1) * PEOPLE)
            await one.post(*(replace(text_to(n, f"t-{n}"), expires_at=end) for n in people))
            one.wire.out.clear()
            other.wire.out.clear()

            async def time_passes(end: int = end) -> None:
                for _ in range(40):
                    await asyncio.sleep(0)
                one.clock.forward(end - one.clock.now)
                await sweep(one.kit, one.store, one.wire)

            await asyncio.gather(dispatched(one), dispatched(other), time_passes())
            await sweep(other.kit, other.store, other.wire)

            rows = [row for row in await one.rows("requests") if int(row["reference"][2:]) in people]
            contacted = sorted(out.request for out in (*one.wire.out, *other.wire.out))
            assert contacted == sorted(row["id"] for row in rows if row["state"] == State.sent)
            assert {row["state"] for row in rows} <= {State.sent, State.expired, State.failed}
