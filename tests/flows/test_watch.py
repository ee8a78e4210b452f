"""The nightly watchman, on both stores."""

import pytest

from service.core.civil import parse_instant
from service.flows.watch import alarm, watch

from .test_replay import lived, numbered, stricter
from .world import World


async def test_a_clean_day_is_written_down_once(both: World) -> None:
    await lived(both)

    first = await watch(both.kit, both.store, "one")
    again = await watch(both.kit, both.store, "two")

    assert first == again and first is not None
    assert (first["day"], first["otherwise"], first["unreadable"]) == ("2026-11-23", 0, 0)
    assert first["judged"] > 5
    assert alarm(first) is None
    assert len(await both.rows("entries", kind="decision.watched")) == 1


async def test_a_decision_that_does_not_follow_from_its_facts_is_loud(
    both: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lived(both)
    wrong = stricter(both.kit.books.shipped())
    monkeypatch.setattr(both.kit.books, "get", lambda sha256, text: wrong)

    row = await watch(both.kit, both.store, "one")

    assert row is not None and row["otherwise"] > 0
    said = alarm(row)
    assert said is not None and "2026-11-23" in said
    entry = await both.row("entries", kind="decision.watched")
    assert entry["id"] in said and entry["party"] is None


async def test_the_watchman_waits_until_the_day_is_over_everywhere_and_numbered(world: World) -> None:
    await lived(world)
    world.clock.set("2026-11-24T00:30:00+08:00")
    assert await watch(world.kit, world.store, "one") is None

    world.clock.now = parse_instant("2026-11-24T01:00:00+08:00")
    row = await watch(world.kit, world.store, "one")

    assert row is not None and row["day"] == "2026-11-23"


async def test_a_day_on_which_nobody_watched_is_made_up_for(world: World) -> None:
    await lived(world)
    world.clock.set("2026-11-25T10:00:00+08:00")

    days = [(await watch(world.kit, world.store, "one") or {}).get("day") for _ in range(3)]

    assert days == ["2026-11-23", "2026-11-24", "2026-11-24"]


async def test_days_are_made_up_for_a_month_and_no_longer(world: World) -> None:
    await lived(world)
    world.clock.set("2027-11-25T10:00:00+08:00")

    row = await watch(world.kit, world.store, "one")

    assert row is not None and row["day"] == "2027-10-25"


async def test_one_replica_watches(world: World) -> None:
    await lived(world)
    await numbered(world)
    until = world.clock.now + 1
    await world.store.write(lambda tx: tx.lease("watch", "other", world.clock.now, until))

    assert await watch(world.kit, world.store, "one") is None
