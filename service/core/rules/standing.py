"""
What must stand before a contact: the origin of an address, its kind, a recording, the plan of a visit.

Each denies where what it asks for is missing, and where it is not known.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from service.core.case import Case
from service.core.model import AddressKind, Channel, Instant, Provenance
from service.core.rule import Range, Rule, Verdict


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
    """
    The channel is used to addresses of these kinds alone, or to all but the `forbidden_kinds`; none named:
    not at all.
    """

    kind: Literal["channel"]
    address_kinds: tuple[AddressKind, ...] = ()
    forbidden_kinds: tuple[AddressKind, ...] = ()
    reason: str = "channel"

    def flaws(self) -> Iterator[tuple[str, str]]:
        yield from super().flaws()
        if self.address_kinds and self.forbidden_kinds:
            yield "forbidden_kinds", "the kinds are either allowed or forbidden"

    def judge(self, case: Case, at: Instant) -> Verdict:
        kind = case.subject.address_kind
        if not (self.address_kinds or self.forbidden_kinds):
            return self.deny(self.reason)
        if _not_given(case) or kind in self.address_kinds:
            return self.allowed
        allowed = bool(self.forbidden_kinds) and kind is not None and kind not in self.forbidden_kinds
        return self.allowed if allowed else self.deny(self.reason)


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
