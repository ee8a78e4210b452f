"""
A contact request as it comes through the door: validated in shape, not yet judged.

Names, addresses and variables in here are personal data in the clear; this value lives for one
accept and is never written as it stands.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .facts import VisitPlan
from .model import (
    AccountType,
    ActorRole,
    AddressKind,
    Channel,
    Dialing,
    Execution,
    IfBlocked,
    Instant,
    LetterService,
    PartyRole,
    Priority,
    Provenance,
    Purpose,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A calling system, or a person at the command line; `id` is the actor of its entries."""

    id: str
    actor_role: ActorRole
    scopes: frozenset[str]
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """`value` is normalised: E.164, lower-cased e-mail, or for a place its canonical JSON."""

    kind: AddressKind
    value: str
    provenance: Provenance | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    id: str
    role: PartyRole
    name: str | None = None
    locale: str | None = None
    jurisdictions: tuple[str, ...] = ()
    time_zones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    id: str
    product: str | None = None
    type: AccountType | None = None
    days_past_due: int | None = None
    creditor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRequest:
    """`body_mark` is a keyed digest of the body as sent: the same reference with another body is a conflict."""

    reference: str
    body_mark: str
    channel: Channel
    purpose: Purpose
    party: Party
    address: Address | None = None
    account: Account | None = None
    template: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    dialing: Dialing | None = None
    recording_available: bool | None = None
    visit: VisitPlan | None = None
    letter_service: LetterService | None = None
    execution: Execution = Execution.gateway
    send_after: Instant | None = None
    expires_at: Instant | None = None
    priority: Priority = Priority.normal
    if_blocked: IfBlocked = IfBlocked.defer
