"""
The parties and accounts that a fact speaks of: opened, and made where they are unknown.

A hold or a consent for somebody not seen yet must not be lost, so telling a fact makes its party and
account. What is known is not changed here. Callers have passed the gate of every id they name.
"""

from collections.abc import Iterable

from service.core.errors import Gone, NotFound
from service.core.model import Instant, PartyRole
from service.core.request import Account, Party

from .kit import Kit
from .newcomers import account_row, party_row
from .ports import Row, Tx


def parties_for(kit: Kit, tx: Tx, now: Instant, ids: Iterable[str]) -> dict[str, Row]:
    """The parties by the lender's id, erased ones among them; unknown ones are made."""
    wanted = sorted(set(ids))
    found = dict(tx.parties(wanted)) if wanted else {}
    new = {name: party_row(kit, now, Party(id=name, role=PartyRole.unknown)) for name in wanted if name not in found}
    if new:
        tx.add("parties", list(new.values()))
    return found | new


def accounts_for(tx: Tx, now: Instant, ids: Iterable[str]) -> dict[str, Row]:
    """The accounts by id; unknown ones are made, with nothing known of them."""
    wanted = sorted(set(ids))
    found = dict(tx.accounts(wanted)) if wanted else {}
    new = {name: account_row(now, Account(id=name)) for name in wanted if name not in found}
    if new:
        tx.add("accounts", list(new.values()))
    return found | new


def party_for(kit: Kit, tx: Tx, now: Instant, party_id: str) -> Row:
    """One party, made where unknown; raises Gone for an erased one."""
    return unerased(parties_for(kit, tx, now, [party_id])[party_id])


def known_party(tx: Tx, party_id: str) -> Row:
    """One party that must be known; raises NotFound, or Gone for an erased one."""
    found = tx.parties([party_id]).get(party_id)
    if found is None:
        raise NotFound("no such party")
    return unerased(found)


def unerased(party: Row) -> Row:
    """The party, unless its personal data were erased: then Gone, and nothing is kept of it any more."""
    if party["erased_at"] is not None or party["key_wrapped"] is None:
        raise Gone("the personal data of this party were erased")
    return party
