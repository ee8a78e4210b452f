"""
Facts as they are stored: their canonical bytes, for the digest and for sealing, and the values read back from them.

What was never written is refused, and not read as something else (decision 0030).
"""

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from operator import itemgetter
from typing import Any, Final, Literal

from msgspec import UNSET, Raw, UnsetType, defstruct
from msgspec.json import Decoder

from .canonical import canonical
from .facts import Contact, Facts, Subject

FORMAT: Final = 1

_SMALL_LISTS = (
    "consents",
    "suppressions",
    "holds",
    "preferences",
    "registry_checks",
    "notices",
    "blocks",
)
_SUBJECT_FIELDS = tuple(field.name for field in fields(Subject) if field.name != "text")
_AT_AND_ID = itemgetter(0, Contact._fields.index("id"))
_ASKS = Contact._fields.index("asks")

# Straight from bytes into the classes above (decision 0030): rows by the order of their fields, what was stored
# before a field was added with its default, and what is not of its declared type refused.
_FACTS = Decoder(Facts)
_SUBJECT = Decoder(Subject)


def _keys(name: str, always: Mapping[str, Any], sometimes: Iterable[str]) -> Decoder[Any]:
    """Refuses an object that lacks what is always written, or has what never is: a default would be a guess."""
    known: list[tuple[str, Any] | tuple[str, Any, Any]] = list(always.items())
    known += [(each, Raw | UnsetType, UNSET) for each in sometimes]
    return Decoder(defstruct(name, known, forbid_unknown_fields=True))


_KEPT = dict.fromkeys((name for name in _SUBJECT_FIELDS if name != "registrations"), Raw)
_SUBJECT_KEYS = _keys("SubjectKeys", _KEPT, ["registrations"])
_FACTS_KEYS = _keys(
    "FactsKeys",
    {
        **dict.fromkeys((*_SMALL_LISTS, "history", "zones", "jurisdictions", "debtor", "listed_role", "route"), Raw),
        "subject": _keys("SubjectWithText", {**_KEPT, "text": Raw}, ["registrations"]).type,
        "format": Literal[FORMAT],
    },
    ["obligations", "further_zones", "route_refusal", "route_opens"],
)


def facts_bytes(facts: Facts) -> bytes:
    """
    Write the facts in canonical form, for the digest and for sealing.

    Rows keep the order of their fields; lists are sorted, so that the order in which the store
    happened to return them does not change the digest.
    """
    subject = facts.subject
    plain: dict[str, Any] = {
        name: sorted((_plain(row) for row in getattr(facts, name)), key=canonical) for name in _SMALL_LISTS
    }
    if facts.obligations:
        plain["obligations"] = sorted(tuple(each) for each in facts.obligations)
    # Where nobody asked for anything, history is told in the words of old.
    width = None if any(item[_ASKS] for item in facts.history) else _ASKS
    plain["history"] = [item[:width] for item in sorted(facts.history, key=_AT_AND_ID)]
    plain["subject"] = {**subject_plain(subject), "text": subject.text}
    plain["zones"] = sorted(facts.zones)
    if facts.further_zones:
        plain["further_zones"] = sorted(facts.further_zones)
    plain["jurisdictions"] = sorted(facts.jurisdictions)
    plain["debtor"] = facts.debtor
    plain["listed_role"] = facts.listed_role
    plain["route"] = facts.route
    if facts.route_refusal is not None:
        plain["route_refusal"] = facts.route_refusal
    if facts.route_opens is not None:
        plain["route_opens"] = facts.route_opens
    plain["format"] = FORMAT
    return canonical(plain)


def facts_from(written: bytes) -> Facts:
    """Read back what `facts_bytes` wrote; raises `ValueError` for what it never writes."""
    _FACTS_KEYS.decode(written)
    return _FACTS.decode(written)


def subject_plain(subject: Subject) -> dict[str, Any]:
    """The subject without its text, which is personal data: what a waiting request keeps of it."""
    plain = {name: getattr(subject, name) for name in _SUBJECT_FIELDS}
    plain["visit"] = subject.visit and _plain(subject.visit)
    plain["registrations"] = [tuple(filed) for filed in subject.registrations]
    if not subject.registrations:
        del plain["registrations"]  # so that what has none is told in the words of old
    return plain


def subject_from(written: str, text: str | None) -> Subject:
    """Read back `subject_plain` as JSON; raises `ValueError` for what it never is. `text` is kept apart."""
    _SUBJECT_KEYS.decode(written)
    return replace(_SUBJECT.decode(written), text=text)


def _plain(row: tuple[Any, ...]) -> list[Any]:
    """orjson writes plain tuples, not named ones; one level of nesting is all there is."""
    return [tuple(item) if isinstance(item, tuple) else item for item in row]
