"""
Take in what providers call us with: stored first, then answered, then matched (decision 0023).

    1. the body is stored, sealed under a key of its own; from here on nothing is lost, and it may be answered
    2. it is read, and each receipt is applied to the attempt that it speaks of
    3. items that cannot be read are kept aside in a row of their own that names this one; the others are applied
    4. a receipt may be faster than the answer to the send: what fits no attempt yet is tried again for a while,
       and then kept aside, with an entry; it never creates or changes a contact
    5. the body is forgotten once all of it is matched, and otherwise after `KEPT_ASIDE`

What cannot be read at all, or makes us stumble, is kept aside in the same way: the provider would only say it again.
An operator looks at it, and has it tried again, by the flow `quarantine`.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import orjson

from service.core.errors import Invalid
from service.core.model import DAY, HOUR, MINUTE, SECOND, HeardState

from .allowances import take_allowances
from .entries import entry
from .inbound import take_inbound
from .kit import Kit
from .ports import Channels, Left, Row, Store, Told, Tx
from .providers import Callback, Door
from .receive import receive, unmatched

AGAIN_AFTER = (5 * SECOND, 30 * SECOND, 5 * MINUTE, HOUR)
"""When to look again for the attempt that a receipt speaks of."""

KEPT_ASIDE = 30 * DAY
"""How long a body is kept that nobody could match."""

UNMATCHED = "unmatched"
"""Why a body is kept aside whose receipts speak of no attempt that we know."""

LEFT = "-left"
"""What the name of a row ends in that keeps what could not be read of another."""

FIRST_TRY_FOR = 10 * SECOND
"""How long whoever took it has for step 2 before the sweep takes over."""

READ_AT_ONCE_BYTES = 16 * 1024
"""What is longer is read beside the loop, which has others to serve meanwhile."""

TOLD_MAX = 100
"""Callbacks that a sweep takes at a time."""


class Hearing(NamedTuple):
    """What was said, and how much of it was new. Nothing was said where it could not be read."""

    said: int
    new: int
    told: Told | None = None


OnRead = Callable[[Told], None]
"""Told what a callback says as soon as that is known, which is before it is matched."""


async def hear(kit: Kit, store: Store, channels: Channels, provider: str, callback: Callback) -> Hearing:
    """Store a callback that was let in, and match it; raises only where nothing was stored."""
    return await match(kit, store, channels, await keep(kit, store, provider, callback), callback)


async def keep(kit: Kit, store: Store, provider: str, callback: Callback) -> Row:
    """Step 1. Whoever is told of it may be answered, for the sweep matches what nobody else does."""
    return await store.write(lambda tx: _keep(kit, tx, provider, callback))


def ignore(told: Told) -> None:
    """An `OnRead` for who waits for the whole."""


async def match(
    kit: Kit, store: Store, channels: Channels, row: Row, callback: Callback, on_read: OnRead = ignore
) -> Hearing:
    """
    Steps 2 to 5, for what is stored; never raises.

    In which order several are matched changes nothing: receipts have an order of their own (`core.lifecycle`), what a
    person asks for only adds to what stands, and a yes or no in the provider's window has its time.
    """
    try:
        return await apply(kit, store, channels, row, callback, on_read)
    except Exception:
        # It is stored, and stays due: the sweep finds it, tells of the failure, and tries again.
        return Hearing(0, 0)


async def hear_again(kit: Kit, store: Store, channels: Channels) -> Sequence[BaseException]:
    """Apply what is due again, and forget what was kept for long enough; each by itself."""
    now = kit.clock()
    due = await store.read(lambda tx: tx.due("heard", "due_at", now, {}, limit=TOLD_MAX))
    failures: list[BaseException] = []
    for row in due:
        try:
            await _again(kit, store, channels, row)
        except Exception as error:
            failures.append(error)
            stumbled = type(error).__name__
            await store.write(lambda tx, row=row, why=stumbled: _later(kit, tx, row, why))  # type: ignore[misc]
    return failures


async def _again(kit: Kit, store: Store, channels: Channels, row: Row) -> None:
    if row["state"] == HeardState.aside:
        await store.write(lambda tx: _forget(tx, row["id"], HeardState.aside))
        return
    await apply(kit, store, channels, row, opened(kit, row))


async def apply(
    kit: Kit, store: Store, channels: Channels, row: Row, callback: Callback, on_read: OnRead = ignore
) -> Hearing:
    """Read what is stored and act on it; the row says afterwards what became of it."""
    try:
        told = await _read(channels, row["provider"], callback)
    except Invalid as error:
        why = _unreadable(error.field)
        await store.write(lambda tx: set_aside(kit, tx, row, why))
        return Hearing(0, 0)
    on_read(told)
    left = told.left
    if left is not None and not said(told):
        # All of it is left over: then it is kept as it came.
        await store.write(lambda tx: set_aside(kit, tx, row, _unreadable(left.why), left.items))
        return Hearing(0, 0, told)
    try:
        new = await store.write(lambda tx: _take(kit, tx, row, callback, told, whole=True))
    except Exception:
        if said(told) == 1 and left is None:
            raise
        new = await _one_by_one(kit, store, row, callback, told)
    return Hearing(said(told), new, told)


async def _read(channels: Channels, provider: str, callback: Callback) -> Told:
    if len(callback.body) <= READ_AT_ONCE_BYTES:
        return channels.read(provider, callback)
    return await asyncio.to_thread(channels.read, provider, callback)


def said(told: Told) -> int:
    """How many things a callback says."""
    return len(told.receipts) + len(told.inbound) + len(told.allowed)


async def _one_by_one(kit: Kit, store: Store, row: Row, callback: Callback, told: Told) -> int:
    """One item that makes us stumble keeps no other from being taken; it alone is tried again with the whole."""
    new, first = 0, None
    singles = [Told([item]) for item in told.receipts]
    singles += [Told(inbound=[item]) for item in told.inbound]
    singles += [Told(allowed=[item]) for item in told.allowed]
    singles += [Told(left=told.left)] if told.left else []
    for single in singles:
        try:
            new += await store.write(
                lambda tx, one=single: _take(kit, tx, row, callback, one, whole=False)  # type: ignore[misc]
            )
        except asyncio.CancelledError:
            raise
        except Exception as error:
            first = first or error
    if first is not None:
        raise first
    return new


def _take(kit: Kit, tx: Tx, row: Row, callback: Callback, told: Told, *, whole: bool) -> int:
    """Apply what fits an attempt; where that is all of it, forget the body. What is left over has a row of its own."""
    tries = row["tries"]
    early = unmatched(tx, told.receipts) if tries < len(AGAIN_AFTER) else []
    new = receive(kit, tx, [receipt for receipt in told.receipts if receipt not in early])
    new += take_inbound(kit, tx, told.inbound)
    new += take_allowances(kit, tx, told.allowed)
    if told.left is not None:
        _leave(kit, tx, row, callback, told.left)
    if not whole:
        return new
    if early:
        _look_again(kit, tx, row)
    elif aside := unmatched(tx, told.receipts):
        set_aside(kit, tx, row, UNMATCHED, len(aside))
    else:
        _forget(tx, row["id"], HeardState.taken)
    return new


def _leave(kit: Kit, tx: Tx, row: Row, callback: Callback, left: Left) -> None:
    """Keep aside what could not be read, once, however often the rest is tried."""
    name = f"{row['id']}{LEFT}"
    if tx.rows("heard", {"id": name}):
        return
    why = _unreadable(left.why)
    kept = _sealed(kit, name, callback._replace(body=left.body))
    aside = {"state": HeardState.aside, "due_at": kit.clock() + KEPT_ASIDE, "parent": row["id"], "why": why}
    values = {"id": name, "provider": row["provider"], "received_at": row["received_at"], "tries": 0}
    tx.add("heard", [{**values, **aside, **kept}])
    tx.add("entries", [_kept_aside(kit, name, row["provider"], why, left.items)])


def _keep(kit: Kit, tx: Tx, provider: str, callback: Callback) -> Row:
    """Seal it under a key of its own, for it is not known yet of whom it speaks."""
    now = kit.clock()
    name = kit.ids.new("cb", now)
    row = {
        "id": name,
        "provider": provider,
        "state": HeardState.due,
        "received_at": now,
        "due_at": now + FIRST_TRY_FOR,
        "tries": 0,
        "parent": None,
        "why": None,
        **_sealed(kit, name, callback),
    }
    tx.add("heard", [row])
    return row


def _sealed(kit: Kit, name: str, callback: Callback) -> Row:
    wrapped = kit.vault.wrap(kit.vault.new_party_key(), name)
    plain = orjson.dumps(
        {**callback._asdict(), "body": callback.body.decode("latin-1"), "headers": dict(callback.headers)}
    )
    sealed = kit.vault.unwrap(wrapped, name).seal_compressed(plain, f"heard/sealed/{name}")
    return {"key_wrapped": wrapped, "sealed": sealed}


def opened(kit: Kit, row: Row) -> Callback:
    """Open what is stored, as it came."""
    key = kit.vault.unwrap(row["key_wrapped"], row["id"])
    plain: dict[str, Any] = orjson.loads(key.open_compressed(row["sealed"], f"heard/sealed/{row['id']}"))
    return Callback(
        body=plain["body"].encode("latin-1"),
        method=plain["method"],
        path=plain["path"],
        query=tuple((name, value) for name, value in plain["query"]),
        headers=plain["headers"],
        door=Door(plain["door"]),
    )


def _look_again(kit: Kit, tx: Tx, row: Row) -> None:
    values = {"due_at": kit.clock() + AGAIN_AFTER[row["tries"]], "tries": row["tries"] + 1}
    tx.change("heard", {"id": row["id"]}, values)


def _later(kit: Kit, tx: Tx, row: Row, why: str) -> None:
    """What made us stumble is tried again as what came early, and then kept aside."""
    if row["tries"] < len(AGAIN_AFTER):
        _look_again(kit, tx, row)
    else:
        set_aside(kit, tx, row, why)


def set_aside(kit: Kit, tx: Tx, row: Row, why: str, items: int = 0) -> None:
    """Keep it for people to look at, and tell so."""
    values = {"state": HeardState.aside, "due_at": kit.clock() + KEPT_ASIDE, "why": why}
    tx.change("heard", {"id": row["id"]}, values)
    tx.add("entries", [_kept_aside(kit, row["id"], row["provider"], why, items)])


def _kept_aside(kit: Kit, name: str, provider: str, why: str, items: int) -> Row:
    more: dict[str, Any] = {"heard": name, "provider": provider, "detail": why}
    if items:
        more["items"] = items
    return entry(kit, kit.clock(), "receipt.kept_aside", "system", more=more)


def _unreadable(field: str) -> str:
    return f"unreadable: {field}"


def _forget(tx: Tx, name: str, state: HeardState) -> None:
    tx.change("heard", {"id": name}, {"state": state, "due_at": None, "sealed": None, "key_wrapped": None})
