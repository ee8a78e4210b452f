"""
What a cap leaves out: a few contacts of some sort, those that a temporary consent covers, and answers.

Which contacts these are is seen only afterwards, so a place that is held counts. The request itself is not
counted either where it will be one of them whatever becomes of it; a full cap does not stop it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from service.core.case import Case
from service.core.civil import local_date, start_of
from service.core.facts import Contact
from service.core.model import DAY, Channel, ConsentKind, Instant, Outcome, Purpose
from service.core.rule import Flawed

from .counting import Counting
from .crowding import free_from
from .enquiry import Enquiries, RepliesTo
from .reply import NEVER_ARRIVED
from .token import Token

LONGEST_DAYS = 366


@dataclass(frozen=True, kw_only=True)
class NotCounted:
    """
    The first `limit` contacts of a sort within `days` calendar days are not counted; one more is.

    A contact is one of the first if fewer than `limit` others of its sort lie in the days that end with its own.
    """

    limit: int
    days: int = 1
    outcomes: tuple[Outcome, ...] = ()
    channels: tuple[Channel, ...] = ()
    purposes: tuple[Purpose, ...] = ()

    def __post_init__(self) -> None:
        found = list(self._flaws())
        if found:
            raise Flawed(found)

    def _flaws(self) -> Iterator[tuple[str, str]]:
        if self.limit < 1:
            yield "limit", "must be at least 1"
        if not 1 <= self.days <= LONGEST_DAYS:
            yield "days", f"must be from 1 to {LONGEST_DAYS}"
        if not (self.outcomes or self.channels or self.purposes):
            yield "outcomes", "an exclusion names outcomes, channels or purposes"

    def fits(self, item: Contact) -> bool:
        """True for a contact of this sort, and for a held place that is of it whatever its outcome."""
        return (
            (not self.outcomes or item.outcome in self.outcomes)
            and (not self.channels or item.channel in self.channels)
            and (not self.purposes or item.purpose in self.purposes)
        )

    def fits_request(self, case: Case) -> bool:
        return (
            not self.outcomes
            and (not self.channels or case.subject.channel in self.channels)
            and (not self.purposes or all(purpose in self.purposes for purpose in case.purposes))
        )

    def first_of(self, items: Sequence[Contact], zones: Sequence[str]) -> set[Contact]:
        """Those of the items, oldest first, that are among the first in every zone."""
        fitting = [item for item in items if self.fits(item)]
        first = {item for item in fitting if item.outcome is not None}
        for zone in zones:
            days = [local_date(zone, item.at).toordinal() for item in fitting]
            late = (k for k in range(self.limit, len(days)) if days[k] - days[k - self.limit] < self.days)
            first.difference_update(fitting[k] for k in late)
        return first

    def room_from(self, items: Sequence[Contact], zones: Sequence[str], at: Instant) -> Instant:
        """The first instant from `at` on at which one more of this sort is among the first in every zone."""
        fitting = [item for item in items if self.fits(item)]
        settled = False
        while not settled:
            settled = True
            for zone in zones:
                today = local_date(zone, at).toordinal()
                days = [local_date(zone, item.at).toordinal() for item in fitting]
                free = free_from(days, today, self.limit, self.days)
                if free > today:
                    at, settled = start_of(zone, date.fromordinal(free)), False
        return at


@dataclass(frozen=True, kw_only=True)
class Uncounting(Counting):
    """
    A count with exclusions.

    `not_counted_with_consent`: contacts made under a temporary consent. `replies_not_counted`: the first contact
    after an enquiry of the party, on one of `replies_within_days` calendar days, that of the enquiry being the first;
    `replies_to` says what is an enquiry. Where `reply_outcomes` are named, only if one of them came of it, which is
    seen afterwards.
    """

    not_counted: tuple[NotCounted, ...] = ()
    not_counted_with_consent: Token | None = None
    replies_not_counted: bool = False
    replies_within_days: int = 1
    reply_outcomes: tuple[Outcome, ...] = ()
    replies_to: RepliesTo = "request"

    def flaws(self) -> Iterator[tuple[str, str]]:
        yield from super().flaws()
        for place, exclusion in enumerate(self.not_counted):
            for n, outcome in enumerate(exclusion.outcomes):
                if outcome not in self.counted_outcomes:
                    yield f"not_counted.{place}.outcomes.{n}", f"{outcome} is not counted in the first place"
        if self.not_counted_with_consent is not None and self.not_counted_with_consent.days is None:
            yield "not_counted_with_consent.days", "is missing"
        if not 1 <= self.replies_within_days <= LONGEST_DAYS:
            yield "replies_within_days", f"must be from 1 to {LONGEST_DAYS}"
        if self.reply_outcomes and not self.replies_not_counted:
            yield "reply_outcomes", "says nothing where replies are counted"
        if self.replies_to != "request" and not self.replies_not_counted:
            yield "replies_to", "says nothing where replies are counted"

    @property
    def opened_by(self) -> tuple[ConsentKind, ...]:
        return (self.not_counted_with_consent.consent,) if self.not_counted_with_consent else ()

    @property
    def terms(self) -> dict[str, Any]:
        return {**super().terms, "seconds": self.effective_seconds}

    @cached_property
    def further_back(self) -> int:
        """How far before its window, in microseconds, the rule reads history to know what is not counted."""
        token = self.not_counted_with_consent
        days = [exclusion.days for exclusion in self.not_counted]
        days += [token.days] if token is not None and token.days is not None else []
        days += [self.replies_within_days] if self.replies_not_counted else []
        return (max(days) + 1) * DAY if days else 0

    @cached_property
    def _plain(self) -> bool:
        return not (self.not_counted or self.not_counted_with_consent or self.replies_not_counted)

    def counted(self, case: Case, at: Instant, since: int) -> list[Contact]:
        if self._plain:
            return super().counted(case, at, since)
        items = super().counted(case, at, since - self.further_back)
        if not items:
            return items
        left_out = self._left_out(items, case, at, since)
        inside = [item for item in items if item.at >= since]
        # An item is long to hash, and most often none is left out.
        return [item for item in inside if item not in left_out] if left_out else inside

    def _left_out(self, items: Sequence[Contact], case: Case, at: Instant, since: int) -> set[Contact]:
        zones = case.zones_of(self)
        left_out: set[Contact] = set()
        for exclusion in self.not_counted:
            left_out |= exclusion.first_of(items, zones)
        if self.not_counted_with_consent is not None:
            grants = self.not_counted_with_consent.standing(case, at, zones)
            left_out.update(item for grant in grants for item in items if grant.covers(item))
        if self.replies_not_counted:
            answers = Enquiries(case, at, zones, self.replies_within_days, since=since, to=self.replies_to).answers
            left_out.update(i for i in answers if not self.reply_outcomes or i.outcome in self.reply_outcomes)
        return left_out

    @cached_property
    def _counts_what_never_arrived(self) -> bool:
        """Then an answer that fails is none, and would count after all."""
        return not NEVER_ARRIVED.isdisjoint(self._outcomes)

    def uncounted_from(self, case: Case, at: Instant) -> Instant | None:
        """The first instant from `at` on at which the request itself is not counted; None: it always is."""
        if self._plain:
            return None
        zones = case.zones_of(self)
        token = self.not_counted_with_consent
        if token is not None and any(g.covers_request(case, at) for g in token.standing(case, at, zones)):
            return at
        if (
            self.replies_not_counted
            and not self.reply_outcomes
            and not self._counts_what_never_arrived
            and Enquiries(case, at, zones, self.replies_within_days, to=self.replies_to).waits
        ):
            return at
        fitting = [exclusion for exclusion in self.not_counted if exclusion.fits_request(case)]
        items = super().counted(case, at, at - self.further_back) if fitting else []
        return min((exclusion.room_from(items, zones, at) for exclusion in fitting), default=None)
