"""
Two decisions about the same contact side by side: as it was recorded, and as it is judged again.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from .decide import Decision
from .model import Effect, Instant
from .rule import Verdict

_SILENT = Effect.allow
"""What a rule says that has nothing to say, or that the book does not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Otherwise:
    """
    What is otherwise. `rules` holds each rule whose effect is another, as it was and as it would be, or the
    same until another instant; a rule that does not speak allows. `decided`: the outcome itself is another,
    not only the grounds.
    """

    was: Effect
    would: Effect
    was_not_before: Instant | None
    would_not_before: Instant | None
    rules: Mapping[str, tuple[Effect, Effect]]

    @property
    def decided(self) -> bool:
        return self.was != self.would or self.was_not_before != self.would_not_before


def compare(was: Decision, would: Decision) -> Otherwise | None:
    """What would be otherwise for the person, and by which rules; None if nothing is."""
    if was.effect == would.effect and was.not_before == would.not_before and _speaking(was) == _speaking(would):
        return None
    return _otherwise(was, would, _effects(was), _effects(would))


def differs(was: Decision, would: Decision) -> Otherwise | None:
    """
    What is otherwise in any figure; None if the two are one and the same.

    For a decision judged again under its own book, where nothing may be. Zones are named in any order.
    """
    if _whole(was) == _whole(would):
        return None
    before, after = _by_rule(was), _by_rule(would)
    other = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    rules = {name: (_worst(before.get(name, [])), _worst(after.get(name, []))) for name in other}
    return Otherwise(
        was=was.effect,
        would=would.effect,
        was_not_before=was.not_before,
        would_not_before=would.not_before,
        rules=rules,
    )


def _otherwise(was: Decision, would: Decision, before: dict[str, Effect], after: dict[str, Effect]) -> Otherwise:
    pairs = {name: (before.get(name, _SILENT), after.get(name, _SILENT)) for name in {**before, **after}}
    until, anew = _first_until(was), _first_until(would)
    return Otherwise(
        was=was.effect,
        would=would.effect,
        was_not_before=was.not_before,
        would_not_before=would.not_before,
        rules={name: pair for name, pair in pairs.items() if pair[0] != pair[1] or until.get(name) != anew.get(name)},
    )


def _speaking(decision: Decision) -> list[tuple[str, Effect]]:
    return [(verdict.rule, verdict.effect) for verdict in decision.verdicts if verdict.effect is not _SILENT]


def _effects(decision: Decision) -> dict[str, Effect]:
    """By rule, the strictest it says; a rule may speak twice, at the first instant and at a later one."""
    return {name: _worst(verdicts) for name, verdicts in _by_rule(decision).items()}


def _first_until(decision: Decision) -> dict[str, Instant | None]:
    """By rule, until when it spoke at the first instant: at a later one it is asked because of others."""
    return {name: verdicts[0].until for name, verdicts in _by_rule(decision).items()}


def _by_rule(decision: Decision) -> dict[str, list[Verdict]]:
    found: dict[str, list[Verdict]] = {}
    for verdict in decision.verdicts:
        found.setdefault(verdict.rule, []).append(verdict)
    return found


def _worst(verdicts: list[Verdict]) -> Effect:
    return max((verdict.effect for verdict in verdicts), default=_SILENT)


def _whole(decision: Decision) -> tuple[object, ...]:
    return (
        decision.effect,
        decision.at,
        decision.not_before,
        decision.verdicts,
        decision.not_applied,
        sorted(decision.zones),
    )
