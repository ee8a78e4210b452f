"""
What if: the decision that a request would get, with nothing stored but that it was asked.

The facts are what the gateway holds, or those that the question gives; given facts are all that is
known, and what is stored does not matter. The same judge answers as for a real request, at any instant
and under any packs.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

from service.core.decide import Decision
from service.core.errors import Invalid
from service.core.facts import Facts, Subject
from service.core.model import ActorRole, Instant
from service.core.policy import Book
from service.core.request import Client, ContactRequest

from .accept import book_in_force, decided
from .concerned import unerased
from .entries import decision_body, entry, speaking_rules
from .gather import Sought, gather
from .given import Given, facts_given
from .kit import Kit
from .newcomers import stored_places
from .places import Zones, jurisdictions_of, zones_of
from .plan import LAST, Written, check, times_of, written_for
from .ports import Row, Tx
from .routing import refusal_for
from .subject import subject_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """
    `request` has no reference, and no template where none was named; a ready `text` may stand in for it.

    What is None takes its default: now, the book in force, the client's role, the facts that are stored.
    """

    request: ContactRequest
    text: str | None = None
    at: Instant | None = None
    packs: tuple[str, ...] | None = None
    actor_role: ActorRole | None = None
    given: Given | None = None


class Supposed(NamedTuple):
    """The answer, and the book it was found in; `party` is the pseudonym if the gateway knows the party."""

    decision: Decision
    book: Book
    facts: Facts
    party: str | None


def what_if(kit: Kit, tx: Tx, client: Client, asked: Question) -> Supposed:
    """Judge a request that is only supposed; reads, and writes nothing. `record_asked` leaves the entry."""
    now = kit.clock()
    book = book_for(kit, book_in_force(kit, tx, now), asked.packs)
    request = asked.request
    check(request)
    if asked.at is not None and not 0 <= asked.at <= LAST:
        raise Invalid("at", "must lie between 1970 and 2200")
    asked_at, expires_at = times_of(now if asked.at is None else asked.at, request)
    by = client if asked.actor_role is None else replace(client, actor_role=asked.actor_role)
    party = None if asked.given is not None else tx.parties([request.party.id]).get(request.party.id)
    zones, jurisdictions = _places(kit, request, party and unerased(party))
    written = _written(kit, by, asked, party, zones.first)
    if asked.given is not None:
        subject = _subject(kit, by, asked, request.party.id, None, written)
        facts = facts_given(asked.given, subject, request, zones, jurisdictions, partial(kit.vault.mark, "address"))
    else:
        facts = _facts_stored(kit, tx, now, by, asked, written, book, party, zones, jurisdictions)
    _, decision = decided(book, facts, asked_at, expires_at=expires_at)
    return Supposed(decision, book, facts, party["party"] if party else None)


def record_asked(kit: Kit, tx: Tx, client: Client, asked: Question, answer: Supposed) -> None:
    """Leave the entry that it was asked, by whom, and what came of it."""
    subject = answer.facts.subject
    more = {
        "purpose": subject.purpose,
        "party_role": subject.party_role,
        "asked_as": subject.actor_role,
        "packs": asked.packs,
        "facts": "stored" if asked.given is None else "given",
        "decision": decision_body(answer.decision),
    }
    deed = entry(
        kit,
        kit.clock(),
        "decision.asked",
        client.id,
        client=client.id,
        party=answer.party,
        account=subject.account,
        address=subject.address,
        channel=subject.channel,
        effect=answer.decision.effect.name,
        rules=speaking_rules(answer.decision),
        zone=answer.facts.zones[0] if answer.facts.zones else None,
        more=more,
    )
    tx.add("entries", [deed])


def book_for(kit: Kit, book: Book, packs: Iterable[str] | None) -> Book:
    """The book, or exactly the packs that are named, drafts among them; Invalid where one is unknown."""
    if packs is None:
        return book
    in_force = {pack.id: pack for pack in book.packs}
    calendars = book.calendar
    named = []
    for place, name in enumerate(dict.fromkeys(packs)):
        pack = in_force.get(name)
        if pack is None:
            pack = kit.books.draft(name)
            calendars = {each.id: each for each in kit.books.calendars()} | book.calendar
        if pack is None:
            raise Invalid(f"packs.{place}", "no such pack is in force, and no such draft", code="unknown-pack")
        named.append(pack)
    return Book(
        packs=tuple(named), calendars=tuple(calendars.values()), sha256=book.sha256, label=book.label, partial=True
    )


def _places(kit: Kit, request: ContactRequest, party: Row | None) -> tuple[Zones, tuple[str, ...]]:
    zones, jurisdictions = stored_places(party) if party else ((), ())
    address = (request.address.kind, request.address.value) if request.address else None
    jurisdictions = jurisdictions_of(kit.numbers, request.party.jurisdictions, jurisdictions, address)
    return zones_of(kit.numbers, request.party.time_zones, zones, address, jurisdictions), jurisdictions


def _written(kit: Kit, by: Client, asked: Question, party: Row | None, zones: tuple[str, ...]) -> Written | None:
    if not asked.request.template:
        return None
    if asked.text is not None:
        raise Invalid("request.text", "stands in for a template; give one of the two")
    return written_for(kit, by, asked.request, party["locale"] if party else None, zones)


def _subject(
    kit: Kit, by: Client, asked: Question, party: str, account: Row | None, written: Written | None
) -> Subject:
    address = asked.request.address
    mark = kit.vault.mark("address", address.value) if address else None
    subject = subject_of(
        kit,
        by,
        asked.request,
        party=party,
        address=mark,
        account=account,
        message=written.message if written else None,
        template_fits=written.fits if written else None,
    )
    return subject if written else replace(subject, text=asked.text)


def _facts_stored(
    kit: Kit,
    tx: Tx,
    now: Instant,
    by: Client,
    asked: Question,
    written: Written | None,
    book: Book,
    party: Row | None,
    zones: Zones,
    jurisdictions: tuple[str, ...],
) -> Facts:
    """What the gateway holds. A party that it does not know keeps the lender's id, which is no pseudonym of anybody."""
    request = asked.request
    name = party["party"] if party else request.party.id
    account = tx.accounts([request.account.id]).get(request.account.id) if request.account else None
    listed = account is not None and account["listed_at"] is not None
    subject = _subject(kit, by, asked, name, account, written)
    gathered = gather(
        tx,
        book,
        now,
        [Sought(name, subject.account, subject.address, jurisdictions, subject.party_role)],
        asked_at=asked.at,
    )
    if subject.account and not listed:
        gathered.join(subject.account, name, request.party.role)
    no_route = refusal_for(kit, request, written.message if written else None)
    return gathered.facts(subject, zones, jurisdictions, listed=listed, no_route=no_route)
