"""
Lay down the rows of one judged request: the request, its place, its permit, its evidence.

Personal data leaves here sealed, bound to table, column and row; entries get marks and pseudonyms.
"""

from typing import Any, NamedTuple

import orjson

from service.core.decide import Decision
from service.core.facts import Contact, Facts
from service.core.model import HOUR, Direction, Instant, ReservationState, State
from service.core.request import Client, ContactRequest
from service.core.stored import subject_plain

from .entries import decision_body, entry, speaking_rules
from .kit import Kit
from .permit import Permit
from .plan import Plan, Written
from .ports import PartyKey, Row, Tx
from .routing import has_desk
from .subject import of_account

ATTEMPT_COLUMNS: dict[str, Any] = {
    "request": None,
    "outcome": None,
    "asks": None,
    "duration_s": None,
    "provider": None,
    "provider_ref": None,
    "intent_at": None,
    "due_at": None,
    "ended_at": None,
    "report_mark": None,
    "sealed": None,
    "uses": None,
}
"""The columns of an attempt that start empty; every insert names them all."""


class Judged(NamedTuple):
    client: Client
    request: ContactRequest
    plan: Plan
    written: Written
    facts: Facts
    plain_facts: bytes
    decision: Decision
    state: State
    send_at: Instant | None
    permit: Permit | None
    key: PartyKey
    sealed_with: str | None


class Rows:
    """Rows to write, by table, in one go at the end of the group."""

    TABLES = ("requests", "reservations", "attempts", "permits", "decisions", "entries")

    def __init__(self) -> None:
        self._by_table: dict[str, list[Row]] = {name: [] for name in self.TABLES}

    def add(self, table: str, row: Row) -> None:
        self._by_table[table].append(row)

    def write(self, tx: Tx) -> None:
        for table, rows in self._by_table.items():
            if rows:
                tx.add(table, rows)


def record(kit: Kit, now: Instant, judged: Judged, rows: Rows) -> tuple[Row, Contact | None]:
    """Lay down the rows; return the request's and the place it takes under the caps, if any."""
    request_id = kit.ids.new("cr", now)
    row = _request_row(now, request_id, judged)
    rows.add("requests", row)
    place = None
    if judged.state is not State.refused:
        place = _place(request_id, judged, now)
        rows.add("reservations", {"request": request_id, "state": ReservationState.held, **place_columns(place)})
    if judged.permit is not None:
        rows.add("permits", permit_row(kit, request_id, judged.permit, judged.facts))
        rows.add("attempts", permit_attempt(now, request_id, judged.permit, judged.facts))
    _write_evidence(kit, now, request_id, judged, rows)
    return row, place


def _request_row(now: Instant, request_id: str, judged: Judged) -> dict[str, Any]:
    request, facts = judged.request, judged.facts
    material = orjson.dumps(judged.written.material)
    return {
        "id": request_id,
        "client": judged.client.id,
        "actor_role": judged.client.actor_role,
        "reference": request.reference,
        "body_mark": request.body_mark,
        "state": judged.state,
        "channel": request.channel,
        "purpose": request.purpose,
        "execution": request.execution,
        "priority": request.priority,
        "if_blocked": request.if_blocked,
        "party": facts.subject.party,
        "party_role": request.party.role,
        "account": facts.subject.account,
        "sealed_with": judged.sealed_with,
        "address": facts.subject.address,
        "template": request.template,
        "template_version": judged.written.version,
        "zones": orjson.dumps(request.party.time_zones).decode(),
        "jurisdictions": orjson.dumps(request.party.jurisdictions).decode(),
        # Only what it says itself of its account: at the wire, what is stored by then speaks beside it.
        "details": orjson.dumps(subject_plain(facts.subject) | of_account(request.account, {})).decode(),
        "sealed": judged.key.seal(material, f"requests/sealed/{request_id}"),
        "created_at": now,
        "asked_at": judged.plan.asked_at,
        "expires_at": judged.plan.expires_at,
        "send_at": judged.send_at,
        "tries": 0,
        "lease_until": None,
        "lease_owner": None,
    }


def _place(request_id: str, judged: Judged, now: Instant) -> Contact:
    """The place that a request takes: at its planned time, or now for a permit."""
    return place_of(judged.facts, request_id, judged.send_at if judged.send_at is not None else now)


def place_of(facts: Facts, identity: str, at: Instant) -> Contact:
    subject = facts.subject
    return Contact(
        at=at,
        channel=subject.channel,
        direction=Direction.outbound,
        outcome=None,
        party=subject.party,
        party_role=subject.party_role,
        account=subject.account,
        product=subject.product,
        address=subject.address,
        address_kind=subject.address_kind,
        purpose=subject.purpose,
        client=subject.client,
        actor_role=subject.actor_role,
        dialing=subject.dialing,
        place=subject.address_kind if subject.channel == "visit" else None,
        id=identity,
    )


def place_columns(place: Contact) -> dict[str, Any]:
    """What a place and an attempt have in common: the columns that caps match on."""
    return {
        "at": place.at,
        "channel": place.channel,
        "party": place.party,
        "party_role": place.party_role,
        "account": place.account,
        "product": place.product,
        "address": place.address,
        "address_kind": place.address_kind,
        "purpose": place.purpose,
        "client": place.client,
        "actor_role": place.actor_role,
        "dialing": place.dialing,
        "place": place.place,
    }


def permit_row(kit: Kit, request_id: str, permit: Permit, facts: Facts) -> dict[str, Any]:
    """The permit, and when its order is due at the field staff's desk, where one hears of it (`flows.orders`)."""
    return {
        "id": permit.id,
        "request": request_id,
        "attempt": permit.attempt,
        "valid_from": permit.valid_from,
        "valid_until": permit.valid_until,
        "order_at": permit.valid_from if has_desk(kit, facts.subject) else None,
    }


REPORT_GRACE = HOUR
"""An outcome unreported one hour after `valid_until` becomes `unknown`; a late report is still taken."""


def permit_attempt(now: Instant, request_id: str, permit: Permit, facts: Facts) -> dict[str, Any]:
    """The contact that a person may now make: an attempt under way, due to be reported."""
    return {
        **ATTEMPT_COLUMNS,
        **place_columns(place_of(facts, permit.attempt, now)),
        "id": permit.attempt,
        "request": request_id,
        "direction": Direction.outbound,
        "source": "permit",
        "intent_at": now,
        "due_at": permit.valid_until + REPORT_GRACE,
        "recorded_at": now,
    }


def _write_evidence(kit: Kit, now: Instant, request_id: str, judged: Judged, rows: Rows) -> None:
    """The entry, and under its id the sealed facts that led to the decision."""
    facts, subject = judged.facts, judged.facts.subject
    more: dict[str, Any] = {
        "purpose": subject.purpose,
        "party_role": subject.party_role,
        "execution": subject.execution,
        "if_blocked": judged.request.if_blocked,
        "template": judged.request.template,
        "template_version": judged.written.version,
        "text_mark": kit.vault.mark("text", judged.written.message.digest),
        "send_at": judged.send_at,
        "expires_at": judged.plan.expires_at,
        "decision": decision_body(judged.decision),
    }
    if judged.permit is not None:
        more["intent"] = judged.permit.attempt
        more["permit"] = [judged.permit.id, judged.permit.valid_from, judged.permit.valid_until]
    row = entry(
        kit,
        now,
        "request.refused" if judged.state is State.refused else "request.accepted",
        judged.client.id,
        client=judged.client.id,
        request=request_id,
        party=subject.party,
        account=subject.account,
        address=subject.address,
        channel=subject.channel,
        state=judged.state,
        effect=judged.decision.effect.name,
        rules=speaking_rules(judged.decision),
        zone=facts.zones[0] if facts.zones else None,
        more=more,
    )
    rows.add("entries", row)
    seal = Seal(judged.key, judged.sealed_with)
    rows.add("decisions", decision_row(row, request_id, judged.decision, judged.plain_facts, seal))


class Seal(NamedTuple):
    """The key that seals, and the second party it was derived from, if any."""

    key: PartyKey
    sealed_with: str | None


def decision_row(evidence: Row, request_id: str, decision: Decision, plain_facts: bytes, seal: Seal) -> dict[str, Any]:
    """The facts of the decision that an entry tells of, sealed under the key of those they speak of."""
    return {
        "id": evidence["id"],
        "request": request_id,
        "at": evidence["at"],
        "book": decision.book,
        "facts_sha256": decision.facts_sha256,
        "sealed_with": seal.sealed_with,
        "party": evidence["party"],
        "sealed": seal.key.seal_compressed(plain_facts, f"decisions/sealed/{evidence['id']}"),
    }
