"""
Where clients want to be called when something becomes of their requests.

A client sees and changes its own callbacks alone. A callback's secret is derived from the master key, its id
and a version, so that nothing secret is stored; it is shown when it is made or exchanged, and never again.
After an exchange the secret before it signs too, for a day, so that the receiver can follow in its own time; after
several within a day, all those before.
"""

from collections.abc import Sequence
from typing import NamedTuple

from service.core.errors import Conflict, NotFound
from service.core.model import DAY, DeliveryState, Instant
from service.core.request import Client

from .entries import entry
from .kit import Kit
from .ports import Row, Store, Tx

CALLBACKS_MAX = 10
"""Callbacks of one client: each is called for every event."""

OLD_SECRET_SIGNS = DAY

OLD_SECRETS_MAX = 5
"""How many secrets that were exchanged sign beside the newest: each makes every call longer."""

REPLAYED_AT_ONCE = 1000


class Callback(NamedTuple):
    """`secret` only where it was just made; `dead` counts the events that could not be delivered."""

    row: Row
    waiting: int
    dead: int
    secret: bytes | None = None


def add_callback(kit: Kit, tx: Tx, client: Client, url: str, kinds: Sequence[str]) -> Callback:
    """From now on tell the client of what becomes of its requests; without `kinds`, of everything."""
    tx.gate([f"callbacks:{client.id}"])
    now = kit.clock()
    own = tx.rows("callbacks", {"client": client.id, "deleted_at": None})
    if len(own) >= CALLBACKS_MAX:
        raise Conflict(f"a client can have {CALLBACKS_MAX} callbacks")
    row: Row = {
        "id": kit.ids.new("cb", now),
        "client": client.id,
        "url": url,
        "kinds": " ".join(sorted(set(kinds))),
        "told_to": tx.entries_head(),
        "secret_version": 1,
        "old_secret_until": None,
        "older_secrets_until": None,
        "created_at": now,
        "paused_until": None,
        "disabled_at": None,
        "deleted_at": None,
    }
    tx.add("callbacks", [row])
    tx.add("entries", [_entry(kit, now, "callback.created", client.id, row)])
    return Callback(row, 0, 0, secret_of(kit, row["id"], 1))


async def list_callbacks(store: Store, client: Client) -> list[Callback]:
    """The client's callbacks, oldest first."""
    return await store.read(lambda tx: [_counted(tx, row) for row in _own(tx, client)])


def delete_callback(kit: Kit, tx: Tx, client: Client, callback: str) -> None:
    """Call there no more; what waits is not delivered."""
    row = _found(tx, client, callback)
    now = kit.clock()
    tx.change("callbacks", {"id": callback}, {"deleted_at": now})
    _bury(tx, callback)
    tx.add("entries", [_entry(kit, now, "callback.deleted", client.id, row)])


def rotate_secret(kit: Kit, tx: Tx, client: Client, callback: str) -> Callback:
    """Give a new secret; the one before it signs too, for a day, and so does what was exchanged today already."""
    row = dict(_found(tx, client, callback))
    now = kit.clock()
    still = _still_signing(row, now)
    if len(still) >= OLD_SECRETS_MAX:
        raise Conflict(f"{OLD_SECRETS_MAX} secrets were exchanged within a day, and still sign")
    changed = {
        "secret_version": row["secret_version"] + 1,
        "old_secret_until": now + OLD_SECRET_SIGNS,
        "older_secrets_until": " ".join(map(str, still)) or None,
    }
    row.update(changed)
    tx.change("callbacks", {"id": callback}, changed)
    tx.add("entries", [_entry(kit, now, "callback.rotated", client.id, row)])
    return _counted(tx, row)._replace(secret=secret_of(kit, callback, row["secret_version"]))


def replay(kit: Kit, tx: Tx, client: Client, callback: str, after: int | None) -> tuple[Callback, int]:
    """
    Deliver again, and take up a disabled callback: what is dead, or whatever came `after` an index.

    At most a thousand at a time, oldest first; returns how many.
    """
    row = dict(_found(tx, client, callback))
    now = kit.clock()
    ended = {"callback": callback, "state": [DeliveryState.dead, DeliveryState.delivered]}
    if after is None:
        again = tx.rows("deliveries", {**ended, "state": DeliveryState.dead}, order=["index"], limit=REPLAYED_AT_ONCE)
    else:
        again = tx.rows("deliveries", ended, order=["index"], limit=REPLAYED_AT_ONCE, after=("index", after))
    if again:
        anew = {"state": DeliveryState.waiting, "tries": 0, "next_at": now}
        tx.change("deliveries", {"id": [each["id"] for each in again]}, anew)
    row.update(disabled_at=None, paused_until=None)
    tx.change("callbacks", {"id": callback}, {"disabled_at": None, "paused_until": None})
    tx.add("entries", [_entry(kit, now, "callback.replayed", client.id, row, deliveries=len(again))])
    return _counted(tx, row), len(again)


def deliveries(tx: Tx, client: Client, callback: str, state: DeliveryState | None, after: int, limit: int) -> list[Row]:
    """What was told there, or is to be, by index."""
    _found(tx, client, callback, gated=False)
    where = {"callback": callback} if state is None else {"callback": callback, "state": state}
    return list(tx.rows("deliveries", where, order=["index"], limit=limit, after=("index", after)))


def secrets_of(kit: Kit, row: Row, now: Instant) -> list[bytes]:
    """The secrets that sign now, the newest first."""
    version = row["secret_version"]
    return [secret_of(kit, row["id"], version - back) for back in range(1 + len(_still_signing(row, now)))]


def _still_signing(row: Row, now: Instant) -> list[int]:
    """Until when those before the newest sign, the latest first: whoever came later goes later."""
    untils = [row["old_secret_until"], *(row["older_secrets_until"] or "").split()]
    return [int(until) for until in untils if until and now < int(until)]


def secret_of(kit: Kit, callback: str, version: int) -> bytes:
    """256 bits that follow from the master key."""
    return b"".join(bytes.fromhex(kit.vault.mark("callback", f"{callback}:{version}:{half}")) for half in (0, 1))


def disabled(kit: Kit, now: Instant, row: Row) -> Row:
    """The entry of a receiver that said it is gone."""
    return _entry(kit, now, "callback.disabled", "system", row)


def _own(tx: Tx, client: Client) -> list[Row]:
    return list(tx.rows("callbacks", {"client": client.id, "deleted_at": None}, order=["id"]))


def _found(tx: Tx, client: Client, callback: str, *, gated: bool = True) -> Row:
    if gated:
        tx.gate([f"callback:{callback}"])
    found = tx.rows("callbacks", {"id": callback, "client": client.id, "deleted_at": None})
    if not found:
        raise NotFound("no such callback")
    return found[0]


def _counted(tx: Tx, row: Row) -> Callback:
    counts = tx.counts("deliveries", {"callback": row["id"]}, "state")
    return Callback(row, counts.get(DeliveryState.waiting, 0), counts.get(DeliveryState.dead, 0))


def _bury(tx: Tx, callback: str) -> None:
    waiting = {"callback": callback, "state": DeliveryState.waiting}
    tx.change("deliveries", waiting, {"state": DeliveryState.dead, "next_at": None, "said": "deleted"})


def _entry(kit: Kit, now: Instant, kind: str, actor: str, row: Row, **more: int) -> Row:
    """The address may hold a token of the client's and stays out of the evidence."""
    told = {"callback": row["id"], "kinds": row["kinds"].split(), "secret_version": row["secret_version"], **more}
    return entry(kit, now, kind, actor, client=row["client"], more=told)
