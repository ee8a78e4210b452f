"""
Facts as they are told: one shape each, whether they are to be kept or given with a what-if.

Null and absent are the same. An id that the path gives may be left out of the body and must otherwise
agree. What a shape cannot say (two instants in the wrong order) is said by `facts_said` or the flows.
"""

from typing import Annotated

from pydantic import ConfigDict, Field

from service.core.model import (
    AddressKind,
    Asks,
    Channel,
    ConsentKind,
    Dialing,
    Direction,
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

from .contact_body import AddressValue
from .schemas import Id, InstantText, Model, Note, Seconds, Word

Days = Annotated[str, Field(max_length=64, pattern=r"^[a-z]{3}(-[a-z]{3})?(, ?[a-z]{3}(-[a-z]{3})?)*$")]
"""`mon-fri`, `fri`, or a comma list of such."""

ClockText = Annotated[str, Field(max_length=8, pattern=r"^([01][0-9]|2[0-4]):[0-5][0-9](:[0-5][0-9])?$")]
"""A time of day; `24:00` only as an end."""

EVERY_DAY = "Absent: every day."
PARTY_OF_PATH = "The lender's id; in a path it may be left out here."


class WindowBody(Model):
    """A weekly window of civil time; `from` later than `to` crosses midnight and belongs to the day it starts."""

    days: Days | None = Field(None, description=EVERY_DAY, examples=["mon-fri"])
    from_: ClockText = Field(alias="from", examples=["22:00"])
    to: ClockText = Field(examples=["23:00"])


class ConsentBody(Model):
    """What a party agreed to. A `contact_time` consent says in `window` when; `channel` consents name the channel."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "contact_time",
                    "window": {"days": "mon-sun", "from": "22:00", "to": "23:00"},
                    "granted_at": "2026-11-20T15:04:00+08:00",
                    "evidence": "call recording 20261120-0042, 03:10",
                }
            ]
        }
    )

    party_id: Id | None = Field(None, description=PARTY_OF_PATH)
    kind: ConsentKind
    channel: Channel | None = Field(None, description="Absent: every channel.")
    address: AddressValue | None = Field(None, description="Absent: every address.")
    window: WindowBody | None = None
    granted_at: InstantText
    expires_at: InstantText | None = None
    withdrawn_at: InstantText | None = None
    given_to: Id | None = Field(None, description="The client or actor role it was given to; absent: all.")
    evidence: Note | None = Field(None, description="Where it is recorded; sealed, and shown with `pii:read` alone.")


class PreferenceBody(Model):
    """`prohibited`: not within the window. `only`: at no time but within the windows of this kind."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"kind": "prohibited", "days": "mon-fri", "from": "09:00", "to": "17:00"}]}
    )

    party_id: Id | None = Field(None, description=PARTY_OF_PATH)
    kind: PreferenceKind
    days: Days | None = Field(None, description=EVERY_DAY)
    from_: ClockText = Field(alias="from")
    to: ClockText
    channel: Channel | None = Field(None, description="Absent: every channel.")


class HoldBody(Model):
    """A state of an account or a party that stops or narrows contact."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"kind": "dispute", "from": "2026-11-23T09:00:00+08:00", "until": None}]}
    )

    account_id: Id | None = None
    party_id: Id | None = Field(None, description="A hold is of an account or of a party, one of the two.")
    kind: HoldKind
    from_: InstantText = Field(alias="from")
    until: InstantText | None = Field(None, description="Absent: until released, or as long as the pack's law says.")
    allowed_purposes: Annotated[list[Purpose], Field(max_length=16)] | None = Field(
        None, description="What may still be said. Absent: what the pack's rule for this kind of hold allows."
    )


class SuppressionBody(Model):
    """An address, a party or an account that is not to be contacted."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "scope": "address",
                    "value": "+8613800138000",
                    "channel": "sms",
                    "reason": "opt_out",
                    "from": "2026-11-23T09:00:00+08:00",
                }
            ]
        }
    )

    scope: SuppressionScope
    value: AddressValue = Field(description="The address as in a contact request, or the party's or account's id.")
    party_id: Id | None = Field(
        None,
        description=(
            "With scope `address`: barred for this party alone. Absent: for everybody. "
            "A `refused_by_third_party` bars it for every third person, and for nobody who owes."
        ),
    )
    channel: Channel | None = Field(None, description="Absent: every channel.")
    purpose: Purpose | None = Field(None, description="Absent: every purpose.")
    reason: SuppressionReason | None = None
    from_: InstantText = Field(alias="from")
    until: InstantText | None = Field(None, description="Absent: until lifted.")


class RegistryCheckBody(Model):
    """What a registry said of a number. The latest check of a number counts."""

    registry: Registry
    address: AddressValue
    listed: bool
    checked_at: InstantText


class NoticeBody(Model):
    """A notice that was sent about an account."""

    account_id: Id | None = Field(None, description="The lender's id; in a path it may be left out here.")
    kind: NoticeKind
    sent_at: InstantText


class ContactBody(Model):
    """A contact that was made, or something that came in."""

    at: InstantText
    channel: Channel
    direction: Direction
    outcome: Outcome = Field(
        description="A message that came in is `replied`, a call that came in `conversation_right_party`."
    )
    duration_s: Seconds | None = None
    party_id: Id
    party_role: PartyRole | None = None
    account_id: Id | None = None
    address: AddressValue | None = None
    address_kind: AddressKind | None = None
    purpose: Purpose | None = None
    client: Id | None = Field(None, description="Who made the contact; absent: the caller.")
    dialing: Dialing | None = None
    product: Word | None = None
    place: Word | None = Field(None, description="Where a visit went, such as `home` or `work`.")
    asks: Asks | None = Field(
        None,
        description=(
            "What a party asked for that wrote, rang or came by; absent: not known, and then nothing was asked for. "
            "Told to `/v1/interactions`, `stop` and `wrong_number` bar at once."
        ),
    )


class VisitFacts(Model):
    """How a visit is planned; stands for the request's own."""

    party_size: Annotated[int, Field(ge=1, le=100)] | None = None
    av_recording: bool | None = None
    ids_shown: bool | None = None


class FactsBody(Model):
    """All that is known: an absent list is empty, an absent flag unknown. What is stored does not matter."""

    history: Annotated[list[ContactBody], Field(max_length=10_000)] | None = None
    consents: Annotated[list[ConsentBody], Field(max_length=1000)] | None = None
    suppressions: Annotated[list[SuppressionBody], Field(max_length=1000)] | None = None
    holds: Annotated[list[HoldBody], Field(max_length=1000)] | None = None
    preferences: Annotated[list[PreferenceBody], Field(max_length=100)] | None = None
    registry_checks: Annotated[list[RegistryCheckBody], Field(max_length=1000)] | None = None
    notices: Annotated[list[NoticeBody], Field(max_length=1000)] | None = None
    visit: VisitFacts | None = None
    recording_available: bool | None = None
