"""
Policy as typed values: the pack a rule stands in, and the book of all active packs.

What is not known about a request binds: an unknown product is bound by a rule for any product.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from .model import AccountType, ActorRole, AddressKind, Channel, Dialing, Execution, PartyRole, Purpose
from .rule import ID_FORM, Explain, Flawed, Lifting, Range, Rule, Verdict, When

__all__ = [
    "HOUSE",
    "Book",
    "Explain",
    "Flawed",
    "Lifting",
    "NotApplied",
    "Pack",
    "Range",
    "Rule",
    "Selection",
    "Shape",
    "Verdict",
    "When",
    "lineage",
]

HOUSE = "house"
"""What the bank itself promises; the one pack that binds everywhere."""

_JURISDICTION = re.compile(r"[A-Z]{2}(?:-[A-Z0-9]{1,3})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """
    One policy file. `jurisdictions` empty binds everywhere (only `house`); a floor cannot be loosened
    by the house; a draft pack is applied only where a what-if names it.
    """

    id: str
    title: Explain
    jurisdictions: tuple[str, ...] = ()
    floor: bool = False
    draft: bool = False
    rules: tuple[Rule, ...]

    def __post_init__(self) -> None:
        found = tuple(self._flaws())
        if found:
            raise Flawed(found)

    def _flaws(self) -> Iterator[tuple[str, str]]:
        if not ID_FORM.fullmatch(self.id) or "/" in self.id:
            yield "id", "must be lower-case words joined by hyphens"
        if (self.id == HOUSE) == bool(self.jurisdictions):
            yield "jurisdictions", "house alone binds everywhere; every other pack names its jurisdictions"
        for place, code in enumerate(self.jurisdictions):
            if not _JURISDICTION.fullmatch(code):
                yield f"jurisdictions.{place}", "must be a country or region such as CN, US or US-MA"


class NotApplied(NamedTuple):
    rule: str
    because: str


class Selection(NamedTuple):
    """The rules of a book that bind one shape of request, and why the others do not."""

    rules: tuple[Rule, ...]
    lifting: tuple[Lifting, ...]
    not_applied: tuple[NotApplied, ...]


class Shape(NamedTuple):
    """All that selectors read: requests of one shape are bound by the same rules."""

    actor_role: ActorRole
    channel: Channel
    purposes: tuple[Purpose, ...]
    party_role: PartyRole
    address_kind: AddressKind | None
    product: str | None
    account_type: AccountType | None
    dialing: Dialing | None
    execution: Execution
    days_past_due: int | None
    jurisdictions: tuple[str, ...]


SHAPES_MAX = 4096
"""Selections kept per book; a book meets a few dozen shapes a day, days past due being the widest."""


@dataclass(frozen=True, kw_only=True)
class Book:
    """
    All packs in force together, identified by the SHA-256 of their canonical form.

    `partial`: only some packs of it, named by a what-if, which then answers for them alone.
    """

    packs: tuple[Pack, ...]
    sha256: str
    label: str
    partial: bool = False
    _selections: dict[Shape, Selection] = field(default_factory=dict, repr=False, compare=False)

    def rule(self, rule_id: str) -> Rule | None:
        """Find a rule by `pack/name`, to read its sentence and citation."""
        return self._by_id.get(rule_id)

    @cached_property
    def offer_rules(self) -> tuple[Rule, ...]:
        return tuple(rule for pack in self.packs for rule in pack.rules if rule.detects_offers)

    @cached_property
    def lookback(self) -> int:
        """How far back, in microseconds, the longest window of any rule reads history."""
        return max((rule.lookback for pack in self.packs for rule in pack.rules), default=0)

    @cached_property
    def _by_id(self) -> dict[str, Rule]:
        return {rule.id: rule for pack in self.packs for rule in pack.rules}

    def names(self, jurisdiction: str) -> bool:
        """True if a pack other than the house's names this country or region."""
        wanted = lineage(jurisdiction)
        named = {code for pack in self.packs for code in pack.jurisdictions}
        return any(code in wanted or jurisdiction in lineage(code) for code in named)

    def narrowed(self, pack_ids: Iterable[str]) -> "Book":
        """Only the named packs, for a what-if; the digest stays that of the whole book."""
        wanted = set(pack_ids)
        packs = tuple(pack for pack in self.packs if pack.id in wanted)
        return Book(packs=packs, sha256=self.sha256, label=self.label, partial=True)

    def select(self, shape: Shape) -> Selection:
        """Say which rules bind a request of this shape; remembered, for shapes recur."""
        found = self._selections.get(shape)
        if found is None:
            if len(self._selections) >= SHAPES_MAX:
                self._selections.clear()
            found = self._selections[shape] = _selection(self.packs, shape)
        return found


def lineage(code: str) -> tuple[str, ...]:
    """A region and the country it lies in: `US-MA` is also `US`."""
    country, dash, _ = code.partition("-")
    return (code, country) if dash else (code,)


def _selection(packs: tuple[Pack, ...], shape: Shape) -> Selection:
    here = {code for given in shape.jurisdictions for code in lineage(given)}
    rules: list[Rule] = []
    lifting: list[Lifting] = []
    not_applied: list[NotApplied] = []
    for pack in packs:
        if pack.jurisdictions and here.isdisjoint(pack.jurisdictions):
            not_applied.append(NotApplied(f"{pack.id}/*", "jurisdiction"))
            continue
        for rule in pack.rules:
            because = _mismatch(rule, shape, here)
            if because:
                not_applied.append(NotApplied(rule.id, because))
            else:
                lifting.append(rule) if isinstance(rule, Lifting) else rules.append(rule)
    return Selection(tuple(rules), tuple(lifting), tuple(not_applied))


def _mismatch(rule: Rule, shape: Shape, here: set[str]) -> str | None:
    """Name the first selector that keeps the rule from binding; None: it binds."""
    unknown_binds = not rule.lifts_others
    because = _unmatched(rule.when, shape, here, unknown_binds)
    if because is None and rule.unless is not None and _unmatched(rule.unless, shape, here, not unknown_binds) is None:
        return "unless"
    return because


_SINGLE = ("actor_role", "channel", "party_role", "address_kind", "product", "account_type", "dialing", "execution")


def _unmatched(when: When, shape: Shape, here: set[str], unknown_binds: bool) -> str | None:
    for name in _SINGLE:
        wanted = getattr(when, name)
        value = getattr(shape, name)
        if wanted and value not in wanted and not (value is None and unknown_binds):
            return name
    if when.purpose and not set(when.purpose) & set(shape.purposes):
        return "purpose"
    if when.jurisdiction and here.isdisjoint(when.jurisdiction):
        return "jurisdiction"
    if when.days_past_due is not None:
        known = shape.days_past_due
        if (known is None and not unknown_binds) or (known is not None and not when.days_past_due.holds(known)):
            return "days_past_due"
    return None
