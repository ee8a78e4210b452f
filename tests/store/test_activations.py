"""Putting a book in force, on either store, when everybody acts at once."""

import asyncio

from service.core.model import DAY, Instant
from service.flows.activate import activate
from service.flows.books import show_books
from service.flows.ports import Store
from tests.flows.world import HandClock, World


async def test_of_many_who_name_a_book_at_once_two_put_it_in_force(store: Store) -> None:
    world = await World(store, HandClock("2026-11-23T10:00:00+08:00")).start()
    digest = world.kit.books.shipped().sha256
    when = Instant(world.clock.now + DAY)

    named = await asyncio.gather(*(activate(world.kit, store, f"p-{n % 4}", digest, when) for n in range(12)))

    rows = await world.rows("activations", effective_at=when)
    kinds = [row["kind"] for row in await world.rows("entries") if row["kind"].startswith("book.")]
    assert 1 == len(rows) and rows[0]["first_by"] != rows[0]["second_by"]
    assert {rows[0]["id"]} == {each.id for each in named}
    assert ["book.activated", "book.activated", "book.proposed"] == sorted(kinds)


async def test_the_latest_book_whose_date_has_come_is_in_force(store: Store) -> None:
    world = await World(store, HandClock("2026-11-23T10:00:00+08:00")).start()
    digest = world.kit.books.shipped().sha256
    dates = [Instant(world.clock.now + days * DAY) for days in (1, 2, 3)]
    for when in dates:
        await activate(world.kit, store, "a", digest, when)
    for when in dates[:2]:
        await activate(world.kit, store, "b", digest, when)

    world.clock.forward(DAY)
    shown = await show_books(world.kit, store)

    assert shown.in_force is not None and dates[0] == shown.in_force.activation.effective_at
    assert [(dates[1], "b"), (dates[2], None)] == [
        (each.activation.effective_at, each.activation.second_by) for each in shown.pending
    ]
