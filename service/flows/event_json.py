"""
An event as its client reads it: in a list at the door, and in a callback.

A callback is told anew at every try, from the entry, which never changes: every try has the same bytes.
"""

from collections.abc import Mapping
from typing import Any

from service.core.civil import format_instant
from service.core.model import Instant

from .entries import decision_from
from .events import Event
from .ports import RECEIVED


def event_json(event: Event, bank_zone: str) -> dict[str, Any]:
    """What a client reads of an entry of its own request."""
    row, said = event.row, event.said
    zone = zone_of(said, bank_zone)
    decision = decision_from(said["decision"]) if "decision" in said else None
    shown = {
        "index": row["index"],
        "id": row["id"],
        "kind": row["kind"],
        "at": said["local"],
        "request": row["request"],
        "reference": event.reference,
        "channel": row["channel"],
        "state": row["state"],
        "effect": row["effect"],
        "reason": decision.reason or None if decision else None,
        "not_before": _instant(decision.not_before, zone) if decision else None,
        "send_at": _instant(said.get("send_at"), zone),
        "outcome": said.get("outcome"),
        "permit": permit_json(said["permit"], zone) if "permit" in said else None,
        "interaction": _interaction(said) if row["kind"] == RECEIVED else None,
    }
    return {**shown, "simulated": True} if said.get("simulated") else shown


def permit_json(said: list[Any], zone: str) -> dict[str, Any]:
    permit_id, valid_from, valid_until = said
    return {
        "id": permit_id,
        "valid_from": format_instant(valid_from, zone),
        "valid_until": format_instant(valid_until, zone),
    }


def _interaction(said: Mapping[str, Any]) -> dict[str, Any]:
    """That somebody answered, and what for; never the words, which are read at the door."""
    return {"id": said["attempt"], "asks": said.get("asks")}


def zone_of(said: Mapping[str, Any], bank_zone: str) -> str:
    """The zone that the decision read, else the bank's."""
    zones = said.get("decision", {}).get("zones")
    return str(zones[0]) if zones else bank_zone


def _instant(instant: Instant | None, zone: str) -> str | None:
    return None if instant is None else format_instant(instant, zone)
