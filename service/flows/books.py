"""Books as people look at them: the one in force, those to come, and what lies in the folder and is not active."""

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple

from service.core.errors import Conflict, Misconfigured, NotFound
from service.core.model import Instant
from service.core.policy import Book, Pack

from .accept import book_in_force
from .activate import Activation
from .kit import Kit
from .ports import Row, Store, Tx

IN_FORCE = "in-force"
FOLDER = "folder"


class Named(NamedTuple):
    """An activation and the label of its book."""

    activation: Activation
    label: str


class Lying(NamedTuple):
    """The policies folder: its book, its drafts; or, if it cannot be read, what is wrong with it."""

    book: Book | None
    drafts: Sequence[Pack]
    complaints: tuple[str, ...]


class Shown(NamedTuple):
    """`pending`: proposals that await a second principal, and activations whose date has not come."""

    book: Book | None
    in_force: Named | None
    pending: list[Named]
    lying: Lying


async def show_books(kit: Kit, store: Store) -> Shown:
    """All there is to see."""
    now = kit.clock()
    in_force, pending = await store.read(lambda tx: _named(tx, now))
    book = await book_of(kit, store, in_force.activation.sha256) if in_force else None
    return Shown(book, in_force, pending, await lying(kit))


async def find_book(kit: Kit, store: Store, sha256: str) -> Book:
    """A book by digest: one that was ever proposed, or the one in the folder. Raises NotFound."""
    try:
        return await book_of(kit, store, sha256)
    except NotFound:
        book = (await lying(kit)).book
        if book is None or book.sha256 != sha256:
            raise
        return book


async def named_book(kit: Kit, store: Store, name: str) -> Book:
    """A book by digest, the one `in-force`, or that of the `folder`. Raises NotFound, or Conflict for a bad folder."""
    if name == FOLDER:
        found = await lying(kit)
        if found.book is None:
            raise Conflict(f"the policies folder cannot be read: {found.complaints[0]}")
        return found.book
    if name == IN_FORCE:
        return await store.read(lambda tx: book_in_force(kit, tx, kit.clock()))
    return await find_book(kit, store, name)


async def book_of(kit: Kit, store: Store, sha256: str) -> Book:
    """The book that the store keeps under a digest. Raises NotFound."""
    return await store.read(lambda tx: kit.books.get(sha256, tx.book_text))


async def lying(kit: Kit) -> Lying:
    """Read the folder, in a thread: it is read anew when a file has changed."""
    return await asyncio.to_thread(_read_folder, kit)


def _read_folder(kit: Kit) -> Lying:
    try:
        return Lying(kit.books.shipped(), tuple(kit.books.drafts()), ())
    except Misconfigured as error:
        return Lying(None, (), tuple(error.detail.splitlines()))


def _named(tx: Tx, now: Instant) -> tuple[Named | None, list[Named]]:
    rows = tx.rows("activations", {}, order=["effective_at", "activated_at", "id"])
    digest = tx.book_in_force(now)
    labels = {row["sha256"]: row["label"] for row in tx.rows("books", {"sha256": sorted({r["sha256"] for r in rows})})}
    past = [row for row in rows if _stands(row) and row["effective_at"] <= now and row["sha256"] == digest]
    coming = [row for row in rows if row["effective_at"] > now or (row["effective_at"] == now and not _stands(row))]
    return _name(past[-1], labels) if past else None, [_name(row, labels) for row in coming]


def _stands(row: Row) -> bool:
    return row["activated_at"] is not None


def _name(row: Row, labels: dict[str, Any]) -> Named:
    return Named(Activation(**{name: row[name] for name in Activation._fields}), labels[row["sha256"]])
