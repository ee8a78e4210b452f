"""
Consents that must stand before a contact: of the right kind, fresh enough, given to the right one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from service.core.case import Case
from service.core.facts import Consent
from service.core.model import DAY, Channel, ConsentKind, Instant, Outcome, Registry
from service.core.rule import Rule, Verdict

from .agreed import consents_of, in_force
from .registry import latest_answer
from .reply import TURNS_AWAY

LONGEST_DAYS = 3660


@dataclass(frozen=True, kw_only=True)
class ConsentRule(Rule):
    """
    The party agreed to this; a consent of kind `channel` must name the channel, or one of `channels`.

    `or_consents` will do as well. One older than `max_age_days` is in force only if what `renewed_by` names
    happened within them: a message from that address, or a check of `registry` that finds it unlisted.
    `given_to_client`: it names this client or its role. `address`: it names this address. `evidence`: it says
    where it is recorded, for a law that wants it proved or in writing.
    """

    kind: Literal["consent"]
    consent: ConsentKind
    or_consents: tuple[ConsentKind, ...] = ()
    channels: tuple[Channel, ...] = ()
    max_age_days: int | None = None
    renewed_by: tuple[Literal["inbound", "registry"], ...] = ()
    registry: Registry | None = None
    given_to_client: bool = False
    address: bool = False
    evidence: bool = False
    reason: str = "consent_missing"

    def flaws(self) -> Iterator[tuple[str, str]]:
        yield from super().flaws()
        if self.max_age_days is not None and not 1 <= self.max_age_days <= LONGEST_DAYS:
            yield "max_age_days", f"must be from 1 to {LONGEST_DAYS}"
        if self.renewed_by and self.max_age_days is None:
            yield "renewed_by", "says nothing where a consent does not age"
        if (self.registry is not None) != ("registry" in self.renewed_by):
            yield "registry", "is named where a check of it renews, and only there"
        if self.consent in self.or_consents:
            yield "or_consents", f"{self.consent} is asked for already"

    @cached_property
    def needs(self) -> str | None:
        return "address" if self.address or self.when.address_kind else None

    @property
    def terms(self) -> dict[str, Any]:
        return {"consent": " / ".join((self.consent, *self.or_consents)), "days": self.max_age_days}

    @property
    def lookback(self) -> int:
        return (self.max_age_days or 0) * DAY if "inbound" in self.renewed_by else 0

    def judge(self, case: Case, at: Instant) -> Verdict:
        for kind in (self.consent, *self.or_consents):
            for consent in consents_of(case.facts, kind, self.channels):
                if in_force(consent, at) and self._names(consent) and self._fresh(consent, case, at):
                    return self.allowed
        return self.deny(self.reason)

    def _names(self, consent: Consent) -> bool:
        """True if it names all that it must name; what it names was compared already."""
        return (
            not (consent.kind == ConsentKind.channel and consent.channel is None)
            and not (self.given_to_client and consent.given_to is None)
            and not (self.address and consent.address is None)
            and not (self.evidence and not consent.evidence)
        )

    def _fresh(self, consent: Consent, case: Case, at: Instant) -> bool:
        if self.max_age_days is None or at - consent.granted_at <= self.max_age_days * DAY:
            return True
        if self.registry is not None and latest_answer(case.facts, self.registry, at, self.max_age_days) is False:
            return True
        return "inbound" in self.renewed_by and _wrote(case, at, self.max_age_days)


def _wrote(case: Case, at: Instant, days: int) -> bool:
    """True if the party wrote from this address on this medium within so many days."""
    subject = case.subject
    return any(
        at - days * DAY <= item.at <= at
        and item.outcome == Outcome.replied
        and item.asks not in TURNS_AWAY
        and item.channel == subject.channel
        and item.address == subject.address
        and item.party in (subject.party, None)
        for item in case.inbound
        if subject.address is not None
    )
