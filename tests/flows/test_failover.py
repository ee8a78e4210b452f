"""Who tries next after a refusal, and what a provider's word about a person binds."""

from dataclasses import replace

import pytest

from service.channels.clouds import aliyun_sms
from service.channels.routes import Routes, simulator_account
from service.core.civil import parse_window
from service.core.model import (
    DAY,
    HOUR,
    MINUTE,
    AddressKind,
    Effect,
    Fate,
    IfBlocked,
    Instant,
    Outcome,
    Provenance,
    Purpose,
    State,
)
from service.core.request import Address
from service.flows.ports import SendResult
from service.flows.providers import ServiceHours
from tests.channels.clouds.accounts import account

from .world import World, request

SECRET = b"of sixteen bytes"
REFUSED = Outcome.refused_by_provider


@pytest.fixture
async def pair(both: World) -> World:
    """Two accounts for every channel, the first before the second, on either store."""
    accounts = [simulator_account("http://provider.example", SECRET, name=name) for name in ("first", "second")]
    both.use(Routes(accounts))
    return await both.start()


@pytest.mark.parametrize("fate", [Fate.retryable, Fate.provider_unavailable, Fate.throttled_account])
async def test_what_surely_was_not_sent_goes_by_the_next_account_after_a_fresh_decision(
    pair: World, fate: Fate
) -> None:
    pair.wire.answers = [SendResult(fate, Outcome.failed, detail="down")]
    await pair.one(request())

    await pair.dispatch()
    assert (await pair.row("requests"))["state"] == State.scheduled
    await pair.dispatch()

    assert pair.wire.by == ["first", "second"]
    assert len({out.attempt for out in pair.wire.out}) == 2
    kinds = [row["kind"] for row in await pair.rows("entries", request=pair.wire.out[0].request)]
    assert kinds.count("attempt.intended") == 2


async def test_a_number_abroad_goes_by_the_account_that_reaches_it_from_the_first_try_on(world: World) -> None:
    home, abroad = (simulator_account("http://provider.example", SECRET, name=name) for name in ("home", "abroad"))
    world.use(Routes([home._replace(kind=home.kind._replace(countries=frozenset({"CN"}))), abroad]))
    to = Address(kind=AddressKind.mobile, value="+85251234567", provenance=Provenance.contract)
    answers = await world.post(request("r-1"), request("r-2", address=to, party=replace(request().party, id="P-2")))

    await world.dispatch()

    assert [Effect.allow] * 2 == [answer.decision and answer.decision.effect for answer in answers]
    assert {"+8613800138000": "home", "+85251234567": "abroad"} == {
        out.to.address: by for out, by in zip(world.wire.out, world.wire.by, strict=True)
    }


DOWN = SendResult(Fate.retryable, Outcome.failed, detail="down")


async def test_the_same_account_is_not_hurried_for_the_sake_of_another_that_is_down(world: World) -> None:
    accounts = [simulator_account("http://provider.example", SECRET, name=name) for name in ("first", "second")]
    routes = Routes(accounts)
    routes.health["second"].ready = lambda: False
    world.use(routes)
    world.wire.answers = [DOWN] * 9
    await world.one(request())

    for _ in range(5):
        await world.dispatch()

    assert ["first"] == world.wire.by
    row = await world.row("requests")
    assert (State.scheduled, world.clock() + MINUTE) == (row["state"], row["send_at"])


async def test_the_same_account_is_not_hurried_for_the_sake_of_another_that_goes_down_meanwhile(world: World) -> None:
    accounts = [simulator_account("http://provider.example", SECRET, name=name) for name in ("first", "second")]
    routes = Routes(accounts)
    world.use(routes)
    world.wire.answers = [DOWN] * 9
    await world.one(request())
    await world.dispatch()
    routes.health["second"].ready = lambda: False

    await world.dispatch()
    assert ["first"] == world.wire.by
    world.clock.forward(MINUTE)
    await world.dispatch()

    assert ["first", "first"] == world.wire.by


async def test_the_same_account_is_not_hurried_for_another_that_has_not_this_locale_filed(world: World) -> None:
    first = account(aliyun_sms.KIND)._replace(name="first", purposes=frozenset(Purpose))
    filed = next(each for each in first.templates if each.template == "overdue-reminder")
    second = first._replace(name="second", templates=(filed._replace(locale="en"),))
    world.use(Routes([first, second]))
    world.wire.answers = [DOWN] * 9
    await world.one(request())

    for _ in range(4):
        await world.dispatch()

    assert ["first"] == world.wire.by


@pytest.mark.parametrize(
    "fate",
    [Fate.throttled_recipient, Fate.opted_out, Fate.invalid_recipient, Fate.rejected_content, Fate.permanent],
)
async def test_what_is_refused_for_good_is_not_tried_elsewhere(pair: World, fate: Fate) -> None:
    pair.wire.answers = [SendResult(fate, REFUSED, detail="no")]
    await pair.one(request())

    for _ in range(3):
        await pair.dispatch()
        pair.clock.forward(HOUR)

    assert pair.wire.by == ["first"]
    assert (await pair.row("requests"))["state"] == State.failed


async def test_what_may_have_been_sent_is_tried_nowhere(pair: World) -> None:
    pair.wire.answers = [SendResult(Fate.ambiguous, Outcome.unknown, detail="timeout")]
    await pair.one(request())

    for _ in range(3):
        await pair.dispatch()
        pair.clock.forward(HOUR)

    assert pair.wire.by == ["first"]
    assert (await pair.row("requests"))["state"] == State.unknown


@pytest.mark.parametrize(
    ("fate", "reason"),
    [
        (Fate.opted_out, "platform_refusal"),
        (Fate.invalid_recipient, "invalid_address"),
        (Fate.throttled_recipient, "platform_cap"),
    ],
)
async def test_a_providers_word_about_a_person_binds_the_next_decision(pair: World, fate: Fate, reason: str) -> None:
    pair.wire.answers = [SendResult(fate, REFUSED, detail="no")]
    await pair.one(request())
    await pair.dispatch()

    answer = await pair.one(request("r-2"))

    suppression = await pair.row("suppressions")
    assert (suppression["scope"], suppression["channel"], suppression["reason"]) == ("address", "sms", reason)
    assert answer.decision is not None and "deny" == answer.decision.effect.name
    assert 1 == len(await pair.rows("entries", kind="suppression.added"))


@pytest.mark.parametrize(("says", "lasts"), [(3 * HOUR, 3 * HOUR), (None, DAY)])
async def test_a_cap_on_a_person_ends_when_the_provider_says_or_after_a_day(
    pair: World, says: int | None, lasts: int
) -> None:
    until = None if says is None else Instant(pair.clock() + says)
    pair.wire.answers = [SendResult(Fate.throttled_recipient, REFUSED, until=until)]
    await pair.one(request())
    await pair.dispatch()

    assert (await pair.row("suppressions"))["until"] == pair.clock() + lasts


async def test_an_account_at_its_pace_makes_a_request_wait_and_not_fail(pair: World) -> None:
    slow = simulator_account("http://provider.example", SECRET, name="slow")._replace(per_second=1)
    pair.use(Routes([slow]))
    await pair.post(*(request(f"r-{n}", party=replace(request().party, id=f"P-{n}")) for n in range(4)))

    await pair.dispatch()
    went = len(pair.wire.out)
    waiting = [row for row in await pair.rows("requests") if row["send_at"]]
    assert went + len(waiting) == 4 and waiting
    pair.clock.forward(MINUTE)
    await pair.dispatch()

    assert len(pair.wire.out) == 4
    assert {row["state"] for row in await pair.rows("requests")} == {State.sent}


@pytest.fixture
async def office(both: World) -> World:
    """One account, whose provider takes messages from eight until noon in Shanghai; it is ten."""
    hours = ServiceHours(parse_window("mon-sun", "08:00", "12:00"), "Asia/Shanghai")
    both.use(Routes([simulator_account("http://provider.example", SECRET)._replace(hours=hours)]))
    return await both.start()


async def test_who_would_rather_be_refused_than_wait_is_refused_while_every_account_is_shut(office: World) -> None:
    office.clock.forward(3 * HOUR)

    refused = await office.one(request("r-1", if_blocked=IfBlocked.refuse))
    waiting = await office.one(request("r-2", if_blocked=IfBlocked.defer))

    assert refused.decision is not None and waiting.decision is not None
    assert (State.refused, Effect.defer) == (refused.request["state"], refused.decision.effect)
    assert office.clock.now + 19 * HOUR == refused.decision.not_before
    assert "route_closed" == refused.decision.reason
    assert (State.queued, Effect.allow) == (waiting.request["state"], waiting.decision.effect)


async def test_at_the_wire_too_who_would_not_wait_is_refused_by_the_providers_hours(office: World) -> None:
    await office.one(request(if_blocked=IfBlocked.refuse))
    office.clock.forward(3 * HOUR)

    await office.dispatch()

    row = await office.row("requests")
    (entry,) = await office.rows("entries", kind="request.refused")
    assert (State.refused, "defer", []) == (row["state"], entry["effect"], office.wire.out)


async def test_who_would_wait_waits_for_the_provider_to_open(office: World) -> None:
    await office.one(request())
    office.clock.forward(3 * HOUR)
    await office.dispatch()
    assert (State.queued, []) == ((await office.row("requests"))["state"], office.wire.out)

    office.clock.forward(19 * HOUR)
    await office.dispatch()

    assert 1 == len(office.wire.out)
