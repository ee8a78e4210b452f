"""
Counting: what caps and intervals share, each rule by its own outcomes (DESIGN section 4).

A held place counts at its planned time whatever the rule's outcomes; an attempt counts by its outcome,
`unknown` always; an attempt later than the instant examined is not yet there. Contacts of every client,
person or robot count alike. A wrong number un-counts what went to that address for that party before.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

from service.core.case import Case
from service.core.facts import Contact
from service.core.model import Instant, Outcome
from service.core.rule import Rule, When

_UNKNOWN = Outcome.unknown


class Per(StrEnum):
    """Whose contacts are counted together."""

    party = "party"
    account = "account"
    address = "address"
    product = "product"
    client = "client"


_SELECTORS = ("purpose", "party_role", "address_kind", "product", "actor_role", "dialing")
"""The selectors that an item of history can answer; it counts where a request like it would match."""

Wanted = tuple[tuple[int, frozenset[Any]], ...]


@dataclass(frozen=True, kw_only=True)
class Counting(Rule):
    """
    Which earlier contacts count; an answered contact shorter than `effective_seconds` does not.

    `counts_any_dialing`: the rule binds by its `dialing` alone, and counts however a contact was dialled.
    """

    per: tuple[Per, ...]
    counts: tuple[Outcome, ...]
    effective_seconds: int | None = None
    counts_any_dialing: bool = False

    def flaws(self) -> Iterator[tuple[str, str]]:
        yield from super().flaws()
        for name in ("per", "counts"):
            if not getattr(self, name):
                yield name, "is empty"
        if self.effective_seconds is not None and self.effective_seconds < 1:
            yield "effective_seconds", "must be at least 1"
        if self.counts_any_dialing and not self.when.dialing:
            yield "counts_any_dialing", "says nothing where the rule selects no dialing"

    @cached_property
    def needs(self) -> str | None:
        return "address" if Per.address in self.per or self.when.address_kind else None

    @cached_property
    def _outcomes(self) -> frozenset[Outcome]:
        return frozenset((*self.counts, _UNKNOWN))

    @cached_property
    def _fields(self) -> tuple[tuple[str, int], ...]:
        return tuple((per.value, Contact._fields.index(per)) for per in self.per)

    @cached_property
    def _wanted(self) -> Wanted:
        when = replace(self.when, dialing=()) if self.counts_any_dialing else self.when
        return _wanted(when)

    @cached_property
    def _spared(self) -> Wanted:
        return _wanted(self.unless) if self.unless else ()

    def counted(self, case: Case, at: Instant, since: int) -> list[Contact]:
        """The contacts and held places from `since` on that count at an instant, oldest first."""
        outcomes = self._outcomes
        items = [
            i
            for i in case.outbound(self.when.channel)
            if i.at >= since and (i.outcome is None or (i.outcome in outcomes and i.at <= at))
        ]
        for name, place in self._fields:
            value = getattr(case.subject, name)
            if items and value is not None:
                items = [i for i in items if i[place] == value or i[place] is None]
        return self._narrowed(items, case, at) if items else items

    def _narrowed(self, items: list[Contact], case: Case, at: Instant) -> list[Contact]:
        least = self.effective_seconds
        if least is not None:
            items = [i for i in items if i.duration_s is None or i.duration_s >= least or i.outcome == _UNKNOWN]
        for place, wanted in self._wanted:
            items = [i for i in items if i[place] is None or i[place] in wanted]
        if self._spared:
            items = [i for i in items if not all(i[place] in spared for place, spared in self._spared)]
        wrong = [w for w in case.wrong_numbers if w.at <= at and w.address is not None]
        if wrong:
            items = [i for i in items if not any(_misdirected(i, w) for w in wrong)]
        return items


def _wanted(when: When) -> Wanted:
    given = ((name, getattr(when, name)) for name in _SELECTORS)
    return tuple((Contact._fields.index(name), frozenset(wanted)) for name, wanted in given if wanted)


def _misdirected(item: Contact, wrong: Contact) -> bool:
    return item.at <= wrong.at and item.address == wrong.address and item.party == wrong.party


def fullest(places: Sequence[int], at: int, length: int) -> slice:
    """Which of the ascending places share with `at` the fullest window of a length; a window is half-open."""
    near = [k for k, place in enumerate(places) if at - length < place < at + length]
    best = slice(0, 0)
    first = near[0] if near else 0
    for last in near:
        while max(places[last], at) - min(places[first], at) >= length:
            first += 1
        if last - first + 1 > best.stop - best.start:
            best = slice(first, last + 1)
    return best


def free_from(places: Sequence[int], at: int, limit: int, length: int) -> int:
    """
    The first place from `at` on where one more crowds no window of a length beyond the limit.

    Each run of `limit` neighbours bars what would share a window with all of it; runs ascend, so one
    pass is enough.
    """
    for first, last in zip(places, places[limit - 1 :], strict=False):
        if max(last, at) - min(first, at) < length:
            at = first + length
    return at
