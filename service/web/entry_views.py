"""
How entries are shown: a line of a list, and one in full.

Bodies keep instants as whole numbers and parties as pseudonyms; people read RFC 3339 and the lender's ids.
The exact body, which the SHA-256 covers, stands beside that in the full view alone.
"""

from collections.abc import Mapping
from typing import Any

import orjson

from service.core.civil import format_instant, format_window
from service.core.decide import Decision
from service.core.facts import Window
from service.core.model import Instant
from service.core.policy import Book
from service.flows.audit import Told
from service.flows.entries import decision_from
from service.flows.event_json import permit_json, zone_of

from .decisions_json import decision_json
from .negotiate import Language

_HEADLINE = ("id", "kind", "at", "local", "actor", "client", "request")
_SHOWN_ELSEWHERE = frozenset({"v", *_HEADLINE, "party", "account", "address", "channel", "state", "effect"})
_SHOWN_ELSEWHERE |= {"simulated", "decision"}
_INSTANTS = frozenset({"from", "until", "since"})
"""Names of instants that do not end in `_at`."""


def entry_line(told: Told, bank_zone: str) -> dict[str, Any]:
    """An entry without the verdicts and the body."""
    row, said = told.row, told.said
    zone = zone_of(said, bank_zone)
    line = {
        "index": row["index"],
        "sha256": told.sha256,
        **{name: said[name] for name in _HEADLINE},
        "party_id": told.people.get(row["party"]),
        "party": row["party"],
        "account_id": row["account"],
        "address": row["address"],
        "channel": row["channel"],
        "state": row["state"],
        "effect": row["effect"],
        "reason": decision_of(said).reason or None if "decision" in said else None,
        "rules": row["rules"].strip("|").split("|") if row["rules"] else [],
        "details": {
            name: _detail(name, value, told.people, zone)
            for name, value in said.items()
            if name not in _SHOWN_ELSEWHERE
        },
    }
    return {**line, "simulated": True} if said.get("simulated") else line


def entry_full(told: Told, book: Book | None, language: Language, bank_zone: str) -> dict[str, Any]:
    """An entry with its decision in sentences, what each cap counted, and the exact body."""
    decision = decision_of(told.said) if "decision" in told.said else None
    counted: dict[str, list[str]] = {}
    for verdict in decision.verdicts if decision else ():
        if verdict.counted:
            known = counted.setdefault(verdict.rule, [])
            known += [name for name in verdict.counted if name not in known]
    return {
        **entry_line(told, bank_zone),
        "decision": decision_json(decision, book, language) if decision and book else None,
        "counted": counted,
        "body": told.row["body"].decode(),
    }


def decision_of(said: Mapping[str, Any]) -> Decision:
    return decision_from(said["decision"])


def _detail(name: str, value: Any, people: Mapping[str, str], zone: str) -> Any:
    if isinstance(value, int) and (name.endswith("_at") or name in _INSTANTS):
        return format_instant(Instant(value), zone)
    match name, value:
        case "permit", [_, _, _]:
            return permit_json(value, zone)
        case "window", str():
            return dict(zip(("days", "from", "to"), format_window(Window(*orjson.loads(value))), strict=True))
        case "parties", list():
            return [{"id": people.get(party), "party": party, "role": role} for party, role in value]
        case _, dict():
            return {inner: _detail(inner, each, people, zone) for inner, each in value.items()}
    return value
