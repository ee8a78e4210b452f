"""What is asked of the routes: whether an account may carry a request, and which ones were tried on it already."""

from collections.abc import Iterable, Mapping
from typing import Any

from service.core.errors import Gone
from service.core.facts import Subject
from service.core.model import ActorRole, AddressKind, Channel, Execution, IfBlocked, Instant, NoRoute, Outcome, Purpose
from service.core.rendering import Message
from service.core.request import ContactRequest

from .allowances import allowances_for
from .kit import Kit
from .material import open_material
from .plan import render
from .ports import Row, Tx
from .providers import Wanted

NOTHING: Mapping[str, Instant] = {}
"""No account was tried."""


def refusal_for(kit: Kit, request: ContactRequest, message: Message | None) -> NoRoute | None:
    """Why no account may carry it; what a person carries out needs none. Without a message its text is not asked."""
    return None if request.execution is Execution.permit else kit.routes.refusal(_wanted(kit, request, message))


def opening_for(kit: Kit, request: ContactRequest, message: Message | None, at: Instant) -> Instant | None:
    """When an account takes it, for a request that is refused rather than wait; None: at that instant, or it waits."""
    if request.execution is Execution.permit or request.if_blocked is IfBlocked.defer:
        return None
    return kit.routes.opens(_wanted(kit, request, message), at)


def _wanted(kit: Kit, request: ContactRequest, message: Message | None) -> Wanted:
    """What a request that is not stored yet wants of the routes; in a what-if it may have no address."""
    template, locale = (message.template, message.locale) if message else (None, None)
    wanted = Wanted(request.channel, request.purpose, template, locale)
    return _to(kit, wanted, request.address.kind, request.address.value) if request.address else wanted


def has_desk(kit: Kit, subject: Subject) -> bool:
    """
    Whether a desk hears of the permit: of a visit by the lender's own staff, where an account carries such orders.

    An agency's visit is its own people's: our desk would send a second pair to the same door.
    """
    ours = subject.channel is Channel.visit and subject.actor_role is ActorRole.first_party
    return ours and kit.routes.refusal(Wanted(subject.channel, subject.purpose)) is None


def wanted_for(request: Row, tried: Mapping[str, Instant], spent: frozenset[tuple[str, str]]) -> Wanted:
    """What a stored request wants of the routes, in any locale and wherever it goes: as far as that is not sealed."""
    channel, purpose = Channel(request["channel"]), Purpose(request["purpose"])
    return Wanted(channel, purpose, request["template"], None, request["id"], tried, spent)


def opened_up(kit: Kit, wanted: Wanted, material: Mapping[str, Any], message: Message) -> Wanted:
    """The same with what was sealed: in the locale of its message, and to its address."""
    return _to(kit, wanted._replace(locale=message.locale), material["kind"], material["address"])


def _to(kit: Kit, wanted: Wanted, kind: str, address: str) -> Wanted:
    where = AddressKind(kind)
    return wanted._replace(address=where, country=kit.numbers.country(where, address))


def tried_on(kit: Kit, tx: Tx, requests: Iterable[Row]) -> Mapping[str, Mapping[str, Instant]]:
    """
    The accounts that surely sent nothing, by request, each with the end of its back-off.

    Another one is tried before them, and where that one cannot, they are not hurried for it.
    """
    tries = {row["id"]: row["tries"] for row in requests if row["tries"]}
    failed: dict[str, dict[str, list[Instant]]] = {}
    for attempt in tx.rows("attempts", {"request": sorted(tries)}, order=["id"]) if tries else []:
        if attempt["outcome"] == Outcome.failed and attempt["provider"]:
            failed.setdefault(attempt["request"], {}).setdefault(attempt["provider"], []).append(attempt["at"])
    return {
        request: {name: after(kit, at[-1], min(len(at), tries[request])) for name, at in accounts.items()}
        for request, accounts in failed.items()
    }


def after(kit: Kit, at: Instant, tries: int) -> Instant:
    """When to try again after so many tries, the last one at that instant."""
    return Instant(at + kit.limits.backoff * 2 ** (tries - 1))


def another_may(kit: Kit, tx: Tx, request: Row, now: Instant) -> bool:
    """Whether an account that was not tried on a stored request can take it now, with its message as it is worded."""
    tried = tried_on(kit, tx, [request]).get(request["id"], NOTHING)
    spent = allowances_for(tx, [request]).spent(request["address"])
    wanted = wanted_for(request, tried, spent)
    if not kit.routes.another(wanted, now):
        return False  # In no locale: nothing needs to be opened.
    people = tx.parties_named(sorted({name for name in (request["party"], request["sealed_with"]) if name}))
    try:
        _, material = open_material(kit, request, people)
    except Gone:
        return False
    message = render(kit, request["template_version"], material)
    return kit.routes.another(opened_up(kit, wanted, material, message), now)
