"""
How long a contact that is allowed stays so, by the facts of now.

The hold of a decision tells when hours close, to the second. Whatever else may turn the answer is dated by the
facts, or counted from them by a rule: a hold begins, a consent ends, a place that is held fills a cap. At each
of these instants the judge is asked once more.
"""

from collections.abc import Callable, Iterator

from service.core.civil import day_bounds
from service.core.decide import decide, reading
from service.core.facts import Facts
from service.core.model import Effect, Instant
from service.core.policy import Book


def allowed_until(book: Book, facts: Facts, at: Instant, limit: Instant, *, step: int = 1) -> Instant:
    """The first instant after `at` at which the contact is not allowed, to a `step`; `limit` if it is all the while."""
    end = Instant(at + _hold(book, facts, at, limit - at, step))
    known = at
    for turn in (*turns(book, facts, at, end), Instant(max(end - step, at))):
        if not allows(book, facts, turn):
            return first_where(lambda at: not allows(book, facts, at), known, turn)
        known = turn
    return end


def allows(book: Book, facts: Facts, at: Instant, hold: int = 0) -> bool:
    return decide(book, facts, at, hold).effect is Effect.allow


def turns(book: Book, facts: Facts, after: Instant, before: Instant) -> list[Instant]:
    """The instants between the two at which a dated fact, a count, a rule's term or a day may turn the answer."""
    found = (*_dated(facts), *_counted(book, facts), *_terms(book, facts), *_midnights(facts, after, before))
    return sorted({at for at in found if at is not None and after < at < before})


def _hold(book: Book, facts: Facts, at: Instant, most: int, step: int) -> int:
    """By halving, for an answer that holds for a while holds for any shorter while."""
    if allows(book, facts, at, most):
        return most
    known, beyond = 0, -(-most // step)
    while beyond - known > 1:
        middle = (known + beyond) // 2
        known, beyond = (middle, beyond) if allows(book, facts, at, middle * step) else (known, middle)
    return min(beyond * step, most)


def first_where(change: Callable[[Instant], bool], before: Instant, after: Instant) -> Instant:
    """The instant of the one change between `before`, when it has not come, and `after`, when it has."""
    while after - before > 1:
        middle = Instant((before + after) // 2)
        before, after = (before, middle) if change(middle) else (middle, after)
    return after


def _dated(facts: Facts) -> Iterator[Instant | None]:
    for consent in facts.consents:
        yield from (consent.granted_at, consent.expires_at, consent.withdrawn_at)
    for bar in facts.suppressions:
        yield from (bar.since, bar.until)
    for hold in facts.holds:
        yield from (hold.since, hold.until)
    yield from (notice.sent_at for notice in facts.notices)
    yield from (check.checked_at for check in facts.registry_checks)
    yield from (item.at for item in facts.history)
    yield facts.route_opens


def _counted(book: Book, facts: Facts) -> Iterator[Instant]:
    """Where a contact leaves a window that a rule counts, and where one that is planned enters it."""
    for reach in {rule.lookback for rule in reading(book, facts)} - {0}:
        for item in facts.history:
            yield from (Instant(item.at - reach), Instant(item.at + reach))


def _terms(book: Book, facts: Facts) -> Iterator[Instant]:
    for rule in reading(book, facts):
        for zone in rule.zones_among(facts.zones, facts.further_zones):
            yield from rule.term(zone)


def _midnights(facts: Facts, after: Instant, before: Instant) -> Iterator[Instant]:
    for zone in (*facts.zones, *facts.further_zones):
        at = day_bounds(zone, after)[1]
        while at < before:
            yield at
            at = day_bounds(zone, at)[1]
