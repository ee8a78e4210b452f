"""
One rule as a typed value: whom it binds, what it asks, where it comes from, and its opinion.

A kind of rule is one frozen dataclass in `core.rules` that extends `Rule` and answers `judge`. There
is no expression language: a rule says by `when` whom it binds and by its parameters what it asks.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from string import Formatter
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

from .civil import is_zone, start_of
from .jurisdictions import is_jurisdiction
from .model import (
    DAY,
    AccountType,
    ActorRole,
    AddressKind,
    Channel,
    Confidence,
    ConsentKind,
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
    from .facts import Contact, Subject

HORIZON = 35 * DAY
"""How far ahead a common instant is sought; longer than any calendar month and any cap that ships."""

ALWAYS = (Instant(-(2**62)), Instant(2**62))

# Python looks a member of an enumeration up anew each time, at a dozen times the cost of a name of this module.
_ALLOW, _ADVISE, _DEFER, _DENY = Effect

Counted = tuple[str, ...]
ID_FORM = re.compile(r"(?:[a-z0-9]+(?:-[a-z0-9]+)*/)?[a-z0-9]+(?:-[a-z0-9]+)*")
URL_FORM = re.compile(r"https?://[^\s/]+\.[^\s]+")
REASON_FORM = re.compile(r"[a-z]+(?:_[a-z]+)*")


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
    """The sentence for people; `{name}` takes a term of the rule or a figure of the verdict."""

    en: str
    zh: str


class Flawed(ValueError):
    """What is wrong with a rule or pack beyond the shape of its fields: (dotted path, complaint) pairs."""

    def __init__(self, flaws: Iterable[tuple[str, str]]) -> None:
        self.flaws = tuple(flaws)
        super().__init__("; ".join(f"{path}: {complaint}" for path, complaint in self.flaws))


@dataclass(frozen=True, kw_only=True)
class Rule:
    """
    What every rule carries.

    `zone` fixes the zone that the rule reads. Otherwise it reads all zones of the `first` source that names any
    (request and party; the number; the jurisdictions), or those of `all` sources; and `also_zone` with them.
    """

    lifts_others: ClassVar[bool] = False
    """True for `Lifting` rules; see there."""
    detects_offers: ClassVar[bool] = False
    """True for a kind whose `offers` recognises an offer in a text, which changes the purpose."""
    tells: ClassVar[tuple[str, ...]] = ()
    """The figures that verdicts of this kind carry, for the sentence."""

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
    zones: Literal["all", "first"] = "first"
    also_zone: str | None = None
    explain: Explain

    def __post_init__(self) -> None:
        found = tuple(self.flaws())
        if found:
            raise Flawed(found)

    def judge(self, case: "Case", at: Instant) -> Verdict:
        """Give this rule's opinion of the contact at `at`; must not look at anything but the case."""
        raise TypeError(f"{type(self).__name__} gives no opinion")

    def offers(self, case: "Case") -> bool:
        """True if the text makes an offer, so that the contact is a solicitation as well."""
        return False

    def flaws(self) -> Iterator[tuple[str, str]]:
        """What no field's type can say; all of it, so that an author mends a file once."""
        if not ID_FORM.fullmatch(self.id):
            yield "id", "must be lower-case words joined by hyphens"
        if not REASON_FORM.fullmatch(getattr(self, "reason", "none")):
            yield "reason", "must be lower-case words joined by underscores"
        if self.effective_from and self.effective_to and self.effective_from > self.effective_to:
            yield "effective_to", "ends before it begins"
        if self.zone is not None and not is_zone(self.zone):
            yield "zone", f"unknown zone {self.zone}"
        if self.also_zone is not None and not is_zone(self.also_zone):
            yield "also_zone", f"unknown zone {self.also_zone}"
        if self.zone is not None and (self.also_zone is not None or self.zones != "first"):
            yield "zone", "a rule with a zone of its own reads no other"
        if not self.citation.strip():
            yield "citation", "is empty"
        if self.url is not None and not URL_FORM.fullmatch(self.url):
            yield "url", "must be an address on the web that begins with https:// or http://"
        yield from _flaws_of("when", self.when)
        if self.unless is not None:
            yield from _flaws_of("unless", self.unless)
            if self.unless == self.when:
                yield "unless", "excepts all that the rule binds"
        known = {*self.terms, *self.tells}
        for language, sentence in (("en", self.explain.en), ("zh", self.explain.zh)):
            yield from ((f"explain.{language}", flaw) for flaw in _sentence_flaws(sentence, known))

    def objections(self) -> Iterator[tuple[str, str]]:
        """What a file is refused for, though a book that was activated with it is still read, and judged again by."""
        if self.url is None and self.force is not Force.house:
            yield "url", "is missing: law says where it can be read"

    @cached_property
    def needs(self) -> str | None:
        """What a what-if must give for the rule to be asked: `text`, `address` or nothing."""
        return "address" if self.when.address_kind else None

    @property
    def lookback(self) -> int:
        """How far back, in microseconds, the rule reads history."""
        return 0

    @property
    def endless(self) -> bool:
        """True if no window is long enough for it: it reads those older contacts that it `keeps`."""
        return False

    def keeps(self, item: "Contact", subject: "Subject") -> bool:
        """True for a contact older than its window that the rule reads all the same; only asked if `endless`."""
        return False

    @property
    def opened_by(self) -> tuple[ConsentKind, ...]:
        """The kinds of consent whose grant can end a wait earlier than the rule's own verdict says."""
        return ()

    @property
    def terms(self) -> Mapping[str, Any]:
        """The parameters that the sentence may name."""
        return {}

    @property
    def calendars(self) -> Mapping[str, tuple[str, ...]]:
        """The ids of the calendars that the rule reads, and the classes of days in each; none named: all."""
        return {}

    def in_force(self, zones: tuple[str, ...], at: Instant) -> bool:
        """By date, both days included, in the zones that it reads: any of them binds, a lifting rule needs all."""
        held = [start <= at < end for start, end in map(self.term, zones)]
        return all(held) if self.lifts_others else any(held)

    @cached_property
    def reads_first_zones(self) -> bool:
        """True if it reads the zones of the first source that names any, and no other."""
        return self.zone is None and self.zones == "first" and self.also_zone is None

    def zones_among(self, zones: tuple[str, ...], further: tuple[str, ...] = ()) -> tuple[str, ...]:
        """The zones that the rule reads, of those of the first source and those that only further sources name."""
        if self.zone:
            return (self.zone,)
        if self.zones == "all":
            zones += further
        return zones if self.also_zone is None or self.also_zone in zones else (*zones, self.also_zone)

    def term(self, zone: str) -> tuple[Instant, Instant]:
        """From when until when it is in force by the dates of a zone."""
        start = start_of(zone, self.effective_from) if self.effective_from else ALWAYS[0]
        end = start_of(zone, self.effective_to + timedelta(days=1)) if self.effective_to else ALWAYS[1]
        return start, end

    @cached_property
    def allowed(self) -> Verdict:
        """The one verdict of most answers, made once."""
        return Verdict(self.id, self.kind, _ALLOW)

    def allow(self, remaining: int | None = None, counted: Counted = (), **figures: Any) -> Verdict:
        return Verdict(self.id, self.kind, _ALLOW, "", None, remaining, figures, counted)

    def advise(self, reason: str, *, remaining: int | None = None, counted: Counted = (), **figures: Any) -> Verdict:
        return Verdict(self.id, self.kind, _ADVISE, reason, None, remaining, figures, counted)

    def defer(
        self, reason: str, until: Instant, *, remaining: int | None = None, counted: Counted = (), **figures: Any
    ) -> Verdict:
        return Verdict(self.id, self.kind, _DEFER, reason, until, remaining, figures, counted)

    def deny(self, reason: str, *, until: Instant | None = None, counted: Counted = (), **figures: Any) -> Verdict:
        return Verdict(self.id, self.kind, _DENY, reason, until, None, figures, counted)


@dataclass(frozen=True, kw_only=True)
class Lifting(Rule):
    """
    `reply_once` and its kin: while it holds, the rules it names allow.

    `lifts` holds full rule ids (`pack/name`). The unknown does not lift, and an error lifts nothing.
    """

    lifts_others: ClassVar[bool] = True

    lifts: tuple[str, ...]

    def lifts_at(self, case: "Case", at: Instant) -> bool:
        """True if the named rules are lifted for this contact at `at`."""
        raise TypeError(f"{type(self).__name__} lifts nothing")

    def met_at(self, case: "Case", at: Instant) -> Instant | None:
        """The instant at which a rule stood in the way as well, or is not lifted; None: it is lifted all the same."""
        return None


def _flaws_of(name: str, when: When) -> Iterator[tuple[str, str]]:
    """What makes a selector bind nobody."""
    for place, code in enumerate(when.jurisdiction):
        if not is_jurisdiction(code):
            yield f"{name}.jurisdiction.{place}", f"there is no jurisdiction {code}"
    days = when.days_past_due
    if days is not None and days.min is not None and days.max is not None and days.min > days.max:
        yield f"{name}.days_past_due", "ends before it begins"


def _sentence_flaws(sentence: str, known: set[str]) -> Iterator[str]:
    if not sentence.strip():
        yield "is empty"
    try:
        figures = [figure for _, *figure in Formatter().parse(sentence) if figure[0] is not None]
    except ValueError:
        yield "has a brace without its mate"
        return
    for name, form, conversion in figures:
        if form or conversion:
            yield f"says how the figure {{{name}}} is written, which is not for a sentence to say"
        if name not in known:
            yield f"names the figure {{{name}}}, but this rule has only: {', '.join(sorted(known)) or 'none'}"
