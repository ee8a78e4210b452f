"""
Obligations: what must follow the first contact about an account, watched from that contact on.

    1. the first contact that came through raises what the rules in force demand of it, in the same transaction
    2. a recorded notice ends the obligations it answers
    3. what is due and not done is told once (`flows.overdue`); a notice that comes later still ends it

The same contact told twice, or two at once, raise one obligation: there is one for each account and rule.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

import orjson

from service.core.decide import binding
from service.core.facts import Facts, Subject
from service.core.model import (
    AccountType,
    ActorRole,
    AddressKind,
    Channel,
    Dialing,
    Execution,
    Instant,
    NoticeKind,
    Outcome,
    PartyRole,
    Purpose,
)
from service.core.policy import Book
from service.core.rules.obligation import ObligationRule

from .kit import Kit
from .material import recipient_of
from .newcomers import stored_places
from .places import jurisdictions_of, zones_of
from .ports import Row, Tx

_TOLD = ("actor_role", "purpose", "party_role")
"""The selectors that a contact's own row can answer."""

Place = tuple[AddressKind, str]
Clear = Callable[[Row], Place | None]
"""Gives the address of a contact in the clear, where it is needed to know whose law binds."""


class Standing(StrEnum):
    """How an obligation stands; one that was overdue and then done is `done`."""

    open = "open"
    overdue = "overdue"
    done = "done"


class _Known(NamedTuple):
    """What is stored of those whom the contacts concern, by id."""

    parties: Mapping[str, Row]
    requests: Mapping[str, Row]
    accounts: Mapping[str, Row]
    noticed: frozenset[tuple[str, str]]


def raise_obligations(kit: Kit, tx: Tx, now: Instant, contacts: Sequence[Row], clear: Clear | None = None) -> None:
    """Raise what these contacts, rows of `attempts`, are the first to demand; `clear` defaults to their requests."""
    contacts = [row for row in contacts if row["account"] and row["party"] and row["outcome"]]
    sha256 = tx.book_in_force(now) if contacts else None
    if sha256 is None:
        return
    book = kit.books.get(sha256, tx.book_text)
    rules = [rule for pack in book.packs for rule in pack.rules if isinstance(rule, ObligationRule)]
    began = [row for row in contacts if any(_may_demand(rule, row) for rule in rules)]
    if not began:
        return
    known = _known(tx, began)
    raised = [
        obligation
        for row in sorted(began, key=lambda row: int(row["at"]))
        for obligation in _raised(kit, book, row, known, clear or (lambda row: _address(kit, tx, row)))
    ]
    once = {(each["account"], each["rule"]): each for each in reversed(raised)}
    if once:
        tx.add_missing("obligations", list(once.values()))


def _may_demand(rule: ObligationRule, contact: Row) -> bool:
    """False where the row alone shows that the rule does not bind, so that most contacts ask the store for nothing."""
    told = (getattr(rule.when, name) for name in _TOLD)
    alike = all(not wanted or contact[name] in (None, *wanted) for name, wanted in zip(_TOLD, told, strict=True))
    return alike and rule.begins(Channel(contact["channel"]), Outcome(contact["outcome"]))


def _known(tx: Tx, contacts: Sequence[Row]) -> _Known:
    accounts = sorted({row["account"] for row in contacts})
    requests = sorted({row["request"] for row in contacts if row["request"]})
    return _Known(
        parties=tx.parties_named(sorted({row["party"] for row in contacts})),
        requests={row["id"]: row for row in tx.rows("requests", {"id": requests})} if requests else {},
        accounts=tx.accounts(accounts),
        noticed=frozenset((row["account"], row["kind"]) for row in tx.rows("notices", {"account": accounts})),
    )


def _address(kit: Kit, tx: Tx, contact: Row) -> Place | None:
    recipient = recipient_of(kit, tx, contact["request"]) if contact["request"] else None
    return (recipient.kind, recipient.address) if recipient else None


def _raised(kit: Kit, book: Book, contact: Row, known: _Known, clear: Clear) -> list[Row]:
    """The obligations that the rules which bound this contact demand, unless their notice went out before."""
    request = known.requests.get(contact["request"] or "", {})
    zones_stored, stored = stored_places(known.parties[contact["party"]])
    named = tuple(orjson.loads(request["jurisdictions"])) if request else ()
    zones_named = tuple(orjson.loads(request["zones"])) if request else ()
    address = None if (named or stored) and (zones_named or zones_stored) else clear(contact)
    jurisdictions = jurisdictions_of(kit.numbers, named, stored, address)
    zones = zones_of(kit.numbers, zones_named, zones_stored, address, jurisdictions)
    facts = Facts(
        subject=_subject(contact, request, known.accounts.get(contact["account"], {})), jurisdictions=jurisdictions
    )
    began = Instant(contact["at"])
    rows: list[Row] = []
    for rule in binding(book, facts):
        if not isinstance(rule, ObligationRule) or (contact["account"], rule.notice) in known.noticed:
            continue
        read = rule.zones_among(zones.first, zones.further) or (kit.bank_zone,)
        if rule.begins(facts.subject.channel, Outcome(contact["outcome"])) and rule.in_force(read, began):
            rows.append(_row(kit, contact, rule, rule.overdue_from(read, began)))
    return rows


def _subject(contact: Row, request: Row, account: Row) -> Subject:
    """The contact as selectors read it; what is not known of it binds."""
    kind, dialing, address_kind = account.get("type"), contact["dialing"], contact["address_kind"]
    return Subject(
        channel=Channel(contact["channel"]),
        purpose=Purpose(contact["purpose"] or Purpose.collection),
        party=contact["party"],
        party_role=PartyRole(contact["party_role"] or PartyRole.unknown),
        actor_role=ActorRole(contact["actor_role"] or ActorRole.agency),
        address_kind=AddressKind(address_kind) if address_kind else None,
        account=contact["account"],
        product=contact["product"] or account.get("product"),
        account_type=AccountType(kind) if kind else None,
        days_past_due=account.get("days_past_due"),
        dialing=Dialing(dialing) if dialing else None,
        execution=Execution(request["execution"]) if request else Execution.permit,
    )


def _row(kit: Kit, contact: Row, rule: ObligationRule, due_at: Instant) -> Row:
    return {
        "id": kit.ids.new("o", kit.clock()),
        "account": contact["account"],
        "rule": rule.id,
        "notice": rule.notice,
        "attempt": contact["id"],
        "state": Standing.open,
        "raised_at": contact["at"],
        "due_at": due_at,
        "satisfied_at": None,
    }


def find(
    tx: Tx, *, account: str | None, states: Sequence[str], after: str | None, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """A page of obligations in the order they were raised, and where the next begins."""
    where: dict[str, Any] = {"account": account} if account else {}
    if states:
        where["state"] = states
    rows = tx.rows("obligations", where, order=["id"], limit=limit + 1, after=("id", after) if after else None)
    return rows[:limit], rows[limit - 1]["id"] if len(rows) > limit else None


def satisfy(tx: Tx, account: str, notice: NoticeKind, sent_at: Instant) -> None:
    """A notice went out: what it answers is done, late or not."""
    for state in (Standing.open, Standing.overdue):
        tx.change(
            "obligations",
            {"account": account, "notice": notice, "state": state},
            {"state": Standing.done, "satisfied_at": sent_at},
        )
