"""
Exemptions: what a party allows for a while, by a temporary consent or by asking for a contact.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Literal

from service.core.case import Case
from service.core.model import DAY, ConsentKind, Instant, Outcome
from service.core.rule import Flawed, Lifting

from .enquiry import Enquiries
from .token import LONGEST_DAYS, Token


@dataclass(frozen=True, kw_only=True)
class ByRequest:
    """Within so many calendar days of a request, its own being the first (`enquiry`)."""

    within_days: int

    def __post_init__(self) -> None:
        if not 1 <= self.within_days <= LONGEST_DAYS:
            raise Flawed([("within_days", f"must be from 1 to {LONGEST_DAYS}")])


@dataclass(frozen=True, kw_only=True)
class Exemption(Lifting):
    """
    Lift the named rules while a consent of a kind stands, or for the one contact that the party asked for.

    A consent is good for `max_days` consecutive calendar days, the day of the grant being the first, and until a
    contact with one of the outcomes `ends_on`. `given_to_client`: it names this client or its role.
    """

    tells: ClassVar[tuple[str, ...]] = ()

    kind: Literal["exemption"]
    consent: ConsentKind | None = None
    given_to_client: bool = False
    max_days: int | None = None
    ends_on: tuple[Outcome, ...] = ()
    by_request: ByRequest | None = None

    def flaws(self) -> Iterator[tuple[str, str]]:
        yield from super().flaws()
        if (self.consent is None) == (self.by_request is None):
            yield "consent", "an exemption is by consent or by request: one of them"
        if self.max_days is not None and not 1 <= self.max_days <= LONGEST_DAYS:
            yield "max_days", f"must be from 1 to {LONGEST_DAYS}"
        if self.consent is None and (self.max_days is not None or self.ends_on):
            yield "max_days" if self.max_days is not None else "ends_on", "says nothing where no consent is named"
        if self.consent is None and self.given_to_client:
            yield "given_to_client", "says nothing where no consent is named"
        if self.ends_on and self.max_days is None:
            yield "max_days", "is missing: what ends a consent is looked for no longer than that"

    @property
    def terms(self) -> dict[str, Any]:
        return {"consent": self.consent, "days": self.by_request.within_days if self.by_request else self.max_days}

    @property
    def lookback(self) -> int:
        days = self.by_request.within_days if self.by_request else self.max_days if self.ends_on else None
        return (days + 1) * DAY if days is not None else 0

    @property
    def opened_by(self) -> tuple[ConsentKind, ...]:
        return (self.consent,) if self.consent else ()

    @cached_property
    def _token(self) -> Token | None:
        if self.consent is None:
            return None
        return Token(
            consent=self.consent, given_to_client=self.given_to_client, days=self.max_days, ends_on=self.ends_on
        )

    def lifts_at(self, case: Case, at: Instant) -> bool:
        zones = case.zones_of(self)
        if self._token is not None:
            return any(grant.covers_request(case, at) for grant in self._token.standing(case, at, zones))
        if self.by_request is None:
            return False
        return Enquiries(case, at, zones, self.by_request.within_days).waits
