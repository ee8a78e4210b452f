"""
Put books in force. An empty store takes the shipped book, as a deed of `system`; afterwards two
different principals must name the same digest and date (DESIGN section 6).
"""

from typing import NamedTuple

from service.core.errors import Conflict, Invalid, NotFound
from service.core.model import Instant

from .entries import entry
from .kit import Kit
from .ports import Row, Tx

SYSTEM = "system"


class Activation(NamedTuple):
    """`second_by` is None while the second principal is awaited."""

    id: str
    sha256: str
    effective_at: Instant
    first_by: str
    second_by: str | None


def activate_shipped(kit: Kit, tx: Tx) -> str | None:
    """Activate the shipped book in a store that has never had one; return its digest, None if there was one."""
    tx.gate(["activation"])
    if tx.rows("activations", {}, limit=1):
        return None
    now = kit.clock()
    book = kit.books.shipped()
    tx.add_missing("books", [{"sha256": book.sha256, "label": book.label, "text": kit.books.text(book)}])
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


def activate(kit: Kit, tx: Tx, principal: str, sha256: str, effective_at: Instant) -> Activation:
    """
    Name a book and the date it takes effect.

    The first principal proposes, a second and different one activates. The same principal again changes
    nothing. Raises NotFound for a digest that is neither stored nor shipped, Invalid for a past date.
    """
    tx.gate(["activation"])
    now = kit.clock()
    label = _keep(kit, tx, sha256)
    named = tx.rows("activations", {"sha256": sha256, "effective_at": effective_at})
    if not named:
        if effective_at < now:
            raise Invalid("effective_at", "must not lie in the past")
        row = {
            "id": kit.ids.new("ac", now),
            "sha256": sha256,
            "effective_at": effective_at,
            "first_by": principal,
            "second_by": None,
            "activated_at": None,
        }
        tx.add("activations", [row])
        tx.add("entries", [_entry(kit, now, "book.proposed", principal, row, label)])
        return _activation(row)
    row = dict(named[0])
    if row["second_by"] is None and row["first_by"] != principal:
        if effective_at < now:
            raise Conflict("the date of this proposal has passed", code="proposal-lapsed")
        row.update(second_by=principal, activated_at=now)
        tx.change("activations", {"id": row["id"]}, {"second_by": principal, "activated_at": now})
        tx.add("entries", [_entry(kit, now, "book.activated", principal, row, label)])
    return _activation(row)


def _keep(kit: Kit, tx: Tx, sha256: str) -> str:
    """Make sure the text is stored; return the book's label."""
    stored = tx.rows("books", {"sha256": sha256})
    if stored:
        return str(stored[0]["label"])
    book = kit.books.shipped()
    if book.sha256 != sha256:
        raise NotFound("no book of this digest is stored or lies in the policies folder")
    tx.add("books", [{"sha256": sha256, "label": book.label, "text": kit.books.text(book)}])
    return book.label


def _activation(row: Row) -> Activation:
    return Activation(row["id"], row["sha256"], row["effective_at"], row["first_by"], row["second_by"])


def _entry(kit: Kit, now: Instant, kind: str, actor: str, row: Row, label: str) -> Row:
    more = {
        "activation": row["id"],
        "book": row["sha256"],
        "label": label,
        "effective_at": row["effective_at"],
        "first_by": row["first_by"],
    }
    return entry(kit, now, kind, actor, more=more)
