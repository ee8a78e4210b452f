"""
Replies: the one answer that an inbound message earns, which is the first outbound on its medium after it.

Whoever asks to be left alone, first or again, earns none, and takes back what earlier messages earned.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from service.core.case import Case
from service.core.facts import Contact
from service.core.model import DAY, Asks, Channel, Instant, Outcome, Purpose
from service.core.rule import Lifting

_SPOKEN = frozenset({Channel.call, Channel.visit})
_REPLIED = Outcome.replied
_STOP = Asks.stop
_CONFIRMING = Purpose.opt_out_confirmation
TURNS_AWAY = frozenset({Asks.stop, Asks.wrong_number})
"""What somebody writes to be written to no more: no message that earns an answer, or shows that a party was reached."""
NEVER_ARRIVED = frozenset({Outcome.failed, Outcome.refused_by_provider})
"""Outcomes after which certainly nothing was sent."""


@dataclass(frozen=True, kw_only=True)
class ReplyOnce(Lifting):
    """
    Lift the named rules for one reply to each inbound message, on its medium and for some days after it.

    `closed_then`: a rule is lifted only if it stood in the way when the message came, too. Who wrote at an hour
    like this is answered at it, and who wrote at noon is not answered at night.
    """

    tells: ClassVar[tuple[str, ...]] = ()

    kind: Literal["reply_once"]
    within_days: int = 30
    closed_then: bool = False

    def flaws(self) -> Iterator[tuple[str, str]]:
        yield from super().flaws()
        if not 1 <= self.within_days <= 366:
            yield "within_days", "must be from 1 to 366"

    @property
    def terms(self) -> dict[str, Any]:
        return {"days": self.within_days}

    @property
    def lookback(self) -> int:
        return self.within_days * DAY

    def lifts_at(self, case: Case, at: Instant) -> bool:
        return owes_reply(case, at, Instant(at - self.within_days * DAY))

    def met_at(self, case: Case, at: Instant) -> Instant | None:
        return _unanswered(case, at, Instant(at - self.within_days * DAY)) if self.closed_then else None


def owes_reply(case: Case, at: Instant, since: Instant, *, from_there: bool = False) -> bool:
    """
    True if the party's latest message on this medium is not older than `since` and nothing went out after it.

    `from_there`: the message came from the address that is asked for; another's opens nothing there.
    """
    return _unanswered(case, at, since, from_there=from_there) is not None


def _unanswered(case: Case, at: Instant, since: Instant, *, from_there: bool = False) -> Instant | None:
    """When the latest message came, if it may be answered and nothing went out after it."""
    messages = [i for i in case.inbound if since <= i.at <= at and _is_message(i, case)]
    if from_there:
        here = case.subject.address
        messages = [i for i in messages if i.address is not None and i.address == here]
    if not messages:
        return None
    latest = max(i.at for i in messages)
    if any(i.at == latest and not _answerable(i, case) for i in messages):
        return None
    subject = case.subject
    answered = any(
        latest <= i.at <= at and i.outcome not in NEVER_ARRIVED and i.party in (subject.party, None)
        for i in case.outbound((subject.channel,))
    )
    return None if answered else latest


def _answerable(item: Contact, case: Case) -> bool:
    """A wish to be left alone is answered by its confirmation alone, and a stranger's word by nothing."""
    if item.asks not in TURNS_AWAY:
        return True
    return item.asks == _STOP and case.purposes == (_CONFIRMING,)


def _is_message(item: Contact, case: Case) -> bool:
    """A message of this party on this medium; an answered call has had its answer."""
    subject = case.subject
    return (
        item.channel == subject.channel
        and (item.channel not in _SPOKEN or item.outcome == _REPLIED)
        and (
            item.party == subject.party
            or (item.party is None and item.address is not None and item.address == subject.address)
        )
    )
