"""Allowances: a yes in the provider's window is one more message, a message uses one up, a no takes back the rest."""

from dataclasses import replace

import pytest

from service.channels.routes import Routes
from service.channels.wechat import official
from service.channels.wechat.official import Notice
from service.core.facts import Consent, Contact, Suppression
from service.core.model import (
    SECOND,
    AddressKind,
    Channel,
    ConsentKind,
    Direction,
    Instant,
    Outcome,
    Provenance,
    Purpose,
    State,
    SuppressionReason,
    SuppressionScope,
)
from service.core.request import Address, ContactRequest
from service.flows.allowances import allowances_for, take_allowances
from service.flows.consents import grant_consent
from service.flows.ports import Allowed, Recipient
from service.flows.record import ATTEMPT_COLUMNS, place_columns
from service.flows.suppressions import add_suppression
from tests.channels.wechat.accounts import FILED, OPENID, account

from .world import BANK, World, request

NOTICE = "a-template"


def answer(world: World, yes: bool, event: str, template: str = NOTICE) -> Allowed:
    sender = Recipient(None, AddressKind.wechat_openid, OPENID)
    return Allowed("wire", event, Channel.wechat, sender, template, world.clock.now, yes)


async def say(world: World, *answers: Allowed) -> int:
    return await world.store.write(lambda tx: take_allowances(world.kit, tx, answers))


async def left(world: World) -> dict[str, int]:
    return {row["template"]: row["count"] for row in await world.rows("allowances")}


async def spent(world: World) -> set[tuple[str, str]]:
    rows = [{"channel": Channel.wechat, "address": mark(world)}]
    allowances = await world.store.read(lambda tx: allowances_for(tx, rows))
    return set(allowances.spent(mark(world)))


async def uses(world: World, outcome: Outcome | None, template: str = NOTICE) -> str:
    """A message whose intent is written, and what became of it."""
    world.clock.forward(1)
    name, now = world.kit.ids.new("a", world.clock.now), world.clock.now
    place = place_columns(Contact(now, Channel.wechat, Direction.outbound, outcome, address=mark(world)))
    known = {"id": name, "direction": Direction.outbound, "source": "gateway", "recorded_at": now}
    sent = {"outcome": outcome, "provider": "wire", "intent_at": now, "uses": template}
    await world.store.write(lambda tx: tx.add("attempts", [{**ATTEMPT_COLUMNS, **place, **known, **sent}]))
    return name


def follower(party: str) -> ContactRequest:
    """A notice to one of two persons who share a WeChat account."""
    to = Address(kind=AddressKind.wechat_openid, value=OPENID, provenance=Provenance.contract)
    return request(party, channel=Channel.wechat, address=to, party=replace(request().party, id=party), account=None)


def mark(world: World) -> str:
    return world.kit.vault.mark("address", OPENID)


async def test_each_yes_counts_once_however_often_it_is_told(world: World) -> None:
    told = [await say(world, answer(world, True, "e1"), answer(world, True, "e2", "another")) for _ in range(2)]
    told.append(await say(world, answer(world, True, "e3")))

    assert [2, 0, 1] == told
    assert {NOTICE: 2, "another": 1} == await left(world)


@pytest.mark.parametrize("outcome", [None, *Outcome])
async def test_a_message_uses_one_up_with_its_intent_and_gives_it_back_once_it_surely_was_not_sent(
    world: World, outcome: Outcome | None
) -> None:
    await say(world, answer(world, True, "e1"))
    await uses(world, outcome)

    given_back = outcome in (Outcome.failed, Outcome.refused_by_provider)
    assert (set() if given_back else {("wire", NOTICE)}) == await spent(world)


async def test_each_message_uses_up_one_of_its_own_template(world: World) -> None:
    await say(world, answer(world, True, "e1"), answer(world, True, "e2"), answer(world, True, "o", "another"))
    await uses(world, Outcome.sent)
    assert set() == await spent(world)

    await uses(world, None)

    assert {("wire", NOTICE)} == await spent(world)


async def test_a_no_takes_back_the_rest_and_nothing_that_returns_later_adds_to_it(world: World) -> None:
    await say(world, answer(world, True, "e1"), answer(world, True, "e2"))
    attempt = await uses(world, None)
    world.clock.forward(1)
    await say(world, answer(world, False, "no"))
    await world.store.write(lambda tx: tx.change("attempts", {"id": attempt}, {"outcome": Outcome.failed}))
    assert {("wire", NOTICE)} == await spent(world)

    await say(world, answer(world, True, "e3"))

    assert set() == await spent(world)


@pytest.mark.parametrize("last", [True, False])
async def test_of_a_yes_and_a_no_the_later_counts_in_whatever_order_they_are_told(world: World, last: bool) -> None:
    first, second = answer(world, not last, "e1"), answer(world, last, "e2")
    await say(world, second)
    await say(world, first._replace(at=Instant(first.at - SECOND)))

    assert (set() if last else {("wire", NOTICE)}) == await spent(world)


async def test_what_was_never_told_is_not_counted(world: World) -> None:
    await uses(world, Outcome.sent)

    assert set() == await spent(world)


async def test_of_two_requests_for_the_last_notice_one_goes_out_and_the_other_is_refused(world: World) -> None:
    """Both come due together: the first has not even been handed over when the second is decided."""
    chat = account(official.KIND, notice=Notice.subscription)._replace(purposes=frozenset(Purpose))
    world.use(Routes([chat]))
    await say(world, answer(world, True, "e1", FILED.code)._replace(provider=chat.name))
    for party in ("P-1", "P-2"):
        said = Consent(party, ConsentKind.channel, world.clock.now, channel=Channel.wechat)
        await world.store.write(lambda tx, said=said: grant_consent(world.kit, tx, BANK, said))
    world.clock.forward(1)
    await world.post(follower("P-1"), follower("P-2"))

    await world.dispatch()

    assert [State.refused, State.sent] == sorted(row["state"] for row in await world.rows("requests"))
    assert [FILED.code] == [row["uses"] for row in await world.rows("attempts")]
    assert {(chat.name, FILED.code)} == await spent(world)


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
