"""
The third-party gate: a contact person may be asked for help only while the debtor cannot be reached.

Each number is counted by itself. It is lost at once when it is not in service, or after failed calls on three days
in a row; and from the start of day D+1 after the third failed call in a row, on day D. CLOSED → every number that
was tried is lost: OPEN. OPEN → the debtor is reached: CLOSED, and counting begins anew, at all of them. An answer
that reaches nobody for certain breaks the row at its number and leaves an open gate open. Calls of which no number is
told count as one number's. (China Banking Association guideline of 2026, chapter 3, which speaks of the number that
the debtor left with the bank; GB/T 45251-2025, 5.3.1.)
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Any, Literal

from service.core.case import Case
from service.core.civil import local_date, start_of
from service.core.facts import Contact
from service.core.model import (
    DAY,
    Asks,
    Channel,
    ConsentKind,
    Direction,
    HoldKind,
    Instant,
    Outcome,
    PartyRole,
    Purpose,
)
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
_TELEPHONE = frozenset({Channel.call, Channel.sms})
_OUTBOUND = Direction.outbound
_DEBTOR = PartyRole.debtor
_WRONG_NUMBER = Asks.wrong_number
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


@dataclass(slots=True)
class _Number:
    """How the calls to one number went since the row began; `lost`: since when, or from when on, it leads nowhere."""

    calls: int = 0
    days: int = 0
    last: int | None = None
    lost: Instant | None = None


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

    @property
    def opened_by(self) -> tuple[ConsentKind, ...]:
        return (ConsentKind.third_party,)

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
        numbers: dict[str | None, _Number] = {}
        for instant, sign, number in self._signs(case, at):
            if sign is Sign.reached:
                opens = None
                numbers = {each: _Number() for each in (*numbers, *([number] if number else []))}
                continue
            tried = numbers.setdefault(number, _Number())
            if sign is Sign.broken:
                numbers[number] = _Number()
                continue
            self._failed(tried, instant, zone, sign)
            lost = [each.lost for each in numbers.values()]
            known = [since for since in lost if since is not None]
            if len(known) == len(lost):
                opens = min(opens or max(known), max(known))
        return opens

    def _failed(self, tried: "_Number", instant: Instant, zone: str, sign: Sign) -> None:
        today = local_date(zone, instant).toordinal()
        tried.calls += 1
        tried.days = tried.days if today == tried.last else tried.days + 1 if tried.last == today - 1 else 1
        tried.last = today
        if sign is Sign.invalid or tried.days >= self.failed_days:
            tried.lost = min(tried.lost or instant, instant)
        elif tried.calls >= self.failed_calls:
            tomorrow = start_of(zone, date.fromordinal(today + 1))
            tried.lost = min(tried.lost or tomorrow, tomorrow)

    def _signs(self, case: Case, at: Instant) -> list[tuple[Instant, Sign, str | None]]:
        """What the contacts with the debtor say, in order, and of which number."""
        debtor = case.facts.debtor
        if debtor is None:
            return []
        wrong = [w for w in case.wrong_numbers if w.party == debtor and w.at <= at]
        since = at - self.lookback
        signs = []
        for item in case.facts.history:
            if not since <= item.at <= at:
                continue
            sign = self._sign(item)
            if sign is None:
                continue
            if item.party == debtor and not any(_misdirected(item, w) for w in wrong):
                signs.append((item.at, sign, item.address if item.channel in _TELEPHONE else None))
            elif item.party != debtor and sign is Sign.reached and _owes_too(item, case):
                signs.append((item.at, sign, None))
        return sorted(signs, key=lambda told: (told[0], told[1], told[2] or ""))

    def _sign(self, item: Contact) -> Sign | None:
        if item.outcome is None or item.asks == _WRONG_NUMBER:
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
