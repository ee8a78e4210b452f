"""
Take in contact requests: decide, hold places, queue or permit, record; one transaction for a group.

    1. gate the parties, accounts, addresses and references concerned, in sorted order
    2. a known reference is answered as it stands; another body under it is a conflict
    3. open or make each party's key; render (a fault is the caller's, and refuses that item alone)
    4. facts for all in a few set-based queries
    5. decide item by item, each seeing the places taken before it
    6. write requests, places, decisions and entries together

The caller commits. What raises here rolls the group back, and the store runs it again item by item.
"""

from dataclasses import replace
from typing import NamedTuple

from service.core.canonical import digest
from service.core.decide import Decision, decide
from service.core.errors import GatewayError, Gone, Unavailable
from service.core.facts import Facts
from service.core.model import Effect, Execution, IfBlocked, Instant, State
from service.core.policy import Book
from service.core.request import Client, ContactRequest
from service.core.stored import facts_bytes

from .gather import Gathered, Sought, gather
from .kit import Kit
from .newcomers import Newcomers, stored_places
from .permit import Permit, permit_for
from .places import Zones, jurisdictions_of, zones_of
from .plan import Plan, Written, plan_for, written_for
from .ports import Row, Tx
from .record import Judged, Rows, record
from .routing import opening_for, refusal_for
from .standing import as_it_stands
from .subject import subject_of


class Ask(NamedTuple):
    """One request and who makes it."""

    client: Client
    request: ContactRequest


class Answer(NamedTuple):
    """
    What an item came to: a stored request with its decision, or an error and nothing stored.

    `request` is the row; a refused one exists and can be read. `replayed`: the reference was known.
    """

    request: Row | None = None
    decision: Decision | None = None
    permit: Permit | None = None
    replayed: bool = False
    error: GatewayError | None = None


class _Prepared(NamedTuple):
    """An item that is fit to be judged."""

    place: int
    ask: Ask
    party: Row
    plan: Plan
    written: Written
    address: str
    zones: Zones
    jurisdictions: tuple[str, ...]


def accept(kit: Kit, tx: Tx, asks: list[Ask]) -> list[Answer]:
    """Answer each request, in order; see the steps above."""
    tx.gate(key for ask in asks for key in gate_keys(kit, ask))
    # Only now: what others did while we waited at the gate must not lie in the future of this decision.
    now = kit.clock()
    known = as_it_stands(tx, [(ask.client.id, ask.request.reference, ask.request.body_mark) for ask in asks])
    answers: list[Answer | None] = [Answer(*found) if found else None for found in known]
    book = book_in_force(kit, tx, now)
    fresh = [place for place, answer in enumerate(answers) if answer is None]
    newcomers = Newcomers(kit, tx, now, [asks[place].request for place in fresh])
    prepared: list[_Prepared] = []
    named: set[tuple[str, str]] = set()
    for place in fresh:
        key = (asks[place].client.id, asks[place].request.reference)
        if key in named:
            continue
        try:
            prepared.append(_prepare(kit, now, place, asks[place], newcomers))
            named.add(key)
        except GatewayError as error:
            answers[place] = Answer(error=error)
    if prepared:
        _judge_all(kit, tx, now, book, prepared, newcomers, answers)
    # A reference that stands twice in one group: the second meets the first as it stands.
    return [answer or accept(kit, tx, [asks[place]])[0] for place, answer in enumerate(answers)]


def gate_keys(kit: Kit, ask: Ask) -> list[str]:
    """Whom and what a request concerns: these keys are locked while it is judged."""
    request = ask.request
    keys = [f"reference:{ask.client.id}:{request.reference}", f"party:{request.party.id}"]
    if request.account:
        keys.append(f"account:{request.account.id}")
    if request.address:
        keys.append(f"address:{kit.vault.mark('address', request.address.value)}")
    return keys


def book_in_force(kit: Kit, tx: Tx, now: Instant) -> Book:
    """Read the book within the deciding transaction, so that an activation binds the next decision."""
    sha256 = tx.book_in_force(now)
    if sha256 is None:
        raise Unavailable("no policy book is in force", code="no-book")
    return kit.books.get(sha256, tx.book_text)


def _prepare(kit: Kit, now: Instant, place: int, ask: Ask, newcomers: Newcomers) -> _Prepared:
    """Check what needs more than the shape, and render; raises what is the caller's fault."""
    request = ask.request
    plan = plan_for(now, request)
    party = newcomers.party(request.party)
    if party["erased_at"] is not None:
        raise Gone("the personal data of this party were erased")
    address = (plan.address.kind, plan.address.value)
    stored_zones, stored_jurisdictions = stored_places(party)
    jurisdictions = jurisdictions_of(kit.numbers, request.party.jurisdictions, stored_jurisdictions, address)
    zones = zones_of(kit.numbers, request.party.time_zones, stored_zones, address, jurisdictions)
    written = written_for(kit, ask.client, request, party["locale"], zones.first)
    return _Prepared(
        place, ask, party, plan, written, kit.vault.mark("address", plan.address.value), zones, jurisdictions
    )


def _judge_all(
    kit: Kit,
    tx: Tx,
    now: Instant,
    book: Book,
    prepared: list[_Prepared],
    newcomers: Newcomers,
    answers: list[Answer | None],
) -> None:
    newcomers.write(tx, [item.ask.request for item in prepared])
    gathered = gather(
        tx,
        book,
        now,
        [_sought(item) for item in prepared],
    )
    newcomers.open_debtors(
        tx, [gathered.debtor(item.ask.request.account.id) for item in prepared if item.ask.request.account]
    )
    rows = Rows()
    for item in prepared:
        try:
            answers[item.place] = _judge(kit, now, book, item, gathered, newcomers, rows)
        except GatewayError as error:
            answers[item.place] = Answer(error=error)
    rows.write(tx)


def _sought(item: _Prepared) -> Sought:
    request = item.ask.request
    account = request.account.id if request.account else None
    return Sought(item.party["party"], account, item.address, item.jurisdictions, request.party.role)


def _judge(
    kit: Kit, now: Instant, book: Book, item: _Prepared, gathered: Gathered, newcomers: Newcomers, rows: Rows
) -> Answer:
    """Decide one item, take its place, and lay down its rows."""
    request, plan = item.ask.request, item.plan
    subject = subject_of(
        kit,
        item.ask.client,
        request,
        party=item.party["party"],
        address=item.address,
        account=newcomers.account(request),
        message=item.written.message,
        template_fits=item.written.fits,
    )
    facts = gathered.facts(
        subject,
        item.zones,
        item.jurisdictions,
        listed=newcomers.listed(request),
        no_route=refusal_for(kit, request, item.written.message),
        route_opens=opening_for(kit, request, item.written.message, plan.asked_at),
    )
    key, sealed_with = newcomers.key_for(item.party, facts.debtor)
    plain_facts, decision = decided(book, facts, plan.asked_at, expires_at=plan.expires_at)
    state, send_at = _state(request, decision, now)
    permit = None
    if state is State.queued and request.execution is Execution.permit:
        state, send_at = State.dispatching, None
        permit = permit_for(kit, book, facts, now, plan.expires_at)
    judged = Judged(
        client=item.ask.client,
        request=request,
        plan=plan,
        written=item.written,
        facts=facts,
        plain_facts=plain_facts,
        decision=decision,
        state=state,
        send_at=send_at,
        permit=permit,
        key=key,
        sealed_with=sealed_with,
    )
    row, place = record(kit, now, judged, rows)
    if place is not None:
        gathered.take(place)
    return Answer(request=row, decision=decision, permit=permit)


def decided(book: Book, facts: Facts, at: Instant, hold: int = 0, *, expires_at: Instant) -> tuple[bytes, Decision]:
    """Decide, and bind the decision to the digest of what it saw; return the canonical facts with it."""
    plain_facts = facts_bytes(facts)
    decision = decide(book, facts, at, hold, expires_at=expires_at)
    return plain_facts, replace(decision, facts_sha256=digest(plain_facts))


def _state(request: ContactRequest, decision: Decision, now: Instant) -> tuple[State, Instant | None]:
    match decision.effect:
        case Effect.deny:
            return State.refused, None
        case Effect.defer:
            if request.if_blocked is IfBlocked.refuse:
                return State.refused, None
            return State.scheduled, decision.not_before
    return (State.queued if decision.at <= now else State.scheduled), decision.at
