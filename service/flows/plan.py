"""
The plan of one request: when it is asked for, until when, where to, and in which words.

These are checks of the caller's input beyond its shape: what fails here is a 422 that names the field.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from service.core.civil import local_datetime
from service.core.errors import Invalid
from service.core.model import DAY, HOUR, SECOND, AddressKind, Channel, Dialing, Execution, Instant, PartyRole
from service.core.rendering import Message, RenderContext
from service.core.request import Address, Client, ContactRequest
from service.core.segments import SmsRule, rule_for

from .kit import Kit
from .ports import Recipient

DEFAULT_LIFE = 72 * HOUR
DEFAULT_LIFE_OF_LETTERS = 14 * DAY

LAST = Instant(7_258_118_400 * SECOND)
"""The year 2200: no law is known for it, and the calendar must not end within any rule's sight."""

ADDRESS_KINDS: Mapping[Channel, frozenset[AddressKind]] = {
    Channel.call: frozenset({AddressKind.mobile, AddressKind.landline, AddressKind.work, AddressKind.home}),
    Channel.sms: frozenset({AddressKind.mobile}),
    Channel.letter: frozenset({AddressKind.postal, AddressKind.home, AddressKind.work}),
    Channel.wechat: frozenset({AddressKind.wechat_openid, AddressKind.wecom_user}),
    Channel.email: frozenset({AddressKind.email, AddressKind.employer_email}),
    Channel.visit: frozenset({AddressKind.postal, AddressKind.home, AddressKind.work}),
}
"""`home` and `work` are a telephone for a call and a place for a visit or letter."""

SYNTHETIC = frozenset({Dialing.ai_voice, Dialing.prerecorded})


class Plan(NamedTuple):
    """`asked_at` is the first instant asked: the later of now and `send_after`, or the appointment's start."""

    asked_at: Instant
    expires_at: Instant
    address: Address


class Written(NamedTuple):
    """The message, the template's version, what it was rendered from, and whether it is meant for such a party."""

    version: str
    message: Message
    material: Mapping[str, Any]
    fits: bool


def plan_for(now: Instant, request: ContactRequest) -> Plan:
    """Settle when and where to; raises Invalid where the request contradicts itself."""
    check(request)
    if request.address is None:
        raise Invalid("address", "a contact needs an address")
    return Plan(*times_of(now, request), request.address)


def times_of(now: Instant, request: ContactRequest) -> tuple[Instant, Instant]:
    """The first instant asked, and when the request expires; raises Invalid if there is nothing between."""
    appointment = request.visit.appointment if request.visit else None
    send_after = appointment[0] if appointment else request.send_after
    asked_at = Instant(max(now, send_after or now))
    if asked_at > LAST:
        raise Invalid("visit.appointment.from" if appointment else "send_after", "is too far ahead")
    life = DEFAULT_LIFE_OF_LETTERS if request.channel is Channel.letter else DEFAULT_LIFE
    expires_at = request.expires_at if request.expires_at is not None else Instant(asked_at + life)
    if appointment:
        expires_at = min(appointment[1], expires_at)
    if expires_at <= asked_at:
        field = "visit.appointment.to" if appointment and expires_at == appointment[1] else "expires_at"
        raise Invalid(field, "must be later than the first instant asked")
    return asked_at, expires_at


def check(request: ContactRequest) -> None:
    """
    Raise Invalid where the request contradicts itself.

    Visits are always permits, calls either, the rest always the gateway's.
    """
    if request.channel is Channel.visit:
        if request.execution is not Execution.permit:
            raise Invalid("execution", "a visit is carried out by a person: permit")
    elif request.execution is Execution.permit and request.channel is not Channel.call:
        raise Invalid("execution", f"a {request.channel} is sent by the gateway: gateway")
    if request.visit is not None and request.channel is not Channel.visit:
        raise Invalid("visit", "only a visit has a visit plan")
    if request.letter_service is not None and request.channel is not Channel.letter:
        raise Invalid("letter", "only a letter has a letter service")
    if request.dialing is not None and request.channel is not Channel.call:
        raise Invalid("dialing", "only a call is dialled")
    if request.address is not None and request.address.kind not in ADDRESS_KINDS[request.channel]:
        raise Invalid("address.kind", f"an address of this kind cannot take a {request.channel}")


def written_for(
    kit: Kit, client: Client, request: ContactRequest, locale: str | None, zones: tuple[str, ...]
) -> Written:
    """Render with the template's present version, which is the one the request is pinned to."""
    template = kit.templates.get(request.template)
    if template is None:
        raise Invalid("template", "no such template")
    if request.purpose not in template.purposes:
        raise Invalid("template", "the template is not meant for this purpose", code="unfit-template")
    zone = zones[0] if zones else kit.bank_zone
    appointment = request.visit.appointment if request.visit else None
    material = {
        "channel": request.channel,
        "locale": request.party.locale or locale or kit.default_locale,
        "role": request.party.role,
        "name": request.party.name,
        "address": request.address.value if request.address else None,
        "kind": request.address.kind if request.address else None,
        "creditor": request.account.creditor if request.account else None,
        "agency": client.name if client.actor_role != "first_party" else None,
        "ai_voice": _synthetic(request),
        "recorded": bool(recording_of(kit, request)),
        "appointment": appointment and [*appointment, zone],
        "variables": dict(request.variables),
    }
    fits = request.party.role in template.party_roles
    message = render(kit, template.version, material)
    if request.channel is Channel.letter and request.address is not None:
        kit.check_letter(message, Recipient(request.party.name, request.address.kind, request.address.value))
    return Written(template.version, message, material, fits)


def recording_of(kit: Kit, request: ContactRequest) -> bool | None:
    """Whether a call is recorded: the route says so where the gateway calls, the client where a person does."""
    by_gateway = request.execution is Execution.gateway
    return kit.routes.records(request.channel) if by_gateway else request.recording_available


def _synthetic(request: ContactRequest) -> bool:
    """True if no person speaks; where the gateway calls and nothing is said of the voice, it speaks itself."""
    by_gateway = request.channel is Channel.call and request.execution is Execution.gateway
    return request.dialing in SYNTHETIC or (by_gateway and request.dialing is None)


def render(kit: Kit, version: str, material: Mapping[str, Any]) -> Message:
    """Render from what a request keeps sealed; the same at accept and at the wire."""
    appointment = material["appointment"]
    kind, address = material["kind"], material["address"]
    context = RenderContext(
        institution=kit.institution,
        party_role=PartyRole(material["role"]),
        party_name=material["name"],
        creditor=material["creditor"],
        agency=material["agency"],
        ai_voice=material["ai_voice"],
        recorded=material["recorded"],
        appointment=appointment and _civil(appointment),
        sms_rule=rule_for(address) if kind == AddressKind.mobile else SmsRule.cn_flat,
    )
    channel = Channel(material["channel"])
    return kit.templates.render(version, channel, material["locale"], material["variables"], context)


def _civil(appointment: list[Any]) -> tuple[datetime, datetime]:
    start, end, zone = appointment
    return local_datetime(zone, start), local_datetime(zone, end)
