"""
Entries: the evidence, written in the transaction of the deed.

An entry's `body` is canonical JSON and is what will be sealed; the columns beside it only help to
search. No clear personal data: pseudonyms, marks, digests, figures. Verdicts are rows
`[rule, effect, reason, until, remaining, figures, counted]`; a plain allow is its rule id alone.
"""

from collections.abc import Mapping
from functools import lru_cache
from itertools import starmap
from typing import Any

from service.core.canonical import canonical
from service.core.civil import format_instant
from service.core.decide import Decision
from service.core.model import Effect, Instant
from service.core.policy import NotApplied, Verdict

from .kit import Kit

VERSION = 1


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
        "verdicts": [_said(verdict) for verdict in decision.verdicts],
        "not_applied": [tuple(row) for row in decision.not_applied],
    }


def decision_from(body: Mapping[str, Any]) -> Decision:
    """Read back what `decision_body` wrote."""
    return Decision(
        effect=Effect[body["effect"]],
        at=Instant(body["at"]),
        not_before=body["not_before"],
        verdicts=tuple(_heard(said) for said in body["verdicts"]),
        not_applied=tuple(starmap(_not_applied, body["not_applied"])),
        zones=tuple(body["zones"]),
        book=body["book"],
        label=body["label"],
        facts_sha256=body["facts_sha256"],
    )


def speaking_rules(decision: Decision) -> str:
    """The rules that did not simply allow, as `|a|b|`, so that one can search for one of them."""
    spoke = [verdict.rule for verdict in decision.verdicts if verdict.effect is not Effect.allow]
    return f"|{'|'.join(spoke)}|" if spoke else ""


def _said(verdict: Verdict) -> list[Any]:
    rule, kind, effect, reason, until, remaining, figures, counted = verdict
    if effect is Effect.allow and remaining is None and not figures:
        return [rule, kind]
    return [rule, kind, effect.name, reason, until, remaining, dict(figures), counted]


def _heard(said: list[Any]) -> Verdict:
    if len(said) == 2:
        return _allowed(said[0], said[1])
    rule, kind, effect, reason, until, remaining, figures, counted = said
    return Verdict(rule, kind, Effect[effect], reason, until, remaining, figures, tuple(counted))


_not_applied = lru_cache(maxsize=8192)(NotApplied)
"""As with `_allowed`: each decision has a row for each pack of another place."""


@lru_cache(maxsize=4096)
def _allowed(rule: str, kind: str) -> Verdict:
    """Most verdicts of most decisions; a replay reads them again and again."""
    return Verdict(rule, kind, Effect.allow)
