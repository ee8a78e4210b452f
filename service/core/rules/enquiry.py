"""
Enquiries: what a party asks of its own accord, and the one contact that answers it.

The answer is the first contact after the enquiry, by whatever medium; one that certainly reached nobody
answers nothing, and one at the very instant of the enquiry comes after it. Days are calendar days of every
zone, the day of the enquiry being the first.
"""

from bisect import bisect_left
from collections.abc import Sequence
from operator import attrgetter

from service.core.case import Case
from service.core.civil import local_date
from service.core.facts import Contact
from service.core.model import DAY, Channel, Direction, Instant, Outcome

from .reply import NEVER_ARRIVED

_INBOUND = Direction.inbound
_CALL = Channel.call
_AT = attrgetter("at")
_ANSWERED = frozenset({Outcome.conversation_right_party, Outcome.conversation_third_party})


def asks(item: Contact, *, answered_calls: bool) -> bool:
    """True for what came in; an answered call has had its answer, but a rule may take it for a request."""
    if item.direction != _INBOUND:
        return False
    return answered_calls or item.channel != _CALL or item.outcome not in _ANSWERED


def _in_turn(item: Contact) -> tuple[Instant, bool, str]:
    """Of one instant, what came in first: the order must not be that in which the store happened to answer."""
    return item.at, item.direction != _INBOUND, item.id


class Enquiries:
    """
    The party's enquiries up to an instant: which contacts answered one, and whether one waits for its answer.

    Only contacts from `since` on are asked for; absent, none, but whether one waits.
    """

    def __init__(
        self,
        case: Case,
        at: Instant,
        zones: Sequence[str],
        within_days: int,
        *,
        since: int | None = None,
        answered_calls: bool = False,
    ) -> None:
        self.answers: list[Contact] = []
        self.waits = False
        first = (at if since is None else since) - (within_days + 1) * DAY
        if any(item.at >= first for item in case.inbound):
            recent = case.facts.history[bisect_left(case.facts.history, first, key=_AT) :]
            if len(set(map(_AT, recent))) < len(recent):
                recent = tuple(sorted(recent, key=_in_turn))
            self._read(recent, case.subject.party, at, zones, within_days, answered_calls)

    def _read(
        self,
        recent: Sequence[Contact],
        party: str,
        at: Instant,
        zones: Sequence[str],
        within_days: int,
        answered_calls: bool,
    ) -> None:
        waiting = None
        for item in recent:
            if item.at > at or item.party not in (party, None):
                continue
            if item.direction == _INBOUND:
                if item.party == party and asks(item, answered_calls=answered_calls):
                    waiting = item
            elif item.outcome not in NEVER_ARRIVED:
                made = item.outcome is not None and item.party == party
                if made and waiting is not None and _in_time(waiting.at, item.at, zones, within_days):
                    self.answers.append(item)
                waiting = None
        self.waits = waiting is not None and _in_time(waiting.at, at, zones, within_days)


def _in_time(asked: Instant, answered: Instant, zones: Sequence[str], days: int) -> bool:
    return all((local_date(zone, answered) - local_date(zone, asked)).days < days for zone in zones)
