"""
Facts: everything a decision may look at, and nothing else, as one value.

Ids and addresses are opaque strings: pseudonyms and blind-index tokens for what the gateway holds,
the caller's own words in a what-if. A `Contact` without an outcome is a held place. The canonical
form (`stored`) is what is hashed, sealed with the decision and replayed (DESIGN section 7).
"""

from dataclasses import dataclass
from typing import NamedTuple

from .model import (
    AccountType,
    ActorRole,
    AddressKind,
    Asks,
    BlockScope,
    Channel,
    ConsentKind,
    Dialing,
    Direction,
    Execution,
    HoldKind,
    Instant,
    LetterService,
    NoRoute,
    NoticeKind,
    Outcome,
    PartyRole,
    PreferenceKind,
    Provenance,
    Purpose,
    Registry,
    SuppressionReason,
    SuppressionScope,
)


class Window(NamedTuple):
    """
    A weekly window of civil time: `days` has bit 0 for Monday; seconds of the day, `start` in,
    `end` out. `start` later than `end` crosses midnight and belongs to the day it starts.
    """

    days: int
    start: int
    end: int


class Contact(NamedTuple):
    """
    One item of history: an attempt, an inbound event, or (no outcome) a held place.

    `asks`: what an inbound event asked for; None where nobody told.
    """

    at: Instant
    channel: Channel
    direction: Direction
    outcome: Outcome | None
    duration_s: int | None = None
    party: str | None = None
    party_role: PartyRole | None = None
    account: str | None = None
    product: str | None = None
    address: str | None = None
    address_kind: AddressKind | None = None
    purpose: Purpose | None = None
    client: str | None = None
    actor_role: ActorRole | None = None
    dialing: Dialing | None = None
    place: str | None = None
    id: str = ""
    asks: Asks | None = None


class Consent(NamedTuple):
    party: str
    kind: ConsentKind
    granted_at: Instant
    channel: Channel | None = None
    address: str | None = None
    window: Window | None = None
    expires_at: Instant | None = None
    withdrawn_at: Instant | None = None
    given_to: str | None = None
    evidence: str | None = None


class Suppression(NamedTuple):
    """
    `scope: address` with a `party` bars the address for that party alone, without one for everybody; where
    a third person refused there, for every third person either way.
    """

    scope: SuppressionScope
    value: str
    since: Instant
    party: str | None = None
    channel: Channel | None = None
    purpose: Purpose | None = None
    reason: SuppressionReason | None = None
    until: Instant | None = None


class Hold(NamedTuple):
    kind: HoldKind
    since: Instant
    account: str | None = None
    party: str | None = None
    until: Instant | None = None
    allowed_purposes: tuple[Purpose, ...] = ()


class Preference(NamedTuple):
    party: str
    kind: PreferenceKind
    window: Window
    channel: Channel | None = None


class RegistryCheck(NamedTuple):
    registry: Registry
    address: str
    listed: bool
    checked_at: Instant


class Notice(NamedTuple):
    account: str
    kind: NoticeKind
    sent_at: Instant


class Obligation(NamedTuple):
    """What a rule demands since the first contact about an account, whether or not it was done by now."""

    account: str
    rule: str
    raised_at: Instant


class Block(NamedTuple):
    """A kill switch that binds the request under judgement."""

    scope: BlockScope
    value: str
    since: Instant
    id: str = ""


class VisitPlan(NamedTuple):
    party_size: int | None = None
    ids_shown: bool | None = None
    av_recording: bool | None = None
    appointment: tuple[Instant, Instant] | None = None


class Registration(NamedTuple):
    """A template on file: the register, the number it has there, and the sender's name it was filed under."""

    register: str
    id: str
    header: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """
    The contact under judgement. What is None is not known, and unknown fails closed.

    `institution` is every name by which its text may name the lender; `offer`: the template says that it
    advertises something; `registrations`: where it is on file.
    """

    channel: Channel
    purpose: Purpose
    party: str
    party_role: PartyRole
    actor_role: ActorRole
    client: str = ""
    address: str | None = None
    address_kind: AddressKind | None = None
    provenance: Provenance | None = None
    account: str | None = None
    product: str | None = None
    account_type: AccountType | None = None
    days_past_due: int | None = None
    dialing: Dialing | None = None
    execution: Execution = Execution.gateway
    recording_available: bool | None = None
    visit: VisitPlan | None = None
    letter_service: LetterService | None = None
    template: str | None = None
    template_fits: bool | None = None
    reveals: str | None = None
    institution: tuple[str, ...] = ()
    offer: bool = False
    registrations: tuple[Registration, ...] = ()
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """
    `history` is sorted by instant. `further_zones` are those that only a later source names than the one
    that gave `zones`; rules that read all sources mind them. `debtor` is the account's debtor; None: not
    known, and the third-party gate stays shut. `listed_role` is the role in a list set by PUT (`unknown`
    for a party that such a list does not name); None: no such list. `route` is None where nothing will be
    sent; `route_refusal` is why there is none. `route_opens`: until then every account is outside its provider's
    hours, for a request that would rather be refused than wait.
    """

    subject: Subject
    zones: tuple[str, ...] = ()
    further_zones: tuple[str, ...] = ()
    jurisdictions: tuple[str, ...] = ()
    history: tuple[Contact, ...] = ()
    consents: tuple[Consent, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    holds: tuple[Hold, ...] = ()
    preferences: tuple[Preference, ...] = ()
    registry_checks: tuple[RegistryCheck, ...] = ()
    notices: tuple[Notice, ...] = ()
    obligations: tuple[Obligation, ...] = ()
    blocks: tuple[Block, ...] = ()
    debtor: str | None = None
    listed_role: PartyRole | None = None
    route: bool | None = None
    route_refusal: NoRoute | None = None
    route_opens: Instant | None = None
