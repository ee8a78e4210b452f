"""
Permits: an allowed request that a person carries out.

A permit is valid until the first of: 15 minutes (a visit: the end of its appointment, else that
day), the end of the open window, `expires_at` (DESIGN section 4). Its outcome must be reported.
"""

from typing import NamedTuple

from service.core.civil import day_bounds
from service.core.decide import decide
from service.core.facts import Facts
from service.core.model import MINUTE, Channel, Effect, Instant
from service.core.policy import Book

from .kit import Kit

LIFE = 15 * MINUTE


class Permit(NamedTuple):
    id: str
    attempt: str
    valid_from: Instant
    valid_until: Instant


def permit_for(kit: Kit, book: Book, facts: Facts, now: Instant, expires_at: Instant) -> Permit:
    """Issue a permit from now on; the caller has just seen the contact allowed at `now`."""
    latest = min(_latest(facts, now), expires_at)
    valid_until = Instant(now + longest_hold(book, facts, now, latest - now))
    return Permit(kit.ids.new("p", now), kit.ids.new("a", now), now, valid_until)


def longest_hold(book: Book, facts: Facts, now: Instant, most: int, *, step: int = 1) -> int:
    """
    How long from now on the contact stays allowed, at most `most`: the first instant after it is not, to a `step`.

    Halving works because an answer that holds for a while holds for any shorter while.
    """
    if _holds(book, facts, now, most):
        return most
    known, beyond = 0, -(-most // step)
    while beyond - known > 1:
        middle = (known + beyond) // 2
        known, beyond = (middle, beyond) if _holds(book, facts, now, middle * step) else (known, middle)
    return min(beyond * step, most)


def _holds(book: Book, facts: Facts, now: Instant, hold: int) -> bool:
    return decide(book, facts, now, hold).effect is Effect.allow


def _latest(facts: Facts, now: Instant) -> Instant:
    subject = facts.subject
    if subject.channel is not Channel.visit:
        return Instant(now + LIFE)
    if subject.visit and subject.visit.appointment:
        return subject.visit.appointment[1]
    return min(day_bounds(zone, now)[1] for zone in facts.zones)
