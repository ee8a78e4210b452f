"""
Suppressions: who is not to be contacted, or not there, or not by this medium.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from service.core.case import Case
from service.core.facts import Contact, Suppression
from service.core.model import (
    DAY,
    MINUTE,
    Channel,
    Direction,
    Instant,
    Outcome,
    Purpose,
    SuppressionReason,
    SuppressionScope,
)
from service.core.rule import Rule, Verdict
from service.core.wording import dense

from .people import DEBTORS
from .reply import NEVER_ARRIVED, TURNS_AWAY, owes_reply

_CONFIRMING = Purpose.opt_out_confirmation
_SOLICITATION = Purpose.solicitation
_INBOUND = Direction.inbound
_SOMEBODY_ELSES = Outcome.wrong_number
_TALKED = Outcome.conversation_right_party
_REPLIED = Outcome.replied

_REASONS: Mapping[SuppressionReason | None, str] = {
    None: "suppressed",
    SuppressionReason.opt_out: "opted_out",
    SuppressionReason.refused_by_third_party: "third_party_refused",
    SuppressionReason.wrong_number: "wrong_number",
    SuppressionReason.platform_refusal: "platform_refused",
    SuppressionReason.platform_cap: "platform_capped",
    SuppressionReason.invalid_address: "invalid_address",
    SuppressionReason.complaint: "complaint",
    SuppressionReason.do_not_contact: "do_not_contact",
    SuppressionReason.court_order: "court_order",
}

_ABSOLUTE = frozenset(
    {
        SuppressionReason.wrong_number,
        SuppressionReason.court_order,
        SuppressionReason.platform_refusal,
        SuppressionReason.platform_cap,
        SuppressionReason.invalid_address,
    }
)
"""No confirmation and no reply: a stranger, a court and a platform did not ask for one, and nobody is nowhere."""

MINUTES_MAX = 7 * 24 * 60


@dataclass(frozen=True, kw_only=True)
class SuppressionRule(Rule):
    """
    Deny while a suppression stands, but for one confirmation and one reply to each later message.

    The reply advertises nothing, and where an address is barred, the message came from there.
    Reasons, where given, are the only ones that the rule reads. A third person's refusal of an address
    bars it for everybody who does not owe, and never for a debtor who shares it.
    The confirmation comes within `within_days` of the wish it confirms, or sooner where the law counts the
    minutes (`confirm_within_minutes`). A wrong number in the history bars its address for its party until the
    party is reached there. `alike`: a wish told of one of these channels bars all of them. `every_medium`: one
    told of any medium or purpose bars all. `words` are what the law itself takes for a wish to be left alone: a
    reply that says no more than one of them is one (`core.replies`).
    """

    tells: ClassVar[tuple[str, ...]] = ("why",)

    kind: Literal["suppression"]
    reasons: tuple[SuppressionReason, ...] = ()
    within_days: int = 30
    alike: tuple[Channel, ...] = ()
    every_medium: bool = False
    words: tuple[str, ...] = ()
    confirm_within_minutes: int | None = None

    def flaws(self) -> Iterator[tuple[str, str]]:
        yield from super().flaws()
        if not 1 <= self.within_days <= 366:
            yield "within_days", "must be from 1 to 366"
        if len(self.alike) == 1:
            yield "alike", "names channels that are alike: two or more"
        for place, word in enumerate(self.words):
            if not dense(word):
                yield f"words.{place}", "has neither letters nor digits"
        if self.confirm_within_minutes is not None and not 1 <= self.confirm_within_minutes <= MINUTES_MAX:
            yield "confirm_within_minutes", f"must be from 1 to {MINUTES_MAX}"

    @property
    def terms(self) -> dict[str, Any]:
        return {"days": self.within_days, "minutes": self.confirm_within_minutes, "words": ", ".join(self.words)}

    @property
    def lookback(self) -> int:
        return self.within_days * DAY

    def judge(self, case: Case, at: Instant) -> Verdict:
        if not case.facts.suppressions and not case.wrong_numbers:
            return self.allowed
        standing = [s for s in case.facts.suppressions if _stands(s, at) and self._bars(s, case)]
        if not standing and not self._reads(SuppressionReason.wrong_number):
            return self.allowed
        if not standing:
            return self.deny("wrong_number", why="wrong_number") if _misdirected(case, at) else self.allowed
        first = min(standing, key=lambda s: (s.reason not in _ABSOLUTE, s.since, s.reason or ""))
        if first.reason not in _ABSOLUTE and self._excepted(case, at, standing):
            return self.allowed
        untils = [s.until for s in standing if s.until is not None]
        until = max(untils) if len(untils) == len(standing) else None
        return self.deny(_REASONS[first.reason], until=until, why=first.reason or "suppressed")

    def _bars(self, suppression: Suppression, case: Case) -> bool:
        if not self._reads(suppression.reason):
            return False
        if self.every_medium:
            suppression = suppression._replace(channel=None, purpose=None)
        elif suppression.channel in self.alike and case.subject.channel in self.alike:
            suppression = suppression._replace(channel=None)
        return _bars(suppression, case)

    def _reads(self, reason: SuppressionReason | None) -> bool:
        return not self.reasons or reason in self.reasons

    def _excepted(self, case: Case, at: Instant, standing: list[Suppression]) -> bool:
        since = max(s.since for s in standing)
        if case.purposes == (_CONFIRMING,):
            minutes = self.confirm_within_minutes
            longest = self.within_days * DAY if minutes is None else minutes * MINUTE
            return at - since <= longest and not _confirmed(case, since, at)
        if _SOLICITATION in case.purposes:
            return False
        earliest = Instant(max(since + 1, at - self.within_days * DAY))
        there = any(s.scope == SuppressionScope.address for s in standing)
        return owes_reply(case, at, earliest, from_there=there)


def _stands(suppression: Suppression, at: Instant) -> bool:
    return suppression.since <= at and (suppression.until is None or at < suppression.until)


def _bars(suppression: Suppression, case: Case) -> bool:
    subject = case.subject
    if suppression.channel is not None and suppression.channel != subject.channel:
        return False
    if suppression.purpose is not None and suppression.purpose not in case.purposes:
        return False
    if _refused_there(suppression):
        # Who answers there is not known by id: the next account may list the same person under another.
        return suppression.value == subject.address and subject.party_role not in DEBTORS
    if suppression.party is not None and suppression.party != subject.party:
        return False
    match suppression.scope:
        case SuppressionScope.address:
            return suppression.value == subject.address
        case SuppressionScope.party:
            return suppression.value == subject.party
        case SuppressionScope.account:
            return suppression.value == subject.account


def _refused_there(suppression: Suppression) -> bool:
    """A third person refused contact at an address (GB/T 45251-2025 5.3.1.1; CBA 2026 ch. 3)."""
    third_party = suppression.reason == SuppressionReason.refused_by_third_party
    return third_party and suppression.scope == SuppressionScope.address


def _confirmed(case: Case, since: Instant, at: Instant) -> bool:
    """True if this wish was confirmed on this medium already, or a place is held for it."""
    return any(
        item.at >= since
        and (item.outcome is None or item.at <= at)
        and item.outcome not in NEVER_ARRIVED
        and item.purpose == _CONFIRMING
        and item.party in (case.subject.party, None)
        for item in case.outbound((case.subject.channel,))
    )


def _misdirected(case: Case, at: Instant) -> bool:
    subject = case.subject
    if subject.address is None:
        return False
    here = [i for i in case.facts.history if i.at <= at and i.address == subject.address and i.party == subject.party]
    wrong = max((i.at for i in here if i.outcome == _SOMEBODY_ELSES), default=None)
    return wrong is not None and not any(i.at > wrong and _reached(i) for i in here)


def _reached(item: Contact) -> bool:
    if item.outcome == _TALKED:
        return True
    return item.direction == _INBOUND and item.outcome == _REPLIED and item.asks not in TURNS_AWAY
