"""
The nightly watchman: each day's decisions judged again, each under the book it was made with.

A day on which nobody watched is made up for. Nothing may be otherwise: what is, is a fault in the gateway or in what
is stored, and is told by an entry, a figure and a note at `/readyz` until a later day is clean (decision 0021). One
replica does it, by lease.
"""

from datetime import date, timedelta
from typing import Any

from service.core.civil import local_date, start_of
from service.core.model import HOUR, Instant

from .entries import entry
from .kit import Kit
from .ports import EntryFilter, Row, Store, Tx
from .recorded import Skipped
from .replay import Replayed, Span, replay

LEASE = "watch"
LEASE_FOR = HOUR
"""Longer than a day's decisions take; after that another replica begins anew."""

NOT_BEFORE = HOUR
"""How long after midnight the watchman begins: what was decided last has its index by then."""

MADE_UP_DAYS = 31
"""How far back days are made up for; a store that was never watched begins there, or with its first entry."""

SYSTEM = "system"


async def watch(kit: Kit, store: Store, owner: str) -> Row | None:
    """Judge the first day that nobody watched yet, up to yesterday; return the latest row, None before the first."""
    now = kit.clock()
    yesterday = local_date(kit.bank_zone, now) - timedelta(days=1)
    day = await store.read(lambda tx: _next_day(kit, tx, yesterday))
    until = start_of(kit.bank_zone, day + timedelta(days=1))
    if day > yesterday or now < until + NOT_BEFORE:
        return await store.read(last_watch)
    if await store.write(lambda tx: tx.lease(LEASE, owner, now, Instant(now + LEASE_FOR))):
        done = await replay(kit, store, Span(start_of(kit.bank_zone, day), until))
        await store.write(lambda tx: _record(kit, tx, day.isoformat(), done))
    return await store.read(last_watch)


def last_watch(tx: Tx) -> Row | None:
    """What the watchman found last."""
    rows = tx.rows("watches", {}, order=["day"])
    return rows[-1] if rows else None


def alarm(row: Row | None) -> str | None:
    """What is to be told of the last watch; None where all was well."""
    if row is None or not row["otherwise"] + row["unreadable"]:
        return None
    return (
        f"of the decisions of {row['day']}, {row['otherwise']} do not follow from their recorded facts and "
        f"{row['unreadable']} cannot be read; see the entry {row['entry']}"
    )


def _next_day(kit: Kit, tx: Tx, yesterday: date) -> date:
    """The day after the last that was watched; before the first, the day of the first entry."""
    last = last_watch(tx)
    if last is not None:
        day = date.fromisoformat(last["day"]) + timedelta(days=1)
    else:
        first = tx.entries(EntryFilter(), -1, 1)
        day = local_date(kit.bank_zone, first[0]["at"]) if first else yesterday
    return max(day, yesterday - timedelta(days=MADE_UP_DAYS - 1))


def _record(kit: Kit, tx: Tx, day: str, done: Replayed) -> None:
    tx.gate([LEASE])
    if tx.rows("watches", {"day": day}, limit=1):
        return
    now, tally = kit.clock(), done.tally
    figures = {
        "judged": tally.judged,
        "otherwise": tally.changed + tally.regrounded,
        "unreadable": tally.skipped[Skipped.unreadable],
        "erased": tally.skipped[Skipped.erased],
    }
    examples = [each.entry for shown in tally.examples.values() for each in shown]
    more: dict[str, Any] = {"day": day, **figures, "examples": examples}
    told = entry(kit, now, "decision.watched", SYSTEM, more=more)
    tx.add("entries", [told])
    tx.add("watches", [{"day": day, **figures, "entry": told["id"], "finished_at": now}])
