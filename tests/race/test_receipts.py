"""Receipts late, twice, out of order, contradicting or never, told by the simulator over HTTP: facts only add up."""

import asyncio
from typing import Any, NamedTuple

import pytest

from service.core.model import Outcome, State
from service.flows.ports import Dispatch, Receipt, SendResult
from service.flows.receive import receive
from service.simulator.magic import magic_number
from tests.flows.world import Wire, World, request
from tests.web.front import request_body

from .front_door import PATH, Door, all_at_once

A_WHILE = (5, 60, 60, 120, 300, 600)
"""Seconds from the send on, in steps: time for receipts within minutes, for questions and for further tries."""

DAYS = (86_400, 86_400, 86_400, 86_400)
"""Beyond the 72 hours for which the receipt of a text is awaited."""


def text_to(word: str, reference: str | None = None, **changes: Any) -> dict[str, Any]:
    """A reminder to a debtor at the number of that magic word, each a person of their own."""
    example = request_body()
    whose = {
        "reference": reference or word,
        "party": {**example["party"], "id": f"P-{word}"},
        "account": {**example["account"], "id": f"LN-{word}"},
        "address": {**example["address"], "value": magic_number(word)},
    }
    return request_body(**whose, **changes)


def call_to(word: str) -> dict[str, Any]:
    return text_to(word, channel="call", dialing="manual")


CALLS = {
    "delivered": Outcome.conversation_right_party,
    "out-of-order": Outcome.conversation_right_party,
    "lie-delivered": Outcome.conversation_right_party,
    "busy": Outcome.not_connected_busy,
    "no-answer": Outcome.ring_no_answer,
    "wrong-number": Outcome.wrong_number,
    "third-party": Outcome.conversation_third_party,
}


async def lived(door: Door, body: dict[str, Any], steps: tuple[int, ...]) -> dict[str, Any]:
    """Post, dispatch, let time pass; how the request stands in the end."""
    posted = await door.posted(body)
    await door.dispatch()
    for seconds in steps:
        await door.pass_time(seconds)
    return await door.shown(posted["id"])


class Story(NamedTuple):
    """Whom one writes to, what the request comes to within minutes and within days, and how often they were reached."""

    word: str
    soon: tuple[State, Outcome]
    later: tuple[State, Outcome]
    contacts: int = 1


COMPLETED, FAILED, SENT, UNKNOWN = State.completed, State.failed, State.sent, State.unknown

STORIES = [
    Story("delivered", (COMPLETED, Outcome.delivered), (COMPLETED, Outcome.delivered)),
    Story("read", (COMPLETED, Outcome.read), (COMPLETED, Outcome.read)),
    Story("out-of-order", (COMPLETED, Outcome.read), (COMPLETED, Outcome.read)),
    Story("duplicate", (COMPLETED, Outcome.delivered), (COMPLETED, Outcome.delivered)),
    Story("late", (SENT, Outcome.sent), (COMPLETED, Outcome.delivered)),
    Story("lost-receipt", (SENT, Outcome.sent), (COMPLETED, Outcome.sent)),
    Story("undelivered", (FAILED, Outcome.undelivered), (FAILED, Outcome.undelivered)),
    Story("lie-delivered", (COMPLETED, Outcome.delivered), (COMPLETED, Outcome.delivered)),
    Story("refuse", (FAILED, Outcome.refused_by_provider), (FAILED, Outcome.refused_by_provider), 0),
    Story("lie-refused", (FAILED, Outcome.refused_by_provider), (FAILED, Outcome.refused_by_provider), 0),
    Story("throttled", (FAILED, Outcome.failed), (FAILED, Outcome.failed), 0),
    Story("fail-once", (COMPLETED, Outcome.delivered), (COMPLETED, Outcome.delivered)),
    Story("token-expired", (COMPLETED, Outcome.delivered), (COMPLETED, Outcome.delivered)),
    Story("clock-skew", (COMPLETED, Outcome.delivered), (COMPLETED, Outcome.delivered)),
    Story("hang", (COMPLETED, Outcome.delivered), (COMPLETED, Outcome.delivered)),
    Story("hang-lost", (UNKNOWN, Outcome.sent), (COMPLETED, Outcome.sent)),
    Story("hang-untaken", (FAILED, Outcome.failed), (FAILED, Outcome.failed), 0),
    Story("error-after", (COMPLETED, Outcome.delivered), (COMPLETED, Outcome.delivered)),
    Story("error-before", (FAILED, Outcome.failed), (FAILED, Outcome.failed), 0),
    Story("drop", (COMPLETED, Outcome.delivered), (COMPLETED, Outcome.delivered)),
    Story("wrong-type", (COMPLETED, Outcome.delivered), (COMPLETED, Outcome.delivered)),
]


async def all_lived(door: Door, bodies: dict[str, dict[str, Any]]) -> dict[str, str]:
    """As `lived`, for many at once: the id of each."""
    ids = {word: (await door.posted(body))["id"] for word, body in bodies.items()}
    await door.dispatch()
    for seconds in A_WHILE:
        await door.pass_time(seconds)
    return ids


async def stands(door: Door, ids: dict[str, str]) -> dict[str, tuple[str, str]]:
    shown = {word: await door.shown(name) for word, name in ids.items()}
    return {word: (each["state"], each["attempts"][-1]["outcome"]) for word, each in shown.items()}


async def test_every_text_comes_to_what_its_receipts_tell(door: Door) -> None:
    ids = await all_lived(door, {story.word: text_to(story.word) for story in STORIES})

    assert {story.word: story.soon for story in STORIES} == await stands(door, ids)
    for seconds in DAYS:
        await door.pass_time(seconds)
    assert {story.word: story.later for story in STORIES} == await stands(door, ids)
    assert {story.word: story.contacts for story in STORIES} == {
        word: await door.contacts(name) for word, name in ids.items()
    }


async def test_every_call_comes_to_what_its_receipts_tell(door: Door) -> None:
    ids = await all_lived(door, {word: call_to(word) for word in CALLS})

    assert {word: (COMPLETED, outcome) for word, outcome in CALLS.items()} == await stands(door, ids)
    assert [1] * len(CALLS) == [await door.contacts(name) for name in ids.values()]


async def test_every_receipt_is_kept_and_tells_whether_it_moved_anything(door: Door) -> None:
    shown = await lived(door, text_to("out-of-order"), A_WHILE)
    twice = await lived(door, text_to("duplicate"), A_WHILE)

    assert [("read", True), ("delivered", False)] == [(each["outcome"], each["applied"]) for each in shown["receipts"]]
    assert ["delivered"] == [each["outcome"] for each in twice["receipts"]]


async def test_one_receipt_posted_by_many_at_once_is_taken_once(door: Door) -> None:
    posted = await door.posted(text_to("delivered"))
    await door.dispatch()
    (call,) = await door.callbacks()
    path, body, headers = call

    answers = await all_at_once(*(door.http.post(path, content=body, headers=headers) for _ in range(20)))

    assert [200] * 20 == [answer.status_code for answer in answers]
    shown = await door.shown(posted["id"])
    assert 1 == len(shown["receipts"])
    assert 1 == len([row for row in await door.rows("entries") if row["kind"] == "receipt.applied"])


@pytest.mark.parametrize("word", ["stop", "wrong-number"])
async def test_an_answer_that_refuses_bars_the_next_decision(door: Door, word: str) -> None:
    """Also of a request that was accepted before, and waits."""
    waiting = await door.posted(text_to(word, "waits", send_after="2026-11-23T11:00:00+08:00"))
    first = await lived(door, text_to(word), A_WHILE)

    again = await door.post(PATH, text_to(word, "again"))
    await door.pass_time(3600)

    assert COMPLETED == first["state"]
    assert 403 == again.status_code
    assert "deny" == again.json()["decision"]["effect"]
    shown = await door.shown(waiting["id"])
    assert (State.refused, ["allow", "deny"]) == (shown["state"], [each["effect"] for each in shown["decisions"]])
    assert 0 == await door.contacts(waiting["id"])


async def test_a_receipt_that_is_faster_than_the_answer_is_not_overwritten_by_it(world: World) -> None:
    class Slow(Wire):
        async def send(self, provider: str, dispatch: Dispatch) -> SendResult:
            told = Receipt("wire", "ev-1", Outcome.delivered, world.clock.now, attempt=dispatch.attempt)
            await world.store.write(lambda tx: receive(world.kit, tx, [told]))
            return await super().send(provider, dispatch)

    world.wire = Slow()
    await world.one(request())

    await world.dispatch()

    attempt = await world.row("attempts")
    assert (Outcome.delivered, None) == (attempt["outcome"], attempt["due_at"])
    assert attempt["provider_ref"] == f"ref-{attempt['id']}"
    assert (await world.row("requests"))["state"] == State.completed


async def test_receipts_of_one_attempt_taken_at_once_end_with_the_furthest(world: World) -> None:
    await world.one(request())
    await world.dispatch()
    (out,) = world.wire.out
    outcomes = (Outcome.delivered, Outcome.read, Outcome.sent, Outcome.undelivered)
    told = [
        Receipt("wire", f"ev-{n}", outcome, world.clock.now, attempt=out.attempt) for n, outcome in enumerate(outcomes)
    ]

    await asyncio.gather(*(world.store.write(lambda tx, each=each: receive(world.kit, tx, [each])) for each in told))  # type: ignore[misc]

    assert (await world.row("attempts"))["outcome"] == Outcome.read
    assert (await world.row("requests"))["state"] == State.completed
    assert 4 == len(await world.rows("receipts"))
