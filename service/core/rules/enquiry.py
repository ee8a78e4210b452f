"""
Enquiries: what a party asks of its own accord, and the one contact that answers it.

The answer is the first contact after the enquiry; one that certainly reached nobody answers nothing, and one at the
very instant of the enquiry comes after it. Days are calendar days of every zone, that of the enquiry being the first.

Some law excepts answers to `anything` that came in, most only what was asked for: a `request`. That is what is known
to be one, and it is answered as it was asked: a call answers a wish to be called, and no other.
"""

from bisect import bisect_left
from collections.abc import Sequence
from operator import attrgetter
from typing import Literal

from service.core.case import Case
from service.core.civil import local_date
from service.core.facts import Contact, Subject
from service.core.model import DAY, Asks, Channel, Direction, Instant, Outcome

from .reply import NEVER_ARRIVED, TURNS_AWAY

_INBOUND = Direction.inbound
_CALL = Channel.call
_CALL_BACK = Asks.call_back
_REQUESTS = frozenset({Asks.call_back, Asks.reply})
_AT = attrgetter("at")
_ANSWERED = frozenset({Outcome.conversation_right_party, Outcome.conversation_third_party})


RepliesTo = Literal["anything", "request"]


def _answers(channel: Channel, enquiry: Contact, to: RepliesTo) -> bool:
    """True if a contact by this medium answers the enquiry."""
    return to == "anything" or (enquiry.asks == _CALL_BACK if channel == _CALL else enquiry.asks in _REQUESTS)


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
        to: RepliesTo = "request",
    ) -> None:
        self.answers: list[Contact] = []
        self.waits = False
        first = (at if since is None else since) - (within_days + 1) * DAY
        if any(item.at >= first and (to == "anything" or item.asks in _REQUESTS) for item in case.inbound):
            recent = case.facts.history[bisect_left(case.facts.history, first, key=_AT) :]
            if len(set(map(_AT, recent))) < len(recent):
                recent = tuple(sorted(recent, key=_in_turn))
            self._read(recent, case.subject, at, zones, within_days, to)

    def _read(
        self,
        recent: Sequence[Contact],
        subject: Subject,
        at: Instant,
        zones: Sequence[str],
        within_days: int,
        to: RepliesTo,
    ) -> None:
        party = subject.party
        waiting: Contact | None = None
        for item in recent:
            if item.at > at or item.party not in (party, None):
                continue
            if item.direction == _INBOUND:
                if item.party == party:
                    waiting = _latest(waiting, item, to)
            elif item.outcome not in NEVER_ARRIVED:
                if waiting is not None and item.outcome is not None and item.party == party:
                    in_time = _in_time(waiting.at, item.at, zones, within_days)
                    if in_time and _answers(item.channel, waiting, to):
                        self.answers.append(item)
                waiting = None
        if waiting is not None and _answers(subject.channel, waiting, to):
            self.waits = _in_time(waiting.at, at, zones, within_days)


def _latest(waiting: Contact | None, item: Contact, to: RepliesTo) -> Contact | None:
    """What waits for its answer once this came in; an answered call has had its own, unless it asked for another."""
    if item.asks in TURNS_AWAY:
        return None
    if item.asks in _REQUESTS:
        return item
    answered = item.channel == _CALL and item.outcome in _ANSWERED
    return item if to == "anything" and not answered else waiting


def _in_time(asked: Instant, answered: Instant, zones: Sequence[str], days: int) -> bool:
    return all((local_date(zone, answered) - local_date(zone, asked)).days < days for zone in zones)
