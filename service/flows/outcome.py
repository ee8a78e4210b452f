"""
Settle what came of an attempt: its outcome, its place under the caps, and the state of its request.

Facts only ever get added and state only moves forward. `core.lifecycle.overtakes` says which outcome
may follow which; anything else is kept as a receipt and changes nothing.
"""

from collections.abc import Mapping
from typing import Any

from service.core.facts import Suppression
from service.core.lifecycle import may_move, outcome_state
from service.core.model import (
    DAY,
    Channel,
    Fate,
    Instant,
    Outcome,
    ReservationState,
    State,
    SuppressionReason,
    SuppressionScope,
)

from .entries import entry
from .kit import Kit
from .obligations import raise_obligations
from .ports import Row, SendResult, Tx
from .routing import after, another_may
from .suppressions import add_suppression, suppress_wrong_number
from .wishes import heed_refusal

HEEDED: Mapping[Fate, SuppressionReason] = {
    Fate.opted_out: SuppressionReason.platform_refusal,
    Fate.invalid_recipient: SuppressionReason.invalid_address,
    Fate.throttled_recipient: SuppressionReason.platform_cap,
}
"""What a provider says of the recipient binds the next decision on that channel, whichever provider would carry it."""

CAP_LASTS = DAY
"""A provider's cap on a person, where it does not say until when (Aliyun and Tencent count by the day)."""

FAIL_OVER = frozenset({Fate.retryable, Fate.provider_unavailable, Fate.throttled_account})
"""Surely not sent, and nothing said against this person or this text: another account may try, decided afresh."""

TOO_LATE = "too_late"
"""We did not send, for the decision would no longer have held at the wire."""

NOT_TRIED = frozenset({TOO_LATE, "window_full", "line_down"})
"""Nothing was handed over, and not by the provider's will: it uses up no try."""


def settle(kit: Kit, tx: Tx, attempt_id: str, result: SendResult) -> None:
    """Write what the wire answered to an attempt that has no outcome yet, or one that is `unknown`."""
    tx.gate([f"attempt:{attempt_id}"])
    # What was told behind the gate meanwhile came before this, and its entry must stand before it.
    now = kit.clock()
    attempt = tx.rows("attempts", {"id": attempt_id})[0]
    if attempt["outcome"] not in (None, Outcome.unknown):
        # A receipt was faster than the answer; it knows more.
        if result.provider_ref and not attempt["provider_ref"]:
            tx.change("attempts", {"id": attempt_id}, {"provider_ref": result.provider_ref})
        return
    request = tx.rows("requests", {"id": attempt["request"]})[0]
    heed(kit, tx, now, attempt, result.fate, result.until)
    if result.certain and result.transient:
        _try_again(kit, tx, now, request, attempt, result)
        return
    due_at = None
    if not result.certain:
        due_at = now + 4 * kit.limits.hold
    elif result.awaits:
        due_at = now + kit.limits.receipt_deadlines[Channel(attempt["channel"])]
    values: dict[str, Any] = {"provider_ref": result.provider_ref or attempt["provider_ref"], "due_at": due_at}
    apply_outcome(
        kit,
        tx,
        now,
        request,
        attempt,
        result.outcome,
        "attempt.settled",
        awaits=result.awaits,
        detail=result.detail,
        **values,
    )


def heed(kit: Kit, tx: Tx, now: Instant, attempt: Row, fate: Fate | None, until: Instant | None = None) -> None:
    """
    Bar the channel at that address where the provider says that the person refused, is nowhere, or had enough.

    That is a withdrawal, or a cap on the person, with the refusal as its evidence; it is never dodged. A third person
    who refused, by a key or at the provider, is barred altogether, as one who wrote so.
    """
    reason = HEEDED.get(fate) if fate else None
    if fate is Fate.opted_out:
        heed_refusal(kit, tx, now, attempt, str(attempt["provider"]))
    if reason is None or not attempt["address"]:
        return
    ends = (until or Instant(now + CAP_LASTS)) if fate is Fate.throttled_recipient else None
    bar = Suppression(
        SuppressionScope.address,
        attempt["address"],
        now,
        channel=Channel(attempt["channel"]),
        until=ends,
        reason=reason,
    )
    add_suppression(kit, tx, now, bar, str(attempt["provider"]))


def apply_outcome(
    kit: Kit,
    tx: Tx,
    now: Instant,
    request: Row | None,
    attempt: Row,
    outcome: Outcome,
    kind: str,
    *,
    actor: str = "system",
    awaits: bool = False,
    detail: str = "",
    told: Mapping[str, Any] | None = None,
    **values: Any,
) -> None:
    """
    Set an attempt's outcome and `values`, keep its place as an attempt, move its request, and write the entry.

    `told` is what the entry keeps of the word that brought the outcome: its receipt, when, how long.
    """
    tx.change("attempts", {"id": attempt["id"]}, {"outcome": outcome, **values})
    state = None
    if request is not None:
        tx.change("reservations", {"request": request["id"]}, {"state": ReservationState.kept})
        state = _advance(tx, request, State.sent if awaits and outcome is Outcome.sent else outcome_state(outcome))
    if outcome is Outcome.wrong_number:
        suppress_wrong_number(kit, tx, now, attempt, actor)
    raise_obligations(kit, tx, now, [{**attempt, **values, "outcome": outcome}])
    more = {"attempt": attempt["id"], "outcome": outcome}
    more |= {name: value for name, value in (told or {}).items() if value is not None}
    if detail:
        more["detail"] = detail
    if values.get("provider_ref"):
        more["provider_ref"] = values["provider_ref"]
    if attempt["provider"]:
        more["provider"] = attempt["provider"]
    tx.add("entries", [attempt_entry(kit, now, kind, attempt, state=state, actor=actor, more=more)])


def _advance(tx: Tx, request: Row, there: State) -> State:
    """Move the request if the table of moves allows it; a final state stays."""
    here = State(request["state"])
    if not may_move(here, there):
        return here
    tx.change("requests", {"id": request["id"]}, {"state": there})
    return there


def _try_again(kit: Kit, tx: Tx, now: Instant, request: Row, attempt: Row, result: SendResult) -> None:
    """
    A certain transient failure: back to `scheduled` with back-off, to be decided afresh.

    The attempt ends as failed; the request's place stays held, now at the next try. What would start
    after `expires_at`, has used its tries, or was already told to be `unknown`, has failed.
    """
    tx.change("attempts", {"id": attempt["id"]}, {"outcome": Outcome.failed, "due_at": None})
    again = _next_try(kit, tx, now, request, result)
    tries = request["tries"] - (result.detail in NOT_TRIED)
    more = {"attempt": attempt["id"], "outcome": Outcome.failed, "detail": result.detail, "tries": tries}
    final = request["state"] == State.unknown or tries >= kit.limits.tries_max
    if final or again >= request["expires_at"]:
        tx.change("requests", {"id": request["id"]}, {"state": State.failed})
        tx.change("reservations", {"request": request["id"]}, {"state": ReservationState.released})
        state = State.failed
    else:
        tx.change("requests", {"id": request["id"]}, {"state": State.scheduled, "send_at": again, "tries": tries})
        tx.change("reservations", {"request": request["id"]}, {"state": ReservationState.held, "at": again})
        state = State.scheduled
        more["send_at"] = again
    tx.add("entries", [attempt_entry(kit, now, "attempt.failed", attempt, state=state, more=more)])


def _next_try(kit: Kit, tx: Tx, now: Instant, request: Row, result: SendResult) -> Instant:
    """At once where another account may try and is well, else when the provider says, else with back-off."""
    if result.fate in FAIL_OVER and result.detail != TOO_LATE and another_may(kit, tx, request, now):
        return now
    if result.until is not None:
        return Instant(max(now, result.until))
    return after(kit, now, request["tries"])


def attempt_entry(
    kit: Kit, now: Instant, kind: str, attempt: Row, *, state: State | None, actor: str = "system", more: dict[str, Any]
) -> Row:
    return entry(
        kit,
        now,
        kind,
        actor,
        client=attempt["client"],
        request=attempt["request"],
        party=attempt["party"],
        account=attempt["account"],
        address=attempt["address"],
        channel=attempt["channel"],
        state=state,
        more=more,
    )
