"""
Entries: the evidence, written in the transaction of the deed.

An entry's `body` is canonical JSON and is what will be sealed; the columns beside it only help to
search. No clear personal data: pseudonyms, marks, digests, figures. Verdicts are rows
`[rule, kind, effect, reason, until, remaining, figures, counted]`; a plain allow is `[rule, kind]` alone.
What was not applied stands in runs, `[because, rule, rule, …]`: most of a book is not for this place.
"""

from collections.abc import Mapping
from functools import lru_cache
from itertools import chain, groupby, starmap
from operator import attrgetter
from typing import Any

from service.core.canonical import canonical
from service.core.civil import format_instant
from service.core.decide import Decision
from service.core.model import Effect, Instant
from service.core.policy import NotApplied, Verdict

from .kit import Kit

VERSION = 1

_ALLOW = Effect.allow


def entry(
    kit: Kit,
    now: Instant,
    kind: str,
    actor: str,
    *,
    client: str | None = None,
    request: str | None = None,
    party: str | None = None,
    account: str | None = None,
    address: str | None = None,
    channel: str | None = None,
    state: str | None = None,
    effect: str | None = None,
    rules: str = "",
    zone: str | None = None,
    more: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Make one row of `entries`; `kind` is `noun.verb`, `more` is what this kind of deed adds."""
    entry_id = kit.ids.new("e", now)
    said: dict[str, Any] = {
        "v": VERSION,
        "id": entry_id,
        "kind": kind,
        "at": _told(now, "UTC"),
        "local": _told(now, zone or kit.bank_zone),
        "actor": actor,
        "client": client,
        "request": request,
        "party": party,
        "account": account,
        "address": address,
        "channel": channel,
        "state": state,
        "effect": effect,
    }
    if kit.routes.simulated:
        said["simulated"] = True
    said.update(more or {})
    return {
        "id": entry_id,
        "index": None,
        "kind": kind,
        "at": now,
        "actor": actor,
        "client": client,
        "request": request,
        "party": party,
        "account": account,
        "address": address,
        "channel": channel,
        "effect": effect,
        "state": state,
        "rules": rules,
        "body": canonical(said),
    }


@lru_cache(maxsize=256)
def _told(now: Instant, zone: str) -> str:
    """A group has one now and few zones."""
    return format_instant(now, zone)


def decision_body(decision: Decision) -> dict[str, Any]:
    """What an entry keeps of a decision."""
    return {
        "effect": decision.effect.name,
        "at": decision.at,
        "not_before": decision.not_before,
        "book": decision.book,
        "label": decision.label,
        "zones": decision.zones,
        "facts_sha256": decision.facts_sha256,
        "verdicts": [v[:2] if _merely_allows(v) else _said(v) for v in decision.verdicts],
        "not_applied": _runs(decision.not_applied),
    }


def decision_from(body: Mapping[str, Any]) -> Decision:
    """Read back what `decision_body` wrote."""
    return Decision(
        effect=Effect[body["effect"]],
        at=Instant(body["at"]),
        not_before=body["not_before"],
        verdicts=tuple([_allowed(*said) if len(said) == 2 else _heard(*said) for said in body["verdicts"]]),
        not_applied=tuple(chain.from_iterable(starmap(_of_run, body["not_applied"]))),
        zones=tuple(body["zones"]),
        book=body["book"],
        label=body["label"],
        facts_sha256=body["facts_sha256"],
    )


def speaking_rules(decision: Decision) -> str:
    """The rules that did not simply allow, as `|a|b|`, so that one can search for one of them."""
    spoke = dict.fromkeys(verdict.rule for verdict in decision.verdicts if verdict.effect is not _ALLOW)
    return f"|{'|'.join(spoke)}|" if spoke else ""


def _merely_allows(verdict: Verdict) -> bool:
    return verdict.effect is _ALLOW and verdict.remaining is None and not verdict.figures


def _said(verdict: Verdict) -> list[Any]:
    rule, kind, effect, reason, until, remaining, figures, counted = verdict
    return [rule, kind, effect.name, reason, until, remaining, dict(figures), counted]


def _heard(rule: str, kind: str, effect: str, *more: Any) -> Verdict:
    reason, until, remaining, figures, counted = more
    return Verdict(rule, kind, Effect[effect], reason, until, remaining, figures, tuple(counted))


@lru_cache(maxsize=1024)
def _runs(rows: tuple[NotApplied, ...]) -> list[tuple[str, ...]]:
    """Neighbours of one cause together, in their order; requests of one shape have the very same rows."""
    return [(because, *(row.rule for row in run)) for because, run in groupby(rows, attrgetter("because"))]


@lru_cache(maxsize=4096)
def _of_run(because: str, *rules: str) -> tuple[NotApplied, ...]:
    """As with `_allowed`: few runs, read again and again."""
    return tuple(NotApplied(rule, because) for rule in rules)


@lru_cache(maxsize=4096)
def _allowed(rule: str, kind: str) -> Verdict:
    """Most verdicts of most decisions; a replay reads them again and again."""
    return Verdict(rule, kind, Effect.allow)
