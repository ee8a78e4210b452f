"""
What was told, as values that the flows take: the lender's ids, addresses in their canonical form.

`at` is the path of the item within the body, so that a complaint names the field where it stands.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from service.core.civil import WindowError, parse_window
from service.core.errors import Invalid
from service.core.facts import (
    Consent,
    Contact,
    Hold,
    Notice,
    Preference,
    RegistryCheck,
    Suppression,
    VisitPlan,
    Window,
)
from service.core.model import AddressKind, Channel, Direction, Instant, SuppressionScope
from service.flows.given import Given
from service.flows.ports import Numbers
from service.flows.spelling import canonical_address

from .fact_bodies import (
    ConsentBody,
    ContactBody,
    FactsBody,
    HoldBody,
    NoticeBody,
    PreferenceBody,
    RegistryCheckBody,
    SuppressionBody,
    VisitFacts,
)
from .schemas import ID_LENGTH_MAX

T = TypeVar("T")
Body = TypeVar("Body")


def consent_of(numbers: Numbers, body: ConsentBody, party: str | None = None, at: str = "") -> Consent:
    address = None
    if body.address is not None:
        address = canonical_address(numbers, f"{at}address", body.address, channel=body.channel)
    window = None
    if body.window is not None:
        window = window_of(body.window.days, body.window.from_, body.window.to, f"{at}window.")
    return Consent(
        party=named(body.party_id, party, f"{at}party_id"),
        kind=body.kind,
        granted_at=body.granted_at,
        channel=body.channel,
        address=address,
        window=window,
        expires_at=body.expires_at,
        withdrawn_at=body.withdrawn_at,
        given_to=body.given_to,
        evidence=body.evidence,
    )


def preference_of(numbers: Numbers, body: PreferenceBody, party: str | None = None, at: str = "") -> Preference:
    window = window_of(body.days, body.from_, body.to, at)
    return Preference(named(body.party_id, party, f"{at}party_id"), body.kind, window, body.channel)


def hold_of(
    numbers: Numbers, body: HoldBody, *, party: str | None = None, account: str | None = None, at: str = ""
) -> Hold:
    """A hold of the path's party or account; where there is no path, of the one that the body names."""
    if party is not None or (account is None and body.party_id is not None):
        if body.account_id is not None:
            raise Invalid(f"{at}account_id", "a hold is of a party or of an account, not of both")
        party = named(body.party_id, party, f"{at}party_id")
    else:
        if body.party_id is not None:
            raise Invalid(f"{at}party_id", "a hold is of a party or of an account, not of both")
        account = named(body.account_id, account, f"{at}account_id")
    _expect_order(body.from_, body.until, at)
    return Hold(body.kind, body.from_, account, party, body.until, tuple(body.allowed_purposes or ()))


def suppression_of(numbers: Numbers, body: SuppressionBody, at: str = "") -> Suppression:
    value: Any = body.value
    if body.scope is SuppressionScope.address:
        value = canonical_address(numbers, f"{at}value", value, channel=body.channel)
    elif not isinstance(value, str) or not 1 <= len(value) <= ID_LENGTH_MAX or not value.isprintable():
        raise Invalid(f"{at}value", f"must be the id of a {body.scope}")
    _expect_order(body.from_, body.until, at)
    return Suppression(
        scope=body.scope,
        value=value,
        since=body.from_,
        party=body.party_id,
        channel=body.channel,
        purpose=body.purpose,
        reason=body.reason,
        until=body.until,
    )


def registry_check_of(numbers: Numbers, body: RegistryCheckBody, at: str = "") -> RegistryCheck:
    """Every registry there is lists telephone numbers."""
    address = canonical_address(numbers, f"{at}address", body.address, channel=Channel.call)
    return RegistryCheck(body.registry, address, body.listed, body.checked_at)


def notice_of(numbers: Numbers, body: NoticeBody, account: str | None = None, at: str = "") -> Notice:
    return Notice(named(body.account_id, account, f"{at}account_id"), body.kind, body.sent_at)


def contact_of(numbers: Numbers, body: ContactBody, at: str = "") -> Contact:
    if body.asks is not None and body.direction is Direction.outbound:
        raise Invalid(f"{at}asks", "is for what came in")
    address = None
    if body.address is not None:
        field, kind = f"{at}address", body.address_kind
        address = canonical_address(numbers, field, body.address, kind=kind, channel=body.channel)
    return Contact(
        at=body.at,
        channel=body.channel,
        direction=body.direction,
        outcome=body.outcome,
        duration_s=body.duration_s,
        party=body.party_id,
        party_role=body.party_role,
        account=body.account_id,
        product=body.product,
        address=address,
        address_kind=body.address_kind or _kind_of_place(body),
        purpose=body.purpose,
        client=body.client,
        dialing=body.dialing,
        place=body.place,
        asks=body.asks,
    )


def given_of(numbers: Numbers, body: FactsBody, at: str = "facts.") -> Given:
    """All the facts of a what-if."""

    def each(name: str, items: Sequence[Body] | None, read: Callable[..., T]) -> tuple[T, ...]:
        return tuple(read(numbers, item, at=f"{at}{name}.{place}.") for place, item in enumerate(items or ()))

    return Given(
        history=each("history", body.history, contact_of),
        consents=each("consents", body.consents, consent_of),
        suppressions=each("suppressions", body.suppressions, suppression_of),
        holds=each("holds", body.holds, hold_of),
        preferences=each("preferences", body.preferences, preference_of),
        registry_checks=each("registry_checks", body.registry_checks, registry_check_of),
        notices=each("notices", body.notices, notice_of),
        visit=_visit_of(body.visit) if body.visit else None,
        recording_available=body.recording_available,
    )


def named(said: str | None, path: str | None, field: str) -> str:
    """The id of the path, which the body may repeat but not contradict; without a path the body's."""
    if path is None and said is None:
        raise Invalid(field, "is required", code="required")
    if path is not None and said is not None and said != path:
        raise Invalid(field, "must agree with the path")
    return path or said or ""


def window_of(days: str | None, from_: str, to: str, at: str) -> Window:
    try:
        return parse_window(days or "mon-sun", from_, to)
    except WindowError as error:
        raise Invalid(f"{at}{error.field}", str(error)) from None


def _expect_order(since: Instant, until: Instant | None, at: str) -> None:
    """What ends before it begins would bind nobody, and in a what-if nobody would be told."""
    if until is not None and until <= since:
        raise Invalid(f"{at}until", "must be later than from")


def _kind_of_place(body: ContactBody) -> AddressKind | None:
    return AddressKind.postal if isinstance(body.address, dict) else None


def _visit_of(body: VisitFacts) -> VisitPlan:
    return VisitPlan(body.party_size, body.ids_shown, body.av_recording)
