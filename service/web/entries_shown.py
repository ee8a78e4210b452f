"""What entries and events look like, for the OpenAPI document; tests hold the answers to it."""

from typing import Any, Literal

from pydantic import ConfigDict, Field

from service.core.model import Asks, Channel, Outcome, State
from service.flows.events import EventKind

from .schemas import Answered
from .shown import At, DecisionShown, PermitShown

Effect = Literal["allow", "advise", "defer", "deny"]

_LINE: dict[str, Any] = {
    "index": 41,
    "sha256": "5d0f2a2a4cf5e0d1f0ab0d3d5c6b5b2b4b7e0d9c7c8f0a1b2c3d4e5f60718293",
    "id": "e_0642b8e2c5f4000001000000000001",
    "kind": "request.refused",
    "at": "2026-11-23T14:30:00Z",
    "local": "2026-11-23T22:30:00+08:00",
    "actor": "dialer",
    "client": "dialer",
    "request": "cr_0642b8e2c5f4000000000000000001",
    "party_id": "P-10086",
    "party": "8b1f0c3a5d7e9f00112233445566778f",
    "account_id": "LN-7788",
    "address": "mark of the address",
    "channel": "call",
    "state": "refused",
    "effect": "defer",
    "reason": "quiet_hours",
    "rules": ["cn-collection/quiet-hours", "house/quiet-hours"],
    "details": {"purpose": "collection", "template": "overdue-reminder"},
    "simulated": True,
}


class EntryLineShown(Answered):
    """One audit record. `party` is the pseudonym and `address` the keyed mark that its body holds."""

    model_config = Answered.model_config | ConfigDict(json_schema_extra={"examples": [_LINE]})

    index: int = Field(description="Its place; dense and in the order of commits.")
    sha256: str = Field(description="SHA-256 of the exact body.")
    id: str
    kind: str = Field(description="What happened, as noun and verb.")
    at: At
    local: At = Field(description="The same instant in the zone of the party, or of the bank.")
    actor: str
    client: str | None
    request: str | None
    party_id: str | None
    party: str | None
    account_id: str | None
    address: str | None
    channel: Channel | None
    state: State | None
    effect: Effect | None
    reason: str | None = Field(description="The reason of the rule that decided.")
    rules: list[str] = Field(description="The rules that did not simply allow.")
    details: dict[str, Any] = Field(description="What this kind of entry adds.")
    simulated: bool | None = None


class EntryShown(EntryLineShown):
    """One audit record in full."""

    model_config = Answered.model_config

    decision: DecisionShown | None = Field(description="Every verdict, in sentences of the wanted language.")
    counted: dict[str, list[str]] = Field(description="By rule, the attempts and held places that a cap counted.")
    body: str = Field(description="The exact text that `sha256` covers, in UTF-8.")


class EntryPageShown(Answered):
    """Entries by index. At the end of a page without `next`, ask again after `head`."""

    items: list[EntryLineShown]
    next: str | None
    head: int | None = Field(description="The highest index given when the page was read.")


_EVENT: dict[str, Any] = {
    "index": 44,
    "id": "e_0642b8e2c5f4000003000000000001",
    "kind": "request.permitted",
    "at": "2026-11-24T08:00:00+08:00",
    "request": "cr_0642b8e2c5f4000000000000000001",
    "reference": "coll-20261123-000123",
    "channel": "call",
    "state": "dispatching",
    "effect": "allow",
    "reason": None,
    "not_before": None,
    "send_at": None,
    "outcome": None,
    "permit": {
        "id": "p_0642b8e2c5f4000002000000000001",
        "valid_from": "2026-11-24T08:00:00+08:00",
        "valid_until": "2026-11-24T08:15:00+08:00",
    },
    "interaction": None,
    "simulated": True,
}


class AnsweredShown(Answered):
    """That a party wrote or called of its own accord."""

    id: str = Field(description="Its words are at `/v1/interactions/{id}`.")
    asks: Asks | None = Field(
        description="`stop` and `wrong_number` bind already; all else is for a person to read. Null: no words."
    )


class EventShown(Answered):
    """What became of one of the client's requests."""

    model_config = Answered.model_config | ConfigDict(json_schema_extra={"examples": [_EVENT]})

    index: int
    id: str = Field(description="Stable: the same event has the same id wherever it is told.")
    kind: EventKind
    at: At
    request: str | None = Field(description="Null for an answer to a contact that another system made.")
    reference: str | None
    channel: Channel | None
    state: State | None
    effect: Effect | None
    reason: str | None
    not_before: At | None
    send_at: At | None
    outcome: Outcome | None
    permit: PermitShown | None = Field(description="A permit that was issued: the contact may be made now.")
    interaction: AnsweredShown | None = Field(description="Of `interaction.received`: what the party answered.")
    simulated: bool | None = None


class EventPageShown(Answered):
    """Events by index. At the end of a page without `next`, ask again after `head`."""

    items: list[EventShown]
    next: str | None
    head: int | None
