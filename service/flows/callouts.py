"""
Tell clients what became of their requests: plan a delivery for each event, and try until it was taken.

Whoever holds the lease does it. An event is told at least once, never for certain once alone: a receiver
knows a repetition by its `webhook-id`. A receiver that fails pauses alone; the others are told meanwhile.
"""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import orjson

from service.core.civil import format_instant
from service.core.model import SECOND, DeliveryState, Instant
from service.core.webhooks import next_try, signed_headers

from .callbacks import disabled, secrets_of
from .callout import Called, Callout
from .event_json import event_json
from .events import Event, events_of
from .kit import Kit
from .ports import EntryFilter, Row, Store, Tx

LEASE = "callbacks"
LEASE_LASTS = 60 * SECOND
"""More than a try can take, so that two processes seldom tell the same event at once."""

PLANNED_AT_ONCE = 500
SPAN = 20_000
"""Entries looked through for one callback in one go."""

TOLD_AT_ONCE = 10
PAUSE = 30 * SECOND
"""How long a receiver that failed is left alone, so that thousands of events do not each wait for its time-out."""

GONE = 410


class Told(NamedTuple):
    """`dead` have been given up in this round."""

    delivered: int = 0
    failed: int = 0
    dead: int = 0


class Callouts:
    """The deliveries of one process; a slow receiver holds up nobody but itself."""

    def __init__(self, kit: Kit, store: Store, callout: Callout, owner: str) -> None:
        self._kit = kit
        self._store = store
        self._callout = callout
        self._owner = owner
        self._telling: dict[str, asyncio.Task[Told]] = {}
        self._failures: list[BaseException] = []
        self.told = Told()

    async def beat(self) -> list[BaseException]:
        """Plan what is new, and begin to tell what is due; returns what failed by itself since the last beat."""
        for row in await self._store.write(self._begin):
            if row["id"] not in self._telling:
                task = asyncio.create_task(self._tell(row))
                self._telling[row["id"]] = task
                task.add_done_callback(partial(self._ended, row["id"]))
        failures, self._failures = self._failures, []
        return failures

    async def settle(self) -> None:
        """Wait for what is under way."""
        while self._telling:
            await asyncio.wait(list(self._telling.values()))

    def _begin(self, tx: Tx) -> Sequence[Row]:
        """The callbacks that have something due, under the lease; none without it."""
        now = self._kit.clock()
        if not tx.rows("callbacks", {"deleted_at": None}, limit=1):
            return ()
        if not tx.lease(LEASE, self._owner, now, Instant(now + LEASE_LASTS)):
            return ()
        standing = [row for row in tx.rows("callbacks", {"deleted_at": None}) if row["disabled_at"] is None]
        head = tx.entries_head()
        for row in standing:
            if row["told_to"] < head:
                _plan(self._kit, tx, now, row, head)
        ready = (row for row in standing if row["paused_until"] is None or row["paused_until"] <= now)
        return [row for row in ready if tx.due("deliveries", "next_at", now, {"callback": row["id"]}, limit=1)]

    async def _tell(self, row: Row) -> Told:
        """Tell one receiver what is due, side by side, and write down what it said."""
        kit, store = self._kit, self._store
        now = kit.clock()
        due = await store.read(
            lambda tx: tx.due("deliveries", "next_at", now, {"callback": row["id"]}, limit=TOLD_AT_ONCE)
        )
        bodies = await store.read(lambda tx: _bodies(kit, tx, row, due))
        secrets = secrets_of(kit, row, now)
        calls = (
            self._callout.post(row["url"], signed_headers(secrets, each["id"], now, body), body)
            for each, body in zip(due, bodies, strict=True)
        )
        said = await asyncio.gather(*calls)
        return await store.write(lambda tx: _settle(kit, tx, row["id"], list(zip(due, said, strict=True))))

    def _ended(self, callback: str, task: asyncio.Task[Told]) -> None:
        del self._telling[callback]
        if task.cancelled():
            return
        error = task.exception()
        if error is not None:
            self._failures.append(error)
            return
        self.told = Told(*(before + now for before, now in zip(self.told, task.result(), strict=True)))


def _plan(kit: Kit, tx: Tx, now: Instant, row: Row, head: int) -> None:
    """A delivery for each new event of the client that the callback asks for."""
    tx.gate([f"callback:{row['id']}"])
    until = min(row["told_to"] + SPAN, head)
    found = tx.entries(EntryFilter(client=row["client"], moved=True), row["told_to"], PLANNED_AT_ONCE, until)
    wanted = set(row["kinds"].split())
    planned = [
        {
            "id": kit.ids.new("msg", now),
            "callback": row["id"],
            "index": each["index"],
            "state": DeliveryState.waiting,
            "tries": 0,
            "next_at": now,
            "tried_at": None,
            "said": None,
        }
        for each in found
        if not wanted or each["kind"] in wanted
    ]
    tx.add_missing("deliveries", planned)
    told_to = found[-1]["index"] if len(found) == PLANNED_AT_ONCE else until
    tx.change("callbacks", {"id": row["id"]}, {"told_to": told_to})


def _bodies(kit: Kit, tx: Tx, row: Row, due: Sequence[Row]) -> list[bytes]:
    """What is posted for each delivery; the same bytes at every try."""
    entries = {each["index"]: each for each in tx.rows("entries", {"index": [each["index"] for each in due]})}
    events = events_of(tx, row["client"], [entries[each["index"]] for each in due])
    return [_body(event, kit.bank_zone) for event in events]


def _body(event: Event, bank_zone: str) -> bytes:
    return orjson.dumps(
        {
            "type": event.row["kind"],
            "timestamp": format_instant(event.row["at"], "UTC"),
            "data": event_json(event, bank_zone),
        }
    )


def _settle(kit: Kit, tx: Tx, callback: str, tried: Sequence[tuple[Row, Called]]) -> Told:
    """Write down what came of the tries; a receiver that is gone is called no more."""
    tx.gate([f"callback:{callback}"])
    now = kit.clock()
    row = tx.rows("callbacks", {"id": callback})[0]
    delivered = failed = dead = 0
    for delivery, called in tried:
        tries = delivery["tries"] + 1
        again = None if called.taken or row["deleted_at"] else next_try(delivery["id"], tries, now)
        state = DeliveryState.delivered if called.taken else DeliveryState.waiting if again else DeliveryState.dead
        delivered, failed, dead = (
            delivered + called.taken,
            failed + (state is DeliveryState.waiting),
            dead + (state is DeliveryState.dead),
        )
        told = {"state": state, "tries": tries, "next_at": again, "tried_at": now, "said": called.word or None}
        tx.change("deliveries", {"id": delivery["id"]}, told | {"said": called.word or str(called.status)})
    if not all(called.taken for _, called in tried):
        tx.change("callbacks", {"id": callback}, {"paused_until": now + PAUSE})
    if any(called.status == GONE for _, called in tried) and row["disabled_at"] is None:
        tx.change("callbacks", {"id": callback}, {"disabled_at": now})
        tx.add("entries", [disabled(kit, now, row)])
    return Told(delivered, failed, dead)
