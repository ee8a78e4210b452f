"""The sweep goes through many attempts; one that cannot be settled keeps no other waiting."""

from service.core.model import HOUR, Fate, Outcome, State
from service.flows.ports import Asked, SendResult
from service.flows.sweep import sweep
from tests.flows.world import World, request

UNSURE = SendResult(Fate.ambiguous, Outcome.unknown, detail="timeout")


async def test_an_attempt_that_cannot_be_asked_about_keeps_no_other_waiting(world: World) -> None:
    world.wire.answers = [UNSURE, UNSURE]
    await world.post(request("r-1"), request("r-2"))
    await world.dispatch()
    first, second = (out.attempt for out in world.wire.out)
    world.wire.knows[second] = SendResult(Fate.accepted, Outcome.delivered)

    async def ask(provider: str, asked: Asked) -> SendResult | None:
        if asked.attempt == first:
            raise OSError("the spool cannot be read")
        return world.wire.knows[asked.attempt]

    world.wire.ask = ask  # type: ignore[method-assign]
    world.clock.forward(HOUR)

    swept = await sweep(world.kit, world.store, world.wire)

    assert ["OSError"] == [type(failure).__name__ for failure in swept.failures]
    states = {row["id"]: row["state"] for row in await world.rows("requests")}
    assert [State.unknown, State.completed] == [states[out.request] for out in world.wire.out]


async def test_what_is_settled_is_not_asked_about_again(world: World) -> None:
    world.wire.answers = [UNSURE]
    await world.one(request())
    await world.dispatch()
    world.wire.knows[world.wire.out[0].attempt] = SendResult(Fate.accepted, Outcome.delivered)
    world.clock.forward(HOUR)

    first = await sweep(world.kit, world.store, world.wire)
    world.clock.forward(HOUR)
    second = await sweep(world.kit, world.store, world.wire)

    assert (1, 0) == (first.asked, second.asked)
    assert (await world.row("attempts"))["due_at"] is None
