"""
Hours of contact: a law's or the house's (`contact_window`), and the party's own (`preference`).

Both ask whether it is open throughout the hold in every zone that the rule reads, and otherwise
defer to the first instant at which it is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from service.core.case import Case
from service.core.civil import WindowError, parse_window
from service.core.facts import Window
from service.core.model import DAY, ConsentKind, Instant, PreferenceKind
from service.core.opening import Opening, Span, common, first_open, merge
from service.core.rule import HORIZON, Flawed, Rule, Verdict

from .agreed import agreed_spans, consents_of


@dataclass(frozen=True, kw_only=True)
class Hours:
    """A weekly window as a policy file writes it: `{days: mon-fri, from: "08:00", to: "21:00"}`."""

    days: str = "mon-sun"
    from_: str
    to: str

    def __post_init__(self) -> None:
        try:
            parse_window(self.days, self.from_, self.to)
        except WindowError as error:
            raise Flawed([(error.field, str(error))]) from None

    @cached_property
    def window(self) -> Window:
        return parse_window(self.days, self.from_, self.to)


@dataclass(frozen=True, kw_only=True)
class ContactWindow(Rule):
    """
    Open hours, or quiet hours between which it is open; one of the two is given.

    Where the rule `yields_to_consent`, the windows of a recorded contact-time consent open a zone too,
    from the grant on and until it expires or is withdrawn.
    """

    kind: Literal["contact_window"]
    quiet: tuple[Hours, ...] = ()
    open: tuple[Hours, ...] = ()
    end: Literal["exclusive", "inclusive"] = "exclusive"
    yields_to_consent: bool = False
    reason: str = "quiet_hours"

    def flaws(self) -> Iterator[tuple[str, str]]:
        yield from super().flaws()
        if bool(self.quiet) == bool(self.open):
            yield "quiet", "a contact window has either quiet hours or open hours"

    @property
    def terms(self) -> dict[str, Any]:
        hours = self.quiet or self.open
        return {"hours": ", ".join(f"{h.from_}–{h.to}" for h in hours)}

    @cached_property
    def _opening(self) -> Opening:
        hours = self.quiet or self.open
        return Opening((h.window for h in hours), quiet=bool(self.quiet), inclusive=self.end == "inclusive")

    def judge(self, case: Case, at: Instant) -> Verdict:
        zones = case.zones_of(self)
        opening = self._opening
        last, day = at + case.hold, at // DAY
        for zone in zones:
            for start, end in opening.spans(zone, day):
                if start <= at and last < end:
                    break
            else:
                return self._later(case, zones, at)
        return self.allowed

    def _later(self, case: Case, zones: tuple[str, ...], at: Instant) -> Verdict:
        consents = consents_of(case.facts, ConsentKind.contact_time) if self.yields_to_consent else []

        def source(zone: str, day: int) -> Sequence[Span]:
            usual = self._opening.spans(zone, day)
            return merge((*usual, *agreed_spans(consents, zone, day))) if consents else usual

        return opening_verdict(self, self.reason, zones, source, case, at)


@dataclass(frozen=True, kw_only=True)
class PreferenceRule(Rule):
    """
    The party's own windows: never within those `prohibited`, and where some are `only`, within those alone.
    """

    kind: Literal["preference"]
    reason: str = "preference"

    def judge(self, case: Case, at: Instant) -> Verdict:
        if not case.facts.preferences:
            return self.allowed
        subject = case.subject
        mine = [
            p
            for p in case.facts.preferences
            if p.party == subject.party and (p.channel is None or p.channel == subject.channel)
        ]
        only = tuple(p.window for p in mine if p.kind == PreferenceKind.only)
        never = tuple(p.window for p in mine if p.kind == PreferenceKind.prohibited)
        if not mine:
            return self.allowed
        forbidden = Opening(never, quiet=True)
        wished = Opening(only, quiet=False) if only else None

        def source(zone: str, day: int) -> Sequence[Span]:
            free = forbidden.spans(zone, day)
            return common(free, wished.spans(zone, day)) if wished else free

        return opening_verdict(self, self.reason, case.zones_of(self), source, case, at)


def opening_verdict(rule: Rule, reason: str, zones: tuple[str, ...], source: Any, case: Case, at: Instant) -> Verdict:
    """Allow now, defer to the first common opening, or deny where the horizon has none."""
    found = first_open(zones, source, at, case.hold, HORIZON)
    if found is None:
        return rule.deny("no_common_window")
    return rule.allowed if found == at else rule.defer(reason, found)
