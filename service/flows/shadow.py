"""
Shadow mode: a proposed book tried on live traffic without effect, so that an officer sees what it would change.

It follows the recorded decisions by their dense index and judges each from its sealed facts a moment
later (decision 0021): a deciding transaction neither waits for it nor can fail by it, and each decision
is counted once, whichever replica follows and whenever one dies. One book at a time; nothing by default.
"""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

from service.core.errors import NotFound
from service.core.model import MINUTE, Instant
from service.core.policy import Book

from .activate import keep_book, nameable
from .books import book_of
from .entries import entry
from .kit import Kit
from .ports import EntryFilter, Row, Store, Tx
from .recorded import Page, read_page
from .replay import Judging, Tally

LEASE = "shadow"
LEASE_FOR = MINUTE
DECISION = "*"
"""Stands for a rule where the decision itself is counted."""


class Shadow(NamedTuple):
    """A book that is or was tried, and how often what would have been otherwise: (rule, was, would), number."""

    row: Row
    label: str
    counts: list[tuple[str, str, str, int]]


async def begin_shadow(kit: Kit, store: Store, principal: str, sha256: str) -> Shadow:
    """Try a book, stored or lying in the folder, from now on; the one tried before ends."""
    book = await nameable(kit, store, sha256)
    return await store.write(lambda tx: _begin(kit, tx, principal, book))


def end_shadow(kit: Kit, tx: Tx, principal: str) -> Shadow:
    """Try no book any longer. Raises NotFound where none is tried."""
    tx.gate([LEASE])
    row = current(tx)
    if row is None:
        raise NotFound("no book is tried in the shadow")
    _end(kit, tx, principal, row)
    return shown(tx, row["id"])


def current(tx: Tx) -> Row | None:
    """The book that is tried now."""
    found = tx.rows("shadows", {"ended_at": None}, order=["begun_at"], limit=1)
    return found[0] if found else None


def latest(tx: Tx) -> Shadow | None:
    """The book that is tried, or was last."""
    rows = tx.rows("shadows", {}, order=["id"])
    return shown(tx, rows[-1]["id"]) if rows else None


def shown(tx: Tx, shadow: str) -> Shadow:
    [row] = tx.rows("shadows", {"id": shadow})
    [book] = tx.rows("books", {"sha256": row["sha256"]})
    counts = tx.rows("shadow_counts", {"shadow": shadow}, order=["rule", "was", "would"])
    return Shadow(row, book["label"], [(each["rule"], each["was"], each["would"], each["number"]) for each in counts])


async def follow(kit: Kit, store: Store, owner: str) -> Row | None:
    """
    The beat: judge what was decided since the last one, page by page; return the row as it stands.

    1. is a book tried? the one look that it costs where none is
    2. the lease: one replica follows
    3. read a page, judge it outside of any transaction
    4. count, and move the cursor in the same transaction, if nobody else has moved it meanwhile
    """
    row = await store.read(current)
    if row is None or not await store.write(partial(_leased, kit, owner=owner)):
        return row
    book = await book_of(kit, store, row["sha256"])
    while row is not None:
        page = await store.read(partial(_page, kit, after=row["cursor"]))
        judging = Judging(book)
        await asyncio.to_thread(judging.page, kit, page)
        moved = await store.write(partial(_count, row=row, page=page, tally=judging.tally))
        row = moved if moved is not None and page.more else None
    return await store.read(current)


def _begin(kit: Kit, tx: Tx, principal: str, book: Book) -> Shadow:
    tx.gate([LEASE])
    before = current(tx)
    if before is not None and before["sha256"] == book.sha256:
        return shown(tx, before["id"])
    if before is not None:
        _end(kit, tx, principal, before)
    now = kit.clock()
    keep_book(kit, tx, book)
    row = {
        "id": kit.ids.new("sh", now),
        "sha256": book.sha256,
        "begun_at": now,
        "begun_by": principal,
        "ended_at": None,
        "cursor": tx.entries_head(),
        "judged": 0,
        "changed": 0,
        "skipped": 0,
    }
    tx.add("shadows", [row])
    tx.add("entries", [_entry(kit, now, "shadow.begun", principal, row)])
    return Shadow(row, book.label, [])


def _end(kit: Kit, tx: Tx, principal: str, row: Row) -> None:
    now = kit.clock()
    tx.change("shadows", {"id": row["id"]}, {"ended_at": now})
    tx.add("entries", [_entry(kit, now, "shadow.ended", principal, row)])


def _leased(kit: Kit, tx: Tx, owner: str) -> bool:
    now = kit.clock()
    return tx.lease(LEASE, owner, now, Instant(now + LEASE_FOR))


def _page(kit: Kit, tx: Tx, after: int) -> Page:
    return read_page(kit, tx, EntryFilter(), after, tx.entries_head())


def _count(tx: Tx, row: Row, page: Page, tally: Tally) -> Row | None:
    """None where another has counted these already, or the trial has ended."""
    tx.gate([LEASE])
    figures = {
        "cursor": page.last,
        "judged": row["judged"] + tally.judged,
        "changed": row["changed"] + tally.changed,
        "skipped": row["skipped"] + tally.skipped.total(),
    }
    if not tx.change("shadows", {"id": row["id"], "cursor": row["cursor"], "ended_at": None}, figures):
        return None
    said = {(DECISION, *pair): number for pair, number in tally.outcomes.items()} | dict(tally.rules)
    for (rule, was, would), number in said.items():
        key = {"shadow": row["id"], "rule": rule, "was": was.name, "would": would.name}
        counted = tx.rows("shadow_counts", key)
        if counted:
            tx.change("shadow_counts", key, {"number": counted[0]["number"] + number})
        else:
            tx.add("shadow_counts", [{**key, "number": number}])
    return {**row, **figures}


def _entry(kit: Kit, now: Instant, kind: str, actor: str, row: Row) -> Row:
    more: Mapping[str, Any] = {
        "shadow": row["id"],
        "book": row["sha256"],
        "judged": row["judged"],
        "changed": row["changed"],
    }
    return entry(kit, now, kind, actor, more=more)
