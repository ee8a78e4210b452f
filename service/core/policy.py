"""
Policy as typed values: the pack a rule stands in, and the book of all active packs.

What is not known about a request binds: an unknown product is bound by a rule for any product.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from .calendars import Calendar
from .jurisdictions import is_jurisdiction
from .model import (
    AccountType,
    ActorRole,
    AddressKind,
    Channel,
    Confidence,
    Dialing,
    Execution,
    Force,
    Instant,
    PartyRole,
    Purpose,
)
from .rule import ALWAYS, ID_FORM, Explain, Flawed, Lifting, Range, Rule, Verdict, When

__all__ = [
    "HOUSE",
    "Book",
    "Explain",
    "Flawed",
    "Lifting",
    "NotApplied",
    "Pack",
    "Range",
    "Reach",
    "Rule",
    "Selection",
    "Shape",
    "Verdict",
    "When",
    "lineage",
]

HOUSE = "house"
"""What the bank itself promises; the one pack that binds everywhere."""


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
            if not is_jurisdiction(code):
                yield f"jurisdictions.{place}", "must be a country or region that there is, such as CN, US or US-MA"
        for place, rule in enumerate(self.rules):
            if rule.confidence is Confidence.unconfirmed and rule.force is not Force.house and not self.draft:
                yield f"rules.{place}.confidence", "what is not confirmed stands in a draft, or is the house's own"


class NotApplied(NamedTuple):
    rule: str
    because: str


class Selection(NamedTuple):
    """
    The rules of a book that bind one shape of request, and why the others do not.

    `calm` remembers, by zones, a stretch of time in which all of the rules are in force; `able` the part
    of the selection that can be asked without a text or without an address.
    """

    rules: tuple[Rule, ...]
    lifting: tuple[Lifting, ...]
    not_applied: tuple[NotApplied, ...]
    calm: dict[tuple[tuple[str, ...], tuple[str, ...]], tuple[Instant, Instant]]
    able: dict[frozenset[str], "Selection"]

    def without(self, lacking: frozenset[str]) -> "Selection":
        """What is left where the request has no `text` or no `address`; the rules that need it are not applied."""
        found = self.able.get(lacking)
        if found is None:
            unasked = tuple(NotApplied(rule.id, f"no_{rule.needs}") for rule in self.rules if rule.needs in lacking)
            rules = tuple(rule for rule in self.rules if rule.needs not in lacking)
            found = self.able[lacking] = Selection(rules, self.lifting, self.not_applied + unasked, {}, {})
        return found

    def all_in_force(self, zones: tuple[str, ...], further: tuple[str, ...], at: Instant) -> bool:
        """True if no date need be looked at: every rule is in force in every zone that it reads."""
        start, end = self.calm.get((zones, further)) or self._calm_in(zones, further)
        return start <= at < end

    def _calm_in(self, zones: tuple[str, ...], further: tuple[str, ...]) -> tuple[Instant, Instant]:
        rules = (*self.rules, *self.lifting)
        terms = [rule.term(zone) for rule in rules for zone in rule.zones_among(zones, further)]
        start, end = max((t[0] for t in terms), default=ALWAYS[0]), min((t[1] for t in terms), default=ALWAYS[1])
        if len(self.calm) >= ZONES_MAX:
            self.calm.clear()
        self.calm[zones, further] = (start, end)
        return start, end


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


class Reach(NamedTuple):
    """How far back, in microseconds, the longest window reads history, and the rules that no window is enough for."""

    lookback: int
    endless: tuple[Rule, ...]


SHAPES_MAX = 4096
"""Selections kept per book; a book meets a few dozen shapes a day."""

ZONES_MAX = 256
"""Sets of zones remembered per selection; a lender's customers live in a few."""


@dataclass(frozen=True, kw_only=True)
class Book:
    """
    All packs in force together and the calendars that their rules read, identified by the SHA-256 of their
    canonical form.

    `partial`: only some packs of it, named by a what-if, which then answers for them alone.
    """

    packs: tuple[Pack, ...]
    calendars: tuple[Calendar, ...] = ()
    sha256: str
    label: str
    partial: bool = False
    _selections: dict[Shape, Selection] = field(default_factory=dict, repr=False, compare=False)
    _reaches: dict[tuple[str, ...], Reach] = field(default_factory=dict, repr=False, compare=False)

    def rule(self, rule_id: str) -> Rule | None:
        """Find a rule by `pack/name`, to read its sentence and citation."""
        return self._by_id.get(rule_id)

    @cached_property
    def calendar(self) -> dict[str, Calendar]:
        """The calendars by id."""
        return {calendar.id: calendar for calendar in self.calendars}

    @cached_property
    def reads_every_zone(self) -> bool:
        """True if a rule minds the zones of all sources, so that the number matters even where zones are stored."""
        return any(rule.zones == "all" for pack in self.packs for rule in pack.rules)

    @cached_property
    def offer_rules(self) -> tuple[Rule, ...]:
        return tuple(rule for pack in self.packs for rule in pack.rules if rule.detects_offers)

    @cached_property
    def _days_edges(self) -> tuple[int, ...]:
        """The days past due from which on some selector answers otherwise than the day before."""
        whens = (when for pack in self.packs for rule in pack.rules for when in (rule.when, rule.unless))
        ranges = [when.days_past_due for when in whens if when is not None and when.days_past_due is not None]
        edges = {r.min for r in ranges} | {r.max + 1 for r in ranges if r.max is not None}
        return tuple(sorted(edge for edge in edges if edge is not None))

    def days_alike(self, days: int | None) -> int | None:
        """
        One number of days past due for all that the selectors of this book cannot tell apart.

        A debt grows older every day; its shape changes only where a rule begins or ends to bind it.
        """
        edges = self._days_edges
        if days is None:
            return None
        if not edges:
            return 0
        return edges[max(bisect_right(edges, days) - 1, 0)] - (days < edges[0])

    def reach(self, jurisdictions: tuple[str, ...]) -> Reach:
        """How much history the rules for these places read; remembered, for places recur."""
        found = self._reaches.get(jurisdictions)
        if found is None:
            if len(self._reaches) >= SHAPES_MAX:
                self._reaches.clear()
            found = self._reaches[jurisdictions] = _reach(self.packs, jurisdictions)
        return found

    @cached_property
    def _named(self) -> frozenset[str]:
        """Every code under which a pack of some law speaks: its own, and the countries of its regions."""
        return frozenset(code for pack in self.packs for named in pack.jurisdictions for code in lineage(named))

    @cached_property
    def _own(self) -> frozenset[str]:
        return frozenset(code for pack in self.packs for code in pack.jurisdictions)

    @cached_property
    def _by_id(self) -> dict[str, Rule]:
        return {rule.id: rule for pack in self.packs for rule in pack.rules}

    def names(self, jurisdiction: str) -> bool:
        """True if a pack other than the house's names this country or region."""
        return jurisdiction in self._named or not self._own.isdisjoint(lineage(jurisdiction))

    def narrowed(self, pack_ids: Iterable[str]) -> "Book":
        """Only the named packs, for a what-if; the digest stays that of the whole book."""
        wanted = set(pack_ids)
        packs = tuple(pack for pack in self.packs if pack.id in wanted)
        return Book(packs=packs, calendars=self.calendars, sha256=self.sha256, label=self.label, partial=True)

    def select(self, shape: Shape) -> Selection:
        """Say which rules bind a request of this shape; remembered, for shapes recur."""
        found = self._selections.get(shape)
        if found is None:
            if len(self._selections) >= SHAPES_MAX:
                self._selections.clear()
            found = self._selections[shape] = _selection(self.packs, shape)
        return found


_LAW_OF_ITS_OWN = {"CN-HK": "HK", "CN-MO": "MO", "CN-TW": "TW"}
"""Listed by ISO 3166-2 under a country whose collection law does not reach there."""


def lineage(code: str) -> tuple[str, ...]:
    """A region and the country whose law it lies under: `US-MA` is also `US`, `CN-HK` is `HK`."""
    country, dash, _ = code.partition("-")
    return (code, _LAW_OF_ITS_OWN.get(code, country)) if dash else (code,)


def _reach(packs: tuple[Pack, ...], jurisdictions: tuple[str, ...]) -> Reach:
    here = {code for given in jurisdictions for code in lineage(given)}
    bind = (pack for pack in packs if not pack.jurisdictions or not here.isdisjoint(pack.jurisdictions))
    rules = [rule for pack in bind for rule in pack.rules]
    return Reach(max((rule.lookback for rule in rules), default=0), tuple(rule for rule in rules if rule.endless))


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
    return Selection(tuple(rules), tuple(lifting), tuple(not_applied), {}, {})


def _mismatch(rule: Rule, shape: Shape, here: set[str]) -> str | None:
    """
    Name the first selector that keeps the rule from binding; None: it binds.

    A text that makes an offer has two purposes: a rule for either binds, and an exception for one of them
    excepts nothing. A lifting rule is read the other way round, and so is what is not known.
    """
    binding = not rule.lifts_others
    because = _unmatched(rule.when, shape, here, generous=binding)
    if (
        because is None
        and rule.unless is not None
        and _unmatched(rule.unless, shape, here, generous=not binding) is None
    ):
        return "unless"
    return because


_SINGLE = ("actor_role", "channel", "party_role", "address_kind", "product", "account_type", "dialing", "execution")


def _unmatched(when: When, shape: Shape, here: set[str], *, generous: bool) -> str | None:
    """The first selector that does not match; generously, the unknown matches and one purpose is enough."""
    for name in _SINGLE:
        wanted = getattr(when, name)
        value = getattr(shape, name)
        if wanted and value not in wanted and not (value is None and generous):
            return name
    if when.purpose and not (any if generous else all)(purpose in when.purpose for purpose in shape.purposes):
        return "purpose"
    if when.jurisdiction and here.isdisjoint(when.jurisdiction):
        return "jurisdiction"
    if when.days_past_due is not None:
        known = shape.days_past_due
        if not generous if known is None else not when.days_past_due.holds(known):
            return "days_past_due"
    return None
