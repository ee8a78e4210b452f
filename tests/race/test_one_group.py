"""Due requests of one group: each sees what the ones before it took, gave up and moved."""

from service.core.civil import parse_instant
from service.core.model import HOUR, SECOND
from tests.flows.world import World, permit_call, request

TOMORROW = "2026-11-24T09:00:00+08:00"


async def test_two_texts_to_one_person_that_are_due_together_both_go_out(world: World) -> None:
    """The cap is two a day; neither the first nor its place may count twice against the second."""
    await world.post(request("r-1"), request("r-2"))

    await world.dispatch()

    assert 2 == len(world.wire.out)


async def test_what_is_put_off_together_does_not_crowd_the_next_day(world: World) -> None:
    """Tomorrow has room for one more text: the second of the group goes to the day after."""
    soon = world.clock.now + 30 * SECOND
    await world.post(request("r-1", send_after=soon), request("r-2", send_after=soon))
    await world.one(request("r-3", send_after=parse_instant(TOMORROW)))
    world.clock.set("2026-11-23T21:01:00+08:00")

    await world.dispatch()

    days = sorted((row["send_at"] + 8 * HOUR) // (24 * HOUR) for row in await world.rows("requests"))
    assert [0, 0, 1] == [day - days[0] for day in days]


async def test_permits_that_come_due_together_keep_to_the_cap(world: World) -> None:
    later = world.clock.now + HOUR
    await world.post(*(permit_call(f"c-{n}", send_after=later) for n in range(4)))
    world.clock.forward(HOUR)

    await world.dispatch()

    assert 3 == len(await world.rows("permits"))
    assert ["dispatching"] * 3 + ["scheduled"] == sorted(row["state"] for row in await world.rows("requests"))
