"""
Put books in force. An empty store takes the shipped book, as a deed of `system`; afterwards two
different principals must name the same digest and date (DESIGN section 6).
"""

import asyncio
from typing import NamedTuple

from service.core.errors import Conflict, Invalid, Misconfigured, NotFound
from service.core.model import Instant
from service.core.policy import Book

from .entries import entry
from .kit import Kit
from .ports import Row, Store, Tx

SYSTEM = "system"


class Activation(NamedTuple):
    """`second_by` is None while the second principal is awaited."""

    id: str
    sha256: str
    effective_at: Instant
    first_by: str
    second_by: str | None
    activated_at: Instant | None


def activate_shipped(kit: Kit, tx: Tx) -> str | None:
    """Activate the shipped book in a store that has never had one; return its digest, None if there was one."""
    tx.gate(["activation"])
    if tx.rows("activations", {}, limit=1):
        return None
    now = kit.clock()
    book = kit.books.shipped()
    keep_book(kit, tx, book)
    row = {
        "id": kit.ids.new("ac", now),
        "sha256": book.sha256,
        "effective_at": now,
        "first_by": SYSTEM,
        "second_by": SYSTEM,
        "activated_at": now,
    }
    tx.add("activations", [row])
    tx.add("entries", [_entry(kit, now, "book.activated", SYSTEM, row, book.label)])
    return book.sha256


async def activate(kit: Kit, store: Store, principal: str, sha256: str, effective_at: Instant) -> Activation:
    """
    Name a book and the date it takes effect.

    The first principal proposes, a second and different one activates. The same principal again changes
    nothing. Raises NotFound for a digest that is neither stored nor shipped, Invalid for a past date,
    Conflict for a proposal whose date has passed, or a book that this version cannot read: in force it would
    stop every decision.
    """
    book = await nameable(kit, store, sha256)
    return await store.write(lambda tx: _activate(kit, tx, principal, book, effective_at))


async def nameable(kit: Kit, store: Store, sha256: str) -> Book:
    """
    Find a book that can be named: stored, or lying in the folder.

    Raises NotFound, or Conflict where this version cannot read it. The folder is read, and the book tried,
    outside of any transaction: both take their time.
    """
    stored = await store.read(lambda tx: _stored(kit, tx, sha256))
    return stored if stored is not None else await asyncio.to_thread(_lying, kit, sha256)


def keep_book(kit: Kit, tx: Tx, book: Book) -> None:
    """Keep the text of a book by its digest, once."""
    tx.add_missing("books", [{"sha256": book.sha256, "label": book.label, "text": kit.books.text(book)}])


def _stored(kit: Kit, tx: Tx, sha256: str) -> Book | None:
    if not tx.rows("books", {"sha256": sha256}):
        return None
    try:
        return kit.books.get(sha256, tx.book_text)
    except Misconfigured:
        raise Conflict("this version of the gateway cannot read that book") from None


def _lying(kit: Kit, sha256: str) -> Book:
    """The book of the folder, if that is the one."""
    try:
        book = kit.books.shipped()
    except Misconfigured:
        raise NotFound("no book of this digest is stored, and the policies folder cannot be read as it is") from None
    if book.sha256 != sha256:
        raise NotFound("no book of this digest is stored or lies in the policies folder")
    return book


def _activate(kit: Kit, tx: Tx, principal: str, book: Book, effective_at: Instant) -> Activation:
    tx.gate(["activation"])
    now = kit.clock()
    named = tx.rows("activations", {"sha256": book.sha256, "effective_at": effective_at})
    if not named:
        if effective_at < now:
            raise Invalid("effective_at", "must not lie in the past")
        keep_book(kit, tx, book)
        row = {
            "id": kit.ids.new("ac", now),
            "sha256": book.sha256,
            "effective_at": effective_at,
            "first_by": principal,
            "second_by": None,
            "activated_at": None,
        }
        tx.add("activations", [row])
        tx.add("entries", [_entry(kit, now, "book.proposed", principal, row, book.label)])
        return _activation(row)
    row = dict(named[0])
    if row["second_by"] is None and effective_at < now:
        raise Conflict("the date of this proposal has passed; name another", code="proposal-lapsed")
    if row["second_by"] is None and row["first_by"] != principal:
        row.update(second_by=principal, activated_at=now)
        tx.change("activations", {"id": row["id"]}, {"second_by": principal, "activated_at": now})
        tx.add("entries", [_entry(kit, now, "book.activated", principal, row, book.label)])
    return _activation(row)


def _activation(row: Row) -> Activation:
    return Activation(**{name: row[name] for name in Activation._fields})


def _entry(kit: Kit, now: Instant, kind: str, actor: str, row: Row, label: str) -> Row:
    more = {
        "activation": row["id"],
        "book": row["sha256"],
        "label": label,
        "effective_at": row["effective_at"],
        "first_by": row["first_by"],
    }
    return entry(kit, now, kind, actor, more=more)
