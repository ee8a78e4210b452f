"""
Policy as typed values: a rule, the pack it stands in, and the book of all active packs.

A kind of rule is one frozen dataclass in `core.rules` that extends `Rule` and answers `judge`. There
is no expression language: a rule says by `when` whom it binds and by its parameters what it asks.
What is not known about a request binds: an unknown product is bound by a rule for any product.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from .model import (
    AccountType,
    ActorRole,
    AddressKind,
    Channel,
    Confidence,
    Dialing,
    Effect,
    Execution,
    Force,
    Instant,
    PartyRole,
    Purpose,
)

if TYPE_CHECKING:
    from .case import Case


class Verdict(NamedTuple):
    """
    One rule's opinion at one instant.

    `until` is the first instant at which this rule alone would say otherwise; a `defer` has one.
    `remaining` counts the places left under a cap. `figures` fill the rule's sentence; `counted` names
    the attempts and places that a cap counted (for the entry; clients never see them).
    """

    rule: str
    kind: str
    effect: Effect
    reason: str = ""
    until: Instant | None = None
    remaining: int | None = None
    figures: Mapping[str, Any] = {}
    counted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Whole numbers from `min` to `max`, both included; an absent end is open."""

    min: int | None = None
    max: int | None = None

    def holds(self, number: int) -> bool:
        return (self.min is None or number >= self.min) and (self.max is None or number <= self.max)


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """Whom a rule binds: an absent list means any; all that are given must match."""

    actor_role: tuple[ActorRole, ...] = ()
    channel: tuple[Channel, ...] = ()
    purpose: tuple[Purpose, ...] = ()
    party_role: tuple[PartyRole, ...] = ()
    address_kind: tuple[AddressKind, ...] = ()
    product: tuple[str, ...] = ()
    account_type: tuple[AccountType, ...] = ()
    dialing: tuple[Dialing, ...] = ()
    execution: tuple[Execution, ...] = ()
    jurisdiction: tuple[str, ...] = ()
    days_past_due: Range | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explain:
    """The sentence for people; `{name}` takes a figure of the verdict."""

    en: str
    zh: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What every rule carries. `zone` fixes the zone that the rule reads; None: all of the party's."""

    needs: ClassVar[str | None] = None
    """What a what-if must give for the rule to be asked: `text`, `address` or nothing."""
    lifts_others: ClassVar[bool] = False
    """True for `Lifting` rules; see there."""
    detects_offers: ClassVar[bool] = False
    """True for a kind whose `offers` recognises an offer in a text, which changes the purpose."""

    id: str
    kind: str
    when: When = field(default_factory=When)
    unless: When | None = None
    citation: str
    url: str | None = None
    force: Force
    confidence: Confidence
    effective_from: date | None = None
    effective_to: date | None = None
    zone: str | None = None
    explain: Explain

    def judge(self, case: "Case", at: Instant) -> Verdict:
        """Give this rule's opinion of the contact at `at`; must not look at anything but the case."""
        raise TypeError(f"{type(self).__name__} gives no opinion")

    @property
    def dated(self) -> bool:
        return self.effective_from is not None or self.effective_to is not None

    def offers(self, text: str) -> bool:
        """True if the text makes an offer, so that the contact is a solicitation as well."""
        return False

    def allow(self, remaining: int | None = None, counted: tuple[str, ...] = (), **figures: Any) -> Verdict:
        return Verdict(self.id, self.kind, Effect.allow, "", None, remaining, figures, counted)

    def advise(self, reason: str, **figures: Any) -> Verdict:
        return Verdict(self.id, self.kind, Effect.advise, reason, None, None, figures)

    def defer(
        self, reason: str, until: Instant, *, remaining: int | None = None, counted: tuple[str, ...] = (), **figures: Any
    ) -> Verdict:
        return Verdict(self.id, self.kind, Effect.defer, reason, until, remaining, figures, counted)

    def deny(self, reason: str, *, until: Instant | None = None, counted: tuple[str, ...] = (), **figures: Any) -> Verdict:
        return Verdict(self.id, self.kind, Effect.deny, reason, until, None, figures, counted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifting(Rule):
    """
    `exemption` and `reply_once`: while it holds, the rules it names allow.

    `lifts` holds full rule ids (`pack/name`). The unknown does not lift, and an error lifts nothing.
    """

    lifts_others: ClassVar[bool] = True

    lifts: tuple[str, ...]

    def lifts_at(self, case: "Case", at: Instant) -> bool:
        """True if the named rules are lifted for this contact at `at`."""
        raise TypeError(f"{type(self).__name__} lifts nothing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """
    One policy file. `jurisdictions` empty binds everywhere (only `house`); a floor cannot be loosened
    by the house; a draft pack is applied only where a what-if names it.
    """

    id: str
    title: Explain
    jurisdictions: tuple[str, ...]
    floor: bool = False
    draft: bool = False
    rules: tuple[Rule, ...]


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
    """All packs in force together, identified by the SHA-256 of their canonical form."""

    packs: tuple[Pack, ...]
    sha256: str
    label: str
    _selections: dict[Shape, Selection] = field(default_factory=dict, repr=False, compare=False)

    def rule(self, rule_id: str) -> Rule | None:
        """Find a rule by `pack/name`, to read its sentence and citation."""
        return self._by_id.get(rule_id)

    @cached_property
    def offer_rules(self) -> tuple[Rule, ...]:
        return tuple(rule for pack in self.packs for rule in pack.rules if rule.detects_offers)

    @cached_property
    def _by_id(self) -> dict[str, Rule]:
        return {rule.id: rule for pack in self.packs for rule in pack.rules}

    def names(self, jurisdiction: str) -> bool:
        """True if a pack other than the house's names this country or region."""
        wanted = lineage(jurisdiction)
        return any(code in wanted or jurisdiction in lineage(code) for pack in self.packs for code in pack.jurisdictions)

    def narrowed(self, pack_ids: Iterable[str]) -> "Book":
        """Only the named packs, for a what-if; the digest stays that of the whole book."""
        wanted = set(pack_ids)
        return Book(packs=tuple(p for p in self.packs if p.id in wanted), sha256=self.sha256, label=self.label)

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
