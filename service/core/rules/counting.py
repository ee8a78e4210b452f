"""
Counting: what caps, intervals and cool-downs share, each rule by its own outcomes (DESIGN section 4).

A held place counts at its planned time whatever the rule's outcomes; an attempt counts by its outcome,
`unknown` always; an attempt later than the instant examined is not yet there. Contacts of every client,
person or robot count alike. A wrong number un-counts what went to that address for that party before, but not
where the rule counts wrong numbers: it counts calls to a line, or tries, whoever answers.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from operator import itemgetter
from typing import Any, ClassVar, Literal

from service.core.case import Case
from service.core.facts import Contact, Subject
from service.core.model import AddressKind, Channel, Direction, Instant, Outcome, PartyRole, Purpose
from service.core.outcomes import can_come
from service.core.rule import Rule, When

_UNKNOWN = Outcome.unknown
_WRONG = Outcome.wrong_number
_AT = itemgetter(Contact._fields.index("at"))
_OUTBOUND = (Direction.outbound,)

Severity = Literal["defer", "advise"]
"""Whether what is too much waits, or is only said: a factor that a commentary names without a limit of its own."""


class Per(StrEnum):
    """Whose contacts are counted together. A place is a home or a workplace, whatever its address."""

    party = "party"
    account = "account"
    address = "address"
    product = "product"
    client = "client"
    place = "place"


_SELECTORS = ("purpose", "party_role", "address_kind", "product", "actor_role", "dialing")
"""The selectors that an item of history can answer; it counts where a request like it would match."""

_UNANSWERED = ("account_type", "execution", "jurisdiction", "days_past_due")

_COUNTED_INSTEAD = {
    "counts_purposes": "purpose",
    "counts_party_roles": "party_role",
    "counts_address_kinds": "address_kind",
}

Wanted = tuple[tuple[int, frozenset[Any]], ...]


@dataclass(frozen=True, kw_only=True)
class Counting(Rule):
    """
    Which earlier contacts count; an answered contact shorter than `effective_seconds` does not.

    A contact counts where `when` would bind a request like it. What `counts_...` names is counted instead of
    what `when` binds, so that a call can be stopped by letters. `counts_any_dialing`: the rule binds by its
    `dialing` alone, and counts however a contact was dialled.
    """

    per: tuple[Per, ...]
    counts_channels: tuple[Channel, ...] = ()
    counts_purposes: tuple[Purpose, ...] = ()
    counts_party_roles: tuple[PartyRole, ...] = ()
    counts_address_kinds: tuple[AddressKind, ...] = ()
    counts_any_dialing: bool = False
    effective_seconds: int | None = None

    def flaws(self) -> Iterator[tuple[str, str]]:
        yield from super().flaws()
        if not self.per:
            yield "per", "is empty"
        if self.effective_seconds is not None and self.effective_seconds < 1:
            yield "effective_seconds", "must be at least 1"
        if self.counts_any_dialing and not self.when.dialing:
            yield "counts_any_dialing", "says nothing where the rule selects no dialing"

    def objections(self) -> Iterator[tuple[str, str]]:
        yield from super().objections()
        channels, directions = self._read
        for place, outcome in enumerate(self.counted_outcomes):
            if not any(can_come(channel, way, outcome) for channel in channels or Channel for way in directions):
                yield f"{self.counts_by}.{place}", f"{outcome} cannot come of a contact that this counts"

    counts_by: ClassVar[str] = "counts"
    """The field that names the outcomes."""

    @property
    def counted_outcomes(self) -> tuple[Outcome, ...]:
        """Which outcomes count, beside `unknown`."""
        raise TypeError(f"{type(self).__name__} counts nothing")

    @property
    def counted_directions(self) -> tuple[Direction, ...]:
        """Whose contacts count: what went out, what came in, or both."""
        return _OUTBOUND

    @cached_property
    def needs(self) -> str | None:
        return "address" if {Per.address, Per.place} & set(self.per) or self.when.address_kind else None

    @cached_property
    def _outcomes(self) -> frozenset[Outcome]:
        return frozenset((*self.counted_outcomes, _UNKNOWN))

    @cached_property
    def _read(self) -> tuple[tuple[Channel, ...], tuple[Direction, ...]]:
        return self.counts_channels or self.when.channel, self.counted_directions

    @cached_property
    def _fields(self) -> tuple[tuple[str, int], ...]:
        return tuple((per.value, Contact._fields.index(per)) for per in self.per if per is not Per.place)

    @cached_property
    def _wanted(self) -> Wanted:
        instead = {name: getattr(self, given) for given, name in _COUNTED_INSTEAD.items() if getattr(self, given)}
        if self.counts_any_dialing:
            instead["dialing"] = ()
        return wanted(replace(self.when, **instead))

    @cached_property
    def _spared(self) -> Wanted:
        return spared(self.unless)

    def counted(self, case: Case, at: Instant, since: int) -> list[Contact]:
        """The contacts and held places from `since` on that count at an instant, oldest first."""
        outcomes = self._outcomes
        contacts = case.contacts(*self._read)
        items = [
            i
            for i in contacts[bisect_left(contacts, since, key=_AT) :]
            if i.outcome is None or (i.outcome in outcomes and i.at <= at)
        ]
        return self._narrowed(items, case.subject, case.wrong_numbers, at) if items else items

    def _narrowed(self, items: list[Contact], subject: Subject, wrong: list[Contact], at: Instant) -> list[Contact]:
        for name, place in self._fields:
            value = getattr(subject, name)
            if items and value is not None:
                items = [i for i in items if i[place] == value or i[place] is None]
        if Per.place in self.per and subject.address_kind is not None:
            items = [i for i in items if _place_of(i) in (subject.address_kind, None)]
        least = self.effective_seconds
        if least is not None:
            items = [i for i in items if i.duration_s is None or i.duration_s >= least or i.outcome == _UNKNOWN]
        for place, wanted in self._wanted:
            items = [i for i in items if i[place] is None or i[place] in wanted]
        if self._spared:
            left_out = items
            for place, spared in self._spared:
                left_out = [i for i in left_out if i[place] in spared]
            items = [i for i in items if i not in left_out] if left_out else items
        if wrong and _WRONG not in self._outcomes:
            wrong = [w for w in wrong if w.at <= at and w.address is not None]
            items = [i for i in items if not any(_misdirected(i, w) for w in wrong)]
        return items


def wanted(when: When, selectors: tuple[str, ...] = _SELECTORS) -> Wanted:
    """The selectors that are given, by the place of their field in an item, and what they match there."""
    given = ((name, getattr(when, name)) for name in selectors)
    return tuple((Contact._fields.index(name), frozenset(values)) for name, values in given if values)


def spared(unless: When | None) -> Wanted:
    """An exception that asks more than an item of history can answer spares none: who knows if it was one."""
    if unless is None or any(getattr(unless, name) for name in _UNANSWERED):
        return ()
    return wanted(unless, ("channel", *_SELECTORS))


def _place_of(item: Contact) -> str | None:
    return item.place or item.address_kind


def _misdirected(item: Contact, wrong: Contact) -> bool:
    return item.at <= wrong.at and item.address == wrong.address and item.party == wrong.party
