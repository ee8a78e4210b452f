"""
What providers told and nobody could read or match: to be looked at, and to be tried again once it is mended.

    1. it is listed by id, account, time and reason, which say nothing of anybody
    2. one is opened, which leaves an entry, for what stands in it may be personal data of people we do not know
    3. one is tried again as the sweep tries it, which leaves an entry; what still cannot be taken stays here
"""

from collections.abc import Iterator
from typing import NamedTuple

from service.core.errors import NotFound
from service.core.model import HeardState, Instant

from .entries import entry
from .hearing import AGAIN_AFTER, FIRST_TRY_FOR, Hearing, apply, opened, set_aside
from .kit import Kit
from .ports import Channels, Row, Store, Tx
from .providers import Callback, Door

PAGE = 100


class Kept(NamedTuple):
    """One body that is kept aside until an instant; `parent` is the one that it was a part of."""

    id: str
    provider: str
    received_at: Instant
    until: Instant
    why: str
    parent: str | None


class Tried(NamedTuple):
    """What came of trying again; `why` it is still kept aside, None: it is not."""

    hearing: Hearing
    why: str | None


def kept(tx: Tx) -> list[Kept]:
    """List all that is kept aside, the oldest first; page by page, for the bodies come along and may be large."""
    return list(_kept(tx))


def _kept(tx: Tx) -> Iterator[Kept]:
    after = ""
    while rows := tx.rows(
        "heard", {"state": HeardState.aside}, order=["id"], limit=PAGE, after=("id", after) if after else None
    ):
        yield from (_of(row) for row in rows if not _forgotten(row))
        after = rows[-1]["id"]


async def look(kit: Kit, store: Store, actor: str, name: str) -> tuple[Kept, Callback]:
    """Open one, and leave an entry that it was."""

    def body(tx: Tx) -> Row:
        row = _row(tx, name)
        _tell(kit, tx, "receipt.shown", actor, row)
        return row

    row = await store.write(body)
    return _of(row), opened(kit, row)


async def try_again(
    kit: Kit, store: Store, channels: Channels, actor: str, name: str, door: Door | None = None
) -> Tried:
    """
    Read it and act on it as if it came now, and leave an entry; another process may do the same, and no harm.

    `door` is the one that it was meant for, where it came to the wrong one.
    """

    def begin(tx: Tx) -> Row:
        row = _row(tx, name)
        # The last of its tries: what fits no attempt is kept aside at once, and not awaited again. Should we die here,
        # the sweep goes on with it.
        values = {"state": HeardState.due, "due_at": kit.clock() + FIRST_TRY_FOR, "tries": len(AGAIN_AFTER)}
        tx.change("heard", {"id": name}, values)
        _tell(kit, tx, "receipt.tried_again", actor, row)
        return {**row, **values}

    row = await store.write(begin)
    callback = opened(kit, row)
    try:
        hearing = await apply(kit, store, channels, row, callback._replace(door=door or callback.door))
    except Exception as error:
        why = type(error).__name__
        await store.write(lambda tx: set_aside(kit, tx, row, why))
        raise
    (left,) = await store.read(lambda tx: tx.rows("heard", {"id": name}))
    return Tried(hearing, left["why"] if left["state"] == HeardState.aside else None)


def _row(tx: Tx, name: str) -> Row:
    found = tx.rows("heard", {"id": name, "state": HeardState.aside})
    if not found or _forgotten(found[0]):
        raise NotFound(f"nothing is kept aside under {name}")
    return found[0]


def _forgotten(row: Row) -> bool:
    """Whether its time is over: that it was there stays known, and nothing of what it said."""
    return row["sealed"] is None


def _of(row: Row) -> Kept:
    return Kept(row["id"], row["provider"], row["received_at"], row["due_at"], row["why"] or "", row["parent"])


def _tell(kit: Kit, tx: Tx, kind: str, actor: str, row: Row) -> None:
    more = {"heard": row["id"], "provider": row["provider"], "detail": row["why"]}
    tx.add("entries", [entry(kit, kit.clock(), kind, actor, more=more)])
