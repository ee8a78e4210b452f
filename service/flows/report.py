"""
What a person reports of a contact made under a permit.

The latest report again is harmless; another is a correction, kept beside the first, and the caps count
the corrected outcome from then on. A late report is still taken; one that started outside the permit
is flagged, for an officer to see. One dated before the permit counts from the permit's beginning on:
otherwise a wrong date would make room for a call too many.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from service.core.civil import format_instant
from service.core.errors import Conflict, Invalid
from service.core.model import MINUTE, Execution, Instant, Outcome
from service.core.request import Client

from .cancel import own_request
from .kit import Kit
from .newcomers import open_key
from .outcome import apply_outcome
from .ports import Row, Tx

SOURCE = "report"

AHEAD_MAX = 5 * MINUTE
"""How far a teller's clock may be ahead of ours; what is later than that has not happened."""


class Report(NamedTuple):
    """`said` is the free part (recording, promise, arrears reason, note): personal data, sealed."""

    outcome: Outcome
    started_at: Instant
    ended_at: Instant | None
    duration_s: int | None
    said: Mapping[str, Any]
    mark: str


class Reported(NamedTuple):
    """The request as it stands now, and how the report was taken."""

    request: Row
    repeated: bool
    corrected: bool
    outside_permit: bool


def report(kit: Kit, tx: Tx, client: Client, request_id: str, said: Report) -> Reported:
    """File the report of the client's own permit; NotFound or Conflict if there is none, Invalid if it lies ahead."""
    tx.gate([f"request:{request_id}"])
    request = own_request(tx, client, request_id)
    permits = tx.rows("permits", {"request": request_id})
    if request["execution"] != Execution.permit or not permits:
        raise Conflict("this request has no permit to report on", code="no-permit", state=request["state"])
    permit = permits[0]
    tx.gate([f"attempt:{permit['attempt']}"])
    attempt = tx.rows("attempts", {"id": permit["attempt"]})[0]
    outside = not permit["valid_from"] <= said.started_at < permit["valid_until"]
    earlier = tx.rows("receipts", {"provider": SOURCE, "attempt": attempt["id"]})
    latest = max(earlier, key=lambda row: str(row["id"]), default=None)
    if latest is not None and latest["event"].endswith(said.mark):
        return Reported(request, repeated=True, corrected=False, outside_permit=outside)
    now = kit.clock()
    if said.started_at > now + AHEAD_MAX:
        raise Invalid("started_at", f"is later than the gateway's clock, which stands at {format_instant(now)}")
    receipt = _keep(kit, tx, now, attempt, said, len(earlier))
    corrected = bool(earlier)
    apply_outcome(
        kit,
        tx,
        now,
        request,
        attempt,
        said.outcome,
        "outcome.corrected" if corrected else "outcome.reported",
        actor=client.id,
        detail="outside_permit" if outside else "",
        told={
            "receipt": receipt,
            "started_at": said.started_at,
            "ended_at": said.ended_at,
            "duration_s": said.duration_s,
        },
        # A contact cannot have been made before it was permitted: a date before that would free its place.
        at=max(said.started_at, Instant(permit["valid_from"])),
        ended_at=said.ended_at,
        duration_s=said.duration_s,
        due_at=None,
        report_mark=said.mark,
    )
    return Reported(own_request(tx, client, request_id), repeated=False, corrected=corrected, outside_permit=outside)


def _keep(kit: Kit, tx: Tx, now: Instant, attempt: Row, said: Report, earlier: int) -> str:
    """Keep the report itself, sealed, beside any earlier one; return its id."""
    receipt_id = kit.ids.new("r", now)
    party = tx.parties_named([attempt["party"]])[attempt["party"]]
    sealed = (
        open_key(kit, party).seal(orjson.dumps(dict(said.said)), f"receipts/sealed/{receipt_id}") if said.said else None
    )
    row = {
        "id": receipt_id,
        "provider": SOURCE,
        "event": f"{attempt['id']}:{earlier}:{said.mark}",
        "attempt": attempt["id"],
        "party": attempt["party"],
        "outcome": said.outcome,
        "at": said.started_at,
        "received_at": now,
        "applied": 1,
        "sealed": sealed,
    }
    tx.add("receipts", [row])
    return receipt_id
