"""
The officer's reading of the evidence. Reading and exporting are entries too.

An entry is told as it was written, with its index, the SHA-256 of its body, and the lender's id of
the party. What is asked for by party id or address is looked up by pseudonym and blind index, and the
entry of the reading keeps those and no value.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from service.core.canonical import digest
from service.core.errors import NotFound
from service.core.request import Client

from .entries import entry
from .kit import Kit
from .ports import EntryFilter, Row, Tx


class Page(NamedTuple):
    """Entries by index; `next_` is the cursor of the page after this one; `head` the highest index given."""

    items: list[dict[str, Any]]
    next_: str | None
    head: int


def read_entries(kit: Kit, tx: Tx, client: Client, wanted: EntryFilter, after: int, limit: int) -> Page:
    """One page of what matches, oldest first. Leaves the entry `audit.read`."""
    head = tx.entries_head()
    rows = tx.entries(wanted, after, limit + 1, head)
    page, more = rows[:limit], len(rows) > limit
    tx.add(
        "entries", [_reading(kit, client, "audit.read", wanted, {"after": after, "entries": len(page), "head": head})]
    )
    return Page(told(tx, page), str(page[-1]["index"]) if more else None, head)


def read_entry(kit: Kit, tx: Tx, client: Client, index: int) -> dict[str, Any]:
    """One entry, with the exact text that its digest covers. Leaves the entry `audit.read`."""
    rows = tx.entries(EntryFilter(), index - 1, 1, index)
    if not rows:
        raise NotFound("no entry has this index")
    tx.add("entries", [_reading(kit, client, "audit.read", EntryFilter(), {"index": index})])
    (item,) = told(tx, rows)
    return item | {"body": rows[0]["body"].decode()}


def begin_export(kit: Kit, tx: Tx, client: Client, wanted: EntryFilter, after: int, form: str) -> int:
    """Leave the entry `audit.exported`; return the head up to which the export will run."""
    head = tx.entries_head()
    tx.add("entries", [_reading(kit, client, "audit.exported", wanted, {"after": after, "head": head, "format": form})])
    return head


def nobody(wanted: EntryFilter) -> EntryFilter:
    """A filter that no entry meets: for a party that is not known."""
    return wanted._replace(party="-")


def told(tx: Tx, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Entries as an officer reads them."""
    names = sorted({row["party"] for row in rows if row["party"]})
    people = tx.parties_named(names) if names else {}
    return [_told(row, people) for row in rows]


def _told(row: Row, people: Mapping[str, Row]) -> dict[str, Any]:
    party = people.get(row["party"]) if row["party"] else None
    return {
        "index": row["index"],
        "sha256": digest(row["body"]),
        "party_id": party["id"] if party else None,
        **orjson.loads(row["body"]),
    }


def _reading(kit: Kit, client: Client, kind: str, wanted: EntryFilter, more: dict[str, Any]) -> Row:
    asked = {name: value for name, value in wanted._asdict().items() if value is not None}
    return entry(
        kit,
        kit.clock(),
        kind,
        client.id,
        party=None if wanted.party == "-" else wanted.party,
        account=wanted.account,
        address=wanted.address,
        more={"asked": asked, **more},
    )
