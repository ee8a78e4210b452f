"""
The budget of a party: how many places are left under each cap, and when each channel opens next.

It is asked before anybody is contacted, so it supposes a contact that is otherwise in order (dialled by
hand, recorded, a visit well planned) and names no address: rules that need one, or a text, are listed
as not applied. Zones and jurisdictions that are not stored are those of the party's latest request. It
tells counts and instants, never whose.
"""

from dataclasses import replace
from typing import NamedTuple

import orjson

from service.core.decide import Decision, decide
from service.core.errors import NotFound
from service.core.facts import Facts, VisitPlan
from service.core.model import AddressKind, Channel, Dialing, Execution, Instant, PartyRole, Purpose
from service.core.policy import Book
from service.core.request import Account, Client, ContactRequest, Party

from .accept import book_in_force
from .concerned import known_party
from .gather import Gathered, Sought, gather
from .kit import Kit
from .newcomers import stored_places
from .places import Zones, jurisdictions_of, zones_of
from .ports import Row, Tx
from .requests_query import opened
from .routing import refusal_for
from .subject import subject_of
from .windows import Window, windows

IN_ORDER = VisitPlan(party_size=2, ids_shown=True, av_recording=True)
"""A visit by two who show who they are and record it: what the rules for visits ask."""


class Budget(NamedTuple):
    """One decision a channel, all at the same instant; `role` is the one that the party was judged in."""

    at: Instant
    role: PartyRole
    book: Book
    decisions: dict[Channel, Decision]
    facts: dict[Channel, Facts]


def budget(kit: Kit, tx: Tx, client: Client, party_id: str, account_id: str | None, purpose: Purpose) -> Budget:
    """Ask for every channel what would become of a contact now; NotFound for a party or account not known."""
    now = kit.clock()
    book = book_in_force(kit, tx, now)
    party = known_party(tx, party_id)
    account = _account(tx, account_id) if account_id else None
    role = _role(tx, party["party"], account_id)
    places = _places(kit, tx, book, party)
    gathered = gather(tx, book, now, [Sought(party["party"], account_id, None, places[1], role)])
    facts = {
        channel: _facts(
            kit,
            client,
            _supposed(channel, purpose, party_id, role, account_id),
            party["party"],
            places,
            account,
            gathered,
        )
        for channel in Channel
    }
    decisions = {channel: decide(book, known, now) for channel, known in facts.items()}
    return Budget(now, role, book, decisions, facts)


def windows_of(found: Budget) -> dict[Channel, list[Window]]:
    """When each channel is open in the next seven days; apart from the budget, for it needs no transaction."""
    return {channel: windows(found.book, facts, found.at) for channel, facts in found.facts.items()}


def _account(tx: Tx, account_id: str) -> Row:
    found = tx.accounts([account_id]).get(account_id)
    if found is None:
        raise NotFound("no such account")
    return found


def _role(tx: Tx, pseudonym: str, account_id: str | None) -> PartyRole:
    """
    The party's role in the account; without an account a debtor's wherever it owes anything.

    The strict caps are a debtor's, so that is also what a party counts as whose role nothing tells.
    """
    if account_id is not None:
        listed = {row["party"]: PartyRole(row["role"]) for row in tx.account_parties([account_id])}
        return listed.get(pseudonym, PartyRole.unknown)
    roles = {PartyRole(row["role"]) for row in tx.rows("account_parties", {"party": pseudonym})}
    return roles.pop() if len(roles) == 1 else PartyRole.debtor


def _supposed(
    channel: Channel, purpose: Purpose, party_id: str, role: PartyRole, account_id: str | None
) -> ContactRequest:
    by_person = channel is Channel.visit
    return ContactRequest(
        reference="",
        body_mark="",
        channel=channel,
        purpose=purpose,
        party=Party(id=party_id, role=role),
        account=Account(id=account_id) if account_id else None,
        template="",
        dialing=Dialing.manual if channel is Channel.call else None,
        visit=IN_ORDER if by_person else None,
        execution=Execution.permit if by_person else Execution.gateway,
    )


def _places(kit: Kit, tx: Tx, book: Book, party: Row) -> tuple[Zones, tuple[str, ...]]:
    """The zones and jurisdictions stored for the party; what is not, as its latest request named or gave it."""
    zones, jurisdictions = stored_places(party)
    named_zones: list[str] = []
    named_jurisdictions: list[str] = []
    address = None
    enough = zones and jurisdictions and not book.reads_every_zone
    latest = [] if enough else tx.rows("requests", {"party": party["party"]}, order=["id"])[-1:]
    for row in latest:
        people = tx.parties_named([name for name in (row["party"], row["sealed_with"]) if name])
        _, value, kind = opened(kit, row, people)
        address = (AddressKind(kind), value) if kind and value else None
        named_zones = [] if zones else orjson.loads(row["zones"])
        named_jurisdictions = [] if jurisdictions else orjson.loads(row["jurisdictions"])
    jurisdictions = jurisdictions_of(kit.numbers, named_jurisdictions, jurisdictions, address)
    return zones_of(kit.numbers, named_zones, zones, address, jurisdictions), jurisdictions


def _facts(
    kit: Kit,
    client: Client,
    supposed: ContactRequest,
    party: str,
    places: tuple[Zones, tuple[str, ...]],
    account: Row | None,
    gathered: Gathered,
) -> Facts:
    subject = subject_of(kit, client, supposed, party=party, address=None, account=account, message=None)
    return gathered.facts(
        replace(subject, recording_available=True),
        *places,
        listed=False,
        no_route=refusal_for(kit, supposed, None),
    )
