"""
The party's own hours (`preference`): never within those `prohibited`, and where some are `only`, within those alone.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from service.core.case import Case
from service.core.civil import DAY_S
from service.core.facts import Preference, Window
from service.core.model import Instant, PreferenceKind
from service.core.opening import Opening, Span, common, merge
from service.core.rule import Rule, Verdict

from .windows import opening_verdict

_WEEK_S = 7 * DAY_S


@dataclass(frozen=True, kw_only=True)
class PreferenceRule(Rule):
    """
    Every wish is honoured, for the law gives a right and not the lender a licence. Where the law gives it for
    so many hours a week (`weekly_hours_max`), a party who named more of them is honoured too, and the verdict
    advises it: some of these wishes may be talked over.
    """

    tells: ClassVar[tuple[str, ...]] = ("hours",)

    kind: Literal["preference"]
    weekly_hours_max: int | None = None
    reason: str = "preference"

    def flaws(self) -> Iterator[tuple[str, str]]:
        yield from super().flaws()
        if self.weekly_hours_max is not None and not 0 < self.weekly_hours_max < _WEEK_S // 3600:
            yield "weekly_hours_max", "must be from 1 to 167"

    @property
    def terms(self) -> dict[str, Any]:
        return {"max": self.weekly_hours_max}

    def judge(self, case: Case, at: Instant) -> Verdict:
        if not case.facts.preferences:
            return self.allowed
        subject = case.subject
        all_of_them = [p for p in case.facts.preferences if p.party == subject.party]
        mine = [p for p in all_of_them if p.channel is None or p.channel == subject.channel]
        verdict = self._heard(mine, case, at) if mine else self.allowed
        return verdict if verdict is not self.allowed else self._within_budget(all_of_them)

    def _heard(self, mine: Sequence[Preference], case: Case, at: Instant) -> Verdict:
        only = tuple(p.window for p in mine if p.kind == PreferenceKind.only)
        never = tuple(p.window for p in mine if p.kind == PreferenceKind.prohibited)
        forbidden = Opening(never, quiet=True)
        wished = Opening(only, quiet=False) if only else None

        def source(zone: str, day: int) -> Sequence[Span]:
            free = forbidden.spans(zone, day)
            return common(free, wished.spans(zone, day)) if wished else free

        return opening_verdict(self, self.reason, case.zones_of(self), source, case, at)

    def _within_budget(self, mine: Sequence[Preference]) -> Verdict:
        if self.weekly_hours_max is None:
            return self.allowed
        seconds = weekly_seconds(p.window for p in mine if p.kind == PreferenceKind.prohibited)
        if seconds <= self.weekly_hours_max * 3600:
            return self.allowed
        return self.advise("preference_over_budget", hours=f"{seconds / 3600:g}")


def weekly_seconds(windows: Iterable[Window]) -> int:
    """How long the windows are in a week, what lies in several of them once."""
    spans = []
    for window in windows:
        length = (window.end - window.start) % DAY_S or DAY_S
        for day in range(7):
            if window.days >> day & 1:
                start = day * DAY_S + window.start
                end = start + length
                spans += [_span(start, min(end, _WEEK_S)), _span(0, max(0, end - _WEEK_S))]
    return sum(end - start for start, end in merge(spans))


def _span(start: int, end: int) -> Span:
    return Span(Instant(start), Instant(end))
