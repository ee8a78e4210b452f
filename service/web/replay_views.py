"""What came of a replay, as JSON: figures by rule and by outcome, and examples by id."""

from datetime import date
from typing import Any

from service.core.civil import format_instant
from service.core.model import DAY
from service.core.policy import Book
from service.flows.recorded import Skipped
from service.flows.replay import Example, Replayed, Span

from .decisions_json import instant_json

_UNIX = date(1970, 1, 1).toordinal()


def replay_json(done: Replayed, span: Span, zone: str) -> dict[str, Any]:
    """The whole report; `next` is where to go on where the limit came first."""
    tally = done.tally
    stricter, milder, moved = tally.stricter, tally.milder, tally.moved
    return {
        "book": {"label": done.book.label, "sha256": done.book.sha256} if done.book else None,
        "since": instant_json(span.since, zone),
        "until": instant_json(span.until, zone),
        "judged": tally.judged,
        "changed": tally.changed,
        "regrounded": tally.regrounded,
        "shallow": tally.shallow,
        "skipped": {**{str(why): tally.skipped[why] for why in Skipped}, "erased_parties": len(tally.erased)},
        "outcomes": [
            {"was": was.name, "would": would.name, "count": number}
            for (was, would), number in tally.outcomes.most_common()
        ],
        "rules": [
            {"rule": rule, "stricter": stricter[rule], "milder": milder[rule], "moved": moved[rule]}
            for rule in sorted(stricter.keys() | milder.keys() | moved.keys())
        ],
        "not_in_force": not_in_force(done.book, span) if done.book else [],
        "examples": [_example(each, zone) for shown in tally.examples.values() for each in shown],
        "next": done.next,
    }


def not_in_force(book: Book, span: Span) -> list[str]:
    """Rules that no decision of the span can have met, by their dates; a day is left for the zones."""
    rules = [rule for pack in book.packs for rule in pack.rules]
    # Counted in days, not in dates: a span may begin and end where the calendar does.
    last = None if span.until is None else span.until // DAY + 1
    first = None if span.since is None else span.since // DAY - 1
    late = {rule.id for rule in rules if last is not None and rule.effective_from and _day(rule.effective_from) > last}
    early = {rule.id for rule in rules if first is not None and rule.effective_to and _day(rule.effective_to) < first}
    return sorted(late | early)


def _day(on: date) -> int:
    """The day as `core.model.Instant` counts them."""
    return on.toordinal() - _UNIX


def _example(each: Example, zone: str) -> dict[str, Any]:
    otherwise = each.otherwise
    return {
        "entry": each.entry,
        "request": each.request,
        "at": format_instant(each.at, zone),
        "was": {"effect": otherwise.was.name, "not_before": instant_json(otherwise.was_not_before, zone)},
        "would": {"effect": otherwise.would.name, "not_before": instant_json(otherwise.would_not_before, zone)},
        "rules": [
            {"rule": rule, "was": was.name, "would": would.name} for rule, (was, would) in otherwise.rules.items()
        ],
    }
