"""What answers look like, for the OpenAPI document. They are written by hand, for speed; a test holds both together."""

from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema

from service.core.model import (
    AddressKind,
    Channel,
    Direction,
    Execution,
    IfBlocked,
    Outcome,
    PartyRole,
    Priority,
    Purpose,
    State,
)

from .contact_body import ADDRESS_SCHEMA
from .schemas import Answered

At = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
AddressShown = Annotated[Any, WithJsonSchema({"anyOf": [*ADDRESS_SCHEMA["anyOf"], {"type": "null"}]})]


class VerdictShown(Answered):
    """One rule's opinion; sentence and citation are the book's."""

    rule: str
    kind: str
    effect: Literal["allow", "advise", "defer", "deny"]
    until: At | None
    reason: str | None
    message: str
    citation: str | None
    remaining: int | None


class BookShown(Answered):
    label: str
    sha256: str


class NotAppliedShown(Answered):
    rule: str
    because: str


class DecisionShown(Answered):
    """
    All verdicts, and the effect of the strictest.

    Each rule speaks as of `at`. After them stands what was said at later instants on the way to `not_before`: what a
    rule then waited for, if it did not say so at first, and what refused.
    """

    effect: Literal["allow", "defer", "deny"]
    at: At
    not_before: At | None
    verdicts: list[VerdictShown]
    zones: list[str]
    book: BookShown
    facts_sha256: str | None
    not_applied: list[NotAppliedShown]


class PermitShown(Answered):
    id: str
    valid_from: At
    valid_until: At


class AcceptedShown(Answered):
    """An accepted contact request as it stands."""

    id: str
    reference: str
    state: State
    send_at: At | None
    permit: PermitShown | None = None
    decision: DecisionShown
    simulated: bool | None = None


class RefusedShown(Answered):
    """The problem that a refusal is; the refused request exists and can be read."""

    type: Literal["/problems/refused-by-policy"]
    title: str
    status: Literal[403]
    detail: str
    id: str
    reference: str
    decision: DecisionShown
    simulated: bool | None = None


class ItemShown(Answered):
    """One item of a batch: its place, its status, and the body that it would have had alone."""

    model_config = Answered.model_config | {"extra": "allow"}

    index: int
    status: int


class BatchShown(Answered):
    results: list[ItemShown]


class LineShown(Answered):
    """A contact request in a list."""

    id: str
    reference: str
    client: str
    state: State
    channel: Channel
    purpose: Purpose
    party_id: str
    account_id: str | None
    created_at: At
    send_at: At | None
    expires_at: At


class PageShown(Answered):
    items: list[LineShown]
    next: str | None


class PartyShown(Answered):
    id: str
    role: PartyRole
    name: str | None


class AddressedShown(Answered):
    """Masked without `pii:read`; a place in the clear is an object."""

    kind: AddressKind
    value: AddressShown


class AccountShown(Answered):
    id: str


class DecidedShown(DecisionShown):
    entry: str
    decided_at: At


class AttemptShown(Answered):
    id: str
    channel: Channel
    direction: Direction
    outcome: Outcome | None
    duration_s: int | None
    source: str
    provider: str | None
    provider_ref: str | None
    at: At
    intent_at: At | None
    ended_at: At | None
    recorded_at: At


class ReceiptShown(Answered):
    id: str
    attempt: str | None
    provider: str
    outcome: Outcome | None
    at: At
    received_at: At
    applied: bool
    report: dict[str, Any] | None = Field(None, description="What a person reported, with `pii:read`.")


class RequestShown(Answered):
    """A contact request with all that became of it."""

    id: str
    reference: str
    client: str
    state: State
    channel: Channel
    purpose: Purpose
    execution: Execution
    priority: Priority
    if_blocked: IfBlocked
    template: str
    template_version: str
    party: PartyShown
    address: AddressedShown | None
    account: AccountShown | None
    created_at: At
    asked_at: At
    send_at: At | None
    expires_at: At
    tries: int
    permit: PermitShown | None
    decisions: list[DecidedShown]
    attempts: list[AttemptShown]
    receipts: list[ReceiptShown]
    simulated: bool | None = None


class CancelledShown(Answered):
    id: str
    reference: str
    state: Literal["cancelled"]
    simulated: bool | None = None


class ReportedShown(Answered):
    """How a report was taken; `corrected` where an earlier one stands beside it."""

    id: str
    reference: str
    state: State
    outcome: Outcome
    corrected: bool
    outside_permit: bool
    simulated: bool | None = None


class TakenShown(Answered):
    """How many events a callback held, and how many of them were new."""

    taken: int
    new: int


class AliveShown(Answered):
    status: Literal["ok"]


class ReadyShown(Answered):
    """
    `checks` says `ok`, or what is wrong; `notes` what somebody should look after.

    `providers` shows the breaker of each account; an open one stops no readiness.
    """

    ready: bool
    checks: dict[str, str]
    notes: list[str]
    providers: dict[str, Literal["closed", "open", "half_open"]]
    version: str
    simulated: bool
