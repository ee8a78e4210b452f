"""
Enquiries: what a party asks of its own accord, and the one contact that answers it.

The answer is the first contact after the enquiry, by whatever medium; one that certainly reached nobody
answers nothing. Days are calendar days of every zone, the day of the enquiry being the first.
"""

from collections.abc import Sequence

from service.core.case import Case
from service.core.civil import local_date
from service.core.facts import Contact
from service.core.model import Channel, Direction, Instant, Outcome

from .reply import NEVER_ARRIVED

_ANSWERED = frozenset({Outcome.conversation_right_party, Outcome.conversation_third_party})


def asks(item: Contact, *, answered_calls: bool) -> bool:
    """True for what came in; an answered call has had its answer, but a rule may take it for a request."""
    if item.direction != Direction.inbound:
        return False
    return answered_calls or item.channel != Channel.call or item.outcome not in _ANSWERED


class Enquiries:
    """The party's enquiries up to an instant: which contacts answered one, and whether one waits for its answer."""

    def __init__(
        self, case: Case, at: Instant, zones: Sequence[str], within_days: int, *, answered_calls: bool = False
    ) -> None:
        self.answers: list[Contact] = []
        party, waiting = case.subject.party, None
        for item in case.facts.history:
            if item.at > at or item.party not in (party, None):
                continue
            if item.direction == Direction.inbound:
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
