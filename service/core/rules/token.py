"""
Temporary consents: a consent that speaks for some days from its own day on, and not after it has been used up.

The day of the grant is the first day. What uses a consent up, a conversation as a rule, was itself made under
it; a contact of which nobody knows what became of it uses it up as well.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from service.core.case import Case
from service.core.civil import local_date, start_of
from service.core.facts import Consent, Contact
from service.core.model import ConsentKind, Instant, Outcome
from service.core.rule import Flawed

from .agreed import ends_at, speaks_for

LONGEST_DAYS = 366


@dataclass(frozen=True, kw_only=True)
class Token:
    """
    A consent of a kind, good for at most `days` consecutive calendar days and until one of the outcomes.

    `given_to_client`: it names this client or its role; one given to somebody else, or to nobody by name, is none.
    """

    consent: ConsentKind
    given_to_client: bool = False
    days: int | None = None
    ends_on: tuple[Outcome, ...] = (Outcome.conversation_right_party,)

    def __post_init__(self) -> None:
        if self.days is not None and not 1 <= self.days <= LONGEST_DAYS:
            raise Flawed([("days", f"must be from 1 to {LONGEST_DAYS}")])

    def standing(self, case: Case, at: Instant, zones: Sequence[str]) -> list["Grant"]:
        """
        The grants known at an instant, each with the instant at which it ended or will end.

        One to a channel names it; one that does not is none.
        """
        mine = (
            c
            for c in case.facts.consents
            if c.kind == self.consent
            and c.granted_at <= at
            and (c.channel or c.kind != ConsentKind.channel)
            and not (self.given_to_client and c.given_to is None)
        )
        return [Grant(consent, self._end(consent, case, at, zones)) for consent in mine]

    def _end(self, consent: Consent, case: Case, at: Instant, zones: Sequence[str]) -> Instant:
        ends = [ends_at(consent), *self._last_days(consent, zones)]
        if self.ends_on:
            used_up = (*self.ends_on, Outcome.unknown)
            made = (i for i in case.facts.history if consent.granted_at < i.at <= at and i.outcome in used_up)
            ends += [Instant(item.at + 1) for item in made if _with(item, consent)]
        return min(ends)

    def _last_days(self, consent: Consent, zones: Sequence[str]) -> Iterator[Instant]:
        if self.days is not None:
            for zone in zones:
                yield start_of(zone, local_date(zone, consent.granted_at) + timedelta(days=self.days))


@dataclass(frozen=True, slots=True)
class Grant:
    """One consent and the instant at which it ends, that instant out."""

    consent: Consent
    end: Instant

    def covers(self, item: Contact) -> bool:
        """True for a contact made under it; for a place that is only held nobody can say so yet."""
        made = item.outcome is not None and self.consent.granted_at <= item.at < self.end
        return made and speaks_for(self.consent, item)

    def covers_request(self, case: Case, at: Instant) -> bool:
        return at < self.end and speaks_for(self.consent, case.subject)


def _with(item: Contact, consent: Consent) -> bool:
    """True for a contact with whoever consented, by the medium consented to, whoever began it."""
    return item.party in (consent.party, None) and consent.channel in (item.channel, None)
