"""
Hours of contact of a law or of the house (`contact_window`).

Asks whether it is open throughout the hold in every zone that the rule reads, and otherwise defers to the
first instant at which it is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Literal

from service.core.calendars import Calendar
from service.core.case import Case
from service.core.model import DAY, ConsentKind, Instant
from service.core.opening import Holidays, Opening, Span, merge
from service.core.rule import Rule, Verdict

from .agreed import agreed_spans, consents_of
from .windows import HolidayHours, Hours, opening_verdict


@dataclass(frozen=True, kw_only=True)
class ContactWindow(Rule):
    """
    Open hours, or quiet hours between which it is open; one of the two is given, and `start` and `end` say
    whether these instants belong to the hours as they are written.

    On `holidays` their own hours hold instead. Where the rule `yields_to_consent`, the windows of a recorded
    contact-time consent open a zone too, from the grant on and until it expires or is withdrawn.
    `given_to_client`: if it names this client or its role.
    """

    tells: ClassVar[tuple[str, ...]] = ("holiday",)

    kind: Literal["contact_window"]
    quiet: tuple[Hours, ...] = ()
    open: tuple[Hours, ...] = ()
    start: Literal["exclusive", "inclusive"] = "inclusive"
    end: Literal["exclusive", "inclusive"] = "exclusive"
    holidays: HolidayHours | None = None
    yields_to_consent: bool = False
    given_to_client: bool = False
    reason: str = "quiet_hours"

    def flaws(self) -> Iterator[tuple[str, str]]:
        yield from super().flaws()
        if bool(self.quiet) == bool(self.open):
            yield "quiet", "a contact window has either quiet hours or open hours"
        if self.given_to_client and not self.yields_to_consent:
            yield "given_to_client", "says nothing where the rule yields to no consent"
        yield from self.holidays.flaws("holidays.") if self.holidays else ()

    @property
    def terms(self) -> dict[str, Any]:
        hours = self.quiet or self.open
        return {"hours": ", ".join(f"{h.from_}–{h.to}" for h in hours)}

    @property
    def calendars(self) -> Mapping[str, tuple[str, ...]]:
        return {self.holidays.calendar: self.holidays.classes} if self.holidays else {}

    @cached_property
    def _opening(self) -> Opening:
        return self._laid_out(None)

    @cached_property
    def _by_calendar(self) -> dict[Calendar, Opening]:
        """One, for a rule stands in one book; a draft that a what-if names may meet another's calendar."""
        return {}

    def _opening_by(self, holidays: HolidayHours, case: Case) -> Opening:
        calendar = case.calendars[holidays.calendar]
        found = self._by_calendar.get(calendar)
        if found is None:
            found = self._by_calendar[calendar] = self._laid_out(holidays.of(calendar))
        return found

    def _laid_out(self, holidays: Holidays | None) -> Opening:
        return Opening(
            (each.window for each in self.quiet or self.open),
            quiet=bool(self.quiet),
            inclusive=self.end == "inclusive",
            exclusive=self.start == "exclusive",
            holidays=holidays,
        )

    def judge(self, case: Case, at: Instant) -> Verdict:
        zones = case.zones_of(self)
        opening = self._opening if self.holidays is None else self._opening_by(self.holidays, case)
        last, day = at + case.hold, at // DAY
        for zone in zones:
            for start, end in opening.spans(zone, day):
                if start <= at and last < end:
                    break
            else:
                return self._later(opening, case, zones, at)
        return self.allowed

    def _later(self, opening: Opening, case: Case, zones: tuple[str, ...], at: Instant) -> Verdict:
        consents = consents_of(case.facts, ConsentKind.contact_time) if self.yields_to_consent else []
        if self.given_to_client:
            consents = [consent for consent in consents if consent.given_to is not None]

        def source(zone: str, day: int) -> Sequence[Span]:
            usual = opening.spans(zone, day)
            return merge((*usual, *agreed_spans(consents, zone, day))) if consents else usual

        return opening_verdict(self, self.reason, zones, source, case, at, opening.holidays)
