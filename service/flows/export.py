"""
The evidence as a file: NDJSON for machines, CSV for spreadsheets. Exporting is an entry too.

Pages are read one after the other up to the head at the start, so that an export of any size takes the
memory of a page and entries that come meanwhile are left to the next. Every line holds an entry's exact
body, which its SHA-256 covers, so that whoever holds the file can check it without the gateway.
"""

import csv
import io
from collections.abc import AsyncIterator, Callable, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

import orjson

from service.core.request import Client

from .audit import START, Told, look, reading, told
from .kit import Kit
from .ports import EntryFilter, Store, Tx

PAGE = 500


class Format(StrEnum):
    ndjson = "ndjson"
    csv = "csv"


class Export(NamedTuple):
    """The text of the file in pieces, and the highest index in it; `head` is -1 for an empty store."""

    head: int
    pieces: AsyncIterator[bytes]


async def export(kit: Kit, store: Store, client: Client, form: Format, after: int = START) -> Export:
    """
    Begin an export of the entries after an index. Leaves the entry `audit.exported` at once.

    NDJSON ends with a line `{"head", "entries"}`; a file without it was cut off.
    """

    def begin(tx: Tx) -> int:
        head = tx.entries_head()
        tx.add("entries", [reading(kit, client, "audit.exported", {"after": after, "head": head, "format": form})])
        return head

    head = await store.write(begin)
    return Export(head, _ndjson(store, after, head) if form is Format.ndjson else _csv(store, after, head))


async def _pages(store: Store, after: int, head: int) -> AsyncIterator[list[Told]]:
    while rows := await look(store, EntryFilter(), after, PAGE, head):
        after = rows[-1]["index"]
        yield await store.read(_telling(rows))


def _telling(rows: Sequence[dict[str, Any]]) -> Callable[[Tx], list[Told]]:
    return lambda tx: told(tx, rows)


async def _ndjson(store: Store, after: int, head: int) -> AsyncIterator[bytes]:
    written = 0
    async for page in _pages(store, after, head):
        yield b"".join(_line(each) for each in page)
        written += len(page)
    yield orjson.dumps({"head": head if head > START else None, "entries": written}) + b"\n"


def _line(each: Told) -> bytes:
    line = {
        "index": each.row["index"],
        "sha256": each.sha256,
        "party_id": each.people.get(each.row["party"]),
        "body": each.row["body"].decode(),
    }
    return orjson.dumps(line) + b"\n"


COLUMNS = (
    *("index", "sha256", "id", "kind", "at", "local", "actor", "client", "request", "party_id", "party", "account_id"),
    *("address", "channel", "state", "effect", "rules", "simulated", "body"),
)


async def _csv(store: Store, after: int, head: int) -> AsyncIterator[bytes]:
    yield _rows([COLUMNS])
    async for page in _pages(store, after, head):
        yield _rows([_cells(each) for each in page])


def _cells(each: Told) -> tuple[Any, ...]:
    row, said = each.row, each.said
    return (
        *(row["index"], each.sha256, row["id"], row["kind"], said["at"], said["local"], row["actor"], row["client"]),
        *(row["request"], each.people.get(row["party"]), row["party"], row["account"], row["address"]),
        *(row["channel"], row["state"], row["effect"], row["rules"].strip("|").replace("|", " ")),
        *("true" if said.get("simulated") else "", row["body"].decode()),
    )


def _rows(rows: Sequence[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([harmless(cell) for cell in row] for row in rows)
    return text.getvalue().encode()


_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def harmless(cell: Any) -> Any:
    """A cell that no spreadsheet takes for a formula: ids are whatever a client wrote."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
