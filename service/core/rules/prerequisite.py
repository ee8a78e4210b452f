"""
Prerequisites: the notice that must have gone out before, and how long to wait after it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, Literal

from service.core.case import Case
from service.core.civil import local_date, start_of
from service.core.model import Instant, NoticeKind
from service.core.rule import Rule, Verdict

LONGEST_DAYS = 366


@dataclass(frozen=True, kw_only=True)
class Prerequisite(Rule):
    """
    A notice about the account was sent before, `wait_days` whole calendar days ago where the law wants a wait.

    The day after the notice is the first of them; the contact may follow when the last is over, in every
    zone. The earliest of several notices counts. `any_of`: each of these notices will do.
    """

    tells: ClassVar[tuple[str, ...]] = ()

    kind: Literal["prerequisite"]
    notice: NoticeKind | None = None
    any_of: tuple[NoticeKind, ...] = ()
    wait_days: int | None = None
    reason: str = "notice_missing"

    def flaws(self) -> Iterator[tuple[str, str]]:
        yield from super().flaws()
        if (self.notice is None) == (not self.any_of):
            yield "notice", "a prerequisite names either a notice or several of which any will do"
        if self.wait_days is not None and not 1 <= self.wait_days <= LONGEST_DAYS:
            yield "wait_days", f"must be from 1 to {LONGEST_DAYS}"

    @property
    def terms(self) -> dict[str, Any]:
        return {"notice": ", ".join(self._wanted), "days": self.wait_days}

    @property
    def _wanted(self) -> tuple[NoticeKind, ...]:
        return self.any_of or ((self.notice,) if self.notice else ())

    def judge(self, case: Case, at: Instant) -> Verdict:
        account, wanted = case.subject.account, self._wanted
        sent = [
            notice.sent_at
            for notice in case.facts.notices
            if account is not None and notice.kind in wanted and notice.account == account and notice.sent_at <= at
        ]
        if not sent:
            return self.deny(self.reason)
        opens = self._opens(case, min(sent))
        return self.allowed if opens <= at else self.defer("waiting_period", opens)

    def _opens(self, case: Case, sent: Instant) -> Instant:
        if self.wait_days is None:
            return sent
        wait = timedelta(days=self.wait_days + 1)
        return max((start_of(zone, local_date(zone, sent) + wait) for zone in case.zones_of(self)), default=sent)
