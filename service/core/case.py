"""
A case: one set of facts laid out for the rules, so that thirty rules do not each sort it anew.

Everything here is derived from the facts and forgotten after the decision.
"""

from collections.abc import Mapping
from operator import itemgetter

from .calendars import Calendar
from .civil import day_bounds
from .facts import Contact, Facts, Subject
from .model import Channel, Direction, Instant, Outcome, Purpose
from .rule import Rule
from .wording import Wording

_OUTBOUND = Direction.outbound
_OUTBOUND_ALONE = (Direction.outbound,)
_WRONG = Outcome.wrong_number
_AT = itemgetter(Contact._fields.index("at"))
_NONE: Mapping[str, Calendar] = {}


class Case:
    """
    What rules are handed.

    `hold` is how long the answer must stay true, in microseconds: zero at accept, the send time-out
    plus a margin at the wire; windows must be open throughout it. `purposes` is the request's own and,
    where its text makes an offer, `solicitation` too. `calendars` are the book's, by id.
    """

    __slots__ = (
        "_contacts",
        "_days",
        "_history",
        "_inbound",
        "_wording",
        "_wrong",
        "calendars",
        "facts",
        "further_zones",
        "hold",
        "purposes",
        "subject",
        "zones",
    )

    def __init__(self, facts: Facts, hold: int = 0, calendars: Mapping[str, Calendar] = _NONE) -> None:
        self.facts = facts
        self.subject: Subject = facts.subject
        self.hold = hold
        self.zones = facts.zones
        self.further_zones = facts.further_zones
        self.calendars = calendars
        self.purposes: tuple[Purpose, ...] = (facts.subject.purpose,)
        self._contacts: dict[tuple[tuple[Channel, ...], tuple[Direction, ...]], list[Contact]] = {}
        self._days: dict[tuple[tuple[str, ...], Instant], Instant] = {}
        self._history: list[Contact] | None = None
        self._inbound: list[Contact] | None = None
        self._wrong: list[Contact] | None = None
        self._wording: Wording | None = None

    def contacts(self, channels: tuple[Channel, ...], directions: tuple[Direction, ...]) -> list[Contact]:
        """Contacts and held places on some channels (none named: on any), oldest first, of every party."""
        found = self._contacts.get((channels, directions))
        if found is None:
            if channels:
                found = [i for i in self.contacts((), directions) if i.channel in channels]
            else:
                if self._history is None:
                    self._history = sorted(self.facts.history, key=_AT)
                found = [i for i in self._history if i.direction in directions]
            self._contacts[channels, directions] = found
        return found

    def outbound(self, channels: tuple[Channel, ...] = ()) -> list[Contact]:
        """What went out or is planned to."""
        return self.contacts(channels, _OUTBOUND_ALONE)

    @property
    def inbound(self) -> list[Contact]:
        """What came in, on any channel, oldest first."""
        if self._inbound is None:
            self._inbound = [i for i in self.facts.history if i.direction != _OUTBOUND]
        return self._inbound

    @property
    def wrong_numbers(self) -> list[Contact]:
        """The contacts that reached somebody else: their address is not their party's."""
        if self._wrong is None:
            self._wrong = [i for i in self.facts.history if i.outcome == _WRONG]
        return self._wrong

    @property
    def wording(self) -> Wording:
        """The text in the forms that content rules read; asked only where there is a text."""
        if self._wording is None:
            self._wording = Wording(self.subject.text or "")
        return self._wording

    def day_begins(self, zones: tuple[str, ...], at: Instant) -> Instant:
        """When the local day around an instant began, where it began earliest; asked by cap after cap."""
        found = self._days.get((zones, at))
        if found is None:
            found = self._days[zones, at] = min((day_bounds(zone, at)[0] for zone in zones), default=at)
        return found

    def zones_of(self, rule: Rule) -> tuple[str, ...]:
        """The zones a rule reads; see `Rule`."""
        return self.zones if rule.reads_first_zones else rule.zones_among(self.zones, self.further_zones)
