"""
How books, packs and rules are shown: what a rule asks, in figures and in both languages, and where it comes from.

Read off the rule itself, so that every kind of rule, also one to come, shows all its parameters.
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from service.core.calendars import Calendar
from service.core.civil import format_instant
from service.core.plain import plain
from service.core.policy import Book, Pack, Rule
from service.flows.books import Lying, Named, Shown

from .decisions_json import instant_json

_COMMON = frozenset(field.name for field in fields(Rule))


def books_json(shown: Shown, zone: str) -> dict[str, Any]:
    """The book in force, what is to come, and what lies in the folder and is not active."""
    return {
        "book": activation_json(shown.in_force, zone) if shown.in_force else None,
        "packs": [pack_line(pack) for pack in shown.book.packs] if shown.book else [],
        "calendars": [calendar_line(calendar) for calendar in shown.book.calendars] if shown.book else [],
        "pending": [activation_json(named, zone) for named in shown.pending],
        "available": _available(shown.lying, shown.book),
    }


def activation_json(named: Named, zone: str) -> dict[str, Any]:
    """An activation; without `second_by` it is a proposal."""
    activation = named.activation
    return {
        "id": activation.id,
        "sha256": activation.sha256,
        "label": named.label,
        "effective_at": format_instant(activation.effective_at, zone),
        "first_by": activation.first_by,
        "second_by": activation.second_by,
        "activated_at": instant_json(activation.activated_at, zone),
    }


def pack_line(pack: Pack) -> dict[str, Any]:
    """A pack in a list; its dates are those on which a rule comes into force or goes out of it."""
    dates = {day for rule in pack.rules for day in (rule.effective_from, rule.effective_to) if day}
    return {
        "id": pack.id,
        "title": {"en": pack.title.en, "zh": pack.title.zh},
        "jurisdictions": pack.jurisdictions,
        "floor": pack.floor,
        "draft": pack.draft,
        "rules": len(pack.rules),
        "effective_dates": [day.isoformat() for day in sorted(dates)],
    }


def calendar_line(calendar: Calendar) -> dict[str, Any]:
    """A calendar, and the days between which it is known."""
    return {
        "id": calendar.id,
        "title": {"en": calendar.title.en, "zh": calendar.title.zh},
        "known_from": calendar.known_from.isoformat(),
        "confirmed_until": calendar.confirmed_until.isoformat(),
    }


def pack_json(pack: Pack, book: Book | None, *, in_force: bool) -> dict[str, Any]:
    """A pack with every rule; `book` is None for a draft, which is in none."""
    return {
        **pack_line(pack),
        "book": {"label": book.label, "sha256": book.sha256} if book else None,
        "in_force": in_force,
        "rules": [rule_json(rule) for rule in pack.rules],
    }


def rule_json(rule: Rule) -> dict[str, Any]:
    """What a rule asks, of whom, since when, and on whose word."""
    return {
        "id": rule.id,
        "kind": rule.kind,
        "when": _selectors(rule.when),
        "unless": None if rule.unless is None else _selectors(rule.unless),
        "parameters": {field.name: plain(getattr(rule, field.name)) for field in fields(rule) if _own(field.name)},
        "citation": rule.citation,
        "url": rule.url,
        "force": rule.force,
        "confidence": rule.confidence,
        "effective_from": rule.effective_from and rule.effective_from.isoformat(),
        "effective_to": rule.effective_to and rule.effective_to.isoformat(),
        "zone": rule.zone,
        "zones": rule.zones,
        "also_zone": rule.also_zone,
        "explain": {"en": _filled(rule.explain.en, rule.terms), "zh": _filled(rule.explain.zh, rule.terms)},
    }


def _own(name: str) -> bool:
    return name not in _COMMON and not name.startswith("_")


def _selectors(when: Any) -> dict[str, Any]:
    return {name: value for name, value in plain(when).items() if value not in (None, [])}


class _Unfilled(dict[str, Any]):
    """A figure that only a verdict knows stays in braces."""

    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"


def _filled(sentence: str, terms: Mapping[str, Any]) -> str:
    return sentence.format_map(_Unfilled(terms))


def _available(lying: Lying, active: Book | None) -> dict[str, Any]:
    here = {pack.id: pack for pack in active.packs} if active else {}
    packs = lying.book.packs if lying.book else ()
    new = lying.book is not None and (active is None or active.sha256 != lying.book.sha256)
    changes = [(pack, "changed" if pack.id in here else "new") for pack in packs if here.get(pack.id) != pack]
    changes += [(pack, "draft") for pack in lying.drafts]
    return {
        "sha256": lying.book.sha256 if lying.book and new else None,
        "label": lying.book.label if lying.book and new else None,
        "packs": [{**pack_line(pack), "change": change} for pack, change in changes],
        "removed": sorted(here.keys() - {pack.id for pack in packs}) if lying.book else [],
        "complaints": list(lying.complaints),
    }
