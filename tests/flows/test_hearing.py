"""What providers call us with: stored first, matched when it can be, kept aside when it cannot, and lost never."""

import threading
from collections.abc import Iterable

import pytest

from service.core.errors import Invalid, Unavailable
from service.core.model import DAY, HOUR, MINUTE, SECOND, AddressKind, Channel, Fate, HeardState, Outcome, State
from service.flows.hearing import KEPT_ASIDE, READ_AT_ONCE_BYTES, hear, keep
from service.flows.ports import Inbound, Receipt, Recipient, Told
from service.flows.providers import Callback
from service.flows.sweep import Swept, sweep

from .world import World, request

CALLBACK = Callback(b"\xff{}", headers={"x": "y"}, query=(("a", "b"),))


@pytest.fixture
async def sent(both: World) -> World:
    """One message on its way, on either store."""
    await both.start()
    await both.one(request())
    await both.dispatch()
    return both


def receipt(world: World, event: str = "e1", outcome: Outcome = Outcome.delivered, **more: object) -> Receipt:
    return Receipt("wire", event, outcome, world.clock(), **{"attempt": world.wire.out[0].attempt, **more})  # type: ignore[arg-type]


def tells(world: World, receipts: Iterable[Receipt] = (), inbound: Iterable[Inbound] = ()) -> None:
    told = Told(tuple(receipts), tuple(inbound))
    world.wire.reads = lambda callback: told


async def take(world: World) -> tuple[int, int]:
    heard = await hear(world.kit, world.store, world.wire, "wire", CALLBACK)
    return heard.said, heard.new


async def state(world: World) -> object:
    return (await world.row("requests"))["state"]


async def test_what_is_matched_is_applied_and_its_body_forgotten(sent: World) -> None:
    tells(sent, [receipt(sent)])

    assert [await take(sent), await take(sent)] == [(1, 1), (1, 0)]
    assert await state(sent) == State.completed
    assert [(row["state"], row["sealed"], row["due_at"]) for row in await sent.rows("heard")] == [
        (HeardState.taken, None, None)
    ] * 2


@pytest.mark.parametrize(("length", "beside"), [(READ_AT_ONCE_BYTES, False), (READ_AT_ONCE_BYTES + 1, True)])
async def test_only_what_is_long_is_read_beside_the_loop(sent: World, length: int, beside: bool) -> None:
    read_in: list[threading.Thread] = []

    def read(callback: Callback) -> Told:
        read_in.append(threading.current_thread())
        return Told()

    sent.wire.reads = read
    await hear(sent.kit, sent.store, sent.wire, "wire", Callback(b"x" * length))

    assert [beside] == [thread is not threading.current_thread() for thread in read_in]


async def test_the_body_is_stored_before_it_is_read_and_is_sealed(sent: World) -> None:
    seen: list[Callback] = []

    def stumble(callback: Callback) -> Told:
        seen.append(callback)
        raise RuntimeError("the reader has a fault")

    sent.wire.reads = stumble
    assert await take(sent) == (0, 0)

    row = await sent.row("heard")
    assert row["state"] == HeardState.due and b"\xff{}" not in row["sealed"]
    sent.clock.forward(MINUTE)
    assert ["RuntimeError"] == [type(each).__name__ for each in (await swept(sent)).failures]
    tells(sent, [receipt(sent)])
    sent.clock.forward(HOUR)
    await swept(sent)

    assert seen == [CALLBACK] * 2
    assert await state(sent) == State.completed


async def test_what_was_answered_and_then_forgotten_in_a_crash_is_matched_by_the_sweep(sent: World) -> None:
    tells(sent, [receipt(sent)])
    await keep(sent.kit, sent.store, "wire", CALLBACK)
    before = await state(sent)
    sent.clock.forward(MINUTE)
    await swept(sent)

    assert (State.sent, State.completed) == (before, await state(sent))


async def test_a_receipt_that_is_faster_than_the_answer_finds_its_attempt_later(sent: World) -> None:
    tells(sent, [receipt(sent, attempt=None, provider_ref="not-yet-known")])
    assert await take(sent) == (1, 0)
    assert await sent.rows("receipts") == []

    ours = {"id": sent.wire.out[0].attempt}
    await sent.store.write(lambda tx: tx.change("attempts", ours, {"provider_ref": "not-yet-known"}))
    sent.clock.forward(6 * SECOND)
    await swept(sent)

    assert await state(sent) == State.completed
    assert (await sent.row("heard"))["state"] == HeardState.taken


async def test_what_fits_nothing_is_kept_aside_with_an_entry_and_forgotten_in_the_end(sent: World) -> None:
    tells(sent, [receipt(sent, attempt="a_elsewhere")])
    await take(sent)
    for _ in range(6):
        sent.clock.forward(2 * HOUR)
        await swept(sent)

    assert await state(sent) == State.sent
    row = await sent.row("heard")
    assert row["state"] == HeardState.aside and row["sealed"] is not None
    assert 1 == len(await sent.rows("entries", kind="receipt.kept_aside"))
    assert (await sent.row("receipts"))["attempt"] is None
    sent.clock.forward(KEPT_ASIDE + DAY)
    await swept(sent)
    assert (await sent.row("heard"))["sealed"] is None


async def test_what_cannot_be_read_is_kept_aside_and_not_asked_for_again(sent: World) -> None:
    def refuse(callback: Callback) -> Told:
        raise Invalid("events", "not a list")

    sent.wire.reads = refuse

    assert await take(sent) == (0, 0)
    assert (await sent.row("heard"))["state"] == HeardState.aside
    assert 1 == len(await sent.rows("entries", kind="receipt.kept_aside"))


async def test_one_item_that_makes_us_stumble_keeps_no_other_from_being_taken(sent: World) -> None:
    bad = receipt(sent, "e0", provider_ref=object())  # what no store can write
    tells(sent, [bad._replace(attempt=None), receipt(sent)])
    await take(sent)

    assert await state(sent) == State.completed
    assert (await sent.row("heard"))["state"] == HeardState.due


DENIALS = (Outcome.undelivered, Outcome.refused_by_provider, Outcome.failed)


@pytest.mark.parametrize("denial", DENIALS)
async def test_receipts_twice_reversed_and_lowering_change_nothing_that_stands(sent: World, denial: Outcome) -> None:
    told = [receipt(sent, "e2", Outcome.read), receipt(sent, "e1"), receipt(sent, "e2", Outcome.read)]
    tells(sent, [*told, receipt(sent, "e3", denial)])
    await take(sent)

    assert (await sent.row("attempts"))["outcome"] == Outcome.read
    assert 3 == len(await sent.rows("receipts"))


@pytest.mark.parametrize("denial", DENIALS)
async def test_a_delivery_after_it_was_denied_counts_as_the_contact_it_was(sent: World, denial: Outcome) -> None:
    tells(sent, [receipt(sent, "e1", denial), receipt(sent, "e2", Outcome.delivered)])
    await take(sent)

    assert (await sent.row("attempts"))["outcome"] == Outcome.delivered


@pytest.mark.parametrize("first", ["key", "end"])
async def test_how_long_a_call_lasted_is_known_in_whatever_order_its_key_and_its_end_are_told(
    sent: World, first: str
) -> None:
    key = receipt(sent, "key", Outcome.conversation_right_party)
    end = receipt(sent, "end", Outcome.answered_dropped)._replace(duration_s=45)
    tells(sent, [key, end] if first == "key" else [end, key])
    await take(sent)

    attempt = await sent.row("attempts")
    assert (Outcome.conversation_right_party, 45) == (attempt["outcome"], attempt["duration_s"])


async def test_a_receipt_that_says_opted_out_binds_the_next_decision(sent: World) -> None:
    tells(sent, [receipt(sent, outcome=Outcome.undelivered, fate=Fate.opted_out)])
    await take(sent)

    answer = await sent.one(request("r-2"))

    assert answer.decision is not None and "deny" == answer.decision.effect.name
    assert (await sent.row("suppressions"))["reason"] == "platform_refusal"


async def test_what_a_person_wrote_is_effective_on_the_next_decision(sent: World) -> None:
    sender = Recipient(None, AddressKind.mobile, "+8613800138000")
    tells(sent, inbound=[Inbound("wire", "in1", Channel.sms, sender, sent.clock(), Outcome.replied, "TD")])

    assert await take(sent) == (1, 1)
    answer = await sent.one(request("r-2"))
    assert answer.decision is not None and "deny" == answer.decision.effect.name


async def test_only_what_was_not_stored_is_an_error_to_the_provider(sent: World) -> None:
    async def down(body: object) -> object:
        raise Unavailable("the store is away")

    sent.store.write = down  # type: ignore[method-assign, assignment]

    with pytest.raises(Unavailable):
        await take(sent)


async def swept(world: World) -> Swept:
    return await sweep(world.kit, world.store, world.wire)
