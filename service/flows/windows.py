"""
When a contact would be allowed within the days to come, as spans of time, by the facts of now.

Each span is found by asking the judge, so it is what the judge will answer; nothing is derived from the
rules apart. A contact made meanwhile, or a fact that is told, changes what comes after it.
"""

from typing import NamedTuple

from service.core.decide import decide
from service.core.facts import Facts
from service.core.model import DAY, SECOND, Effect, Instant
from service.core.policy import Book

from .permit import longest_hold

AHEAD = 7 * DAY
SPANS_MAX = 64
"""More than any week of any book has; beyond it the answer would be no overview."""


class Window(NamedTuple):
    """Allowed from `start` on and before `end`."""

    start: Instant
    end: Instant


def windows(book: Book, facts: Facts, now: Instant) -> list[Window]:
    """The spans of the next seven days, to the second; takes some milliseconds a span."""
    limit = Instant(now + AHEAD)
    found: list[Window] = []
    at: Instant | None = now
    while at is not None and at < limit and len(found) < SPANS_MAX:
        decision = decide(book, facts, at)
        if decision.effect is not Effect.allow:
            at = decision.not_before
            continue
        end = Instant(at + longest_hold(book, facts, at, limit - at, step=SECOND))
        found.append(Window(at, end if end == limit else _whole(at, end)))
        at = end
    return found


def _whole(start: Instant, end: Instant) -> Instant:
    """The second in which the span ends: whoever asks within a second must not be told of its rest beyond the end."""
    return max(start, Instant(end - end % SECOND))
