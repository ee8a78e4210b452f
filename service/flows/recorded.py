"""
Decisions as they were recorded: the entry that tells of each, and the facts it saw, opened again.

Read in pages over the dense index, so that the order is that of the commits, memory is bounded, and a
reader can go on where it stopped. What does not open is told apart from what was erased (decision 0012).
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

import orjson
from msgspec import Struct
from msgspec.json import Decoder

from service.core.canonical import digest
from service.core.decide import Decision
from service.core.errors import Misconfigured
from service.core.facts import Facts
from service.core.model import Instant
from service.core.policy import Book
from service.core.stored import facts_from

from .entries import decision_from
from .kit import Kit
from .newcomers import open_key
from .ports import EntryFilter, PartyKey, Row, Tx

PAGE = 500
"""Decisions read at once: some megabytes of facts when they are open, a few tens of milliseconds of a transaction."""


class Skipped(StrEnum):
    """Why a decision cannot be judged again: a key was destroyed; or something is not as it was written."""

    erased = "erased"
    unreadable = "unreadable"


class _Decided(Struct):
    at: Instant
    book: str
    facts_sha256: str


class _Said(Struct):
    """What a replay needs of an entry's body; most of the rest is verdicts, which are compared as they stand."""

    decision: _Decided
    hold: int = 0
    expires_at: Instant | None = None


_SAID = Decoder(_Said)


class Recorded(NamedTuple):
    """
    A decision and what it was made of: `at` is when it was written; `asked_at`, `hold` and `expires_at` were given
    to `decide`. `body` is its entry's, to the byte; `book` and `facts_sha256` are the decision's.
    """

    entry: str
    request: str
    at: Instant
    body: bytes
    facts: Facts
    facts_sha256: str
    book: str
    asked_at: Instant
    hold: int
    expires_at: Instant | None

    @property
    def decision(self) -> Decision:
        """What was decided, as a value."""
        return decision_from(orjson.loads(self.body)["decision"])


class Page(NamedTuple):
    """`last` is the index to go on after; `books` has None for a book that this version cannot read."""

    entries: list[dict[str, Any]]
    sealed: Mapping[str, Row]
    people: Mapping[str, Row]
    books: Mapping[str, Book | None]
    last: int
    more: bool


def read_page(kit: Kit, tx: Tx, wanted: EntryFilter, after: int, upto: int, limit: int = PAGE) -> Page:
    """The next recorded decisions after an index and up to another, still sealed."""
    entries = tx.entries(wanted._replace(decided=True), after, limit, upto)
    more = len(entries) == limit
    sealed = {row["id"]: row for row in tx.rows("decisions", {"id": [row["id"] for row in entries]})} if entries else {}
    names = {name for row in sealed.values() for name in (row["party"], row["sealed_with"]) if name}
    people = tx.parties_named(sorted(names)) if names else {}
    books = {sha256: _book(kit, tx, sha256) for sha256 in {row["book"] for row in sealed.values()}}
    return Page(entries, sealed, people, books, entries[-1]["index"] if more else upto, more)


def opened(kit: Kit, page: Page, entry: Row) -> Recorded | Skipped:
    """One decision of a page with its facts; never raises for what is wrong with it."""
    row = page.sealed.get(entry["id"])
    if row is None:
        return Skipped.unreadable
    if row["sealed"] is None or erased(page, row):
        return Skipped.erased
    try:
        return _opened(kit, entry, row, [page.people[name] for name in _whose(row)])
    except Exception:
        # Another key, a changed byte, a shape that no version wrote: counted and told, and the others go on.
        return Skipped.unreadable


def erased(page: Page, row: Row) -> list[str]:
    """Of the parties under whose keys a row is sealed, those whose key was destroyed; pseudonyms."""
    people = {name: page.people.get(name) for name in _whose(row)}
    return [name for name, person in people.items() if person is None or person["key_wrapped"] is None]


def _whose(row: Row) -> list[str]:
    return [name for name in (row["party"], row["sealed_with"]) if name]


def _opened(kit: Kit, entry: Row, row: Row, people: list[Row]) -> Recorded | Skipped:
    keys: list[PartyKey] = [open_key(kit, person) for person in people]
    key = kit.vault.pair(*keys) if len(keys) == 2 else keys[0]
    plain = key.open_compressed(row["sealed"], f"decisions/sealed/{row['id']}")
    said = _SAID.decode(entry["body"])
    decided = said.decision
    if not digest(plain) == row["facts_sha256"] == decided.facts_sha256:
        return Skipped.unreadable
    return Recorded(
        entry["id"],
        entry["request"],
        entry["at"],
        entry["body"],
        facts_from(plain),
        decided.facts_sha256,
        decided.book,
        decided.at,
        said.hold,
        said.expires_at,
    )


def _book(kit: Kit, tx: Tx, sha256: str) -> Book | None:
    try:
        return kit.books.get(sha256, tx.book_text)
    except Misconfigured:
        return None
