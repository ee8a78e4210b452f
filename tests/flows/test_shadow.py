"""A proposed book tried on live traffic without effect, on both stores."""

import pytest

from service.core.errors import NotFound
from service.core.model import HOUR
from service.flows.activate import keep_book
from service.flows.shadow import DECISION, begin_shadow, current, end_shadow, follow, latest
from service.flows.sweep import number

from .test_replay import numbered, stricter
from .world import World, request


async def tried(world: World) -> None:
    """One text message a day is tried; the book lies in the store."""
    book = stricter(world.kit.books.shipped())
    world.kit.books._parsed[book.sha256] = book  # type: ignore[attr-defined]
    await world.store.write(lambda tx: keep_book(world.kit, tx, book))
    await numbered(world)
    await begin_shadow(world.kit, world.store, "officer", book.sha256)


async def followed(world: World, owner: str = "one") -> None:
    await numbered(world)
    await follow(world.kit, world.store, owner)


async def test_nothing_is_tried_until_somebody_says_so(both: World) -> None:
    await both.start()
    await both.one(request("r-1"))

    await followed(both)

    assert await both.store.read(current) is None
    assert await both.rows("leases", name="shadow") == []


async def test_what_would_have_been_otherwise_is_counted_by_rule_and_has_no_effect(both: World) -> None:
    await both.start()
    await both.one(request("r-0"))
    await tried(both)
    second = await both.one(request("r-1"))
    third = await both.one(request("r-2"))

    await followed(both)

    shadow = await both.store.read(latest)
    assert shadow is not None
    assert (shadow.row["judged"], shadow.row["changed"], shadow.row["skipped"]) == (2, 1, 0)
    assert (DECISION, "allow", "defer", 1) in shadow.counts
    assert ("house/sms-per-day", "allow", "defer", 1) in shadow.counts
    assert [answer.request["state"] for answer in (second, third) if answer.request] == ["queued", "scheduled"]


async def test_each_decision_is_counted_once_whoever_follows(both: World) -> None:
    await both.start()
    await tried(both)
    await both.one(request("r-1"))
    await followed(both, "one")
    await both.one(request("r-2"))
    await followed(both, "two")
    both.clock.forward(HOUR)
    await followed(both, "two")
    await followed(both, "one")

    shadow = await both.store.read(latest)

    assert shadow is not None and shadow.row["judged"] == 2


async def test_a_trial_ends_and_keeps_its_counts(both: World) -> None:
    await both.start()
    await tried(both)
    await both.one(request("r-1"))
    await followed(both)

    ended = await both.store.write(lambda tx: end_shadow(both.kit, tx, "officer"))
    await both.one(request("r-2"))
    await followed(both)

    shadow = await both.store.read(latest)
    assert shadow is not None and shadow.row["id"] == ended.row["id"]
    assert (shadow.row["judged"], shadow.row["ended_at"]) == (1, both.clock.now)
    kinds = [row["kind"] for row in await both.rows("entries") if row["kind"].startswith("shadow.")]
    assert sorted(kinds) == ["shadow.begun", "shadow.ended"]
    with pytest.raises(NotFound):
        await both.store.write(lambda tx: end_shadow(both.kit, tx, "officer"))


async def test_a_shadow_that_fails_leaves_the_decisions_alone(both: World) -> None:
    await both.start()
    await tried(both)
    both.kit.books._parsed.clear()  # type: ignore[attr-defined]
    row = await both.store.read(current)
    assert row is not None
    await both.store.write(lambda tx: tx.change("books", {"sha256": row["sha256"]}, {"text": b"{}"}))

    answer = await both.one(request("r-1"))

    assert answer.request is not None and answer.request["state"] == "queued"
    with pytest.raises(Exception, match="cannot be read"):
        await followed(both)


async def test_a_book_is_begun_once_and_another_ends_it(world: World) -> None:
    await world.start()
    await tried(world)
    first = await world.store.read(current)
    assert first is not None

    again = await begin_shadow(world.kit, world.store, "officer", first["sha256"])
    other = await begin_shadow(world.kit, world.store, "officer", world.kit.books.shipped().sha256)

    assert again.row["id"] == first["id"] != other.row["id"]
    assert len(await world.rows("shadows", ended_at=None)) == 1
    assert await world.store.write(lambda tx: number(tx, "test", world.clock(), HOUR))
