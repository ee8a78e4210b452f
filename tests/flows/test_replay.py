"""Recorded decisions judged again, from the facts that were sealed with them, on both stores."""

from dataclasses import replace

import pytest

from service.core.civil import parse_instant
from service.core.model import HOUR, Effect
from service.core.policy import Book, Rule
from service.flows.ports import EntryFilter
from service.flows.recorded import Recorded, Skipped, opened, read_page
from service.flows.replay import Replayed, Span, record_replay, replay
from service.flows.sweep import number

from .world import World, permit_call, request

ALLOW_TO_DEFER = (Effect.allow, Effect.defer)


async def lived(world: World) -> None:
    """A day of every kind of decision: allowed, sent, put off, refused, planned, permitted."""
    await world.start()
    await world.one(request("r-1"))
    await world.dispatch()
    await world.one(request("r-2"))
    await world.one(request("r-3"))
    await world.one(permit_call("c-1"))
    await world.one(request("r-4", expires_at=world.clock.now + HOUR))
    world.clock.forward(13 * HOUR)
    await world.one(request("r-5"))
    world.clock.set("2026-11-24T10:00:00+08:00")
    await world.dispatch()
    await numbered(world)


async def numbered(world: World) -> None:
    await world.store.write(lambda tx: number(tx, "test", world.clock(), HOUR))


async def again(
    world: World, book: Book | None = None, *, most: int | None = None, after: int | None = None
) -> Replayed:
    return await replay(world.kit, world.store, Span(), book, most=most, after=after)


def stricter(book: Book) -> Book:
    """One text message a day instead of two."""
    return changed(book, limit=1)


def changed(book: Book, **parameters: int) -> Book:
    """The book with the cap on text messages otherwise."""

    def other(rule: Rule) -> Rule:
        return replace(rule, **parameters) if rule.id == "house/sms-per-day" else rule  # type: ignore[arg-type]

    packs = tuple(replace(pack, rules=tuple(map(other, pack.rules))) for pack in book.packs)
    return replace(book, packs=packs, sha256="1" * 64, label="changed", _selections={}, _reaches={})


async def test_every_recorded_decision_follows_from_its_facts_again(both: World) -> None:
    await lived(both)

    done = await again(both)

    decisions = await both.rows("decisions")
    assert len(decisions) >= 7
    assert (done.tally.judged, done.tally.clean, done.next) == (len(decisions), True, None)


async def test_a_stricter_book_is_told_by_rule_by_outcome_and_by_example(both: World) -> None:
    await lived(both)

    tally = (await again(both, stricter(both.kit.books.shipped()))).tally

    assert tally.outcomes[ALLOW_TO_DEFER] == tally.stricter["house/sms-per-day"] > 0
    assert (tally.milder, tally.shallow) == ({}, 0)
    example = tally.examples[ALLOW_TO_DEFER][0]
    entry = await both.row("entries", id=example.entry)
    assert (entry["request"], entry["effect"]) == (example.request, "allow")
    assert example.otherwise.rules == {"house/sms-per-day": (Effect.allow, Effect.defer)}


async def test_a_rule_that_speaks_only_on_the_way_is_named(world: World) -> None:
    """At night the hours put both off until eight; only there is the day's place taken."""
    world.clock.set("2026-11-23T23:00:00+08:00")
    await world.one(request("r-1"))
    await world.one(request("r-2"))
    await numbered(world)

    tally = (await again(world, stricter(world.kit.books.shipped()))).tally

    assert tally.changed == 1
    assert {rule for rule, _, _ in tally.rules} == {"house/sms-per-day"}


async def test_the_same_book_under_another_name_changes_nothing(both: World) -> None:
    await lived(both)

    tally = (await again(both, replace(both.kit.books.shipped(), sha256="2" * 64, _selections={}, _reaches={}))).tally

    assert (tally.changed, tally.regrounded, tally.judged) == (0, 0, len(await both.rows("decisions")))


async def test_who_was_erased_is_skipped_and_counted(both: World) -> None:
    await lived(both)
    await both.store.write(lambda tx: tx.change("parties", {"id": "P-10086"}, {"key_wrapped": None}))

    tally = (await again(both)).tally

    assert (tally.judged, tally.clean) == (0, True)
    assert tally.skipped == {Skipped.erased: len(await both.rows("decisions"))}
    assert len(tally.erased) == 1


async def test_facts_that_are_not_as_they_were_sealed_are_told(both: World) -> None:
    await lived(both)
    first, second, *_ = await both.rows("decisions")
    await both.store.write(lambda tx: tx.change("decisions", {"id": first["id"]}, {"sealed": second["sealed"]}))
    await both.store.write(lambda tx: tx.change("decisions", {"id": second["id"]}, {"facts_sha256": "0" * 64}))

    tally = (await again(both)).tally

    assert (tally.skipped[Skipped.unreadable], tally.clean) == (2, False)


async def test_an_entry_that_names_other_facts_than_were_sealed_is_told(world: World) -> None:
    await lived(world)
    page = await world.store.read(lambda tx: read_page(world.kit, tx, EntryFilter(), -1, tx.entries_head()))
    first = page.entries[0]
    sealed = str(page.sealed[first["id"]]["facts_sha256"])

    other = {**first, "body": bytes(first["body"]).replace(sealed.encode(), b"0" * 64)}

    assert isinstance(opened(world.kit, page, first), Recorded)
    assert opened(world.kit, page, other) is Skipped.unreadable


async def test_a_decision_that_does_not_follow_from_its_facts_is_found(
    both: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lived(both)
    wrong = stricter(both.kit.books.shipped())
    monkeypatch.setattr(both.kit.books, "get", lambda sha256, text: wrong)

    tally = (await again(both)).tally

    assert not tally.clean
    assert tally.outcomes[ALLOW_TO_DEFER] > 0


async def test_a_replay_in_parts_comes_to_the_same(both: World) -> None:
    await lived(both)
    book = stricter(both.kit.books.shipped())
    whole = (await again(both, book)).tally

    parts, after = [], None
    while not parts or after is not None:
        part = await again(both, book, most=2, after=after)
        parts.append(part.tally)
        after = part.next

    assert len(parts) > 3
    assert sum(part.judged for part in parts) == whole.judged
    assert sum(part.changed for part in parts) == whole.changed


async def test_only_the_decisions_of_the_span_are_judged(both: World) -> None:
    await lived(both)
    midnight = parse_instant("2026-11-24T00:00:00+08:00")

    before = await replay(both.kit, both.store, Span(None, midnight))
    after = await replay(both.kit, both.store, Span(midnight, None))

    assert before.tally.judged > 0 < after.tally.judged
    assert before.tally.judged + after.tally.judged == len(await both.rows("decisions"))


async def test_a_replay_leaves_an_entry_with_its_figures(world: World) -> None:
    await lived(world)
    done = await again(world)

    await world.store.write(lambda tx: record_replay(world.kit, tx, "officer", Span(), done))

    entry = await world.row("entries", kind="decision.replayed")
    assert (entry["actor"], entry["party"]) == ("officer", None)


async def test_a_book_that_reads_further_back_than_the_facts_is_told(world: World) -> None:
    await lived(world)

    tally = (await again(world, changed(world.kit.books.shipped(), days=90))).tally

    assert tally.shallow == tally.judged > 0
