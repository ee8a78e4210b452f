"""
Replay: recorded decisions judged again from the facts they saw (decision 0021).

Under the book each was made with, nothing may be otherwise: what is, is a fault. Under another book the
tally says what that book would have changed, by rule and by outcome, with examples by id. Facts reach as
far back as the book of their time read; `shallow` counts the decisions for which the other reads further.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

import orjson

from service.core.canonical import canonical
from service.core.comparison import Otherwise, compare, differs
from service.core.decide import Decision, decide
from service.core.errors import Invalid
from service.core.model import Effect, Instant
from service.core.policy import Book

from .entries import decision_body, decision_from, entry
from .kit import Kit
from .ports import EntryFilter, Store, Tx
from .recorded import PAGE, Page, Recorded, Skipped, erased, opened, read_page

EXAMPLES_MAX = 5
"""Examples kept for each pair of outcomes; the rest is counted."""

_DECISION = b'"decision":'
"""Stands once in a canonical body: within a string its quotes would be escaped."""

Pair = tuple[Effect, Effect]


class Span(NamedTuple):
    """Decisions written from `since` up to, and not at, `until`; open where None."""

    since: Instant | None = None
    until: Instant | None = None


class Example(NamedTuple):
    """One decision that would be otherwise; ids, never whose."""

    entry: str
    request: str
    at: Instant
    otherwise: Otherwise


@dataclass(slots=True)
class Tally:
    """
    What came of a replay. `changed` would have had another outcome; `regrounded` the same for other reasons.

    `erased` are the parties whose decisions were skipped, by pseudonym.
    `rules` counts, for each rule, how often it said one thing and would have said another.
    """

    judged: int = 0
    changed: int = 0
    regrounded: int = 0
    shallow: int = 0
    skipped: Counter[Skipped] = field(default_factory=Counter)
    erased: set[str] = field(default_factory=set)
    outcomes: Counter[Pair] = field(default_factory=Counter)
    rules: Counter[tuple[str, Effect, Effect]] = field(default_factory=Counter)
    examples: dict[Pair, list[Example]] = field(default_factory=dict)

    @property
    def clean(self) -> bool:
        """True if everything that was there to be judged follows from its facts as it was recorded."""
        return not (self.changed or self.regrounded or self.skipped[Skipped.unreadable])

    @property
    def stricter(self) -> Counter[str]:
        """How often each rule would have spoken more strictly."""
        return self._towards(lambda was, would: would > was)

    @property
    def milder(self) -> Counter[str]:
        """How often each rule would have spoken more mildly."""
        return self._towards(lambda was, would: would < was)

    @property
    def moved(self) -> Counter[str]:
        """How often each rule would have said the same until another instant, or with other figures."""
        return self._towards(lambda was, would: would == was)

    def _towards(self, counts: Callable[[Effect, Effect], bool]) -> Counter[str]:
        found: Counter[str] = Counter()
        for (rule, was, would), number in self.rules.items():
            if counts(was, would):
                found[rule] += number
        return found

    def note(self, recorded: Recorded, otherwise: Otherwise | None) -> None:
        """Count one decision that was judged again."""
        self.judged += 1
        if otherwise is None:
            return
        self.rules.update((rule, *effects) for rule, effects in otherwise.rules.items())
        pair = otherwise.was, otherwise.would
        if otherwise.decided:
            self.changed += 1
            self.outcomes[pair] += 1
        else:
            self.regrounded += 1
        shown = self.examples.setdefault(pair, [])
        if len(shown) < EXAMPLES_MAX:
            shown.append(Example(recorded.entry, recorded.request, recorded.at, otherwise))


class Replayed(NamedTuple):
    """The tally, the book (None: each decision's own), and where to go on if the limit came first."""

    tally: Tally
    book: Book | None
    next: int | None


Tell = Callable[[int, int, Tally], None]
"""Told after each page: how much of the way is done, of how much, and the tally so far."""


async def replay(
    kit: Kit,
    store: Store,
    span: Span,
    book: Book | None = None,
    *,
    after: int | None = None,
    most: int | None = None,
    tell: Tell = lambda done, all_of_it, tally: None,
) -> Replayed:
    """
    Judge again what was decided within a span, under `book`, or each under its own.

    Only numbered entries are read; the beat numbers within a second. `after` goes on after an index. Whoever
    asked leaves the entry with `record_replay`.
    """
    if span.since is not None and span.until is not None and span.until <= span.since:
        raise Invalid("until", "must be later than `since`")
    lower, bound = await store.read(lambda tx: tx.entry_bounds(span.since, span.until))
    head = await store.read(lambda tx: tx.entries_head())
    first = lower if after is None else max(lower, after)
    upto = head if bound is None else min(bound, head)
    wanted = EntryFilter(since=span.since, until=span.until)
    judging, at, seen, more = Judging(book), first, 0, first < upto
    while more and (most is None or seen < most):
        limit = PAGE if most is None else min(PAGE, most - seen)
        page = await store.read(partial(read_page, kit, wanted=wanted, after=at, upto=upto, limit=limit))
        await asyncio.to_thread(judging.page, kit, page)
        at, more, seen = page.last, page.more, seen + len(page.entries)
        tell(at - first, upto - first, judging.tally)
    return Replayed(judging.tally, book, at if more else None)


def record_replay(kit: Kit, tx: Tx, actor: str, span: Span, done: Replayed) -> None:
    """Leave the entry that sealed facts were read, by whom, and what came of it in figures."""
    tally = done.tally
    more = {
        "book": done.book.sha256 if done.book else None,
        "label": done.book.label if done.book else None,
        "since": span.since,
        "until": span.until,
        "judged": tally.judged,
        "changed": tally.changed,
        "regrounded": tally.regrounded,
        "skipped": {str(why): number for why, number in sorted(tally.skipped.items())},
    }
    tx.add("entries", [entry(kit, kit.clock(), "decision.replayed", actor, more=more)])


class Judging:
    """Judges pages under one book, or each decision under its own, and tallies what comes of it."""

    def __init__(self, book: Book | None) -> None:
        self.tally = Tally()
        self._book = book

    def page(self, kit: Kit, page: Page) -> None:
        """Open the decisions of a page, judge each, and note what is otherwise."""
        # All are opened first: either half is quicker where it has the processor's caches to itself.
        for told, recorded in [(told, opened(kit, page, told)) for told in page.entries]:
            if isinstance(recorded, Skipped):
                self._skip(page, told["id"], recorded)
                continue
            try:
                self._judge(recorded, page.books[recorded.book])
            except Exception:
                # What no judge can be made to say anything of is counted, and the others are judged.
                self.tally.skipped[Skipped.unreadable] += 1

    def _skip(self, page: Page, entry: str, why: Skipped) -> None:
        self.tally.skipped[why] += 1
        if why is Skipped.erased:
            self.tally.erased.update(erased(page, page.sealed[entry]))

    def _judge(self, recorded: Recorded, own: Book | None) -> None:
        if self._book is not None:
            otherwise = compare(recorded.decision, _judged(self._book, recorded))
            self.tally.shallow += own is None or _reads_further(self._book, own, recorded.facts.jurisdictions)
            self.tally.note(recorded, otherwise)
        elif own is not None:
            self.tally.note(recorded, _under_its_own(own, recorded))
        else:
            self.tally.skipped[Skipped.unreadable] += 1


def _reads_further(book: Book, than: Book, jurisdictions: tuple[str, ...]) -> bool:
    here, there = book.reach(jurisdictions), than.reach(jurisdictions)
    return here.lookback > there.lookback or len(here.endless) > len(there.endless)


def _judged(book: Book, recorded: Recorded) -> Decision:
    return decide(book, recorded.facts, recorded.asked_at, recorded.hold, expires_at=recorded.expires_at)


def _under_its_own(book: Book, recorded: Recorded) -> Otherwise | None:
    again = _judged(book, recorded)
    written = canonical({**decision_body(again), "facts_sha256": recorded.facts_sha256})
    # To the byte as it was written: the rule. What is not is read in, to tell what is otherwise; zones have no order.
    if recorded.body.startswith(written, recorded.body.find(_DECISION) + len(_DECISION)):
        return None
    return differs(recorded.decision, decision_from(orjson.loads(written)))
