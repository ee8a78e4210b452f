"""
When a contact would be allowed within the days to come, as spans of time, by the facts of now.

Each span is found by asking the judge: where it opens, where hours close it, and at every instant between
at which something that the facts date, or a rule counts, may turn the answer (`stretch`). A contact made
meanwhile, or a fact that is told, changes what comes after it.
"""

from typing import NamedTuple

from service.core.decide import Decision, decide
from service.core.facts import Facts
from service.core.model import DAY, HOUR, SECOND, Effect, Instant
from service.core.policy import Book

from .stretch import allowed_until, first_where, turns

AHEAD = 7 * DAY
SPANS_MAX = 64
"""More than any week of any book has; beyond it the answer would be no overview."""

LOOK_AGAIN = HOUR
"""How often a refusal is asked again that does not say when it ends; then the instant is sought in between."""


class Window(NamedTuple):
    """Allowed from `start` on and before `end`."""

    start: Instant
    end: Instant


def windows(book: Book, facts: Facts, now: Instant) -> list[Window]:
    """The spans of the next seven days, to the second; takes some milliseconds a span."""
    limit = Instant(now + AHEAD)
    ahead = turns(book, facts, now, limit)
    found: list[Window] = []
    start = _opens(book, facts, now, limit, ahead)
    while start is not None and len(found) < SPANS_MAX:
        end = allowed_until(book, facts, start, limit, step=SECOND)
        found.append(Window(start, end if end == limit else _whole(start, end)))
        start = _opens(book, facts, end, limit, ahead)
    return found


def _opens(book: Book, facts: Facts, at: Instant, limit: Instant, ahead: list[Instant]) -> Instant | None:
    """The first instant from `at` on at which it is allowed, before the limit."""
    refused: Instant | None = None
    while at < limit:
        decision = decide(book, facts, at)
        if decision.effect is Effect.deny:
            refused, at = at, _after_refusal(decision, at, ahead)
        elif refused is not None:
            at = first_where(lambda when: decide(book, facts, when).effect is not Effect.deny, refused, at)
            refused = None
        elif decision.not_before is None:
            return at
        else:
            at = decision.not_before
    return None


def _after_refusal(decision: Decision, at: Instant, ahead: list[Instant]) -> Instant:
    """When to ask again: once a rule that refuses would say otherwise, or something else may turn."""
    said = [verdict.until for verdict in decision.verdicts if verdict.effect is Effect.deny and verdict.until]
    return min(when for when in (*said, *ahead, Instant(at + LOOK_AGAIN)) if when > at)


def _whole(start: Instant, end: Instant) -> Instant:
    """The second in which the span ends: whoever asks within a second must not be told of its rest beyond the end."""
    return max(start, Instant(end - end % SECOND))
