"""
Stages: how old a debt must be, or may be, for a contact about it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from service.core.case import Case
from service.core.model import Instant
from service.core.rule import Range, Rule, Verdict


@dataclass(frozen=True, kw_only=True)
class Stage(Rule):
    """Deny outside these days past due, both ends allowed; a debt of unknown age is denied."""

    tells: ClassVar[tuple[str, ...]] = ("days",)

    kind: Literal["stage"]
    min_days_past_due: int | None = None
    max_days_past_due: int | None = None
    reason: str = "stage"

    def flaws(self) -> Iterator[tuple[str, str]]:
        yield from super().flaws()
        least, most = self.min_days_past_due, self.max_days_past_due
        if least is None and most is None:
            yield "min_days_past_due", "a stage has a least or a most"
        for name, days in (("min_days_past_due", least), ("max_days_past_due", most)):
            if days is not None and days < 0:
                yield name, "must be at least 0"
        if least is not None and most is not None and most < least:
            yield "max_days_past_due", "is less than min_days_past_due"

    @property
    def terms(self) -> dict[str, Any]:
        return {"min": self.min_days_past_due, "max": self.max_days_past_due}

    def judge(self, case: Case, at: Instant) -> Verdict:
        days = case.subject.days_past_due
        if days is not None and Range(min=self.min_days_past_due, max=self.max_days_past_due).holds(days):
            return self.allowed
        return self.deny(self.reason, days=days)
