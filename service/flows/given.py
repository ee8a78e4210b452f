"""Facts that a question gives: all that is known there, whatever the gateway holds."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from service.core.canonical import canonical
from service.core.facts import (
    Consent,
    Contact,
    Facts,
    Hold,
    Notice,
    Preference,
    RegistryCheck,
    Subject,
    Suppression,
    VisitPlan,
)
from service.core.model import Channel, PartyRole, SuppressionScope
from service.core.request import ContactRequest

from .places import Zones


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """All that is known, in the lender's words: its own ids, addresses clear and canonical. Absent is unknown."""

    history: tuple[Contact, ...] = ()
    consents: tuple[Consent, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    holds: tuple[Hold, ...] = ()
    preferences: tuple[Preference, ...] = ()
    registry_checks: tuple[RegistryCheck, ...] = ()
    notices: tuple[Notice, ...] = ()
    visit: VisitPlan | None = None
    recording_available: bool | None = None


def facts_given(
    given: Given,
    subject: Subject,
    request: ContactRequest,
    zones: Zones,
    jurisdictions: tuple[str, ...],
    mark: Callable[[str], str],
) -> Facts:
    """
    Put the given facts beside their subject; addresses become the marks that they would be stored as.

    A visit plan and a recording that are given stand for the request's own, which are read where they are not.
    """

    def marked(address: str | None) -> str | None:
        return None if address is None else mark(address)

    visit, recording = request.visit, request.recording_available
    if given.visit is not None and request.channel is Channel.visit:
        visit = given.visit._replace(appointment=visit.appointment if visit else None)
    if given.recording_available is not None:
        recording = given.recording_available
    in_order = enumerate(sorted(given.history, key=lambda item: (item.at, canonical(tuple(item)))))
    history = tuple(item._replace(address=marked(item.address), id=f"given-{place}") for place, item in in_order)
    return Facts(
        subject=replace(subject, visit=visit, recording_available=recording),
        zones=zones.first,
        further_zones=zones.further,
        jurisdictions=jurisdictions,
        history=history,
        consents=tuple(consent._replace(address=marked(consent.address)) for consent in given.consents),
        suppressions=tuple(
            each._replace(value=mark(each.value)) if each.scope is SuppressionScope.address else each
            for each in given.suppressions
        ),
        holds=given.holds,
        preferences=given.preferences,
        registry_checks=tuple(check._replace(address=mark(check.address)) for check in given.registry_checks),
        notices=given.notices,
        debtor=debtor_shown(history, subject.account),
    )


def debtor_shown(history: Iterable[Contact], account: str | None) -> str | None:
    """The debtor that the history shows for the account; the first by name where there are several."""
    debtors = {item.party for item in history if item.account == account and item.party_role is PartyRole.debtor}
    return min((party for party in debtors if party), default=None) if account else None
