"""The reading of the evidence, while others write."""

import hashlib
from typing import Any

import orjson
import pytest

from service.core.model import Instant
from service.core.request import Client
from service.flows import audit
from service.flows.audit import Question, read_entries, read_entry
from service.flows.entries import entry
from service.flows.export import Format, export
from service.flows.sweep import number

from .world import BANK, World, request

OFFICER = Client(id="officer", actor_role=BANK.actor_role, scopes=frozenset({"audit:read", "audit:export"}))


async def written(world: World, count: int, kind: str = "party.set", at: Instant | None = None) -> None:
    now = world.clock.now if at is None else at
    rows = [entry(world.kit, now, kind, "bank", client="bank") for _ in range(count)]
    await world.store.write(lambda tx: tx.add("entries", rows))
    await numbered(world)


async def numbered(world: World) -> None:
    await world.store.write(lambda tx: number(tx, "test", world.clock(), 1_000_000))


async def test_an_export_ends_at_the_head_of_its_start_whatever_comes_meanwhile(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.flows.export.PAGE", 2)
    await written(world, 6)

    begun = await export(world.kit, world.store, OFFICER, Format.ndjson)
    pieces = []
    async for piece in begun.pieces:
        pieces.append(piece)
        await written(world, 3)
    lines = [orjson.loads(line) for line in b"".join(pieces).splitlines()]

    assert 6 == begun.head
    assert list(range(7)) == [line["index"] for line in lines[:-1]]
    assert {"head": 6, "entries": 7} == lines[-1]
    assert 5 == len(pieces)


async def test_an_export_takes_the_memory_of_a_page(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.flows.export.PAGE", 10)
    await written(world, 95)

    begun = await export(world.kit, world.store, OFFICER, Format.csv)
    sizes = [piece.count(b"\r\n") async for piece in begun.pieces]

    assert [1, *[10] * 9, 6] == sizes


async def test_every_digest_is_that_of_the_body(world: World) -> None:
    await world.one(request())
    await numbered(world)

    page = await read_entries(world.kit, world.store, OFFICER, Question())

    stored = {row["index"]: row["body"] for row in await world.rows("entries") if row["index"] is not None}
    assert {each.row["index"]: each.sha256 for each in page.items} == {
        index: hashlib.sha256(body).hexdigest() for index, body in stored.items()
    }


async def test_a_search_looks_span_by_span_and_finds_the_same(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for turn in range(5):
        await written(world, 4)
        await written(world, 1, f"rare.number_{turn}")

    async def walked(question: Question) -> list[int]:
        found: list[int] = []
        after = audit.START
        while True:
            page = await read_entries(world.kit, world.store, OFFICER, question, after, 2)
            found += [each.row["index"] for each in page.items]
            if page.next is None:
                return found
            after = page.next

    questions = [Question(kind="party.set"), Question(kind="rare.number_4"), Question(kind="none.at_all"), Question()]
    in_one = [await walked(question) for question in questions]
    monkeypatch.setattr("service.flows.audit.SPAN", 3)
    in_spans = [await walked(question) for question in questions]

    assert in_one == in_spans
    assert [20, 1, 0, 26] == [len(found) for found in in_one]


async def test_entries_far_in_the_past_and_the_future_are_found_by_time(world: World) -> None:
    instants = [Instant(at) for at in (0, 1, 5 * 10**14, 2 * 10**15, 9 * 10**15)]
    for at in instants:
        await written(world, 1, "old.entry", at)

    async def found(**asked: Any) -> list[int]:
        page = await read_entries(world.kit, world.store, OFFICER, Question(kind="old.entry", **asked))
        return [each.row["at"] for each in page.items]

    assert instants == await found()
    assert instants == await found(since=Instant(-(10**17)), until=Instant(25 * 10**16))
    assert instants[1:4] == await found(since=instants[1], until=instants[4])
    assert [] == await found(since=instants[0] - 9, until=instants[0])


async def test_reading_one_entry_leaves_its_party_beside_the_reading(world: World) -> None:
    answer = await world.one(request())
    await numbered(world)
    assert answer.request is not None
    accepted = await world.row("entries", request=answer.request["id"])

    await read_entry(world.kit, world.store, OFFICER, accepted["index"])

    left = await world.row("entries", kind="audit.read")
    assert (accepted["party"], accepted["account"], accepted["address"]) == (
        left["party"],
        left["account"],
        left["address"],
    )
    assert (None, "officer") == (left["client"], left["actor"])


async def test_nothing_is_shown_where_the_entry_of_the_reading_cannot_be_written(world: World) -> None:
    async def fails(body: Any) -> Any:
        raise RuntimeError("no write today")

    world.store.write = fails  # type: ignore[method-assign]

    with pytest.raises(RuntimeError):
        await read_entries(world.kit, world.store, OFFICER, Question())
    with pytest.raises(RuntimeError):
        await export(world.kit, world.store, OFFICER, Format.ndjson)
