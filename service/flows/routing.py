"""What is asked of the routes: whether an account may carry a request, and which ones were tried on it already."""

from collections.abc import Iterable, Mapping

from service.core.facts import Subject
from service.core.model import ActorRole, Channel, Execution, IfBlocked, Instant, NoRoute, Outcome, Purpose
from service.core.rendering import Message
from service.core.request import ContactRequest

from .kit import Kit
from .ports import Row, Tx
from .providers import Wanted


def refusal_for(kit: Kit, request: ContactRequest, message: Message | None) -> NoRoute | None:
    """Why no account may carry it; what a person carries out needs none. Without a message its text is not asked."""
    if request.execution is Execution.permit:
        return None
    template, locale = (message.template, message.locale) if message else (None, None)
    return kit.routes.refusal(Wanted(request.channel, request.purpose, template, locale))


def opening_for(kit: Kit, request: ContactRequest, message: Message | None, at: Instant) -> Instant | None:
    """When an account takes it, for a request that is refused rather than wait; None: at that instant, or it waits."""
    if request.execution is Execution.permit or request.if_blocked is IfBlocked.defer:
        return None
    template, locale = (message.template, message.locale) if message else (None, None)
    return kit.routes.opens(Wanted(request.channel, request.purpose, template, locale), at)


def has_desk(kit: Kit, subject: Subject) -> bool:
    """
    Whether a desk hears of the permit: of a visit by the lender's own staff, where an account carries such orders.

    An agency's visit is its own people's: our desk would send a second pair to the same door.
    """
    ours = subject.channel is Channel.visit and subject.actor_role is ActorRole.first_party
    return ours and kit.routes.refusal(Wanted(subject.channel, subject.purpose)) is None


def wanted_for(
    request: Row,
    message: Message | None,
    tried: frozenset[str],
    spent: frozenset[tuple[str, str]] = frozenset(),
) -> Wanted:
    """What a stored request wants of the routes, in the locale of its message, or in any."""
    return Wanted(
        Channel(request["channel"]),
        Purpose(request["purpose"]),
        request["template"],
        message.locale if message else None,
        request["id"],
        tried,
        spent,
    )


def tried_on(tx: Tx, requests: Iterable[Row]) -> Mapping[str, frozenset[str]]:
    """The accounts that surely sent nothing, by request: another one is tried before them."""
    names = [row["id"] for row in requests if row["tries"]]
    found: dict[str, set[str]] = {}
    for attempt in tx.rows("attempts", {"request": names}) if names else []:
        if attempt["outcome"] == Outcome.failed and attempt["provider"]:
            found.setdefault(attempt["request"], set()).add(attempt["provider"])
    return {request: frozenset(accounts) for request, accounts in found.items()}
