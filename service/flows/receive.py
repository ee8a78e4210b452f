"""
Take in what providers say later: each receipt once, in any order, and only forward.

A receipt is stored whether or not it changes anything. One that fits no attempt is kept aside and
never creates or changes a contact. Should it fit one later, it is stored once more, under the attempt: evidence is
not rewritten.
"""

from collections.abc import Sequence
from typing import Any

from service.core.lifecycle import overtakes
from service.core.model import Channel, Instant, Outcome

from .kit import Kit
from .newcomers import open_key
from .outcome import apply_outcome, attempt_entry, heed
from .ports import Receipt, Row, Tx

FITS_NOW = ":fits"
"""What the event of a receipt ends in that was stored before, when it fitted no attempt."""


def receive(kit: Kit, tx: Tx, receipts: Sequence[Receipt]) -> int:
    """Store the receipts that are new and apply those that move an attempt forward; how many were new."""
    meant = [_meant(tx, receipt) for receipt in receipts]
    # One gate for all, so that callbacks about the same attempts never wait for each other in a ring. What others
    # told before we came through stands before ours, so the clock is read behind it.
    tx.gate(
        [f"receipt:{receipt.provider}:{receipt.event}" for receipt in receipts]
        + [f"attempt:{attempt}" for attempt in meant if attempt]
    )
    now = kit.clock()
    events = [f"{receipt.event}{end}" for receipt in receipts for end in ("", FITS_NOW)]
    known = {(row["provider"], row["event"]): row["attempt"] for row in tx.rows("receipts", {"event": events})}
    new = 0
    for told, attempt in zip(receipts, meant, strict=True):
        fits_now = attempt is not None and known.get((told.provider, told.event), attempt) is None
        receipt = told._replace(event=f"{told.event}{FITS_NOW}") if fits_now else told
        if (receipt.provider, receipt.event) in known:
            continue
        known[receipt.provider, receipt.event] = attempt
        _take(kit, tx, now, receipt, attempt)
        new += 1
    return new


def _take(kit: Kit, tx: Tx, now: Instant, receipt: Receipt, attempt_id: str | None) -> None:
    attempt = tx.rows("attempts", {"id": attempt_id})[0] if attempt_id else None
    if attempt is not None:
        heed(kit, tx, now, attempt, receipt.fate)
    applied = attempt is not None and overtakes(receipt.outcome, attempt["outcome"] and Outcome(attempt["outcome"]))
    receipt_id = kit.ids.new("r", now)
    tx.add_missing("receipts", [_row(kit, tx, now, receipt_id, receipt, attempt, applied)])
    if attempt is None:
        return
    values = _added(receipt, attempt)
    if not applied:
        more = {
            "attempt": attempt["id"],
            "outcome": receipt.outcome,
            "receipt": receipt_id,
            "provider": receipt.provider,
            **values,
        }
        if values:
            tx.change("attempts", {"id": attempt["id"]}, values)
        tx.add("entries", [attempt_entry(kit, now, "receipt.kept", attempt, state=None, more=more)])
        return
    requests = tx.rows("requests", {"id": attempt["request"]}) if attempt["request"] else []
    waits = receipt.outcome is Outcome.sent
    values["due_at"] = now + kit.limits.receipt_deadlines[Channel(attempt["channel"])] if waits else None
    values["provider_ref"] = attempt["provider_ref"] or receipt.provider_ref
    request = requests[0] if requests else None
    told = {"receipt": receipt_id, "happened_at": receipt.at, "duration_s": receipt.duration_s}
    apply_outcome(kit, tx, now, request, attempt, receipt.outcome, "receipt.applied", awaits=waits, told=told, **values)


def _added(receipt: Receipt, attempt: Row) -> dict[str, Any]:
    """
    Give what a receipt adds to an attempt, whatever it says of the outcome.

    A letter is posted, and only now has a number to be tracked by. A key is told while the call goes on, and how long
    it lasted only at its end.
    """
    added: dict[str, Any] = {}
    if receipt.provider_ref and not attempt["provider_ref"]:
        added["provider_ref"] = receipt.provider_ref
    known = attempt["duration_s"]
    if receipt.duration_s is not None and (known is None or receipt.duration_s > known):
        added["duration_s"] = receipt.duration_s
    return added


def unmatched(tx: Tx, receipts: Sequence[Receipt]) -> list[Receipt]:
    """Give those that fit no attempt, at least not yet: a receipt may be faster than the answer to the send."""
    return [receipt for receipt in receipts if _meant(tx, receipt) is None]


def _meant(tx: Tx, receipt: Receipt) -> str | None:
    """
    The attempt by our own id where the provider echoes it, else by the provider's.

    Some echo less of ours than a whole id: that short form is the reference of an attempt whose answer was lost.
    """
    found: list[dict[str, Any]] = []
    if receipt.attempt:
        found = tx.rows("attempts", {"id": receipt.attempt, "provider": receipt.provider})
    refs = [ref for ref in (receipt.provider_ref, receipt.attempt) if ref]
    if not found and refs:
        found = tx.rows("attempts", {"provider": receipt.provider, "provider_ref": refs})
    return str(found[0]["id"]) if found else None


def _row(kit: Kit, tx: Tx, now: Instant, receipt_id: str, receipt: Receipt, attempt: Row | None, applied: bool) -> Row:
    sealed = None
    if receipt.text and attempt is not None and attempt["party"]:
        party = tx.parties_named([attempt["party"]])[attempt["party"]]
        if party["key_wrapped"] is not None:
            sealed = open_key(kit, party).seal(receipt.text.encode(), f"receipts/sealed/{receipt_id}")
    return {
        "id": receipt_id,
        "provider": receipt.provider,
        "event": receipt.event,
        "attempt": attempt and attempt["id"],
        "party": attempt and attempt["party"],
        "outcome": receipt.outcome,
        "at": receipt.at,
        "received_at": now,
        "applied": int(applied),
        "sealed": sealed,
    }
