"""
What the lender knows of an account, and who its parties are.

A list of parties replaces the one before. A party that the list does not name counts as `unknown`
from then on, whatever a request claims; the third-party gate reads the debtor off the same list.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from service.core.model import AccountType, PartyRole
from service.core.request import Client

from .concerned import accounts_for, parties_for, unerased
from .entries import entry
from .kit import Kit
from .ports import Row, Tx


class Standing(NamedTuple):
    """The whole of it; `parties` maps the lender's ids to roles, None leaves the list as it is."""

    product: str | None = None
    type: AccountType | None = None
    days_past_due: int | None = None
    creditor: str | None = None
    parties: Mapping[str, PartyRole] | None = None


def set_account(kit: Kit, tx: Tx, client: Client, account_id: str, said: Standing) -> Row:
    """Replace what is known of an account, and its list of parties where one is given; again it changes nothing."""
    now = kit.clock()
    named = said.parties or {}
    tx.gate([f"account:{account_id}", *(f"party:{name}" for name in named)])
    known = account_id in tx.accounts([account_id])
    account = accounts_for(tx, now, [account_id])[account_id]
    values: dict[str, Any] = {name: getattr(said, name) for name in ("product", "type", "days_past_due", "creditor")}
    more: dict[str, Any] = {name: values[name] for name in ("product", "type", "days_past_due")}
    changed = not known or any(account[name] != value for name, value in values.items())
    if said.parties is not None:
        people = {name: unerased(row) for name, row in parties_for(kit, tx, now, named).items()}
        roles = {people[name]["party"]: role for name, role in named.items()}
        if _replace_list(tx, account_id, roles) or account["listed_at"] is None:
            changed = True
            values["listed_at"] = now
            more["parties"] = sorted(roles.items())
    if changed:
        tx.change("accounts", {"id": account_id}, values)
        tx.add("entries", [entry(kit, now, "account.set", client.id, client=client.id, account=account_id, more=more)])
    return {**account, **values}


def parties_of(tx: Tx, account: Row) -> list[tuple[str, PartyRole]]:
    """The list that PUT has set, by the lender's ids; empty without one."""
    if account["listed_at"] is None:
        return []
    listed = {row["party"]: PartyRole(row["role"]) for row in tx.account_parties([account["id"]])}
    people = tx.parties_named(sorted(listed))
    return sorted((people[name]["id"], role) for name, role in listed.items() if role is not PartyRole.unknown)


def _replace_list(tx: Tx, account_id: str, roles: Mapping[str, PartyRole]) -> bool:
    """
    Give every party its role, and say whether that changed anything.

    Rows are never taken away: who is no longer listed is `unknown` to the account, which is what the
    list says of everybody it does not name.
    """
    before = {row["party"]: PartyRole(row["role"]) for row in tx.account_parties([account_id])}
    changed: dict[PartyRole, list[str]] = {}
    for party, role in before.items():
        if (new := roles.get(party, PartyRole.unknown)) is not role:
            changed.setdefault(new, []).append(party)
    for role, parties in changed.items():
        tx.change("account_parties", {"account": account_id, "party": parties}, {"role": role})
    added = [{"account": account_id, "party": name, "role": role} for name, role in roles.items() if name not in before]
    if added:
        tx.add("account_parties", added)
    return bool(changed or added)
