"""
Parties and accounts that a group of requests speaks of: known ones opened, new ones made.

A request creates what is unknown and never changes what is known; `PUT` does that. New rows are
written only for items that are fit to be judged, so that a faulty item leaves nothing behind.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from service.core.errors import Gone
from service.core.model import Instant
from service.core.request import Account, ContactRequest, Party

from .kit import Kit
from .ports import PartyKey, Row, Tx


class Newcomers:
    def __init__(self, kit: Kit, tx: Tx, now: Instant, requests: Sequence[ContactRequest]) -> None:
        self._kit = kit
        self._now = now
        self._parties: dict[str, Row] = tx.parties(sorted({request.party.id for request in requests}))
        accounts = sorted({request.account.id for request in requests if request.account})
        self._accounts: dict[str, Row] = tx.accounts(accounts) if accounts else {}
        self._new_parties: dict[str, dict[str, Any]] = {}
        self._new_accounts: dict[str, dict[str, Any]] = {}
        self._debtors: dict[str, Row] = {}

    def party(self, party: Party) -> Row:
        """The party's row: as stored, or made from the request."""
        found = self._parties.get(party.id) or self._new_parties.get(party.id)
        if found is None:
            found = self._new_parties[party.id] = party_row(self._kit, self._now, party)
        return found

    def account(self, request: ContactRequest) -> Row | None:
        """What is stored of the request's account; None for a new one, of which nothing but the request speaks."""
        return self._accounts.get(request.account.id) if request.account else None

    def listed(self, request: ContactRequest) -> bool:
        """True if PUT has given the list of the account's parties."""
        account = self.account(request)
        return account is not None and account["listed_at"] is not None

    def write(self, tx: Tx, requests: Iterable[ContactRequest]) -> None:
        """Write the new parties, accounts and roles of these requests."""
        requests = list(requests)
        wanted = {request.party.id for request in requests}
        parties = [row for party_id, row in self._new_parties.items() if party_id in wanted]
        accounts: dict[str, Row] = {}
        roles: dict[tuple[str, str], Row] = {}
        for request in requests:
            account = request.account
            if account is None:
                continue
            if account.id not in self._accounts:
                accounts.setdefault(account.id, account_row(self._now, account))
            if not self.listed(request):
                pseudonym = self.party(request.party)["party"]
                role = {"account": account.id, "party": pseudonym, "role": request.party.role}
                roles.setdefault((account.id, pseudonym), role)
        if parties:
            tx.add("parties", parties)
        if accounts:
            tx.add("accounts", list(accounts.values()))
        if roles:
            tx.add_missing("account_parties", list(roles.values()))

    def open_debtors(self, tx: Tx, pseudonyms: Iterable[str | None]) -> None:
        """Read the rows of debtors that are not themselves asked for: what names two is sealed under both."""
        here = {row["party"]: row for row in (*self._parties.values(), *self._new_parties.values())}
        wanted = {name for name in pseudonyms if name}
        missing = sorted(wanted - here.keys())
        self._debtors = {name: here[name] for name in wanted & here.keys()}
        if missing:
            self._debtors.update(tx.parties_named(missing))

    def key_for(self, party: Row, debtor: str | None) -> tuple[PartyKey, str | None]:
        """The key that seals a request: the party's, or one derived from the party's and the debtor's."""
        own = open_key(self._kit, party)
        if debtor is None or debtor == party["party"]:
            return own, None
        return self._kit.vault.pair(own, open_key(self._kit, self._debtors[debtor])), debtor


def stored_places(party: Row) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The zones and jurisdictions stored for a party."""
    return tuple(orjson.loads(party["time_zones"])), tuple(orjson.loads(party["jurisdictions"]))


def open_key(kit: Kit, party: Row) -> PartyKey:
    """Open a party's key; Gone if it was destroyed."""
    if party["key_wrapped"] is None:
        raise Gone("the personal data of this party were erased")
    return kit.vault.unwrap(party["key_wrapped"], party["party"])


def party_row(kit: Kit, now: Instant, party: Party) -> dict[str, Any]:
    """A new party: a random pseudonym and a key of its own."""
    pseudonym = kit.ids.secret()
    return {
        "party": pseudonym,
        "id": party.id,
        "key_wrapped": kit.vault.wrap(kit.vault.new_party_key(), pseudonym),
        "time_zones": orjson.dumps(party.time_zones).decode(),
        "jurisdictions": orjson.dumps(party.jurisdictions).decode(),
        "locale": party.locale,
        "created_at": now,
        "erased_at": None,
    }


def account_row(now: Instant, account: Account, *, listed_at: Instant | None = None) -> dict[str, Any]:
    return {
        "id": account.id,
        "product": account.product,
        "type": account.type,
        "creditor": account.creditor,
        "days_past_due": account.days_past_due,
        "listed_at": listed_at,
        "created_at": now,
    }
