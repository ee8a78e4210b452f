"""A letter on its way: it has its number once it is posted, and by that alone it is found later."""

import pytest

from service.core.model import Outcome, State
from service.flows.hearing import hear
from service.flows.ports import Receipt, Told
from service.flows.providers import Callback

from .world import World, request


@pytest.fixture
async def sent(both: World) -> World:
    await both.start()
    await both.one(request())
    await both.dispatch()
    await both.store.write(lambda tx: tx.change("attempts", {}, {"provider_ref": None}))
    return both


async def tell(world: World, event: str, outcome: Outcome, attempt: str | None, number: str | None) -> None:
    said = Told((Receipt("wire", event, outcome, world.clock(), attempt=attempt, provider_ref=number),))
    world.wire.reads = lambda callback: said
    await hear(world.kit, world.store, world.wire, "wire", Callback(b"x"))


@pytest.mark.parametrize(("end", "state"), [(Outcome.delivered, State.completed), (Outcome.returned, State.completed)])
async def test_the_number_is_kept_when_it_is_told_and_finds_the_letter(sent: World, end: Outcome, state: State) -> None:
    attempt = sent.wire.out[0].attempt
    await tell(sent, "posted", Outcome.sent, attempt, "XA12345678933")
    posted = await sent.row("attempts")
    await tell(sent, "ended", end, None, "XA12345678933")
    ended = await sent.row("attempts")

    assert ("XA12345678933", Outcome.sent) == (posted["provider_ref"], posted["outcome"])
    assert ("XA12345678933", end) == (ended["provider_ref"], ended["outcome"])
    assert state == (await sent.row("requests"))["state"]
    kept = [row for row in await sent.rows("entries") if row["kind"] == "receipt.kept"]
    assert 1 == len(kept) and "XA12345678933" in str(kept[0]["body"])


async def test_a_number_that_is_known_is_not_replaced(sent: World) -> None:
    attempt = sent.wire.out[0].attempt
    await tell(sent, "posted", Outcome.sent, attempt, "XA1")
    await tell(sent, "posted again", Outcome.sent, attempt, "XA2")

    assert "XA1" == (await sent.row("attempts"))["provider_ref"]
