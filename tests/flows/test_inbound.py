"""What comes of a reply."""

from dataclasses import replace

import pytest

from service.core.facts import Contact, Suppression
from service.core.model import (
    MINUTE,
    AddressKind,
    Asks,
    Channel,
    Direction,
    Effect,
    Fate,
    Outcome,
    PartyRole,
    Purpose,
    SuppressionReason,
    SuppressionScope,
)
from service.core.replies import asked
from service.flows.accept import Answer
from service.flows.inbound import take_inbound
from service.flows.interactions import Interaction, record_interactions
from service.flows.outcome import settle
from service.flows.ports import Inbound, Receipt, Recipient, SendResult
from service.flows.receive import receive
from service.flows.suppressions import suppress

from .world import BANK, World, permit_call, request

NUMBER = "+8613800138000"
REFUSED = SuppressionReason.refused_by_third_party


def reply(world: World, text: str, event: str = "in-1", to: str = NUMBER) -> Inbound:
    sender = Recipient(None, AddressKind.mobile, to)
    return Inbound("wire", event, Channel.sms, sender, world.clock.now, Outcome.replied, text)


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("退订", Asks.stop),
        (" STOP ", Asks.stop),
        ("回复R", Asks.stop),
        ("Ｔ", Asks.stop),
        ("please stop the plan", Asks.free),
        ("打错了,我不认识这个人", Asks.wrong_number),
        ("wrong number", Asks.wrong_number),
        ("我要投诉", Asks.complaint),
        ("好的,我知道了", Asks.free),
    ],
)
def test_a_reply_asks_for_one_thing_or_nothing(text: str, asks: Asks) -> None:
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


async def hears(world: World, *texts: str) -> Answer:
    """One text after another comes in, and then a collection message is asked for."""
    await world.one(request("r-1"))
    await world.dispatch()
    for n, text in enumerate(texts):
        world.clock.forward(5 * MINUTE)
        said = reply(world, text, f"in-{n}")
        await world.store.write(lambda tx, said=said: take_inbound(world.kit, tx, [said]))  # type: ignore[misc]
    world.clock.forward(MINUTE)
    return await world.one(request("r-2"))


@pytest.mark.parametrize("texts", [("STOP", "STOP"), ("退订", "什么时候还？", "退订"), ("STOP", "打错了")])
async def test_to_stop_again_opens_nothing(world: World, texts: tuple[str, ...]) -> None:
    answer = await hears(world, *texts)

    assert answer.decision is not None and answer.decision.effect is Effect.deny


async def test_a_question_after_a_stop_may_be_answered(world: World) -> None:
    answer = await hears(world, "STOP", "什么时候还？")

    assert answer.request is not None and answer.request["state"] == "queued"


async def test_what_was_asked_for_stays_with_the_contact(world: World) -> None:
    await hears(world, "请给我回电", "STOP", "好的")

    assert [row["asks"] for row in await world.rows("attempts", direction="inbound")] == ["call_back", "stop", "free"]


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


async def relay(world: World, reference: str, party: str, role: PartyRole) -> Answer:
    """Ask a third person at the one number to pass on a message."""
    asked_for = {"purpose": Purpose.relay, "template": "locate-relay", "variables": {"sought_name": "李四"}}
    return await world.one(request(reference, party=replace(request().party, id=party, role=role), **asked_for))


def refused(answer: Answer) -> set[str]:
    assert answer.decision is not None
    rules = {"house/suppression", "cn-collection/third-party-refusal"}
    return rules & {verdict.rule for verdict in answer.decision.deciding}


async def test_a_reply_names_no_attempt_of_another_account(world: World) -> None:
    await world.one(request())
    await world.dispatch()
    forged = reply(world, "退订")._replace(provider="another", sender=None, attempt=world.wire.out[0].attempt)

    await world.store.write(lambda tx: take_inbound(world.kit, tx, [forged]))

    assert [] == await world.rows("suppressions")
    assert 0 == (await world.row("receipts"))["applied"]


@pytest.mark.parametrize("told", ["by a key", "at the provider"])
async def test_a_third_person_who_refuses_in_any_way_is_barred_altogether_as_one_who_writes_so(
    world: World, told: str
) -> None:
    world.wire.answers = [SendResult(Fate.ambiguous, Outcome.unknown)]
    await world.one(request())
    await world.dispatch()
    attempt = world.wire.out[0].attempt
    theirs = {"party_role": PartyRole.contact_person, "channel": Channel.call}
    await world.store.write(lambda tx: tx.change("attempts", {"id": attempt}, theirs))
    if told == "by a key":
        pressed = Receipt("wire", "e1", Outcome.answered_dropped, world.clock(), attempt, fate=Fate.opted_out)
        await world.store.write(lambda tx: receive(world.kit, tx, [pressed]))
    else:
        listed = SendResult(Fate.opted_out, Outcome.refused_by_provider)
        await world.store.write(lambda tx: settle(world.kit, tx, attempt, listed))

    barred = {(row["scope"], row["channel"], row["reason"]) for row in await world.rows("suppressions")}
    assert {("party", None, REFUSED), ("address", None, REFUSED)} <= barred
    world.clock.forward(MINUTE)
    assert refused(await relay(world, "r-2", "P-9", PartyRole.contact_person))


async def test_a_third_persons_stop_bars_the_number_under_any_other_id_and_not_for_the_debtor(world: World) -> None:
    written = Contact(
        world.clock.now,
        Channel.sms,
        Direction.outbound,
        Outcome.delivered,
        party="P-9",
        party_role=PartyRole.contact_person,
        account="LN-7788",
        address=NUMBER,
        address_kind=AddressKind.mobile,
        purpose=Purpose.relay,
    )
    await world.store.write(lambda tx: record_interactions(world.kit, tx, BANK, [Interaction(written)]))
    await world.store.write(lambda tx: take_inbound(world.kit, tx, [reply(world, "退订")]))
    world.clock.forward(1)

    assert refused(await relay(world, "r-1", "P-9", PartyRole.contact_person))
    assert len(refused(await relay(world, "r-2", "P-77", PartyRole.contact_person))) == 2
    assert refused(await relay(world, "r-3", "P-78", PartyRole.representative)) == {"house/suppression"}
    debtor = await world.one(request("r-4"))
    assert debtor.request is not None and debtor.request["state"] == "queued"
    [barred] = await world.rows("suppressions", scope="address")
    assert (barred["reason"], barred["party"], barred["channel"]) == (REFUSED, None, None)


@pytest.mark.parametrize("named", [None, "P-9"])
async def test_a_refusal_told_of_a_number_bars_it_for_third_persons_alone(world: World, named: str | None) -> None:
    said = Suppression(SuppressionScope.address, NUMBER, world.clock.now, party=named, reason=REFUSED)

    await world.store.write(lambda tx: suppress(world.kit, tx, BANK, said))

    assert len(refused(await relay(world, "r-1", "P-77", PartyRole.contact_person))) == 2
    for n, role in enumerate((PartyRole.debtor, PartyRole.co_debtor, PartyRole.guarantor)):
        owing = replace(request().party, id=f"P-{n}", role=role)
        answer = await world.one(request(f"o-{n}", party=owing, account=None))
        assert answer.decision is not None and not refused(answer)


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


async def test_a_text_answers_the_last_text_that_may_have_arrived_and_no_later_call(world: World) -> None:
    agency = replace(BANK, id="agency-a")
    texted = await world.one(request("r-1"))
    await world.dispatch()
    world.clock.forward(MINUTE)
    called = await world.one(permit_call("c-1"), client=agency)
    world.clock.forward(MINUTE)
    world.wire.answers = [SendResult(Fate.permanent, Outcome.refused_by_provider, detail="no")]
    await world.one(request("r-2"), client=agency)
    await world.dispatch()

    await world.store.write(lambda tx: take_inbound(world.kit, tx, [reply(world, "下周还")]))

    (told,) = await world.rows("entries", kind="interaction.received")
    assert called.permit is not None
    assert (BANK.id, texted.request["id"]) == (told["client"], told["request"])
