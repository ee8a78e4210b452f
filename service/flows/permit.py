"""
Permits: an allowed request that a person carries out.

A permit is valid until the first of: 15 minutes (a visit: the end of its appointment, else that
day), the end of the open window, `expires_at` (DESIGN section 4). Its outcome must be reported.
"""

from typing import NamedTuple

from service.core.civil import day_bounds
from service.core.facts import Facts
from service.core.model import MINUTE, Channel, Instant
from service.core.policy import Book

from .kit import Kit
from .stretch import allowed_until

LIFE = 15 * MINUTE


class Permit(NamedTuple):
    id: str
    attempt: str
    valid_from: Instant
    valid_until: Instant


def permit_for(kit: Kit, book: Book, facts: Facts, now: Instant, expires_at: Instant) -> Permit:
    """Issue a permit from now on; the caller has just seen the contact allowed at `now`."""
    latest = min(_latest(facts, now), expires_at)
    valid_until = allowed_until(book, facts, now, latest)
    return Permit(kit.ids.new("p", now), kit.ids.new("a", now), now, valid_until)


def _latest(facts: Facts, now: Instant) -> Instant:
    subject = facts.subject
    if subject.channel is not Channel.visit:
        return Instant(now + LIFE)
    if subject.visit and subject.visit.appointment:
        return subject.visit.appointment[1]
    return min(day_bounds(zone, now)[1] for zone in facts.zones)
