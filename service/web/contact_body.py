"""
The body of a contact request: its shape at the door, and the value that the flows take.

Null and absent are the same. The address is normalised here, so that two spellings of one body are
one body. `body_mark` is a keyed digest of what was understood, defaults filled in: the same reference
with another body is a conflict, and the mark tells nothing of the body.
"""

from typing import Annotated, Any

import orjson
from pydantic import AfterValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from service.core.errors import Invalid
from service.core.facts import VisitPlan
from service.core.model import (
    AccountType,
    AddressKind,
    Channel,
    Dialing,
    Execution,
    IfBlocked,
    LetterService,
    PartyRole,
    Priority,
    Provenance,
    Purpose,
)
from service.core.request import Account, Address, ContactRequest, Party
from service.flows.ports import Numbers, Vault

from .schemas import Id, InstantText, Jurisdiction, Locale, Model, PersonName, Text, Word, Zone

PLACE_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "lines": {"type": "array", "items": {"type": "string", "maxLength": 200}, "minItems": 1, "maxItems": 5},
        **{name: {"type": ["string", "null"], "maxLength": 200} for name in ("city", "region", "postcode", "country")},
    },
    "required": ["lines"],
    "additionalProperties": False,
}
ADDRESS_SCHEMA: dict[str, Any] = {"anyOf": [{"type": "string", "minLength": 1, "maxLength": 320}, PLACE_SCHEMA]}

VARIABLE_LENGTH_MAX = 2000
WHOLE_MAX = 2**53


def _address(value: Any) -> Any:
    """Text or an object; what it must be like is said by its kind, when it is normalised."""
    if isinstance(value, str | dict):
        return value
    raise PydanticCustomError("address", "must be text, or for a place an object")


def _variable(value: Any) -> Any:
    """Text, a whole number or null; the template says more."""
    if value is None or (isinstance(value, str) and len(value) <= VARIABLE_LENGTH_MAX):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and -WHOLE_MAX <= value <= WHOLE_MAX:
        return value
    raise PydanticCustomError("variable", "must be text or a whole number; amounts are decimal text")


AddressValue = Annotated[Any, AfterValidator(_address), WithJsonSchema(ADDRESS_SCHEMA)]

VariableValue = Annotated[
    Any,
    AfterValidator(_variable),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "maxLength": VARIABLE_LENGTH_MAX},
                {"type": "integer", "minimum": -WHOLE_MAX, "maximum": WHOLE_MAX},
                {"type": "null"},
            ]
        }
    ),
]
VariableName = Annotated[str, Field(min_length=1, max_length=64)]


class PartyBody(Model):
    id: Id
    role: PartyRole
    name: PersonName | None = None
    locale: Locale | None = None
    jurisdictions: Annotated[list[Jurisdiction], Field(max_length=16)] | None = None
    time_zones: Annotated[list[Zone], Field(max_length=16)] | None = None


class AddressBody(Model):
    value: AddressValue
    kind: AddressKind
    provenance: Provenance | None = None


class AccountBody(Model):
    id: Id
    product: Word | None = None
    type: AccountType | None = None
    days_past_due: Annotated[int, Field(ge=0, le=36_500)] | None = None
    creditor: Text | None = None


class AppointmentBody(Model):
    from_: InstantText = Field(alias="from")
    to: InstantText


class VisitBody(Model):
    party_size: Annotated[int, Field(ge=1, le=100)] | None = None
    ids_shown: bool | None = None
    av_recording: bool | None = None
    appointment: AppointmentBody | None = None


class LetterBody(Model):
    service: LetterService


EXAMPLE: dict[str, Any] = {
    "reference": "coll-20261123-000123",
    "channel": "sms",
    "purpose": "collection",
    "party": {"id": "P-10086", "role": "debtor", "name": "张三", "locale": "zh-CN", "time_zones": ["Asia/Shanghai"]},
    "address": {"value": "+8613800138000", "kind": "mobile", "provenance": "contract"},
    "account": {"id": "LN-7788", "product": "credit_card", "days_past_due": 12},
    "template": "overdue-reminder",
    "variables": {"amount_due": "1234.56", "currency": "CNY", "due_on": "2026-11-11"},
}


class ContactRequestBody(Model):
    """A wish to contact a party over a channel for a purpose."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    reference: Id | None = Field(None, description="Unique per client. Absent: the `Idempotency-Key` header stands in.")
    channel: Channel
    purpose: Purpose
    party: PartyBody
    address: AddressBody
    account: AccountBody | None = None
    template: Word
    variables: Annotated[dict[VariableName, VariableValue], Field(max_length=64)] | None = None
    dialing: Dialing | None = None
    recording_available: bool | None = None
    visit: VisitBody | None = None
    letter: LetterBody | None = None
    execution: Execution | None = None
    send_after: InstantText | None = None
    expires_at: InstantText | None = None
    priority: Priority | None = None
    if_blocked: IfBlocked | None = None


def contact_request(body: ContactRequestBody, alias: str | None, numbers: Numbers, vault: Vault) -> ContactRequest:
    """Give the flows what they take; raises Invalid for an address that is none, or for want of a reference."""
    reference = body.reference or alias
    if reference is None:
        raise Invalid("reference", "is required, here or as Idempotency-Key", code="required")
    said: dict[str, Any] = {
        "reference": reference,
        "channel": body.channel,
        "purpose": body.purpose,
        "party": party_of(body.party),
        "address": address_of(body.address, numbers),
        "account": body.account and account_of(body.account),
        "template": body.template,
        "variables": {name: value for name, value in (body.variables or {}).items() if value is not None},
        "dialing": body.dialing,
        "recording_available": body.recording_available,
        "visit": body.visit and visit_of(body.visit),
        "letter_service": body.letter and body.letter.service,
        "execution": body.execution or Execution.gateway,
        "send_after": body.send_after,
        "expires_at": body.expires_at,
        "priority": body.priority or Priority.normal,
        "if_blocked": body.if_blocked or IfBlocked.defer,
    }
    understood = orjson.dumps(said, default=list, option=orjson.OPT_SORT_KEYS)
    return ContactRequest(body_mark=vault.mark("body", understood.decode()), **said)


def party_of(body: PartyBody) -> Party:
    return Party(
        id=body.id,
        role=body.role,
        name=body.name,
        locale=body.locale,
        jurisdictions=tuple(body.jurisdictions or ()),
        time_zones=tuple(body.time_zones or ()),
    )


def address_of(body: AddressBody, numbers: Numbers) -> Address:
    return Address(kind=body.kind, value=numbers.normalise(body.kind, body.value), provenance=body.provenance)


def account_of(body: AccountBody) -> Account:
    return Account(
        id=body.id,
        product=body.product,
        type=body.type,
        days_past_due=body.days_past_due,
        creditor=body.creditor,
    )


def visit_of(body: VisitBody) -> VisitPlan:
    appointment = (body.appointment.from_, body.appointment.to) if body.appointment else None
    return VisitPlan(body.party_size, body.ids_shown, body.av_recording, appointment)
