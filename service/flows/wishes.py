"""
Wishes: what a party asks for when it writes, rings or comes by, as far as it binds at once.

To stop means: from a debtor, that address on that medium, and where no address is told the medium; from anybody else,
no contact at all, and none at that address with any third person, who may be the same one under another id
(GB/T 45251-2025 5.3.1.1; CBA 2026 ch. 3: a third person who refuses must not be contacted again).
"""

from service.core.facts import Suppression
from service.core.model import Asks, Channel, Instant, PartyRole, SuppressionReason, SuppressionScope
from service.core.rules.people import DEBTORS

from .kit import Kit
from .ports import Row, Tx
from .suppressions import add_suppression, suppress_wrong_number


def heed_wish(kit: Kit, tx: Tx, now: Instant, contact: Row, since: Instant, actor: str) -> None:
    """Do at once what an inbound contact, a row of `attempts`, asks for; a wish to stop stands from `since` on."""
    if contact["asks"] == Asks.stop:
        for wish in _wishes(contact, since):
            add_suppression(kit, tx, now, wish, actor)
    elif contact["asks"] == Asks.wrong_number:
        suppress_wrong_number(kit, tx, now, contact, actor)


def bar_stranger(kit: Kit, tx: Tx, now: Instant, channel: Channel, mark: str) -> None:
    """Somebody nobody knows says stop: that medium is barred at that address."""
    add_suppression(kit, tx, now, _opted_out(SuppressionScope.address, mark, now, channel), "party")


def heed_refusal(kit: Kit, tx: Tx, now: Instant, attempt: Row, actor: str) -> None:
    """
    Bar a third person who refused without a word, by a key or at the provider, as one who wrote so.

    What that means for a debtor's medium is the provider's word (`outcome.heed`).
    """
    if not _owes(attempt):
        for wish in _wishes(attempt, now):
            add_suppression(kit, tx, now, wish, actor)


def _owes(contact: Row) -> bool:
    return PartyRole(contact["party_role"] or PartyRole.unknown) in DEBTORS


def _wishes(contact: Row, since: Instant) -> list[Suppression]:
    mark, party, channel = contact["address"], contact["party"], Channel(contact["channel"])
    if _owes(contact):
        scope = SuppressionScope.address if mark else SuppressionScope.party
        return [_opted_out(scope, mark or party, since, channel)]
    refused = SuppressionReason.refused_by_third_party
    wishes = [Suppression(SuppressionScope.party, party, since, reason=refused)]
    return wishes + ([Suppression(SuppressionScope.address, mark, since, reason=refused)] if mark else [])


def _opted_out(scope: SuppressionScope, value: str, since: Instant, channel: Channel) -> Suppression:
    return Suppression(scope, value, since, channel=channel, reason=SuppressionReason.opt_out)
