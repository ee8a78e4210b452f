"""What comes of a request that is due."""

import orjson
import pytest

from service.core.model import HOUR, MINUTE, Channel, Fate, Outcome, State
from service.core.request import Account
from service.flows.accounts import Standing, set_account
from service.flows.cancel import cancel
from service.flows.ports import Receipt, SendResult
from service.flows.receive import receive
from service.flows.sweep import sweep

from .world import BANK, World, request


async def test_what_is_queued_goes_out_once_and_is_completed_by_its_receipt(world: World) -> None:
    await world.one(request())

    await world.dispatch()
    await world.dispatch()

    (out,) = world.wire.out
    assert out.to.address == "+8613800138000" and "1,234.56" in out.message.body
    assert (await world.row("requests"))["state"] == State.sent
    kinds = [row["kind"] for row in await world.rows("entries", request=out.request)]
    assert kinds == ["request.accepted", "attempt.intended", "attempt.settled"]

    told = Receipt("wire", "ev-1", Outcome.delivered, world.clock.now, attempt=out.attempt)
    assert await world.store.write(lambda tx: receive(world.kit, tx, [told])) == 1
    assert await world.store.write(lambda tx: receive(world.kit, tx, [told])) == 0
    assert (await world.row("requests"))["state"] == State.completed
    assert (await world.row("reservations"))["state"] == "kept"


async def test_accepted_at_2059_and_due_at_2101_is_deferred_and_shows_both_decisions(world: World) -> None:
    world.clock.set("2026-11-23T20:59:00+08:00")
    await world.one(request())
    world.clock.set("2026-11-23T21:01:00+08:00")

    await world.dispatch()

    assert world.wire.out == []
    assert (await world.row("requests"))["state"] == State.scheduled
    entries = [orjson.loads(row["body"]) for row in await world.rows("entries") if row["request"]]
    assert [entry["decision"]["effect"] for entry in entries] == ["allow", "defer"]


async def test_a_window_that_closes_within_the_send_time_out_is_closed(world: World) -> None:
    world.clock.set("2026-11-23T20:59:50+08:00")
    await world.one(request())

    await world.dispatch()

    assert world.wire.out == []
    assert (await world.row("requests"))["state"] == State.scheduled


async def test_a_time_out_is_unknown_counts_and_is_not_sent_again(world: World) -> None:
    world.wire.answers = [SendResult(Fate.ambiguous, Outcome.unknown, detail="timeout")]
    await world.one(request())

    await world.dispatch()
    world.clock.forward(HOUR)
    await world.dispatch()

    assert len(world.wire.out) == 1
    assert (await world.row("requests"))["state"] == State.unknown
    assert (await world.row("attempts"))["outcome"] == Outcome.unknown


async def test_what_was_unknown_is_settled_when_the_provider_can_tell(world: World) -> None:
    world.wire.answers = [SendResult(Fate.ambiguous, Outcome.unknown, detail="timeout")]
    await world.one(request())
    await world.dispatch()
    (out,) = world.wire.out
    world.wire.knows[out.attempt] = SendResult(Fate.accepted, Outcome.delivered)

    world.clock.forward(10 * MINUTE)
    await sweep(world.kit, world.store, world.wire)

    assert (await world.row("requests"))["state"] == State.completed


async def test_a_certain_transient_failure_is_tried_again_after_a_fresh_decision(world: World) -> None:
    world.wire.answers = [SendResult(Fate.retryable, Outcome.failed, detail="busy")]
    await world.one(request())

    await world.dispatch()
    assert (await world.row("requests"))["state"] == State.scheduled
    world.clock.forward(2 * MINUTE)
    await world.dispatch()

    assert len(world.wire.out) == 2 and world.wire.out[0].attempt != world.wire.out[1].attempt
    assert (await world.row("requests"))["state"] == State.sent


async def test_tries_come_to_an_end(world: World) -> None:
    world.wire.answers = [SendResult(Fate.retryable, Outcome.failed)] * 9
    await world.one(request())

    for _ in range(9):
        await world.dispatch()
        world.clock.forward(20 * MINUTE)

    assert len(world.wire.out) == world.kit.limits.tries_max
    assert (await world.row("requests"))["state"] == State.failed
    assert (await world.row("reservations"))["state"] == "released"


async def test_an_intent_without_an_answer_is_never_sent_again(world: World) -> None:
    """As after a crash between intent and answer."""
    await world.one(request())
    await world.store.write(lambda tx: tx.claim(world.clock.now, 1, "dead", world.clock.now))
    row = await world.row("requests")
    await world.deciding.submit([row["id"]])

    world.clock.forward(10 * MINUTE)
    await world.dispatch()
    await sweep(world.kit, world.store, world.wire)

    assert world.wire.out == []
    assert (await world.row("requests"))["state"] == State.unknown


@pytest.mark.parametrize(
    ("known", "outcome", "state"),
    [
        (SendResult(Fate.accepted, Outcome.delivered), Outcome.delivered, State.completed),
        (SendResult(Fate.accepted, Outcome.undelivered), Outcome.undelivered, State.failed),
        (SendResult(Fate.accepted, Outcome.sent, awaits=True), Outcome.sent, State.completed),
        (SendResult(Fate.retryable, Outcome.failed, detail="never_taken"), Outcome.sent, State.completed),
        (None, Outcome.sent, State.completed),
    ],
)
async def test_the_provider_is_asked_for_a_receipt_that_never_came(
    world: World, known: SendResult | None, outcome: Outcome, state: State
) -> None:
    await world.one(request())
    await world.dispatch()
    attempt = await world.row("attempts")
    if known:
        world.wire.knows = {attempt["id"]: known}
    world.clock.forward(73 * HOUR)
    await sweep(world.kit, world.store, world.wire)

    assert [attempt["id"]] == [asked.attempt for asked in world.wire.asked]
    assert (outcome, state) == ((await world.row("attempts"))["outcome"], (await world.row("requests"))["state"])
    assert 1 == len(world.wire.out)


@pytest.mark.parametrize(
    ("answer", "bars"),
    [
        (SendResult(Fate.opted_out, Outcome.undelivered), ["platform_refusal"]),
        (SendResult(Fate.invalid_recipient, Outcome.undelivered), ["invalid_address"]),
        (SendResult(Fate.throttled_recipient, Outcome.undelivered), ["platform_cap"]),
        (SendResult(Fate.permanent, Outcome.failed, detail="job_aborted"), []),
    ],
)
async def test_what_a_provider_says_against_the_person_when_it_is_asked_is_heeded(
    world: World, answer: SendResult, bars: list[str]
) -> None:
    await world.one(request())
    await world.dispatch()
    world.wire.knows[world.wire.out[0].attempt] = answer
    world.clock.forward(73 * HOUR)
    await sweep(world.kit, world.store, world.wire)

    assert answer.outcome == (await world.row("attempts"))["outcome"]
    assert State.failed == (await world.row("requests"))["state"]
    assert bars == [row["reason"] for row in await world.rows("suppressions")]


async def test_a_window_that_stays_full_uses_up_no_try(world: World) -> None:
    await world.one(request())
    full = SendResult(Fate.throttled_account, Outcome.failed, detail="window_full")
    world.wire.answers = [full] * (world.kit.limits.tries_max + 2)

    for _ in range(world.kit.limits.tries_max + 3):
        await world.dispatch()
        world.clock.forward(2 * world.kit.limits.backoff)

    assert (State.sent, 1) == ((row := await world.row("requests"))["state"], row["tries"])


async def test_what_goes_by_another_process_session_is_left_queued(world: World) -> None:
    await world.one(request())
    world.wire.others = frozenset({Channel.sms})

    await world.dispatch()
    left = await world.row("requests")
    world.wire.others = frozenset({Channel.letter})
    await world.dispatch()

    assert (left["state"], left["lease_owner"], left["tries"]) == (State.queued, None, 0)
    assert 1 == len(world.wire.out)


async def test_a_cancelled_request_is_not_sent(world: World) -> None:
    answer = await world.one(request())
    assert answer.request is not None
    name = answer.request["id"]

    await world.store.write(lambda tx: cancel(world.kit, tx, BANK, name))
    await world.store.write(lambda tx: cancel(world.kit, tx, BANK, name))
    await world.dispatch()

    assert world.wire.out == []
    assert (await world.row("requests"))["state"] == State.cancelled
    assert (await world.row("reservations"))["state"] == "released"


async def test_what_has_no_intent_by_its_end_expires_and_gives_its_place_back(world: World) -> None:
    world.clock.set("2026-11-23T22:00:00+08:00")
    await world.one(request(expires_at=world.clock.now + 12 * HOUR))

    world.clock.forward(13 * HOUR)
    await sweep(world.kit, world.store, world.wire)

    assert (await world.row("requests"))["state"] == State.expired
    assert (await world.row("reservations"))["state"] == "released"


async def test_a_block_makes_waiting_requests_wait(world: World) -> None:
    await world.one(request())
    block = {
        "id": "b1",
        "scope": "channel",
        "value": "sms",
        "reason": None,
        "since": world.clock.now,
        "lifted_at": None,
    }
    await world.store.write(lambda tx: tx.add("blocks", [block]))

    await world.dispatch()
    assert world.wire.out == [] and (await world.row("requests"))["state"] == State.queued

    refused = await world.one(request("r-2"))
    assert refused.decision is not None and refused.decision.reason == "blocked"

    await world.store.write(lambda tx: tx.change("blocks", {"id": "b1"}, {"lifted_at": world.clock.now}))
    world.clock.forward(MINUTE)
    await world.dispatch()
    assert len(world.wire.out) == 1


async def test_silence_after_sending_completes_at_the_deadline(world: World) -> None:
    await world.one(request())
    await world.dispatch()

    world.clock.forward(73 * HOUR)
    await sweep(world.kit, world.store, world.wire)

    assert (await world.row("requests"))["state"] == State.completed
    assert (await world.row("attempts"))["outcome"] == Outcome.sent


async def test_what_is_told_of_an_account_meanwhile_speaks_where_the_request_is_silent(world: World) -> None:
    await tell(world, Standing(product="mortgage", days_past_due=12))
    await world.one(request(account=Account(id="LN-7788", days_past_due=11)))
    await tell(world, Standing(product="credit_card", days_past_due=13))

    await world.dispatch()

    assert (await world.row("attempts"))["product"] == "credit_card"


async def test_what_the_request_says_of_its_account_speaks_before_what_is_told(world: World) -> None:
    await world.one(request(account=Account(id="LN-7788", product="credit_card")))
    await tell(world, Standing(product="mortgage"))

    await world.dispatch()

    assert (await world.row("attempts"))["product"] == "credit_card"


async def tell(world: World, said: Standing) -> None:
    await world.store.write(lambda tx: set_account(world.kit, tx, BANK, "LN-7788", said))
