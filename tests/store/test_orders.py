"""Orders for visits on both stores: each once at the desk, whichever process hands it over, and whenever one dies."""

import asyncio

from service.core.model import MINUTE
from service.flows.orders import Ordered, hand_over_order
from service.flows.ports import Channels, Dispatch, SendResult, Store
from tests.flows.test_orders import TAKEN, another, ends, visit
from tests.flows.world import HandClock, Wire, World


async def hand_over(world: World, owner: str, wire: Channels | None = None) -> Ordered:
    return await hand_over_order(world.kit, world.store, wire or world.wire, owner)


async def test_two_processes_at_once_hand_each_order_over_once_and_one_at_a_time(store: Store) -> None:
    world = await World(store, HandClock("2026-11-23T10:00:00+08:00")).start()
    for number in range(3):
        await world.one(another(number))

    rounds = [await asyncio.gather(hand_over(world, "one"), hand_over(world, "two")) for _ in range(4)]

    assert [1, 1, 1, 0] == [sum(each.handed_over for each in told) for told in rounds]
    assert 3 == len({order.attempt for order in world.wire.out}) == len(world.wire.out)


class Hanging(Wire):
    """The wire of a process that dies, or sleeps, while the desk is told."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.answer = asyncio.Event(), asyncio.Event()

    async def send(self, provider: str, dispatch: Dispatch) -> SendResult:
        self.out.append(dispatch)
        self.begun.set()
        await self.answer.wait()
        return TAKEN


async def test_a_process_that_died_while_telling_is_followed_by_another_with_the_same_words(store: Store) -> None:
    world = await World(store, HandClock("2026-11-23T10:00:00+08:00")).start()
    await world.one(visit())
    hanging = Hanging()

    dying = asyncio.create_task(hand_over(world, "dead", hanging))
    await hanging.begun.wait()
    dying.cancel()
    await asyncio.wait([dying])
    at_once = await hand_over(world, "living")
    world.clock.forward(MINUTE)
    later = await hand_over(world, "living")

    assert (Ordered(), Ordered(handed_over=1)) == (at_once, later)
    ((first,), (again,)) = (hanging.out, world.wire.out)
    assert (first.attempt, first.message) == (again.attempt, again.message)
    assert [("order.handed_over", None)] == await ends(world)


async def test_a_process_that_wakes_late_leaves_no_second_entry(store: Store) -> None:
    world = await World(store, HandClock("2026-11-23T10:00:00+08:00")).start()
    await world.one(visit())
    sleeping = Hanging()

    late = asyncio.create_task(hand_over(world, "late", sleeping))
    await sleeping.begun.wait()
    world.clock.forward(MINUTE)
    await hand_over(world, "other")
    sleeping.answer.set()

    assert Ordered() == await late
    assert [("order.handed_over", None)] == await ends(world)
