"""
Tell of obligations that are due and not done: by one entry each, and by how many there are.
"""

from collections.abc import Mapping

from service.core.model import Instant, NoticeKind

from .entries import entry
from .kit import Kit
from .obligations import Standing, satisfy
from .ports import Row, Store, Tx

TOLD_MAX = 200
"""Obligations that a beat tells of at a time; the next beat takes the rest."""


async def remind(kit: Kit, store: Store) -> Mapping[str, int]:
    """One round: tell what is overdue by now, and how many are open and overdue."""
    now = kit.clock()
    if await store.read(lambda tx: _due(tx, now, 1)):
        await store.write(lambda tx: tell_overdue(kit, tx))
    counts = await store.read(lambda tx: tx.counts("obligations", {"state": _WATCHED}, "state"))
    return {state: counts.get(state, 0) for state in _WATCHED}


_WATCHED = (Standing.open, Standing.overdue)


def tell_overdue(kit: Kit, tx: Tx) -> int:
    """Tell of each obligation that is due and not done, by one entry; return how many."""
    now = kit.clock()
    due = _due(tx, now, TOLD_MAX)
    if not due:
        return 0
    tx.gate(f"obligation:{name}" for name in due)
    now = kit.clock()
    rows = [row for row in tx.rows("obligations", {"id": due}) if row["state"] == Standing.open]
    sent = {
        (notice["account"], notice["kind"]): notice["sent_at"]
        for notice in tx.rows("notices", {"account": sorted({row["account"] for row in rows})})
    }
    told = 0
    for row in rows:
        sent_at = sent.get((row["account"], row["notice"]))
        if sent_at is not None:
            # Recorded in the very moment in which the contact was: neither saw the other.
            satisfy(tx, row["account"], NoticeKind(row["notice"]), sent_at)
            continue
        tx.change("obligations", {"id": row["id"]}, {"state": Standing.overdue})
        tx.add("entries", [_overdue(kit, now, row)])
        told += 1
    return told


def _overdue(kit: Kit, now: Instant, row: Row) -> Row:
    more = {name: row[name] for name in ("rule", "attempt", "raised_at", "due_at")}
    more |= {"obligation": row["id"], "notice_kind": row["notice"]}
    return entry(kit, now, "obligation.overdue", "system", account=row["account"], rules=f"|{row['rule']}|", more=more)


def _due(tx: Tx, now: Instant, limit: int) -> list[str]:
    return [row["id"] for row in tx.due("obligations", "due_at", now, {"state": Standing.open}, limit=limit)]
