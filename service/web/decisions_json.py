"""
A decision as JSON (DESIGN section 5): verdicts with sentence and citation, instants in the zone that was read.

Sentence, citation and zone come from the book when read; the decision keeps rule, effect and figures.
What a rule says when it simply allows is made once for each book and language.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, cast

from service.core.civil import format_instant
from service.core.decide import Decision
from service.core.explain import sentence
from service.core.model import Effect, Instant
from service.core.policy import Book, NotApplied
from service.core.rule import Verdict

from .negotiate import Language

_ALLOWED: dict[tuple[str, Language], dict[str, dict[str, Any]]] = {}
"""By book and language, then rule: the verdict of a rule that allows and has no figure to tell."""

BOOKS_MAX = 8


def decision_json(decision: Decision, book: Book, language: Language) -> dict[str, Any]:
    """Write a decision as the API shows it; parts of the result are shared and must not be changed."""
    zone = decision.zones[0] if decision.zones else "UTC"
    return {
        "effect": decision.effect.name,
        "at": _written(decision.at, zone),
        "not_before": instant_json(decision.not_before, zone),
        "verdicts": [_verdict(verdict, book, language, zone) for verdict in decision.verdicts],
        "zones": decision.zones,
        "book": {"label": decision.label, "sha256": decision.book},
        "facts_sha256": decision.facts_sha256 or None,
        "not_applied": _not_applied(decision.not_applied),
    }


def instant_json(at: int | None, zone: str = "UTC") -> str | None:
    return None if at is None else _written(Instant(at), zone)


_written = lru_cache(maxsize=4096)(format_instant)
"""What is decided together is decided at one instant, and ends at few."""


def refusal(decision: Decision, book: Book, language: Language) -> str:
    """One sentence for a refusal: what the strictest verdict says."""
    zone = decision.zones[0] if decision.zones else "UTC"
    deciding = max(decision.verdicts, key=lambda verdict: verdict.effect, default=None)
    return str(_verdict(deciding, book, language, zone)["message"]) if deciding else ""


def _verdict(verdict: Verdict, book: Book, language: Language, zone: str) -> dict[str, Any]:
    plain = verdict.effect is Effect.allow and verdict.remaining is None and not verdict.figures
    if not plain:
        return _made(verdict, book, language, zone)
    known = _ALLOWED.get((book.sha256, language))
    if known is None:
        if len(_ALLOWED) >= BOOKS_MAX:
            _ALLOWED.clear()
        known = _ALLOWED[book.sha256, language] = {}
    made = known.get(verdict.rule)
    if made is None:
        made = known[verdict.rule] = _made(verdict, book, language, zone)
    return made


def _made(verdict: Verdict, book: Book, language: Language, zone: str) -> dict[str, Any]:
    rule = book.rule(verdict.rule)
    return {
        "rule": verdict.rule,
        "kind": verdict.kind,
        "effect": verdict.effect.name,
        "until": instant_json(verdict.until, rule.zone or zone if rule else zone),
        "reason": verdict.reason or None,
        "message": sentence(rule, verdict, language),
        "citation": rule.citation if rule else None,
        "remaining": verdict.remaining,
    }


@lru_cache(maxsize=1024)
def _not_applied(rows: tuple[NotApplied, ...]) -> list[Mapping[str, str]]:
    """Requests of one shape share it, so it is written once."""
    return [cast(Mapping[str, str], row._asdict()) for row in rows]
