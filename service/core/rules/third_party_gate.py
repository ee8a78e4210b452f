"""
The third-party gate: a contact person may be asked for help only while the debtor cannot be reached.

CLOSED → a number that is not in service: OPEN. → the third failed call in a row, on day D: OPEN from the
start of day D+1. → failed calls on three days in a row: OPEN at once. OPEN → the debtor is reached: CLOSED,
and counting begins anew. An answer that reaches nobody for certain breaks the row and leaves an open gate
open. (China Banking Association guideline of 2026, chapter 3; GB/T 45251-2025, 5.3.1.)
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Any, Literal

from service.core.case import Case
from service.core.civil import local_date, start_of
from service.core.facts import Contact
from service.core.model import DAY, Channel, Direction, HoldKind, Instant, Outcome, PartyRole, Purpose
from service.core.rule import Rule, Verdict

from .hold import stands
from .people import offers_to_pay

LONGEST_DAYS = 366


class Sign(IntEnum):
    """What a contact with the debtor says; of two at one instant the later member decides."""

    invalid = 0
    failed = 1
    broken = 2
    reached = 3


_CALL = Channel.call
_OUTBOUND = Direction.outbound
_DEBTOR = PartyRole.debtor
_CALLS = {
    Outcome.not_in_service: Sign.invalid,
    Outcome.not_connected_busy: Sign.failed,
    Outcome.ring_no_answer: Sign.failed,
    Outcome.voicemail_no_message: Sign.failed,
    Outcome.voicemail_message: Sign.failed,
    Outcome.answered_dropped: Sign.broken,
    Outcome.abandoned: Sign.broken,
    Outcome.conversation_third_party: Sign.broken,
    Outcome.unknown: Sign.reached,  # it may have been a conversation
}
_MET = frozenset({Outcome.replied, Outcome.visited_met, Outcome.conversation_right_party})


@dataclass(frozen=True, kw_only=True)
class ThirdPartyGate(Rule):
    """
    Shut, but for a debtor who cannot be reached, an heir inquiry, and a third person's own offer to pay.

    What lies more than `lookback_days` times 24 hours back tells nothing, whatever the facts hold.
    """

    kind: Literal["third_party_gate"]
    failed_calls: int
    failed_days: int
    effective_seconds: int
    lookback_days: int = 30
    inquiry_holds: tuple[HoldKind, ...] = (HoldKind.deceased, HoldKind.incapacity)
    reason: str = "third_party_not_open"

    def flaws(self) -> Iterator[tuple[str, str]]:
        yield from super().flaws()
        for name in ("failed_calls", "failed_days", "effective_seconds", "lookback_days"):
            if getattr(self, name) < 1:
                yield name, "must be at least 1"
        if self.lookback_days > LONGEST_DAYS:
            yield "lookback_days", f"must be at most {LONGEST_DAYS}"
        elif self.failed_days > self.lookback_days:
            yield "failed_days", "is more than lookback_days, so that it never opens"

    @property
    def terms(self) -> dict[str, Any]:
        return {"calls": self.failed_calls, "days": self.failed_days, "seconds": self.effective_seconds}

    @property
    def lookback(self) -> int:
        return self.lookback_days * DAY

    def judge(self, case: Case, at: Instant) -> Verdict:
        if offers_to_pay(case, at):
            return self.allowed
        if Purpose.heir_inquiry in case.purposes:
            return self.allowed if self._may_inquire(case, at) else self.deny(self.reason)
        opens = [self._opens(case, at, zone) for zone in case.zones_of(self)]
        known = [instant for instant in opens if instant is not None]
        if not known or len(known) < len(opens):
            return self.deny(self.reason)
        return self.allowed if max(known) <= at else self.defer(self.reason, max(known))

    def _may_inquire(self, case: Case, at: Instant) -> bool:
        """True while the debtor is known to be dead or incapable."""
        facts = case.facts
        return any(
            hold.kind in self.inquiry_holds
            and stands(hold, at)
            and (hold.party == facts.debtor if hold.party is not None else hold.account == case.subject.account)
            for hold in facts.holds
        )

    def _opens(self, case: Case, at: Instant, zone: str) -> Instant | None:
        """Since when, or from when on, the gate stands open; None: it is shut."""
        opens: Instant | None = None
        calls = days = 0
        last: int | None = None
        for instant, sign in self._signs(case, at):
            if sign >= Sign.broken:
                calls = days = 0
                last = None
                opens = None if sign is Sign.reached else opens
                continue
            today = local_date(zone, instant).toordinal()
            calls += 1
            days = days if today == last else days + 1 if last == today - 1 else 1
            last = today
            if sign is Sign.invalid or days >= self.failed_days:
                opens = min(opens or instant, instant)
            elif calls >= self.failed_calls:
                tomorrow = start_of(zone, date.fromordinal(today + 1))
                opens = min(opens or tomorrow, tomorrow)
        return opens

    def _signs(self, case: Case, at: Instant) -> list[tuple[Instant, Sign]]:
        debtor = case.facts.debtor
        if debtor is None:
            return []
        wrong = [w for w in case.wrong_numbers if w.party == debtor and w.at <= at]
        since = at - self.lookback
        signs = []
        for item in case.facts.history:
            if not since <= item.at <= at:
                continue
            if item.party == debtor:
                sign = self._sign(item)
                if sign is not None and not any(_misdirected(item, w) for w in wrong):
                    signs.append((item.at, sign))
            elif _owes_too(item, case) and self._sign(item) is Sign.reached:
                signs.append((item.at, Sign.reached))
        return sorted(signs)

    def _sign(self, item: Contact) -> Sign | None:
        if item.outcome is None:
            return None
        if item.outcome in _MET:
            brief = item.duration_s is not None and item.duration_s < self.effective_seconds
            return Sign.broken if brief and item.channel == _CALL else Sign.reached
        if item.channel == _CALL and item.direction == _OUTBOUND:
            return _CALLS.get(item.outcome)
        return None


def _owes_too(item: Contact, case: Case) -> bool:
    """True for a contact with another debtor of the account: reached, they need no third person to be found."""
    account = case.subject.account
    return item.party_role == _DEBTOR and account is not None and item.account == account


def _misdirected(item: Contact, wrong: Contact) -> bool:
    return item.at <= wrong.at and item.address is not None and item.address == wrong.address
