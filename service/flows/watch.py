"""
The nightly watchman: yesterday's decisions judged again, each under the book it was made with.

Nothing may be otherwise. What is, is a fault in the gateway or in what is stored, and is told by an entry,
a figure and a note at `/readyz` until a later day is clean (decision 0021). One replica does it, by lease.
"""

from datetime import timedelta
from typing import Any

from service.core.civil import local_date, start_of
from service.core.model import HOUR, Instant

from .entries import entry
from .kit import Kit
from .ports import Row, Store, Tx
from .recorded import Skipped
from .replay import Replayed, Span, replay

LEASE = "watch"
LEASE_FOR = HOUR
"""Longer than a day's decisions take; after that another replica begins anew."""

NOT_BEFORE = HOUR
"""How long after midnight the watchman begins: what was decided last has its index by then."""

SYSTEM = "system"


async def watch(kit: Kit, store: Store, owner: str) -> Row | None:
    """Judge yesterday's decisions again unless it was done; return the latest row, None before the first."""
    now = kit.clock()
    day = local_date(kit.bank_zone, now) - timedelta(days=1)
    until = start_of(kit.bank_zone, day + timedelta(days=1))
    if now < until + NOT_BEFORE or not await store.read(lambda tx: _due(tx, day.isoformat())):
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


def _due(tx: Tx, day: str) -> bool:
    return not tx.rows("watches", {"day": day}, limit=1)


def _record(kit: Kit, tx: Tx, day: str, done: Replayed) -> None:
    tx.gate([LEASE])
    if not _due(tx, day):
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
