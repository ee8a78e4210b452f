"""
What became of a client's own requests, in the order it became: for a client that cannot be called.

Events are the client's own numbered entries that tell a request's state, or that a party answered. The cursor is
their index, so nothing is missed and nothing comes twice. Asking leaves no entry.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

import orjson

from service.core.request import Client

from .audit import START, look
from .ports import RECEIVED, EntryFilter, Row, Store, Tx


class EventKind(StrEnum):
    """All that a client can be told of; each is the kind of an entry that tells a request's state, or an answer."""

    accepted = "request.accepted"
    refused = "request.refused"
    deferred = "request.deferred"
    permitted = "request.permitted"
    cancelled = "request.cancelled"
    expired = "request.expired"
    completed = "request.completed"
    intended = "attempt.intended"
    settled = "attempt.settled"
    failed = "attempt.failed"
    receipt = "receipt.applied"
    reported = "outcome.reported"
    corrected = "outcome.corrected"
    unreported = "outcome.unreported"
    order_handed_over = "order.handed_over"
    order_given_up = "order.given_up"
    answered = RECEIVED


class Event(NamedTuple):
    """An entry of one's own, what its body says, and the reference of its request: an answer may have none."""

    row: Row
    said: Mapping[str, Any]
    reference: str | None


class Events(NamedTuple):
    """`next` goes on from here, None at the end; then `head` is where to ask again."""

    items: list[Event]
    next: int | None
    head: int


async def read_events(store: Store, client: Client, after: int = START, limit: int = 50) -> Events:
    """A page of what became of the client's requests after a cursor."""
    head = await store.read(lambda tx: tx.entries_head())
    rows = await look(store, EntryFilter(client=client.id, moved=True), after, limit + 1, head)
    page = rows[:limit]
    items = await store.read(lambda tx: events_of(tx, client.id, page))
    return Events(items, page[-1]["index"] if len(rows) > limit else None, head)


def events_of(tx: Tx, client: str, rows: Sequence[Row]) -> list[Event]:
    """Entries of a client's requests as events."""
    names = sorted({row["request"] for row in rows if row["request"]})
    requests = tx.rows("requests", {"id": names, "client": client}) if names else []
    references = {row["id"]: row["reference"] for row in requests}
    return [Event(row, orjson.loads(row["body"]), references.get(row["request"])) for row in rows]
