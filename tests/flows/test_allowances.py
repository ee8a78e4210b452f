"""Allowances: a yes in the provider's window is one more message, a message uses one up, a no takes back the rest."""

from service.core.facts import Suppression
from service.core.model import AddressKind, Channel, Fate, Outcome, SuppressionReason, SuppressionScope
from service.flows.allowances import spend, spent_on, take_allowances
from service.flows.outcome import settle
from service.flows.ports import Allowed, Recipient, SendResult
from service.flows.suppressions import add_suppression

from .world import World, request

OPENID, NOTICE = "oABCDEF1234567890", "a-template"


def answer(world: World, yes: bool, event: str, template: str = NOTICE) -> Allowed:
    sender = Recipient(None, AddressKind.wechat_openid, OPENID)
    return Allowed("wire", event, Channel.wechat, sender, template, world.clock.now, yes)


async def say(world: World, *answers: Allowed) -> int:
    return await world.store.write(lambda tx: take_allowances(world.kit, tx, answers))


async def left(world: World) -> dict[str, int]:
    return {row["template"]: row["count"] for row in await world.rows("allowances")}


def mark(world: World) -> str:
    return world.kit.vault.mark("address", OPENID)


async def test_each_yes_counts_once_however_often_it_is_told(world: World) -> None:
    told = [await say(world, answer(world, True, "e1"), answer(world, True, "e2", "another")) for _ in range(2)]
    told.append(await say(world, answer(world, True, "e3")))

    assert [2, 0, 1] == told
    assert {NOTICE: 2, "another": 1} == await left(world)


async def test_a_message_uses_one_up_and_a_no_all_of_that_template(world: World) -> None:
    await say(world, *(answer(world, True, f"e{n}") for n in range(3)), answer(world, True, "o", "another"))
    await world.store.write(lambda tx: spend(tx, "wire", mark(world), NOTICE))
    assert {NOTICE: 2, "another": 1} == await left(world)

    await say(world, answer(world, False, "no"))

    assert {NOTICE: 0, "another": 1} == await left(world)


async def test_what_was_never_told_is_not_counted(world: World) -> None:
    await world.store.write(lambda tx: spend(tx, "wire", mark(world), NOTICE))

    assert {} == await left(world)


async def test_what_is_spent_is_known_by_address(world: World) -> None:
    await say(world, answer(world, False, "no"), answer(world, True, "yes", "another"))
    rows = [{"channel": Channel.wechat, "address": mark(world)}, {"channel": Channel.sms, "address": "elsewhere"}]

    assert {mark(world): {("wire", NOTICE)}} == await world.store.read(lambda tx: dict(spent_on(tx, rows)))
    assert {} == await world.store.read(lambda tx: dict(spent_on(tx, rows[1:])))


async def test_a_yes_ends_the_platforms_bar_and_not_the_persons_own(world: World) -> None:
    now, scope, wechat = world.clock.now, SuppressionScope.address, Channel.wechat

    def bars(tx):
        for reason in (SuppressionReason.platform_refusal, SuppressionReason.opt_out):
            bar = Suppression(scope, mark(world), now, channel=wechat, reason=reason)
            add_suppression(world.kit, tx, now, bar, "wire")

    await world.store.write(bars)
    await say(world, answer(world, True, "yes"))

    assert ["opt_out"] == [row["reason"] for row in await world.rows("suppressions", lifted_at=None)]
    assert 1 == len(await world.rows("entries", kind="suppression.lifted"))


async def test_what_the_wire_says_was_used_is_counted_though_its_receipt_was_faster(world: World) -> None:
    await world.one(request())
    await world.dispatch()
    attempt = await world.row("attempts")
    row = {"provider": "wire", "address": attempt["address"], "template": "t", "count": 2}
    await world.store.write(lambda tx: tx.add("allowances", [row]))
    used = SendResult(Fate.accepted, Outcome.sent, used="t")

    await world.store.write(lambda tx: settle(world.kit, tx, attempt["id"], used))

    assert {"t": 1} == await left(world)
