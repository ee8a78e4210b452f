"""The contact under judgement, from a request and what is stored of its account."""

from dataclasses import replace
from typing import Any

from service.core.facts import Subject
from service.core.model import AccountType
from service.core.rendering import Message
from service.core.request import Account, Client, ContactRequest

from .kit import Kit
from .plan import recording_of
from .ports import Row


def subject_of(
    kit: Kit,
    client: Client,
    request: ContactRequest,
    *,
    party: str,
    address: str | None,
    account: Row | None,
    message: Message | None,
    template_fits: bool | None = None,
) -> Subject:
    """
    Put together what rules look at; `party` and `address` are the names that the facts use for them.

    Where the request is silent on its account, what is stored of it speaks.
    """
    said, stored = request.account, account or {}
    template = kit.templates.get(message.template) if message else None
    return Subject(
        channel=request.channel,
        purpose=request.purpose,
        party=party,
        party_role=request.party.role,
        actor_role=client.actor_role,
        client=client.id,
        address=address,
        address_kind=request.address.kind if request.address else None,
        provenance=request.address.provenance if request.address else None,
        account=said.id if said else None,
        **of_account(said, stored),
        dialing=request.dialing,
        execution=request.execution,
        recording_available=recording_of(kit, request),
        visit=request.visit,
        letter_service=request.letter_service,
        template=request.template if message else None,
        template_fits=template_fits,
        reveals=message.reveals if message else None,
        institution=_names(kit, (said.creditor or stored.get("creditor")) if said else None),
        offer=template is not None and template.offer,
        registrations=template.registrations if template else (),
        text=message.body if message else None,
    )


def of_account(said: Account | None, stored: Row) -> dict[str, Any]:
    """What rules read of an account; zero days past due is an answer, too."""
    kind = stored.get("type")
    return {
        "product": (said.product or stored.get("product")) if said else None,
        "account_type": (said.type or (AccountType(kind) if kind else None)) if said else None,
        "days_past_due": (stored.get("days_past_due") if said.days_past_due is None else said.days_past_due)
        if said
        else None,
    }


def beside(subject: Subject, stored: Row) -> Subject:
    """A waiting request's subject, with what is stored of its account by now where the request is silent."""
    if subject.account is None:
        return subject
    said = Account(
        id=subject.account,
        product=subject.product,
        type=subject.account_type,
        days_past_due=subject.days_past_due,
    )
    return replace(subject, **of_account(said, stored))


def _names(kit: Kit, creditor: str | None) -> tuple[str, ...]:
    """Every name by which a text may say for whom it speaks."""
    us = kit.institution
    names = (creditor, us.name, us.name_en, us.signature, us.signature_en)
    return tuple(dict.fromkeys(name for name in names if name))
