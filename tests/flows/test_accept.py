"""What comes of posting a request."""

from dataclasses import replace

import orjson

from service.core.civil import format_instant
from service.core.errors import Conflict, Invalid
from service.core.model import Effect, Execution, IfBlocked, PartyRole, State
from service.core.request import Party
from service.flows.record import ATTEMPT_COLUMNS

from .world import World, permit_call, request


async def test_a_reminder_in_the_morning_is_queued_with_its_place_and_its_evidence(world: World) -> None:
    answer = await world.one(request())

    assert answer.error is None
    assert answer.decision is not None and answer.decision.effect is Effect.allow
    assert answer.request is not None and answer.request["state"] == State.queued
    row = await world.row("requests", id=answer.request["id"])
    assert row["send_at"] == world.clock.now
    assert (await world.row("reservations", request=row["id"]))["state"] == "held"
    entry = await world.row("entries", request=row["id"])
    assert entry["kind"] == "request.accepted"
    assert orjson.loads(entry["body"])["decision"]["book"] == answer.decision.book
    assert (await world.row("decisions", request=row["id"]))["sealed"]


async def test_nothing_personal_stands_in_the_clear(world: World) -> None:
    await world.one(request())

    for table in ("requests", "reservations", "entries", "decisions", "parties", "accounts"):
        for row in await world.rows(table):
            for column, value in row.items():
                said = value if isinstance(value, bytes) else str(value).encode()
                for secret in ("张三", "13800138000", "1234.56"):
                    assert secret.encode() not in said, f"{table}.{column}"


async def test_a_reminder_at_night_waits_for_the_morning(world: World) -> None:
    world.clock.set("2026-11-23T22:30:00+08:00")

    answer = await world.one(request())

    assert answer.request is not None and answer.request["state"] == State.scheduled
    assert format_instant(answer.request["send_at"], "Asia/Shanghai") == "2026-11-24T08:00:00+08:00"


async def test_if_blocked_refuse_refuses_and_keeps_the_later_instant(world: World) -> None:
    world.clock.set("2026-11-23T22:30:00+08:00")

    answer = await world.one(request(if_blocked=IfBlocked.refuse))

    assert answer.request is not None and answer.request["state"] == State.refused
    assert answer.decision is not None and answer.decision.effect is Effect.defer
    assert answer.decision.not_before is not None
    assert await world.rows("reservations") == []


async def test_the_third_message_of_a_day_waits_for_the_next(world: World) -> None:
    answers = await world.post(request("a"), request("b"), request("c"))

    states = [answer.request["state"] for answer in answers if answer.request]
    assert states == [State.queued, State.queued, State.scheduled]
    assert answers[2].request is not None
    assert format_instant(answers[2].request["send_at"], "Asia/Shanghai") == "2026-11-24T08:00:00+08:00"


async def test_a_known_reference_answers_as_it_stands(world: World) -> None:
    first = await world.one(request())
    again = await world.one(request())

    assert again.replayed and again.request is not None and first.request is not None
    assert again.request["id"] == first.request["id"]
    assert again.decision == first.decision
    assert len(await world.rows("requests")) == 1


async def test_a_known_reference_with_another_body_is_a_conflict(world: World) -> None:
    await world.one(request())
    again = await world.one(replace(request(), body_mark="other"))

    assert isinstance(again.error, Conflict)


async def test_the_same_reference_twice_in_one_batch_is_one_request(world: World) -> None:
    first, second = await world.post(request(), request())

    assert first.request is not None and second.request is not None
    assert second.replayed and second.request["id"] == first.request["id"]
    assert len(await world.rows("requests")) == 1


async def test_a_faulty_item_harms_nobody_else_and_leaves_nothing(world: World) -> None:
    stranger = Party(id="P-2", role=PartyRole.debtor)
    faulty = request("bad", party=stranger, variables={"amount_due": "much"})

    good, bad = await world.post(request("good"), faulty)

    assert good.error is None
    assert isinstance(bad.error, Invalid) and bad.error.field.startswith("variables.")
    assert [row["id"] for row in await world.rows("parties")] == ["P-10086"]


async def test_a_permit_call_is_permitted_for_a_quarter_of_an_hour(world: World) -> None:
    answer = await world.one(permit_call())

    assert answer.request is not None and answer.request["state"] == State.dispatching
    assert answer.permit is not None
    assert answer.permit.valid_until - answer.permit.valid_from == 15 * 60 * 1_000_000
    attempt = await world.row("attempts")
    assert attempt["id"] == answer.permit.attempt and attempt["outcome"] is None


async def test_a_permit_ends_with_the_open_window(world: World) -> None:
    world.clock.set("2026-11-23T20:55:00+08:00")

    answer = await world.one(permit_call())

    assert answer.permit is not None
    assert format_instant(answer.permit.valid_until, "Asia/Shanghai") == "2026-11-23T21:00:00+08:00"


async def test_a_message_under_a_permit_is_a_contradiction(world: World) -> None:
    answer = await world.one(request(execution=Execution.permit))

    assert isinstance(answer.error, Invalid) and answer.error.field == "execution"


async def test_another_role_than_the_listed_one_is_refused(world: World) -> None:
    await world.one(request("first"))
    await world.store.write(lambda tx: tx.change("accounts", {"id": "LN-7788"}, {"listed_at": world.clock.now}))

    guarantor = replace(request("second").party, role=PartyRole.guarantor)
    answer = await world.one(request("second", party=guarantor))

    assert answer.decision is not None and answer.decision.reason == "role_mismatch"


async def test_two_contacts_of_one_instant_do_not_confuse_the_next_decision(world: World) -> None:
    await world.one(request("a"))
    (held,) = await world.rows("reservations")
    twin = {name: value for name, value in held.items() if name not in ("request", "state")}
    done = {**ATTEMPT_COLUMNS, **twin, "id": "a-1", "direction": "outbound", "outcome": "delivered"}
    done |= {"source": "interaction", "recorded_at": world.clock.now}
    await world.store.write(lambda tx: tx.add("attempts", [done]))

    answer = await world.one(request("b"))

    assert answer.request is not None and answer.request["state"] == State.scheduled
