"""
The officer's reading of the evidence. Reading is an entry too.

An entry is told as it was written, with its index, the SHA-256 of its body, and the lender's id of
the party. What is asked for by party id or address is looked up by pseudonym and blind index, and the
entry of the reading keeps those and no value.

Searching happens beside the writers and in spans, so that a rare find keeps nobody waiting; the entry of
the reading is committed before anything is shown (decision 0014).
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import orjson

from service.core.canonical import digest
from service.core.errors import NotFound
from service.core.model import Instant
from service.core.request import Client

from .entries import entry
from .kit import Kit
from .ports import EntryFilter, Row, Store, Tx

START = -1
"""The cursor before the first entry; also the head of a store that has none."""

SPAN = 20_000
"""Entries looked through in one go."""

_BY_INDEX = ("request", "party", "account", "address")
"""What the store has an index for: few entries are read, however many there are."""


class Question(NamedTuple):
    """What an officer looks for, in the lender's words; all that is given must hold. `address` is canonical."""

    kind: str | None = None
    actor: str | None = None
    client: str | None = None
    request: str | None = None
    party_id: str | None = None
    account_id: str | None = None
    address: str | None = None
    channel: str | None = None
    effect: str | None = None
    state: str | None = None
    rule: str | None = None
    since: Instant | None = None
    until: Instant | None = None


class Told(NamedTuple):
    """One entry: its row, what its body says, and the lender's ids of the parties it names by pseudonym."""

    row: Row
    said: dict[str, Any]
    people: Mapping[str, str]

    @property
    def sha256(self) -> str:
        return digest(self.row["body"])


class Page(NamedTuple):
    """Entries by index; `next` goes on from here, None at the end; `head` is the highest index given."""

    items: list[Told]
    next: int | None
    head: int


async def read_entries(
    kit: Kit, store: Store, client: Client, question: Question, after: int = START, limit: int = 50
) -> Page:
    """One page of what matches, oldest first. Leaves the entry `audit.read`."""
    head = await store.read(lambda tx: tx.entries_head())
    wanted, nobody = await store.read(lambda tx: _wanted(kit, tx, question))
    start, end = await store.read(lambda tx: tx.entry_bounds(question.since, question.until))
    until = head if end is None else min(head, end)
    rows = [] if nobody else await look(store, wanted, max(after, start), limit + 1, until)
    page = rows[:limit]
    more = {"after": after, "found": len(page), "head": head}
    await store.write(lambda tx: tx.add("entries", [_reading(kit, client, "audit.read", wanted, more)]))
    items = await store.read(lambda tx: told(tx, page))
    return Page(items, page[-1]["index"] if len(rows) > limit else None, head)


async def read_entry(kit: Kit, store: Store, client: Client, index: int) -> Told:
    """One entry. Leaves the entry `audit.read` with the party and account of the one that was read."""
    rows = await store.read(lambda tx: tx.entries(EntryFilter(), index - 1, 1, index))
    if not rows:
        raise NotFound("no entry has this index")
    about = EntryFilter(**{name: rows[0][name] for name in ("party", "account", "address")})
    await store.write(
        lambda tx: tx.add("entries", [_reading(kit, client, "audit.read", about, {"index": index}, asked=False)])
    )
    return (await store.read(lambda tx: told(tx, rows)))[0]


async def look(store: Store, wanted: EntryFilter, after: int, limit: int, head: int) -> list[dict[str, Any]]:
    """Up to `limit` entries that match, after one index and up to another; leaves no entry."""
    span = head if any(getattr(wanted, name) is not None for name in _BY_INDEX) else SPAN
    rows: list[dict[str, Any]] = []
    while after < head and len(rows) < limit:
        until = min(after + max(span, 1), head)
        rows += await store.read(partial(_entries, wanted, after, limit - len(rows), until))
        after = until
    return rows


def told(tx: Tx, rows: Sequence[Row]) -> list[Told]:
    """Entries with what they say; a party whose row is gone keeps its pseudonym alone."""
    said = [orjson.loads(row["body"]) for row in rows]
    names = {row["party"] for row in rows if row["party"]}
    names |= {name for each in said for name, _ in each.get("parties") or ()}
    people = {name: row["id"] for name, row in tx.parties_named(sorted(names)).items()} if names else {}
    return [Told(row, each, people) for row, each in zip(rows, said, strict=True)]


def reading(kit: Kit, client: Client, kind: str, more: Mapping[str, Any]) -> Row:
    """The entry of a reading of everything."""
    return _reading(kit, client, kind, EntryFilter(), more, asked=False)


def _entries(wanted: EntryFilter, after: int, limit: int, until: int, tx: Tx) -> list[dict[str, Any]]:
    return tx.entries(wanted, after, limit, until)


def _wanted(kit: Kit, tx: Tx, question: Question) -> tuple[EntryFilter, bool]:
    """The question by pseudonym and mark; True beside it for a party that nobody knows, of whom nothing is written."""
    given = question._asdict()
    party_id, account, address = given.pop("party_id"), given.pop("account_id"), given.pop("address")
    found = tx.parties([party_id]).get(party_id) if party_id else None
    party = found["party"] if found else None
    mark = kit.vault.mark("address", address) if address else None
    return EntryFilter(**given, party=party, account=account, address=mark), bool(party_id) and found is None


def _reading(
    kit: Kit, client: Client, kind: str, about: EntryFilter, more: Mapping[str, Any], *, asked: bool = True
) -> Row:
    said = {name: value for name, value in about._asdict().items() if value not in (None, False)} if asked else None
    return entry(
        kit,
        kit.clock(),
        kind,
        client.id,
        party=about.party,
        account=about.account,
        address=about.address,
        more={**({"asked": said} if said else {}), **more},
    )
