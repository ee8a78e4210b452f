"""
Obligations: what must follow the first contact about a debt, and by when.

The first contact that came through raises it (`flows.obligations`), so that a notice that is not sent is an alarm
and not only a refusal of the next contact.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any, ClassVar, Literal

from service.core.case import Case
from service.core.civil import local_date, start_of
from service.core.facts import Contact
from service.core.model import DAY, Channel, Instant, NoticeKind, Outcome
from service.core.rule import Rule, Verdict

from .counting import Wanted, spared, wanted

LONGEST_DAYS = 366

CAME_THROUGH = (
    Outcome.voicemail_message,
    Outcome.conversation_right_party,
    Outcome.sent,
    Outcome.delivered,
    Outcome.read,
    Outcome.replied,
    Outcome.visited_met,
)


@dataclass(frozen=True, kw_only=True)
class ObligationRule(Rule):
    """
    The notice goes out within so many calendar days after the first contact about the account, the day after being
    the first; in several zones, before the earliest of them is over.

    It counts if it was made while the rule was in force, and by one whom the rule binds: a lender's own talk is not its
    collector's first. Until the last day is over the verdict advises; afterwards it denies, or advises where the
    `severity` is no more than that. A notice that comes late is late, and contact may go on.
    """

    tells: ClassVar[tuple[str, ...]] = ("due",)

    kind: Literal["obligation"]
    after: Literal["first_contact"] = "first_contact"
    notice: NoticeKind
    within_days: int
    outcomes: tuple[Outcome, ...] = CAME_THROUGH
    severity: Literal["deny", "advise"] = "deny"
    reason: str = "obligation_overdue"

    def flaws(self) -> Iterator[tuple[str, str]]:
        yield from super().flaws()
        if not 1 <= self.within_days <= LONGEST_DAYS:
            yield "within_days", f"must be from 1 to {LONGEST_DAYS}"
        if not self.outcomes:
            yield "outcomes", "is empty"

    @property
    def terms(self) -> dict[str, Any]:
        return {"notice": self.notice, "days": self.within_days}

    @property
    def lookback(self) -> int:
        return (self.within_days + 2) * DAY

    def judge(self, case: Case, at: Instant) -> Verdict:
        began = None if self._noticed(case, at) else self._began(case, at)
        if began is None:
            return self.allowed
        zones = case.zones_of(self)
        overdue = self.overdue_from(zones, began)
        due = min(local_date(zone, began) for zone in zones) + timedelta(days=self.within_days)
        if at < overdue:
            return self.advise("obligation_due", due=due.isoformat())
        if self.severity == "advise":
            return self.advise(self.reason, due=due.isoformat())
        return self.deny(self.reason, due=due.isoformat())

    def overdue_from(self, zones: tuple[str, ...], began: Instant) -> Instant:
        """The first instant that is too late for the notice, by the date of the first contact in each zone."""
        after = timedelta(days=self.within_days + 1)
        return min(start_of(zone, local_date(zone, began) + after) for zone in zones)

    def begins(self, channel: Channel, outcome: Outcome | None) -> bool:
        """True if a contact of this kind, made under this rule, is one that the notice must follow."""
        return outcome in self.outcomes and (not self.when.channel or channel in self.when.channel)

    def _began(self, case: Case, at: Instant) -> Instant | None:
        """When the first contact was made: as it was recorded, or as far back as the history tells."""
        account = case.subject.account
        if account is None:
            return None
        raised = [o.raised_at for o in case.facts.obligations if o.rule == self.id and o.account == account]
        told = [i.at for i in case.facts.history if i.account == account and i.at <= at and self._is_contact(i)]
        if told:
            zones = case.zones_of(self)
            told = [instant for instant in told if self.in_force(zones, instant)]
        return min((instant for instant in (*raised, *told) if instant <= at), default=None)

    def _is_contact(self, item: Contact) -> bool:
        """True if the rule would have bound a request like it; what is not told of it binds."""
        if not self.begins(item.channel, item.outcome):
            return False
        if any(item[place] is not None and item[place] not in values for place, values in self._wanted):
            return False
        return not (self._spared and all(item[place] in values for place, values in self._spared))

    @cached_property
    def _wanted(self) -> Wanted:
        return wanted(self.when)

    @cached_property
    def _spared(self) -> Wanted:
        return spared(self.unless)

    def _noticed(self, case: Case, at: Instant) -> bool:
        account = case.subject.account
        return any(n.kind == self.notice and n.account == account and n.sent_at <= at for n in case.facts.notices)
