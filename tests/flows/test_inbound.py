"""What comes of a reply."""

from dataclasses import replace

import pytest

from service.core.model import AddressKind, Channel, Effect, Outcome, PartyRole
from service.core.replies import Asks, asked
from service.flows.inbound import take_inbound
from service.flows.ports import Inbound, Recipient

from .world import World, request


def reply(world: World, text: str, event: str = "in-1", to: str = "+8613800138000") -> Inbound:
    sender = Recipient(None, AddressKind.mobile, to)
    return Inbound("wire", event, Channel.sms, sender, world.clock.now, Outcome.replied, text)


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("退订", Asks.stop),
        (" STOP ", Asks.stop),
        ("回复R", Asks.stop),
        ("Ｔ", Asks.stop),
        ("please stop sending", None),
        ("打错了,我不认识这个人", Asks.wrong_number),
        ("wrong number", Asks.wrong_number),
        ("我要投诉", Asks.complaint),
        ("好的,我知道了", None),
    ],
)
def test_a_reply_asks_for_one_thing_or_nothing(text: str, asks: Asks | None) -> None:
    assert asked(text) is asks


async def test_a_stop_bars_the_medium_for_the_next_decision_and_counts_once(world: World) -> None:
    await world.one(request("r-1"))
    await world.dispatch()

    said = reply(world, "退订")
    assert await world.store.write(lambda tx: take_inbound(world.kit, tx, [said])) == 1
    assert await world.store.write(lambda tx: take_inbound(world.kit, tx, [said])) == 0
    world.clock.forward(1)
    await world.one(request("r-2"))
    answer = await world.one(request("r-3"))

    assert answer.decision is not None and answer.decision.effect is Effect.deny
    assert (await world.row("suppressions"))["reason"] == "opt_out"


async def test_a_stranger_who_says_so_is_never_written_to_there_again(world: World) -> None:
    await world.one(request("r-1"))
    await world.dispatch()

    await world.store.write(lambda tx: take_inbound(world.kit, tx, [reply(world, "打错了")]))
    world.clock.forward(1)
    answer = await world.one(request("r-2"))

    assert answer.decision is not None and answer.decision.effect is Effect.deny
    assert (await world.row("suppressions"))["reason"] == "wrong_number"


async def test_a_reply_from_nobody_we_know_is_kept_aside_and_its_stop_heeded(world: World) -> None:
    unknown = reply(world, "stop", to="+8613900000000")

    await world.store.write(lambda tx: take_inbound(world.kit, tx, [unknown]))

    assert await world.rows("attempts") == []
    assert (await world.row("receipts"))["applied"] == 0
    assert (await world.row("suppressions"))["party"] is None


async def test_words_are_sealed(world: World) -> None:
    await world.one(request("r-1"))
    await world.dispatch()

    await world.store.write(lambda tx: take_inbound(world.kit, tx, [reply(world, "我在医院")]))

    kept = await world.row("attempts", direction="inbound")
    assert kept["sealed"] and "我在医院".encode() not in kept["sealed"]
    assert all("我在医院".encode() not in row["body"] for row in await world.rows("entries"))


async def test_a_template_for_another_kind_of_reader_is_refused_with_evidence(world: World) -> None:
    guest = replace(request().party, id="P-9", role=PartyRole.contact_person)

    answer = await world.one(request("r-9", party=guest))

    assert answer.decision is not None and answer.decision.effect is Effect.deny
    rules = {verdict.rule for verdict in answer.decision.deciding}
    assert "gateway/unfit-template" in rules
    assert (await world.row("entries", kind="request.refused"))["effect"] == "deny"
