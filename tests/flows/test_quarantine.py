"""What could not be read or matched: kept aside apart from the rest, looked at, and tried again once it is mended."""

from collections.abc import Callable

import orjson
import pytest

from service.channels.clouds import aliyun_sms_told
from service.core.errors import Invalid, NotFound
from service.core.model import DAY, HOUR, MINUTE, HeardState, Outcome, State
from service.flows.hearing import KEPT_ASIDE, hear
from service.flows.ports import Receipt, Told
from service.flows.providers import Callback, Door
from service.flows.quarantine import kept, look, try_again
from service.flows.sweep import sweep
from tests.channels.clouds.accounts import SECRET

from .world import World, request

STOP = {"phone_number": "13800138000", "content": "退订", "send_time": "2026-11-23 10:00:00"}
LONG = {"phone_number": "95533", "content": "x" * 4001, "send_time": "2026-11-23 10:00:01"}
OPERATOR = "somebody"


@pytest.fixture
async def sent(both: World) -> World:
    """One message on its way, on either store."""
    await both.start()
    await both.one(request())
    await both.dispatch()
    return both


def replies(world: World) -> Callable[[Callback], Told]:
    """Read replies as the adapter of a cloud does."""
    return lambda callback: aliyun_sms_told.read_inbound("wire", bytes(SECRET), callback.body, world.clock())


async def push(world: World, *items: object) -> None:
    callback = Callback(orjson.dumps(items), path="/v1/inbound/wire/a-secret", door=Door.inbound)
    await hear(world.kit, world.store, world.wire, "wire", callback)


async def listed(world: World) -> list[tuple[str, str | None]]:
    return [(each.why, each.parent) for each in await world.store.read(kept)]


async def named(world: World) -> str:
    (only,) = await world.store.read(kept)
    return only.id


async def reasons(world: World) -> list[str]:
    return [row["reason"] for row in await world.rows("suppressions")]


async def entries(world: World, kind: str) -> list[dict[str, object]]:
    return [orjson.loads(row["body"]) for row in await world.rows("entries", kind=kind)]


async def test_one_reply_that_cannot_be_read_keeps_no_stop_from_being_heeded(sent: World) -> None:
    sent.wire.reads = replies(sent)

    await push(sent, LONG, STOP, LONG)

    assert ["opt_out"] == await reasons(sent)
    (whole,) = await sent.rows("heard", state=HeardState.taken)
    assert whole["sealed"] is None
    (left,) = await sent.rows("heard", state=HeardState.aside)
    assert (whole["id"], b"95533" in left["sealed"]) == (left["parent"], False)
    (told,) = await entries(sent, "receipt.kept_aside")
    assert (left["id"], 2, "unreadable: items.0.content") == (told["heard"], told["items"], told["detail"])


async def test_one_receipt_that_cannot_be_read_keeps_no_other_from_being_applied(sent: World) -> None:
    sent.wire.reads = lambda callback: aliyun_sms_told.read_receipt("wire", bytes(SECRET), callback.body, sent.clock())
    good = {"biz_id": "1", "out_id": sent.wire.out[0].attempt, "success": True, "err_code": "DELIVERED"}

    await push(sent, good, good | {"biz_id": "2", "phone_number": ["13800138000"]})

    assert State.completed == (await sent.row("requests"))["state"]
    assert 1 == len(await listed(sent))


async def test_what_is_left_over_is_kept_once_however_often_the_rest_is_tried(sent: World) -> None:
    early = Receipt("wire", "e1", Outcome.delivered, sent.clock(), provider_ref="not-yet-known")
    sent.wire.reads = lambda callback: replies(sent)(callback)._replace(receipts=[early])

    await push(sent, LONG, STOP)
    for _ in range(2):
        sent.clock.forward(MINUTE)
        await sweep(sent.kit, sent.store, sent.wire)

    assert 1 == len(await listed(sent))
    assert 1 == len(await entries(sent, "receipt.kept_aside"))


async def test_what_makes_us_stumble_keeps_nothing_that_is_left_over_from_being_kept(sent: World) -> None:
    bad = Receipt("wire", "e0", Outcome.delivered, sent.clock(), provider_ref=object())  # type: ignore[arg-type]
    sent.wire.reads = lambda callback: replies(sent)(callback)._replace(receipts=[bad])

    await push(sent, LONG, STOP)

    assert ["opt_out"] == await reasons(sent)
    assert 1 == len(await listed(sent))
    assert 1 == len(await sent.rows("heard", state=HeardState.due))


async def test_a_push_of_which_nothing_can_be_read_is_kept_as_it_came(sent: World) -> None:
    sent.wire.reads = replies(sent)

    await push(sent, LONG, LONG)

    assert [("unreadable: items.0.content", None)] == await listed(sent)
    _, callback = await look(sent.kit, sent.store, OPERATOR, await named(sent))
    assert [LONG, LONG] == orjson.loads(callback.body)


async def test_to_look_at_one_leaves_an_entry_that_says_nothing_of_anybody(sent: World) -> None:
    sent.wire.reads = replies(sent)
    await push(sent, LONG, STOP)

    left, callback = await look(sent.kit, sent.store, OPERATOR, await named(sent))

    assert ([LONG], Door.inbound, "wire") == (orjson.loads(callback.body), callback.door, left.provider)
    (told,) = await entries(sent, "receipt.shown")
    assert (OPERATOR, left.id) == (told["actor"], told["heard"])
    assert "95533" not in str(told) and "a-secret" not in str(told)


async def test_what_is_mended_is_tried_again_and_binds_the_next_decision(sent: World) -> None:
    def cannot(callback: Callback) -> Told:
        raise Invalid("body", "another version of the push")

    sent.wire.reads = cannot
    await push(sent, STOP)
    name = await named(sent)
    sent.wire.reads = replies(sent)

    tried = await try_again(sent.kit, sent.store, sent.wire, OPERATOR, name)

    assert (1, 1, None) == (tried.hearing.said, tried.hearing.new, tried.why)
    assert ["opt_out"] == await reasons(sent)
    assert [] == await listed(sent)
    assert [OPERATOR] == [told["actor"] for told in await entries(sent, "receipt.tried_again")]
    with pytest.raises(NotFound):
        await try_again(sent.kit, sent.store, sent.wire, OPERATOR, name)


async def test_what_is_mended_in_part_is_taken_in_part(sent: World) -> None:
    sent.wire.reads = replies(sent)
    await push(sent, LONG, LONG | {"content": ["STOP"]}, STOP)
    name = await named(sent)
    short = [LONG, STOP | {"send_time": "2026-11-23 10:00:09"}]
    sent.wire.reads = lambda callback: replies(sent)(callback._replace(body=orjson.dumps(short)))

    tried = await try_again(sent.kit, sent.store, sent.wire, OPERATOR, name)

    assert (1, 1, None) == (tried.hearing.said, tried.hearing.new, tried.why)
    assert [("unreadable: items.0.content", name)] == await listed(sent)


async def test_what_came_to_the_wrong_door_is_tried_again_at_the_right_one(sent: World) -> None:
    def read(callback: Callback) -> Told:
        reader = aliyun_sms_told.read_inbound if callback.door is Door.inbound else aliyun_sms_told.read_receipt
        return reader("wire", bytes(SECRET), callback.body, sent.clock())

    sent.wire.reads = read
    await hear(sent.kit, sent.store, sent.wire, "wire", Callback(orjson.dumps([STOP])))
    assert [("unreadable: items.0.biz_id", None)] == await listed(sent)
    assert [] == await reasons(sent)

    tried = await try_again(sent.kit, sent.store, sent.wire, OPERATOR, await named(sent), Door.inbound)

    assert (1, None) == (tried.hearing.new, tried.why)
    assert ["opt_out"] == await reasons(sent)


async def test_what_is_not_mended_stays_for_another_thirty_days(sent: World) -> None:
    sent.wire.reads = replies(sent)
    await push(sent, LONG)
    name = await named(sent)
    sent.clock.forward(20 * DAY)

    tried = await try_again(sent.kit, sent.store, sent.wire, OPERATOR, name)

    assert "unreadable: items.0.content" == tried.why
    (still,) = await sent.store.read(kept)
    assert sent.clock() + KEPT_ASIDE == still.until
    sent.clock.forward(KEPT_ASIDE + DAY)
    await sweep(sent.kit, sent.store, sent.wire)
    assert [] == await listed(sent)
    with pytest.raises(NotFound):
        await look(sent.kit, sent.store, OPERATOR, name)


async def test_what_makes_us_stumble_again_is_told_and_stays(sent: World) -> None:
    def stumble(callback: Callback) -> Told:
        raise RuntimeError("the reader has a fault")

    sent.wire.reads = replies(sent)
    await push(sent, LONG)
    sent.wire.reads = stumble

    with pytest.raises(RuntimeError):
        await try_again(sent.kit, sent.store, sent.wire, OPERATOR, await named(sent))

    assert [("RuntimeError", None)] == await listed(sent)


async def test_a_receipt_that_fitted_nothing_is_applied_once_it_fits(sent: World) -> None:
    told = Receipt("wire", "e1", Outcome.delivered, sent.clock(), provider_ref="known-to-the-provider")
    sent.wire.reads = lambda callback: Told([told])
    await push(sent, {})
    for _ in range(6):
        sent.clock.forward(2 * HOUR)
        await sweep(sent.kit, sent.store, sent.wire)
    name = await named(sent)
    assert "unmatched" == (await try_again(sent.kit, sent.store, sent.wire, OPERATOR, name)).why

    ours = {"id": sent.wire.out[0].attempt}
    await sent.store.write(lambda tx: tx.change("attempts", ours, {"provider_ref": "known-to-the-provider"}))
    tried = await try_again(sent.kit, sent.store, sent.wire, OPERATOR, name)

    assert (1, None) == (tried.hearing.new, tried.why)
    assert State.completed == (await sent.row("requests"))["state"]
    assert [None, ours["id"]] == [row["attempt"] for row in await sent.rows("receipts")]
    await push(sent, {})
    assert 2 == len(await sent.rows("receipts"))


async def test_a_long_list_is_listed_whole(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.flows.quarantine.PAGE", 2)
    world.wire.reads = replies(world)
    for _ in range(5):
        await push(world, LONG)

    found = await world.store.read(kept)

    assert 5 == len({each.id for each in found})
    assert [each.received_at for each in found] == sorted(each.received_at for each in found)
