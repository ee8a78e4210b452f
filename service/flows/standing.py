"""
Answer a known reference as it stands: the same answer to the same body, a conflict to another.
"""

from collections.abc import Sequence
from typing import NamedTuple

import orjson

from service.core.decide import Decision
from service.core.errors import Conflict, GatewayError, Gone

from .entries import decision_from
from .permit import Permit
from .ports import Row, Tx


class Stands(NamedTuple):
    """Has the fields of an `Answer`, in their order."""

    request: Row | None = None
    decision: Decision | None = None
    permit: Permit | None = None
    replayed: bool = False
    error: GatewayError | None = None


def as_it_stands(tx: Tx, named: Sequence[tuple[str, str, str]]) -> list[Stands | None]:
    """For each (client, reference, body mark): what stands under the reference, None if nothing does."""
    found = tx.references([(client, reference) for client, reference, _ in named])
    if not found:
        return [None] * len(named)
    requests = [row["id"] for row in found.values()]
    decisions = latest_decisions(tx, requests)
    permits = permits_of(tx, requests)
    answers: list[Stands | None] = []
    for client, reference, body_mark in named:
        row = found.get((client, reference))
        if row is None:
            answers.append(None)
        elif row["body_mark"] != body_mark:
            detail = "this reference stands for a request with another body"
            answers.append(Stands(error=Conflict(detail, code="reference-conflict", state=row["state"])))
        elif row["sealed"] is None:
            answers.append(Stands(error=Gone("the personal data of this request were erased")))
        else:
            answers.append(Stands(row, decisions.get(row["id"]), permits.get(row["id"]), replayed=True))
    return answers


def latest_decisions(tx: Tx, requests: Sequence[str]) -> dict[str, Decision]:
    """The last decision of each request, read from its entries."""
    entries = tx.rows("entries", {"request": requests}, order=["id"])
    bodies = ((row["request"], orjson.loads(row["body"])) for row in entries if row["effect"] is not None)
    return {request: decision_from(body["decision"]) for request, body in bodies if "decision" in body}


def permits_of(tx: Tx, requests: Sequence[str]) -> dict[str, Permit]:
    rows = tx.rows("permits", {"request": requests})
    return {row["request"]: Permit(row["id"], row["attempt"], row["valid_from"], row["valid_until"]) for row in rows}
