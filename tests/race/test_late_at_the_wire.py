"""Time passes where one does not look: at the gate, and between the intent and the wire."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from service.core.model import SECOND, Fate, Outcome, State
from service.flows.accept import Ask, accept
from service.flows.dispatch import Going, decide_due, dispatch_due
from service.flows.ports import SendResult, Tx
from service.flows.sweep import sweep
from tests.flows.world import BANK, World, request


class SlowToDecide:
    """The intents are committed, and then the process stands still."""

    def __init__(self, world: World, pause: int) -> None:
        self.world = world
        self.pause = pause

    async def submit(self, items: Sequence[str]) -> Sequence[Going | BaseException | None]:
        decided = await self.world.deciding.submit(items)
        self.world.clock.forward(self.pause)
        return decided


class WaitingAtTheGate:
    """A transaction that waits at the gate while another goes through it."""

    def __init__(self, tx: Tx, meanwhile: Callable[[Tx], Any]) -> None:
        self._tx = tx
        self._meanwhile: Callable[[Tx], Any] | None = meanwhile

    def gate(self, keys: Iterable[str]) -> None:
        if self._meanwhile is not None:
            self._meanwhile(self._tx)
            self._meanwhile = None
        self._tx.gate(keys)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tx, name)


async def test_a_send_that_comes_too_late_for_its_decision_is_not_made(world: World) -> None:
    """The decision holds for the time-out and its margin; who was paused for longer must not send on its strength."""
    await world.one(request())

    pause = world.kit.limits.send_margin + SECOND
    done = await dispatch_due(world.kit, world.store, world.wire, SlowToDecide(world, pause), "worker-1")

    assert ([], ()) == (world.wire.out, done.failures)
    assert (State.scheduled, Outcome.failed) == (
        (await world.row("requests"))["state"],
        (await world.row("attempts"))["outcome"],
    )


async def test_a_send_that_was_not_made_uses_up_no_try(world: World) -> None:
    await world.one(request())
    slow = SlowToDecide(world, world.kit.limits.send_margin + SECOND)

    for _ in range(world.kit.limits.tries_max + 1):
        await dispatch_due(world.kit, world.store, world.wire, slow, "worker-1")
        world.clock.forward(2 * world.kit.limits.backoff)
    await world.dispatch()

    assert 1 == len(world.wire.out)
    row = await world.row("requests")
    assert (State.sent, 1) == (row["state"], row["tries"])


async def test_a_process_that_wakes_after_its_attempt_was_given_up_sends_nothing(world: World) -> None:
    """Another process asked the provider, heard that nothing had come, and planned the request anew."""
    await world.one(request())
    pause = 3 * world.kit.limits.hold

    class Paused(SlowToDecide):
        async def submit(self, items: Sequence[str]) -> Sequence[Going | BaseException | None]:
            decided = await super().submit(items)
            (attempt,) = await world.rows("attempts")
            world.wire.knows[attempt["id"]] = SendResult(Fate.retryable, Outcome.failed)
            await sweep(world.kit, world.store, world.wire)
            return decided

    await dispatch_due(world.kit, world.store, world.wire, Paused(world, pause), "worker-1")
    world.clock.forward(world.kit.limits.backoff)
    await world.dispatch()

    assert 1 == len(world.wire.out)


async def test_what_was_sent_while_a_request_waited_at_the_gate_counts(world: World) -> None:
    """Another process sends two texts meanwhile; the cap of two is used up."""
    await world.post(request("r-1"), request("r-2"))

    def meanwhile(tx: Tx) -> None:
        world.clock.forward(3 * SECOND)
        names = [row["id"] for row in tx.rows("requests", {})]
        for going in decide_due(world.kit, tx, names):
            assert going is not None
            tx.change("attempts", {"id": going.attempt}, {"outcome": Outcome.sent})
            tx.change("reservations", {"request": going.dispatch.request}, {"state": "kept"})

    answer = await world.store.write(
        lambda tx: accept(world.kit, WaitingAtTheGate(tx, meanwhile), [Ask(BANK, request("r-3"))])[0]
    )

    assert answer.request is not None and answer.request["state"] == State.scheduled


async def test_what_a_process_with_a_faster_clock_sent_counts_already(world: World) -> None:
    """The clocks of two processes may differ by seconds; what is recorded has happened."""
    await world.post(request("r-1"), request("r-2"))
    world.clock.forward(3 * SECOND)
    await world.dispatch()

    world.clock.forward(-3 * SECOND)
    answer = await world.one(request("r-3"))

    assert answer.request is not None and answer.request["state"] == State.scheduled


async def test_what_was_barred_while_a_due_request_waited_at_the_gate_is_not_sent(world: World) -> None:
    await world.one(request())
    (row,) = await world.rows("requests")

    def meanwhile(tx: Tx) -> None:
        world.clock.forward(SECOND)
        bar = {"id": "s-1", "scope": "party", "value": row["party"], "since": world.clock.now}
        tx.add("suppressions", [bar])

    going = await world.store.write(lambda tx: decide_due(world.kit, WaitingAtTheGate(tx, meanwhile), [row["id"]]))

    assert [None] == going
    assert (await world.row("requests"))["state"] == State.refused


async def test_the_zones_that_were_told_while_a_due_request_waited_at_the_gate_are_read(world: World) -> None:
    """Ten in Shanghai is night in New York."""
    await world.one(request())
    (row,) = await world.rows("requests")

    def meanwhile(tx: Tx) -> None:
        tx.change("parties", {"party": row["party"]}, {"time_zones": '["America/New_York"]'})

    going = await world.store.write(lambda tx: decide_due(world.kit, WaitingAtTheGate(tx, meanwhile), [row["id"]]))

    assert [None] == going
    assert (await world.row("requests"))["state"] == State.scheduled
