"""
Tidy what time has overtaken: the expired, the stale and the silent.

    1. waiting requests past `expires_at` become `expired`, and their place is given back
    2. attempts under way without an answer: the provider is asked; what it cannot tell is `unknown`
    3. permits unreported an hour after they ended: `unknown`; a late report is still taken
    4. attempts sent whose receipt never came: the provider is asked, and the request completed as far as it is known
    5. `unknown` attempts: the provider is asked again, less and less often, until the receipt deadline
    6. callbacks that fitted no attempt are held against the attempts again

Each attempt is settled by itself: one that fails keeps no other waiting, nor does a provider that is slow
to tell.
"""

import asyncio
from functools import partial
from typing import NamedTuple

from service.core.lifecycle import WAITING, may_move
from service.core.model import Channel, Fate, Instant, Outcome, State

from .dispatch import close
from .hearing import hear_again
from .kit import Kit
from .material import recipient_of
from .outcome import apply_outcome, attempt_entry, settle
from .ports import Asked, Channels, Receipt, Row, SendResult, Store, Tx
from .receive import receive

SWEEP_MAX = 200
"""Rows a sweep takes at a time; the next beat takes the rest."""

SIDE_BY_SIDE_MAX = 8
"""Attempts settled at once: fewer than a provider account or a store has connections."""


class Swept(NamedTuple):
    expired: int
    asked: int
    closed: int
    failures: tuple[BaseException, ...] = ()


async def sweep(kit: Kit, store: Store, channels: Channels) -> Swept:
    """One round of the six steps."""
    expired = await store.write(lambda tx: _expire(kit, tx))
    now = kit.clock()
    due = await store.read(lambda tx: tx.due("attempts", "due_at", now, {}, limit=SWEEP_MAX))
    places = asyncio.Semaphore(SIDE_BY_SIDE_MAX)

    async def settled(attempt: Row) -> bool:
        """Ask about one attempt, or close it; True if there was somebody to ask."""
        async with places:
            if attempt["source"] == "permit":
                await store.write(partial(_close, kit, attempt["id"]))
                return False
            if attempt["outcome"] == Outcome.sent:
                await _ask_the_silent(kit, store, channels, attempt)
                return False
            await _reconcile(kit, store, channels, attempt)
            return True

    told = await asyncio.gather(*(settled(attempt) for attempt in due), return_exceptions=True)
    failures = tuple(each for each in told if isinstance(each, BaseException))
    stumbles = await hear_again(kit, store, channels)
    return Swept(expired, told.count(True), told.count(False), (*failures, *stumbles))


def _expire(kit: Kit, tx: Tx) -> int:
    now = kit.clock()
    waiting = tx.due("requests", "expires_at", now, {"state": sorted(WAITING)}, limit=SWEEP_MAX)
    names = [row["id"] for row in waiting]
    tx.gate(f"request:{name}" for name in names)
    now = kit.clock()
    rows = [row for row in tx.rows("requests", {"id": names}) if row["state"] in WAITING] if names else []
    for row in rows:
        close(kit, tx, now, row, State.expired, "request.expired")
    return len(rows)


async def _reconcile(kit: Kit, store: Store, channels: Channels, attempt: Row) -> None:
    """Ask the provider; its answer is settled as if it had come from the send."""
    asked = await store.read(partial(_asked, kit, attempt))
    answer = await channels.ask(attempt["provider"], asked)
    if answer is not None:
        await store.write(lambda tx: settle(kit, tx, attempt["id"], answer))
    else:
        await store.write(lambda tx: _still_unknown(kit, tx, attempt["id"]))


async def _ask_the_silent(kit: Kit, store: Store, channels: Channels, attempt: Row) -> None:
    """
    Ask once for the receipt that never came, then close.

    What tells more than that it was sent is taken as a receipt, good news or bad, with what it says against the person.
    That nothing ever came is not believed here: the provider took it, and forgets after a while what it took.
    """
    answer = await channels.ask(attempt["provider"], await store.read(partial(_asked, kit, attempt)))
    if answer is not None and answer.outcome is not Outcome.sent and answer.certain and not answer.transient:
        receipt = Receipt(
            attempt["provider"],
            f"asked:{attempt['id']}",
            answer.outcome,
            kit.clock(),
            attempt["id"],
            answer.provider_ref,
            text=answer.detail or None,
            fate=answer.fate,
        )
        await store.write(lambda tx: receive(kit, tx, [receipt]))
    await store.write(partial(_close, kit, attempt["id"]))


def _asked(kit: Kit, attempt: Row, tx: Tx) -> Asked:
    """What the provider is asked by; whose personal data were erased is asked for by the attempt alone."""
    to = recipient_of(kit, tx, attempt["request"])
    return Asked(attempt["id"], Channel(attempt["channel"]), attempt["at"], to, attempt["provider_ref"])


def _still_unknown(kit: Kit, tx: Tx, attempt_id: str) -> None:
    """No answer to be had: `unknown` it is; ask again after twice as long, until the receipt deadline."""
    tx.gate([f"attempt:{attempt_id}"])
    now = kit.clock()
    attempt = tx.rows("attempts", {"id": attempt_id})[0]
    if attempt["outcome"] is None:
        settle(kit, tx, attempt_id, SendResult(Fate.ambiguous, Outcome.unknown, detail="no_answer"))
        return
    if attempt["outcome"] != Outcome.unknown:
        return
    waited = now - attempt["intent_at"]
    again = now + max(waited, kit.limits.hold)
    last = attempt["intent_at"] + kit.limits.receipt_deadlines[Channel(attempt["channel"])]
    tx.change("attempts", {"id": attempt_id}, {"due_at": again if again < last else None})


def _close(kit: Kit, attempt_id: str, tx: Tx) -> None:
    """No receipt by the deadline, or no report of a permit."""
    tx.gate([f"attempt:{attempt_id}"])
    now = kit.clock()
    attempt = tx.rows("attempts", {"id": attempt_id})[0]
    if attempt["due_at"] is None or attempt["due_at"] > now:
        return
    request = tx.rows("requests", {"id": attempt["request"]})[0]
    if attempt["outcome"] is None:
        apply_outcome(kit, tx, now, request, attempt, Outcome.unknown, "outcome.unreported", due_at=None)
        return
    tx.change("attempts", {"id": attempt_id}, {"due_at": None})
    if may_move(State(request["state"]), State.completed):
        tx.change("requests", {"id": request["id"]}, {"state": State.completed})
        more = {"attempt": attempt_id, "outcome": attempt["outcome"], "detail": "no_receipt"}
        tx.add("entries", [attempt_entry(kit, now, "request.completed", attempt, state=State.completed, more=more)])


def number(tx: Tx, owner: str, now: Instant, lease: int, limit: int = 5000) -> int:
    """The numbering beat: whoever holds the lease gives the next dense indexes."""
    return tx.number_entries(limit) if tx.lease("numbering", owner, now, Instant(now + lease)) else 0
