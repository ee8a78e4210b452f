"""How contact requests are shown: a line of a list, and one with all that became of it."""

from collections.abc import Mapping
from typing import Any

import orjson

from service.core.model import AddressKind
from service.core.policy import Book
from service.flows.ports import Row
from service.flows.requests_query import Decided, Told

from .accepted import permit_json
from .decisions_json import decision_json, instant_json
from .negotiate import Language

_AS_THEY_ARE = ("state", "channel", "purpose", "execution", "priority", "if_blocked", "template", "template_version")
_ATTEMPT = ("id", "channel", "direction", "outcome", "duration_s", "source", "provider", "provider_ref")
_INSTANTS = ("at", "intent_at", "ended_at", "recorded_at")


def line_json(row: Row, party_id: str) -> dict[str, Any]:
    """A line of a list: no personal data in it."""
    return {
        "id": row["id"],
        "reference": row["reference"],
        "client": row["client"],
        "state": row["state"],
        "channel": row["channel"],
        "purpose": row["purpose"],
        "party_id": party_id,
        "account_id": row["account"],
        "created_at": instant_json(row["created_at"]),
        "send_at": instant_json(row["send_at"]),
        "expires_at": instant_json(row["expires_at"]),
    }


def told_json(told: Told, books: Mapping[str, Book], language: Language, *, simulated: bool) -> dict[str, Any]:
    """A request in full; name and address are masked already where the reader may not see them."""
    row = told.request
    zone = next((each.decision.zones[0] for each in told.decisions if each.decision.zones), "UTC")
    shown = {
        "id": row["id"],
        "reference": row["reference"],
        "client": row["client"],
        **{name: row[name] for name in _AS_THEY_ARE},
        "party": {"id": told.party_id, "role": row["party_role"], "name": told.name},
        "address": {"kind": told.kind, "value": _address(told)} if told.kind else None,
        "account": {"id": row["account"]} if row["account"] else None,
        "created_at": instant_json(row["created_at"], zone),
        "asked_at": instant_json(row["asked_at"], zone),
        "send_at": instant_json(row["send_at"], zone),
        "expires_at": instant_json(row["expires_at"], zone),
        "tries": row["tries"],
        "permit": permit_json(told.permit, zone) if told.permit else None,
        "decisions": [_decided(each, books, language, zone) for each in told.decisions],
        "attempts": [_attempt(each, zone) for each in told.attempts],
        "receipts": [_receipt(each, told, zone) for each in told.receipts],
    }
    return {**shown, "simulated": True} if simulated else shown


def cancelled_json(row: Row, *, simulated: bool) -> dict[str, Any]:
    shown = {"id": row["id"], "reference": row["reference"], "state": row["state"]}
    return {**shown, "simulated": True} if simulated else shown


def _address(told: Told) -> Any:
    """A place in the clear is an object, as it was posted; a mask is text."""
    value = told.address
    return orjson.loads(value) if value and value.startswith("{") and told.kind in _PLACES else value


_PLACES = (AddressKind.postal, AddressKind.home, AddressKind.work)


def _decided(each: Decided, books: Mapping[str, Book], language: Language, zone: str) -> dict[str, Any]:
    shown = decision_json(each.decision, books[each.decision.book], language)
    return {"entry": each.entry, "decided_at": instant_json(each.at, zone), **shown}


def _attempt(row: Mapping[str, Any], zone: str) -> dict[str, Any]:
    return {
        **{name: row[name] for name in _ATTEMPT},
        **{name: instant_json(row[name], zone) for name in _INSTANTS},
    }


def _receipt(row: Mapping[str, Any], told: Told, zone: str) -> dict[str, Any]:
    shown = {
        "id": row["id"],
        "attempt": row["attempt"],
        "provider": row["provider"],
        "outcome": row["outcome"],
        "at": instant_json(row["at"], zone),
        "received_at": instant_json(row["received_at"], zone),
        "applied": bool(row["applied"]),
    }
    for field, kept in (("report", told.reports), ("said", told.words)):
        if row["id"] in kept:
            shown[field] = kept[row["id"]]
    return shown
