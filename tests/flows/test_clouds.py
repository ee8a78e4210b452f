"""The gateway over its own wire to clouds that misbehave: each message once, and every state explained."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlencode

import orjson
import pytest

from service.channels.clouds import aliyun_sms, tencent_sms, twilio_messages
from service.channels.delivery import Delivery
from service.channels.routes import Routes
from service.core.model import HOUR, MINUTE, Instant, Outcome, State, SuppressionScope
from service.flows.inbound import take_inbound
from service.flows.ports import Told
from service.flows.providers import Callback, Door, ProviderKind
from service.flows.receive import receive
from service.flows.sweep import sweep
from tests.channels.clouds.accounts import account
from tests.channels.clouds.fakes import Fake, Mood, cloud, serial

from .world import World, request

UNKNOWN = {
    Mood.takes_and_hangs: "timeout",
    Mood.takes_and_drips: "timeout",
    Mood.takes_and_floods: "oversized",
    Mood.takes_and_breaks: "http_500",
    Mood.takes_and_says_html: "unreadable",
    Mood.takes_and_hangs_up: "cut",
}


@asynccontextmanager
async def wired(world: World, kind: ProviderKind, *moods: Mood) -> AsyncIterator[Fake]:
    """Put the real wire and a provider's stand-in in the place of the scripted wire."""
    async with cloud(kind, *moods, clock=world.clock) as fake:
        routes = Routes([account(kind, fake.url)._replace(name="wire")])
        delivery = Delivery(
            routes, typeset=lambda *_: b"", spool_dir=Path(), send_timeout_s=0.4, clock=world.clock, fresh_s=None
        )
        world.wire = delivery  # type: ignore[assignment]
        try:
            yield fake
        finally:
            await delivery.close()


async def tell(world: World, callback: Callback) -> int:
    told: Told = world.wire.read("wire", callback)
    return await world.store.write(
        lambda tx: receive(world.kit, tx, told.receipts) + take_inbound(world.kit, tx, told.inbound)
    )


def by_aliyun(attempt: str, delivered: bool) -> Callback:
    code = "DELIVERED" if delivered else "MOBILE_NOT_ON_SERVICE"
    item = {"biz_id": serial(attempt), "out_id": attempt, "success": delivered, "err_code": code}
    return Callback(orjson.dumps([item | {"phone_number": "13800138000", "report_time": "2026-11-23 10:00:05"}]))


def by_tencent(attempt: str, delivered: bool) -> Callback:
    status, code = ("SUCCESS", "DELIVRD") if delivered else ("FAIL", "UNDELIV")
    item = {"sid": serial(attempt), "report_status": status, "errmsg": code, "mobile": "13800138000"}
    return Callback(orjson.dumps([item | {"user_receive_time": "2026-11-23 10:00:05"}]))


def by_twilio(attempt: str, delivered: bool) -> Callback:
    fields = {"MessageSid": serial(attempt), "MessageStatus": "delivered" if delivered else "undelivered"}
    return Callback(urlencode(fields).encode(), query=(("attempt", attempt),))


Report = Callable[[str, bool], Callback]
providers = pytest.mark.parametrize(
    ("kind", "report"),
    [(aliyun_sms.KIND, by_aliyun), (tencent_sms.KIND, by_tencent), (twilio_messages.KIND, by_twilio)],
    ids=["aliyun", "tencent", "twilio"],
)


@providers
async def test_receipts_that_come_twice_and_the_wrong_way_round_change_nothing_more(
    world: World, kind: ProviderKind, report: Report
) -> None:
    async with wired(world, kind) as fake:
        await world.one(request())
        await world.dispatch()
        (attempt,) = [row["id"] for row in await world.rows("attempts")]

        taken = [await tell(world, report(attempt, good)) for good in (True, True, False, False)]

        assert [1, 0, 1, 0] == taken
        assert (State.completed, Outcome.delivered) == await state(world)
        assert {attempt: 1} == dict(fake.taken)


@providers
@pytest.mark.parametrize(("mood", "detail"), UNKNOWN.items())
async def test_a_message_that_may_have_gone_out_goes_out_once(
    world: World, kind: ProviderKind, report: Report, mood: Mood, detail: str
) -> None:
    async with wired(world, kind, mood) as fake:
        await world.one(request())
        await world.dispatch()
        assert (State.unknown, Outcome.unknown) == await state(world)

        for _ in range(3):
            world.clock.forward(10 * MINUTE)
            await world.dispatch()

        assert [1] == list(fake.taken.values())
    assert [detail] == await explained(world, "attempt.settled")


@providers
async def test_a_key_that_is_good_no_more_holds_a_message_up_and_doubles_none(
    world: World, kind: ProviderKind, report: Report
) -> None:
    async with wired(world, kind, Mood.key_expired, Mood.key_expired) as fake:
        await world.one(request())
        await world.dispatch()
        assert State.scheduled == (await world.row("requests"))["state"]
        assert {} == dict(fake.taken)

        for _ in range(4):
            world.clock.forward(10 * MINUTE)
            await world.dispatch()

        assert [1] == list(fake.taken.values())
    why = await explained(world, "attempt.failed")
    assert 2 == len(why) and all(why)
    assert State.sent == (await world.row("requests"))["state"]


@pytest.mark.parametrize("kind", [aliyun_sms.KIND, tencent_sms.KIND], ids=["aliyun", "tencent"])
async def test_a_providers_clock_that_is_off_holds_a_message_up_and_doubles_none(
    world: World, kind: ProviderKind
) -> None:
    async with wired(world, kind) as fake:
        fake.clock = lambda: Instant(world.clock() + HOUR)
        await world.one(request())
        await world.dispatch()
        assert State.scheduled == (await world.row("requests"))["state"]
        assert {} == dict(fake.taken)

        fake.clock = world.clock
        for _ in range(3):
            world.clock.forward(10 * MINUTE)
            await world.dispatch()

        assert [1] == list(fake.taken.values())
    (why,) = await explained(world, "attempt.failed")
    assert why.startswith(("InvalidTimeStamp", "AuthFailure"))


@pytest.mark.parametrize(
    ("kind", "report"), [(aliyun_sms.KIND, by_aliyun), (twilio_messages.KIND, by_twilio)], ids=["aliyun", "twilio"]
)
async def test_a_receipt_settles_what_a_lost_answer_left_open(world: World, kind: ProviderKind, report: Report) -> None:
    async with wired(world, kind, Mood.takes_and_hangs) as fake:
        await world.one(request())
        await world.dispatch()
        (attempt,) = fake.taken

        assert 1 == await tell(world, report(attempt, True))

    assert (State.completed, Outcome.delivered) == await state(world)


@providers
async def test_a_refusal_for_the_numbers_sake_is_final(world: World, kind: ProviderKind, report: Report) -> None:
    async with wired(world, kind, Mood.refuses) as fake:
        await world.one(request())
        await world.dispatch()
        world.clock.forward(HOUR)
        await world.dispatch()

    assert (State.failed, Outcome.refused_by_provider) == await state(world)
    assert {} == dict(fake.taken)


@providers
async def test_a_receipt_of_a_message_that_we_never_sent_moves_nothing(
    world: World, kind: ProviderKind, report: Report
) -> None:
    async with wired(world, kind):
        await world.one(request())
        await world.dispatch()

        assert 1 == await tell(world, report("a_never", False))

    assert (State.sent, Outcome.sent) == await state(world)


async def test_a_reply_to_stop_binds_the_next_decision(world: World) -> None:
    async with wired(world, tencent_sms.KIND):
        await world.one(request())
        await world.dispatch()
        said = {"mobile": "13800138000", "nationcode": "86", "text": "TD", "time": world.clock.now // 1_000_000}

        assert 1 == await tell(world, Callback(orjson.dumps(said), door=Door.inbound))
        assert 0 == await tell(world, Callback(orjson.dumps(said), door=Door.inbound))

    assert [SuppressionScope.address] == [row["scope"] for row in await world.rows("suppressions")]


@providers
async def test_what_is_unknown_is_asked_for_until_the_provider_can_tell(
    world: World, kind: ProviderKind, report: Report
) -> None:
    async with wired(world, kind, Mood.takes_and_breaks) as fake:
        await world.one(request())
        await world.dispatch()
        world.clock.forward(10 * MINUTE)
        await sweep(world.kit, world.store, world.wire)

        assert [1] == list(fake.taken.values())

    assert (State.completed, Outcome.delivered) == await state(world)


@providers
async def test_what_the_provider_does_not_know_stays_unknown_and_is_not_sent_again(
    world: World, kind: ProviderKind, report: Report
) -> None:
    async with wired(world, kind, Mood.takes_and_breaks) as fake:
        await world.one(request())
        await world.dispatch()
        fake.taken.clear()
        world.clock.forward(10 * MINUTE)
        await sweep(world.kit, world.store, world.wire)
        await world.dispatch()

        assert {} == dict(fake.taken)

    assert (State.unknown, Outcome.unknown) == await state(world)


async def explained(world: World, kind: str) -> list[str]:
    """Why an attempt ended so, as the evidence says."""
    return [orjson.loads(row["body"])["detail"] for row in await world.rows("entries", kind=kind)]


async def state(world: World) -> tuple[str, str]:
    (attempt,) = await world.rows("attempts")
    return (await world.row("requests"))["state"], attempt["outcome"]
