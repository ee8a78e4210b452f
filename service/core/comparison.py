"""
Two decisions about the same contact side by side: as it was recorded, and as it is judged again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from .decide import Decision
from .model import Effect, Instant
from .rule import Verdict

_SILENT = Effect.allow
"""What a rule says that has nothing to say, or that the book does not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Otherwise:
    """
    What is otherwise. `rules` holds each rule that says another thing at the first instant, or the same until another
    instant, with its strictest effect as it was and as it would be; a rule that does not speak allows. Where none does,
    they are those by which the ways from there part. `decided`: the outcome itself is another, not only the grounds.
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
    return _otherwise(was, would)


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


def _otherwise(was: Decision, would: Decision) -> Otherwise:
    before, after = _by_rule(was), _by_rule(would)
    names = _at_first(was, would) or _on_the_way(was, would)
    return Otherwise(
        was=was.effect,
        would=would.effect,
        was_not_before=was.not_before,
        would_not_before=would.not_before,
        rules={name: (_worst(before.get(name, [])), _worst(after.get(name, []))) for name in names},
    )


def _at_first(was: Decision, would: Decision) -> list[str]:
    """The rules that say another thing at the first instant: what they say later they are asked because of others."""
    before, after = ({v.rule: (v.effect, v.until) for v in _parted(each)[0]} for each in (was, would))
    unsaid = (_SILENT, None)
    return [name for name in {**before, **after} if before.get(name, unsaid) != after.get(name, unsaid)]


def _on_the_way(was: Decision, would: Decision) -> list[str]:
    """The rules by which the ways part: what follows, follows from that."""
    for pair in zip_longest(_parted(was)[1], _parted(would)[1]):
        said = [(verdict.rule, verdict.effect, verdict.until) if verdict else None for verdict in pair]
        if said[0] != said[1]:
            return list(dict.fromkeys(verdict.rule for verdict in pair if verdict))
    return []


def _parted(decision: Decision) -> tuple[Sequence[Verdict], Sequence[Verdict]]:
    """What was said at the first instant, and on the way from there: from the first rule on that speaks again."""
    heard: set[str] = set()
    for place, verdict in enumerate(decision.verdicts):
        if verdict.rule in heard:
            return decision.verdicts[:place], decision.verdicts[place:]
        heard.add(verdict.rule)
    return decision.verdicts, ()


def _speaking(decision: Decision) -> list[tuple[str, Effect]]:
    return [(verdict.rule, verdict.effect) for verdict in decision.verdicts if verdict.effect is not _SILENT]


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
