"""
Requests and facts of a case file, in the JSON shapes of a what-if, as the values that rules look at.

A case names ids and addresses as it likes: nothing is normalised, for nothing is looked up. What is
said of the lender or the template (`creditor`, `reveals`) stands where a request would have it.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import orjson
from pydantic import ConfigDict, TypeAdapter, ValidationError

from service.core.canonical import canonical
from service.core.civil import WindowError, is_zone, parse_instant, parse_window
from service.core.facts import (
    Consent,
    Contact,
    Facts,
    Hold,
    Notice,
    Preference,
    RegistryCheck,
    Subject,
    Suppression,
    VisitPlan,
)
from service.core.jurisdictions import is_jurisdiction
from service.core.model import Instant
from service.core.request import ContactRequest, Party
from service.flows.given import Given, facts_given
from service.flows.places import Zones

from .policy_shape import message_of
from .policy_source import Path

ROWS: Mapping[str, type[Any]] = {
    "history": Contact,
    "consents": Consent,
    "suppressions": Suppression,
    "holds": Hold,
    "preferences": Preference,
    "registry_checks": RegistryCheck,
    "notices": Notice,
}
RENAMED = {"party_id": "party", "account_id": "account", "from": "since"}
_INSTANTS = {"at", "from", "until", "granted_at", "expires_at", "withdrawn_at", "checked_at", "sent_at"}
_SUBJECT: Mapping[tuple[str, ...], str] = {
    ("party", "id"): "party",
    ("party", "role"): "party_role",
    ("address", "value"): "address",
    ("address", "kind"): "address_kind",
    ("address", "provenance"): "provenance",
    ("account", "id"): "account",
    ("account", "product"): "product",
    ("account", "type"): "account_type",
    ("account", "days_past_due"): "days_past_due",
    ("account", "creditor"): "institution",
    ("template", "reveals"): "reveals",
    ("template", "offer"): "offer",
    ("template", "registrations"): "registrations",
}
"""Where a request says what the subject has; all else has the same name in both."""

_ZONES = (("party", "time_zones"), ("address", "zones"))
"""A case says itself in which zones the number may be, for it reads no numbering plan."""

_STRICT = ConfigDict(extra="forbid", strict=True)


class Unreadable(ValueError):
    """A part of a case that cannot be read, and where in the case it stands."""

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(message)
        self.path = path


def facts_of(request: Mapping[str, Any], facts: Mapping[str, Any], actor_role: str) -> Facts:
    """Read a case's request and facts; raises Unreadable at the first part that cannot be read."""
    subject = _subject(request, actor_role)
    given = _given(facts)
    zones = Zones(*(_zones(request, *where) for where in _ZONES))
    asked = ContactRequest(
        reference="",
        body_mark="",
        template="",
        channel=subject.channel,
        purpose=subject.purpose,
        party=Party(id=subject.party, role=subject.party_role),
        visit=subject.visit,
        recording_available=subject.recording_available,
    )
    jurisdictions = _words(request, "party", "jurisdictions")
    for place, code in enumerate(jurisdictions):
        if not is_jurisdiction(code):
            raise Unreadable(("request", "party", "jurisdictions", place), f"there is no jurisdiction {code}")
    return facts_given(given, subject, asked, zones, jurisdictions, lambda address: address)


def _zones(request: Mapping[str, Any], whose: str, key: str) -> tuple[str, ...]:
    zones = _words(request, whose, key)
    for place, zone in enumerate(zones):
        if not is_zone(zone):
            raise Unreadable(("request", whose, key, place), f"unknown zone {zone}")
    return zones


def _words(request: Mapping[str, Any], whose: str, key: str) -> tuple[str, ...]:
    holder = request.get(whose, {})
    if not isinstance(holder, dict):
        raise Unreadable(("request", whose), "must be keys and values")
    said = holder.get(key, [])
    if not (isinstance(said, list) and all(isinstance(each, str) for each in said)):
        raise Unreadable(("request", whose, key), "must be a list of texts")
    return tuple(said)


def _subject(request: Mapping[str, Any], actor_role: str) -> Subject:
    plain: dict[str, Any] = {"actor_role": actor_role}
    where: dict[str, Path] = {}
    for path, value in _leaves(request):
        name = _SUBJECT.get(path, path[0] if len(path) == 1 else "")
        if path in (*_ZONES, ("party", "jurisdictions")):
            continue
        if not name:
            raise Unreadable(("request", *path), "unknown key")
        plain[name] = [value] if name == "institution" else value
        where[name] = ("request", *path)
    if isinstance(plain.get("address"), dict):
        plain["address"] = canonical(plain["address"]).decode()
    if "visit" in plain:
        plain["visit"] = _visit(plain["visit"], ("request", "visit"))._asdict()
    found: Subject = _validated(Subject, plain, where)
    return found


def _leaves(request: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in request.items():
        if key in ("party", "address", "account", "template") and isinstance(value, dict):
            yield from (((key, inner), item) for inner, item in value.items())
        else:
            yield (key,), value


def _given(facts: Mapping[str, Any]) -> Given:
    known: dict[str, Any] = {}
    for key, value in facts.items():
        if key in ROWS and isinstance(value, list):
            known[key] = tuple(_row(ROWS[key], item, ("facts", key, place)) for place, item in enumerate(value))
        elif key == "visit":
            known[key] = _visit(value, ("facts", "visit"))
        elif key == "recording_available":
            known[key] = value
        else:
            raise Unreadable(("facts", key), "unknown key, or not a list")
    return Given(**known)


def _row(kind: type[Any], item: Any, path: Path) -> Any:
    if not isinstance(item, dict):
        raise Unreadable(path, "must be keys and values")
    plain: dict[str, Any] = {}
    where: dict[str, Path] = {}
    source = item if kind is not Preference else {**_without_window(item), "window": item}
    for key, value in source.items():
        name = RENAMED.get(key, key)
        where[name] = (*path, key)
        if key == "window":
            plain[name] = _window(value, path if kind is Preference else (*path, key))
        elif isinstance(value, dict):
            plain[name] = canonical(value).decode()
        else:
            plain[name] = _instant(value, (*path, key)) if key in _INSTANTS else value
    return _validated(kind, plain, where, path)


def _without_window(item: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in item.items() if key not in ("days", "from", "to")}


def _window(value: Any, path: Path) -> list[int]:
    try:
        return list(parse_window(value.get("days", "mon-sun"), value["from"], value["to"]))
    except WindowError as error:
        raise Unreadable((*path, error.field), str(error)) from None
    except (KeyError, AttributeError, TypeError):
        raise Unreadable(path, "must be a window with from and to") from None


def _instant(value: Any, path: Path) -> Instant:
    try:
        return parse_instant(value)
    except (ValueError, TypeError) as error:
        raise Unreadable(path, str(error)) from None


def _visit(value: Any, path: Path) -> VisitPlan:
    found: VisitPlan = _validated(VisitPlan, value if isinstance(value, dict) else {}, {}, path)
    return found


def _validated(kind: Any, plain: Mapping[str, Any], where: Mapping[str, Path], path: Path = ()) -> Any:
    try:
        return _adapter(kind).validate_json(orjson.dumps([plain]))[0]
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = next((str(step) for step in first["loc"] if step in plain), str(first["loc"][-1]))
        raise Unreadable(where.get(name, (*path, name)), message_of(first)) from None


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    many: Any = tuple[kind]
    return TypeAdapter(many, config=_STRICT)
