"""What answers about facts look like, for the OpenAPI document; `fact_views` writes them."""

from typing import Any

from pydantic import Field

from service.core.model import (
    ActorRole,
    BlockScope,
    Channel,
    ConsentKind,
    HoldKind,
    NoticeKind,
    Outcome,
    PartyRole,
    PreferenceKind,
    Purpose,
    Registry,
    SuppressionReason,
    SuppressionScope,
)

from .answers import documented
from .schemas import Answered
from .shown import AddressShown, At, BookShown, DecisionShown, ItemShown, NotAppliedShown


class FactShown(Answered):
    """What every answer about facts has; `simulated` is there, and true, where the simulator delivers."""

    simulated: bool | None = None


class WindowShown(Answered):
    days: str
    from_: str = Field(alias="from")
    to: str


class ProfileShown(FactShown):
    id: str
    time_zones: list[str]
    jurisdictions: list[str]
    locale: str | None


class ListedShown(Answered):
    id: str
    role: PartyRole


class StandingShown(FactShown):
    id: str
    product: str | None
    type: str | None
    days_past_due: int | None
    creditor: str | None
    parties: list[ListedShown] | None


class ConsentShown(FactShown):
    id: str
    party_id: str
    kind: ConsentKind
    channel: Channel | None
    address: AddressShown
    window: WindowShown | None
    granted_at: At
    expires_at: At | None
    withdrawn_at: At | None
    given_to: str | None
    evidence: str | None


class PreferenceShown(FactShown):
    id: str
    party_id: str
    kind: PreferenceKind
    days: str
    from_: str = Field(alias="from")
    to: str
    channel: Channel | None


class HoldShown(FactShown):
    id: str
    account_id: str | None
    party_id: str | None
    kind: HoldKind
    from_: At = Field(alias="from")
    until: At | None
    allowed_purposes: list[Purpose]
    released_at: At | None


class NoticeShown(FactShown):
    id: str
    account_id: str
    kind: NoticeKind
    sent_at: At


class RegistryCheckShown(FactShown):
    id: str
    registry: Registry
    address: str
    listed: bool
    checked_at: At


class SuppressionShown(FactShown):
    id: str
    scope: SuppressionScope
    value: AddressShown
    party_id: str | None
    channel: Channel | None
    purpose: Purpose | None
    reason: SuppressionReason | None
    from_: At = Field(alias="from")
    until: At | None
    lifted_at: At | None


class SuppressionsShown(FactShown):
    items: list[SuppressionShown]
    next: str | None


class BlockShown(FactShown):
    id: str
    scope: BlockScope
    value: str
    reason: str | None
    from_: At = Field(alias="from")
    lifted_at: At | None


class BlocksShown(FactShown):
    items: list[BlockShown]
    next: str | None


class InteractionShown(FactShown):
    """One interaction."""

    id: str
    reference: str | None


class ReplyShown(FactShown):
    """What a party wrote or said of its own accord."""

    id: str
    at: At
    channel: Channel
    outcome: Outcome
    party_id: str
    account_id: str | None
    purpose: Purpose | None = Field(description="That of the contact it answers.")
    text: str | None = Field(description="Null where it had no words, or the reader may not see them.")


class InteractionsShown(Answered):
    """One interaction that stood already, or what became of each line."""

    id: str | None = None
    reference: str | None = None
    simulated: bool | None = None
    results: list[ItemShown] | None = None


class SupposedShown(DecisionShown):
    """The bare decision."""

    simulated: bool | None = None


class PlacesShown(Answered):
    """Places left under one cap; `scope` is whose contacts are counted together, such as `party` or `party+account`."""

    rule: str
    kind: str
    scope: str
    remaining: int
    until: At | None
    message: str
    citation: str | None


class WindowOpenShown(Answered):
    """A span of time in which one contact would be allowed: from `from` on and before `to`."""

    from_: At = Field(alias="from")
    to: At


class ChannelShown(Answered):
    """What would become of a contact now; `next_allowed_at` is None where no waiting helps, and `reason` says why."""

    channel: Channel
    effect: str
    next_allowed_at: At | None
    windows: list[WindowOpenShown] = Field(description="When it is open in the next seven days, by the facts of now.")
    reason: str | None
    remaining: list[PlacesShown]
    not_applied: list[NotAppliedShown]


class BudgetShown(FactShown):
    party_id: str
    party_role: PartyRole
    account_id: str | None
    purpose: Purpose
    actor_role: ActorRole
    at: At
    channels: list[ChannelShown]
    book: BookShown


def documented_kept(model: Any) -> dict[int | str, dict[str, Any]]:
    """What the route of a fact can answer: it is kept from now on, or was before."""
    described = documented(model, status=201, s200=model)
    described[201]["description"] = "Kept; it speaks in the next decision."
    described[200]["description"] = "It stood already; nothing changed."
    return described
