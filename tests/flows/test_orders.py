"""Orders for visits: due with their permit, tried until it is over, given up in the open."""

from dataclasses import replace

import orjson
import pytest

from service.core.facts import VisitPlan
from service.core.model import (
    DAY,
    MINUTE,
    SECOND,
    AddressKind,
    Channel,
    Execution,
    Fate,
    Instant,
    Outcome,
    Provenance,
    State,
)
from service.core.request import Address
from service.flows.orders import Ordered, hand_over_order
from service.flows.ports import SendResult
from service.flows.providers import Choice, Wanted

from .world import AGENCY, AllRoutes, World, request

PLACE = '{"city":"某市","country":"CN","lines":["测试路1号"]}'
BUSY = SendResult(Fate.retryable, Outcome.failed, detail="-1")
HANGS = SendResult(Fate.ambiguous, Outcome.unknown, detail="timeout")
NOBODY = SendResult(Fate.invalid_recipient, Outcome.refused_by_provider, detail="81013")
TAKEN = SendResult(Fate.accepted, Outcome.sent, "msg-1")


def visit(reference: str = "v-1", **changes):
    said = {
        "channel": Channel.visit,
        "execution": Execution.permit,
        "address": Address(kind=AddressKind.home, value=PLACE, provenance=Provenance.contract),
        "template": "visit-order",
        "variables": {"amount_due": "1234.56", "currency": "CNY", "days_past_due": "35"},
        "visit": VisitPlan(2, ids_shown=True, av_recording=True),
        **changes,
    }
    return request(reference, **said)


def another(number: int):
    """A visit to somebody else."""
    return visit(f"v-{number}", party=replace(request().party, id=f"P-{number}"), account=None)


async def hand_over(world: World) -> Ordered:
    return await hand_over_order(world.kit, world.store, world.wire, "worker-1")


async def told(world: World) -> list[dict[str, object]]:
    """The entries of orders, whole."""
    bodies = [orjson.loads(row["body"]) for row in await world.rows("entries")]
    return [body for body in bodies if body["kind"].startswith("order.")]


async def ends(world: World) -> list[tuple[object, object]]:
    return [(body["kind"], body.get("detail")) for body in await told(world)]


async def test_the_desk_gets_the_order_of_a_permit_once_and_the_entry_says_so(both: World) -> None:
    await both.start()
    both.wire.answers = [TAKEN]
    permit = (await both.one(visit())).permit

    rounds = [await hand_over(both) for _ in range(2)]

    assert [Ordered(handed_over=1), Ordered()] == rounds
    (order,) = both.wire.out
    assert permit is not None and (Channel.visit, permit.attempt) == (order.channel, order.attempt)
    assert permit.id in order.message.body and "某市测试路1号" in order.message.body
    assert "1,234.56" not in order.message.body
    (entry,) = await told(both)
    assert ("order.handed_over", "wire", "msg-1") == (entry["kind"], entry["provider"], entry["provider_ref"])
    assert [permit.id, permit.valid_from, permit.valid_until] == entry["permit"]
    assert "张三" not in str(entry) and "测试路" not in str(entry)


async def test_it_takes_no_place_and_leaves_the_request_and_its_attempt_as_they_are(world: World) -> None:
    answer = await world.one(visit())
    before = [await world.row(table) for table in ("requests", "attempts", "reservations")]

    await hand_over(world)

    assert before == [await world.row(table) for table in ("requests", "attempts", "reservations")]
    assert State.dispatching == answer.request["state"]


async def test_a_planned_visit_is_ordered_when_its_permit_is_issued_and_not_before(both: World) -> None:
    await both.start()
    begins = Instant(both.clock.now + DAY)
    plan = VisitPlan(2, ids_shown=True, av_recording=True, appointment=(begins, Instant(begins + 60 * MINUTE)))
    await both.one(visit(visit=plan))

    early = await hand_over(both)
    both.clock.forward(DAY)
    await both.dispatch()
    late = await hand_over(both)

    assert (Ordered(), Ordered(handed_over=1)) == (early, late)
    assert "预约时间：2026-11-24 10:00 至 2026-11-24 11:00（Asia/Shanghai）" in both.wire.out[0].message.body


@pytest.mark.parametrize("client_is_agency", [False, True])
async def test_without_a_desk_or_for_an_agencys_own_people_all_stays_as_it_was(
    world: World, client_is_agency: bool
) -> None:
    if client_is_agency:
        notice = {"account": "LN-7788", "kind": "outsourcing", "sent_at": world.clock.now - DAY, "id": "n"}
        await world.store.write(lambda tx: tx.add("notices", [notice]))
        answer = await world.one(visit(), AGENCY)
    else:
        world.use(AllRoutes(without=frozenset({Channel.visit})))
        answer = await world.one(visit())

    assert Ordered() == await hand_over(world)
    assert (State.dispatching, None) == (answer.request["state"], (await world.row("permits"))["order_at"])
    assert ([], []) == (world.wire.out, await told(world))


async def test_what_fails_is_tried_again_in_the_same_words_ever_more_seldom(world: World) -> None:
    world.wire.answers = [BUSY, HANGS, BUSY, TAKEN]
    await world.one(visit())
    waits = []

    for _ in range(4):
        begun = world.clock.now
        await hand_over(world)
        world.clock.now = (await world.row("permits"))["order_at"] or begun
        waits.append((world.clock.now - begun) // MINUTE)

    assert [1, 1, 2, 0] == waits
    assert 1 == len({(order.attempt, order.message) for order in world.wire.out})
    assert [("order.handed_over", None)] == await ends(world)


async def test_a_try_that_is_not_yet_due_is_not_made(world: World) -> None:
    world.wire.answers = [BUSY]
    await world.one(visit())

    rounds = [await hand_over(world) for _ in range(3)]

    assert [Ordered(failed=1), Ordered(), Ordered()] == rounds


async def test_what_cannot_be_tried_again_before_the_permit_is_over_is_given_up(world: World) -> None:
    begins = world.clock.now
    plan = VisitPlan(2, ids_shown=True, av_recording=True, appointment=(begins, Instant(begins + 90 * SECOND)))
    world.wire.answers = [BUSY, BUSY]
    await world.one(visit(visit=plan))

    first = await hand_over(world)
    world.clock.forward(MINUTE)
    second = await hand_over(world)

    assert (Ordered(failed=1), Ordered(given_up=1)) == (first, second)
    assert [("order.given_up", "-1")] == await ends(world)


async def test_an_order_whose_permit_is_over_is_not_handed_over(world: World) -> None:
    await world.one(visit())
    world.clock.forward(DAY)

    assert Ordered(given_up=1) == await hand_over(world)
    assert ([], [("order.given_up", "permit_over")]) == (world.wire.out, await ends(world))


async def test_what_the_provider_refuses_for_good_is_given_up_at_once(world: World) -> None:
    world.wire.answers = [NOBODY]
    await world.one(visit())

    assert [Ordered(given_up=1), Ordered()] == [await hand_over(world) for _ in range(2)]
    assert [("order.given_up", "81013")] == await ends(world)


async def test_a_desk_of_which_one_member_is_unknown_has_the_order_and_the_entry_says_so(world: World) -> None:
    world.wire.answers = [TAKEN._replace(detail="invaliduser")]
    await world.one(visit())

    await hand_over(world)

    assert [("order.handed_over", "invaliduser")] == await ends(world)


async def test_a_visit_that_was_reported_meanwhile_is_not_ordered_any_more(world: World) -> None:
    await world.one(visit())
    attempt = (await world.row("permits"))["attempt"]
    met = {"outcome": Outcome.visited_met}
    await world.store.write(lambda tx: tx.change("attempts", {"id": attempt}, met))

    assert Ordered(given_up=1) == await hand_over(world)
    assert ([], [("order.given_up", "reported")]) == (world.wire.out, await ends(world))


@pytest.mark.parametrize(
    ("table", "values", "why"),
    [
        ("requests", {"sealed": None}, "erased"),
        ("parties", {"key_wrapped": None}, "erased"),
        ("requests", {"sealed": b"\x01 not what was sealed"}, "unreadable"),
        ("requests", {"template_version": "0" * 64}, "unreadable"),
    ],
)
async def test_what_was_erased_or_cannot_be_opened_is_given_up_and_holds_up_no_other(
    world: World, table: str, values: dict[str, object], why: str
) -> None:
    answer = await world.one(visit())
    name = {"requests": {"id": answer.request["id"]}, "parties": {"party": answer.request["party"]}}[table]
    await world.store.write(lambda tx: tx.change(table, name, values))
    world.clock.forward(1)
    await world.one(another(2))

    assert Ordered(handed_over=1, given_up=1) == await hand_over(world)
    assert [("order.given_up", why), ("order.handed_over", None)] == await ends(world)


class Resting(AllRoutes):
    """The account cannot now."""

    def choose(self, wanted: Wanted, now: Instant) -> Choice:
        return Choice(None, Instant(now + 30 * SECOND))


class Gone(AllRoutes):
    """No account carries visits any more."""

    def choose(self, wanted: Wanted, now: Instant) -> Choice:
        return Choice(None)


async def test_an_account_that_rests_is_waited_for_and_a_desk_that_is_gone_is_not(world: World) -> None:
    await world.one(visit())

    world.use(Resting())
    rests = await hand_over(world)
    due = (await world.row("permits"))["order_at"]
    world.clock.now = due
    world.use(Gone())
    gone = await hand_over(world)

    assert (Ordered(), Ordered(given_up=1)) == (rests, gone)
    assert ([], [("order.given_up", "no_route")]) == (world.wire.out, await ends(world))
