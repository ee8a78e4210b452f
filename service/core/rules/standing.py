"""
What must stand before a contact: consents, notices, the origin of an address, its kind, a recording.

Each denies where what it asks for is missing, and where it is not known.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from service.core.case import Case
from service.core.model import AddressKind, Channel, ConsentKind, Instant, NoticeKind, Provenance
from service.core.rule import Range, Rule, Verdict

from .agreed import consents_of, in_force


@dataclass(frozen=True, kw_only=True)
class ConsentRule(Rule):
    """The party agreed to this; a consent of kind `channel` must name the channel."""

    kind: Literal["consent"]
    consent: ConsentKind
    reason: str = "consent_missing"

    @property
    def terms(self) -> dict[str, Any]:
        return {"consent": self.consent}

    def judge(self, case: Case, at: Instant) -> Verdict:
        named = self.consent == ConsentKind.channel
        for consent in consents_of(case.facts, self.consent):
            if in_force(consent, at) and not (named and consent.channel is None):
                return self.allowed
        return self.deny(self.reason)


@dataclass(frozen=True, kw_only=True)
class Prerequisite(Rule):
    """A notice about the account was sent before."""

    kind: Literal["prerequisite"]
    notice: NoticeKind
    reason: str = "notice_missing"

    @property
    def terms(self) -> dict[str, Any]:
        return {"notice": self.notice}

    def judge(self, case: Case, at: Instant) -> Verdict:
        account = case.subject.account
        if account is not None:
            for notice in case.facts.notices:
                if notice.kind == self.notice and notice.account == account and notice.sent_at <= at:
                    return self.allowed
        return self.deny(self.reason)


@dataclass(frozen=True, kw_only=True)
class ProvenanceRule(Rule):
    """The address has a lawful origin, and the origin is known."""

    needs = "address"

    kind: Literal["provenance"]
    allowed_origins: tuple[Provenance, ...]
    reason: str = "provenance"

    def flaws(self) -> Iterator[tuple[str, str]]:
        yield from super().flaws()
        if not self.allowed_origins:
            yield "allowed_origins", "is empty"

    def judge(self, case: Case, at: Instant) -> Verdict:
        return self.allowed if case.subject.provenance in self.allowed_origins else self.deny(self.reason)


@dataclass(frozen=True, kw_only=True)
class ChannelRule(Rule):
    """The channel is used to addresses of these kinds alone; none named: not at all."""

    kind: Literal["channel"]
    address_kinds: tuple[AddressKind, ...] = ()
    reason: str = "channel"

    def judge(self, case: Case, at: Instant) -> Verdict:
        subject = case.subject
        if self.address_kinds and (subject.address_kind in self.address_kinds or _not_given(case)):
            return self.allowed
        return self.deny(self.reason)


def _not_given(case: Case) -> bool:
    """A what-if without an address asks about none; an address whose kind is unknown is not one."""
    return case.subject.address is None and case.subject.address_kind is None


@dataclass(frozen=True, kw_only=True)
class Recording(Rule):
    """The contact will be recorded: a call as the route or the client says, a visit as its plan says."""

    kind: Literal["recording"]
    reason: str = "recording_unavailable"

    def judge(self, case: Case, at: Instant) -> Verdict:
        subject = case.subject
        if subject.channel == Channel.visit:
            recorded = subject.visit is not None and subject.visit.av_recording is True
        else:
            recorded = subject.recording_available is True
        return self.allowed if recorded else self.deny(self.reason)


@dataclass(frozen=True, kw_only=True)
class VisitPlanRule(Rule):
    """A visit has a plan: how many go, that they show who they are, and, where asked, that it is recorded."""

    tells = ("missing",)

    kind: Literal["visit_plan"]
    party_min: int = 1
    party_max: int | None = None
    ids_shown: bool = False
    av_recording: bool = False
    reason: str = "visit_plan_invalid"

    def flaws(self) -> Iterator[tuple[str, str]]:
        yield from super().flaws()
        if self.party_min < 1:
            yield "party_min", "must be at least 1"
        if self.party_max is not None and self.party_max < self.party_min:
            yield "party_max", "is less than party_min"

    @property
    def terms(self) -> dict[str, Any]:
        return {"min": self.party_min, "max": self.party_max}

    def judge(self, case: Case, at: Instant) -> Verdict:
        plan = case.subject.visit
        missing = []
        if (
            plan is None
            or plan.party_size is None
            or not Range(min=self.party_min, max=self.party_max).holds(plan.party_size)
        ):
            missing.append("party_size")
        if self.ids_shown and (plan is None or plan.ids_shown is not True):
            missing.append("ids_shown")
        if self.av_recording and (plan is None or plan.av_recording is not True):
            missing.append("av_recording")
        return self.deny(self.reason, missing=", ".join(missing)) if missing else self.allowed
