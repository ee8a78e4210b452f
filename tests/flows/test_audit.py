"""The reading of the evidence, while others write."""

import hashlib
from typing import Any

import orjson
import pytest

from service.core.civil import parse_instant
from service.core.model import DAY, HOUR, MINUTE, Instant
from service.core.request import Client
from service.flows import audit
from service.flows.audit import Question, read_entries, read_entry
from service.flows.entries import entry
from service.flows.export import Format, export
from service.flows.sweep import number

from .world import BANK, World, request

OFFICER = Client(id="officer", actor_role=BANK.actor_role, scopes=frozenset({"audit:read", "audit:export"}))

FIRST, LAST = parse_instant("0001-01-01T00:00:00Z"), parse_instant("9999-12-31T23:59:59Z")


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


async def test_a_stretch_of_time_is_searched_to_the_microsecond(world: World) -> None:
    start = world.clock.now + DAY
    instants = [Instant(start + at) for at in (0, 1, 5 * HOUR, 6 * HOUR, 7 * HOUR, 9 * HOUR, 100 * 365 * DAY)]
    for at in instants:
        await written(world, 2, "timed.entry", at)

    async def found(**asked: Any) -> list[int]:
        page = await read_entries(world.kit, world.store, OFFICER, Question(kind="timed.entry", **asked))
        return [each.row["at"] for each in page.items]

    for i, since in enumerate(instants):
        for j, until in enumerate(instants):
            assert [at for at in instants[i:j] for _ in range(2)] == await found(since=since, until=until)
        assert [at for at in instants[i:] for _ in range(2)] == await found(since=since)
        assert [at for at in instants[:i] for _ in range(2)] == await found(until=since)
    assert 14 == len(await found(since=FIRST, until=LAST))
    assert [] == await found(since=LAST)


async def test_entries_that_committed_late_are_found_by_their_time(world: World) -> None:
    late = Instant(world.clock.now + DAY)
    for minute in (0, 9, 5, 1, 8, 2):
        await written(world, 1, "timed.entry", Instant(late + minute * MINUTE))

    page = await read_entries(
        world.kit, world.store, OFFICER, Question(since=Instant(late + MINUTE), until=Instant(late + 8 * MINUTE))
    )

    assert [5, 1, 2] == [(each.row["at"] - late) // MINUTE for each in page.items]


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
