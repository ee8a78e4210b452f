"""
Send what is due: three commits, one call, and no transaction open while the wire is in use.

    1. claim due requests under a lease (commit)
    2. open their personal data, render with the pinned version, decide again on fresh facts, and
       write the intent, or defer, refuse, expire, or issue the permit (commit)
    3. send each with its attempt id as the provider's idempotency key
    4. write the outcome (commit)

After step 2 nothing is sent again unless it is certain that it was not sent: a crash leaves an
attempt without an outcome, which counts in every cap and which the sweep reconciles.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import orjson

from service.core.decide import GATEWAY, Decision
from service.core.facts import Facts, Subject
from service.core.lifecycle import WAITING, move
from service.core.model import SECOND, Effect, Execution, Fate, IfBlocked, Instant, Outcome, ReservationState, State
from service.core.policy import Book
from service.core.rendering import Message
from service.core.stored import subject_from

from .accept import book_in_force, decided
from .allowances import Allowances, allowances_for
from .entries import decision_body, entry, speaking_rules
from .gather import Gathered, Sought, gather
from .kit import Kit
from .material import open_material, values_of
from .outcome import TOO_LATE, settle
from .permit import permit_for
from .places import Zones, jurisdictions_of, zones_of
from .plan import render
from .ports import Channels, Dispatch, Recipient, Row, SendResult, Store, Tx
from .providers import Wanted
from .record import ATTEMPT_COLUMNS, Seal, decision_row, permit_attempt, permit_row, place_columns, place_of
from .routing import NOTHING, opened_up, tried_on, wanted_for
from .subject import beside

CLAIM_MAX = 32
"""Requests claimed at a time; all their sends run side by side within one lease."""

BLOCKED_PAUSE = 30 * SECOND
"""How long a waiting request rests before it asks again whether a block still stands."""

_NOT_SENT = SendResult(Fate.retryable, Outcome.failed, detail=TOO_LATE)

_NOT_WAITING = {"send_at": None, "lease_until": None, "lease_owner": None}
"""What a request loses when its wait ends."""


class Going(NamedTuple):
    """An attempt whose intent is committed."""

    attempt: str
    provider: str
    dispatch: Dispatch


class Deciding(Protocol):
    """Groups claimed requests into one deciding transaction; a lone failing item answers with its exception."""

    async def submit(self, items: Sequence[str]) -> Sequence[Going | BaseException | None]: ...


class Dispatched(NamedTuple):
    claimed: int
    sent: int
    failures: tuple[BaseException, ...]


async def dispatch_due(
    kit: Kit, store: Store, channels: Channels, deciding: Deciding, owner: str, limit: int = CLAIM_MAX
) -> Dispatched:
    """Claim, decide, send and record one round of due requests; see the steps above."""
    now = kit.clock()
    until, elsewhere = Instant(now + kit.limits.lease), channels.elsewhere()
    claimed = await store.write(lambda tx: tx.claim(now, limit, owner, until, elsewhere))
    if not claimed:
        return Dispatched(0, 0, ())
    decided = await deciding.submit([row["id"] for row in claimed])
    going = [item for item in decided if isinstance(item, Going)]
    results = await asyncio.gather(*(_send(kit, store, channels, item) for item in going), return_exceptions=True)
    failures = [item for item in (*decided, *results) if isinstance(item, BaseException)]
    return Dispatched(len(claimed), len(going), tuple(failures))


async def _send(kit: Kit, store: Store, channels: Channels, going: Going) -> None:
    """
    Steps 3 and 4. A result that cannot be written leaves the attempt to the sweep.

    Whoever was held up for longer than the margin does not send: the decision would no longer hold at the wire, and
    the sweep of another process may have asked the provider, heard that nothing came, and planned the request anew.
    """
    late = kit.clock() > going.dispatch.at + kit.limits.send_margin
    result = _NOT_SENT if late else await channels.send(going.provider, going.dispatch)
    await store.write(lambda tx: settle(kit, tx, going.attempt, result))


class _Due(NamedTuple):
    """A claimed request, read again inside the deciding transaction, with its people's key opened."""

    row: Row
    subject: Subject
    material: dict[str, Any]
    message: Message
    seal: Seal
    zones: Zones
    jurisdictions: tuple[str, ...]


class _Seen(NamedTuple):
    """A decision at the wire, with the facts it saw, their canonical bytes, and how long it had to hold."""

    facts: Facts
    plain_facts: bytes
    decision: Decision
    hold: int


def decide_due(kit: Kit, tx: Tx, requests: Sequence[str]) -> list[Going | None]:
    """Step 2 for a group: the body of one transaction. None: nothing goes out now."""
    rows = [row for row in tx.rows("requests", {"id": list(requests)}) if row["state"] in WAITING]
    people = _people(tx, rows)
    tx.gate(key for row in rows for key in _gate_keys(row, people))
    # Behind the gate all is read again, the clock as well: what waited there may have been cancelled or planned
    # anew, and what others did meanwhile must not lie in the future of this decision.
    now = kit.clock()
    claimed = tx.rows("requests", {"id": [row["id"] for row in rows]}) if rows else []
    rows = [row for row in claimed if row["state"] in WAITING and row["send_at"] <= now]
    people = _people(tx, rows)
    book = book_in_force(kit, tx, now)
    due = {row["id"]: _open(kit, tx, row, people) for row in rows}
    gathered = gather(
        tx,
        book,
        now,
        [_sought(item.subject, item.jurisdictions) for item in due.values()],
    )
    tried, allowances = tried_on(kit, tx, rows), allowances_for(tx, rows)
    accounts = tx.accounts(sorted({item.subject.account for item in due.values() if item.subject.account}))

    def decided_now(item: _Due) -> Going | None:
        """Each sees the places and allowances that those before it took."""
        sealed = wanted_for(item.row, tried.get(item.row["id"], NOTHING), allowances.spent(item.row["address"]))
        wanted = opened_up(kit, sealed, item.material, item.message)
        return _decide_one(kit, tx, now, book, item, gathered, accounts, wanted, allowances)

    return [decided_now(due[name]) if name in due else None for name in requests]


def _sought(who: Subject, jurisdictions: tuple[str, ...]) -> Sought:
    return Sought(who.party, who.account, who.address, jurisdictions, who.party_role)


def _people(tx: Tx, rows: Sequence[Row]) -> dict[str, Row]:
    names = {name for row in rows for name in (row["party"], row["sealed_with"]) if name}
    return tx.parties_named(sorted(names)) if names else {}


def _gate_keys(row: Row, people: dict[str, Row]) -> list[str]:
    keys = [f"request:{row['id']}", f"party:{people[row['party']]['id']}"]
    if row["account"]:
        keys.append(f"account:{row['account']}")
    if row["address"]:
        keys.append(f"address:{row['address']}")
    return keys


def _open(kit: Kit, tx: Tx, row: Row, people: dict[str, Row]) -> _Due:
    """Open what the request keeps sealed, and render it in the version it is pinned to."""
    key, material = open_material(kit, row, people)
    message = render(kit, row["template_version"], material)
    party = people[row["party"]]
    address = (material["kind"], material["address"])
    jurisdictions = jurisdictions_of(
        kit.numbers, orjson.loads(row["jurisdictions"]), orjson.loads(party["jurisdictions"]), address
    )
    zones = zones_of(kit.numbers, orjson.loads(row["zones"]), orjson.loads(party["time_zones"]), address, jurisdictions)
    subject = subject_from(row["details"], message.body)
    return _Due(row, subject, material, message, Seal(key, row["sealed_with"]), zones, jurisdictions)


def _decide_one(
    kit: Kit,
    tx: Tx,
    now: Instant,
    book: Book,
    due: _Due,
    gathered: Gathered,
    accounts: dict[str, Row],
    wanted: Wanted,
    allowances: Allowances,
) -> Going | None:
    """Expire, wait, refuse, defer, permit, or write the intent."""
    row = due.row
    if now >= row["expires_at"]:
        close(kit, tx, now, row, State.expired, "request.expired")
        return None
    by_permit = row["execution"] == Execution.permit
    account = accounts[row["account"]] if row["account"] else {}
    facts = gathered.facts(
        beside(due.subject, account),
        due.zones,
        due.jurisdictions,
        listed=account.get("listed_at") is not None,
        no_route=None if by_permit else kit.routes.refusal(wanted),
        route_opens=None if by_permit or row["if_blocked"] == IfBlocked.defer else kit.routes.opens(wanted, now),
        without=row["id"],
    )
    hold = 0 if by_permit else kit.limits.hold
    plain_facts, decision = decided(book, facts, now, hold, expires_at=row["expires_at"])
    seen = _Seen(facts, plain_facts, decision, hold)
    if _only_blocked(decision):
        tx.change(
            "requests", {"id": row["id"]}, {"send_at": now + BLOCKED_PAUSE, "lease_until": None, "lease_owner": None}
        )
        return None
    if decision.effect is Effect.deny or (decision.effect is Effect.defer and row["if_blocked"] == IfBlocked.refuse):
        _close_decided(kit, tx, now, due, seen)
        return None
    if decision.effect is Effect.defer:
        gathered.take(place_of(facts, row["id"], _put_off(kit, tx, now, due, seen)))
        return None
    choice = None if by_permit else kit.routes.choose(wanted, now)
    if choice is not None and choice.account is None:
        gathered.take(place_of(facts, row["id"], _wait(tx, row, choice.until or Instant(now + BLOCKED_PAUSE))))
        return None
    gathered.take(place_of(facts, row["id"], now))
    if choice is None or choice.account is None:
        _issue(kit, tx, now, book, due, seen)
        return None
    if choice.uses is not None:
        allowances.take(row["address"], choice.account, choice.uses)
    return _intend(kit, tx, now, due, seen, choice.account, choice.uses)


def _wait(tx: Tx, row: Row, until: Instant) -> Instant:
    """
    Wait for the route: its account is closed, resting, at its pace or away. All is decided anew when it is due.

    The wait is no state of the request and leaves no entry: it may come often, and says nothing of the contact.
    """
    tx.change("requests", {"id": row["id"]}, {"send_at": until, "lease_until": None, "lease_owner": None})
    tx.change("reservations", {"request": row["id"]}, {"at": until})
    return until


def _only_blocked(decision: Decision) -> bool:
    """A block makes waiting requests wait; any other denial stands by itself."""
    denials = {verdict.rule for verdict in decision.verdicts if verdict.effect is Effect.deny}
    return denials == {f"{GATEWAY}/blocked"}


def close(kit: Kit, tx: Tx, now: Instant, row: Row, state: State, kind: str, actor: str = "system") -> None:
    """End a waiting request without a contact; its place is given back."""
    move(State(row["state"]), state)
    tx.change("requests", {"id": row["id"]}, {"state": state, **_NOT_WAITING})
    tx.change("reservations", {"request": row["id"]}, {"state": ReservationState.released})
    tx.add("entries", [_entry(kit, now, row, kind, state, actor=actor)])


def _close_decided(kit: Kit, tx: Tx, now: Instant, due: _Due, seen: _Seen) -> None:
    row = due.row
    move(State(row["state"]), State.refused)
    tx.change(
        "requests",
        {"id": row["id"]},
        {"state": State.refused, "send_at": None, "lease_until": None, "lease_owner": None},
    )
    tx.change("reservations", {"request": row["id"]}, {"state": ReservationState.released})
    _evidence(kit, tx, now, due, seen, "request.refused", State.refused)


def _put_off(kit: Kit, tx: Tx, now: Instant, due: _Due, seen: _Seen) -> Instant:
    """Deferred at the wire: planned anew, with its place moved along; until when."""
    row, until = due.row, seen.decision.not_before
    assert until is not None
    tx.change("requests", {"id": row["id"]}, {**_NOT_WAITING, "state": State.scheduled, "send_at": until})
    tx.change("reservations", {"request": row["id"]}, {"at": until})
    _evidence(kit, tx, now, due, seen, "request.deferred", State.scheduled, send_at=until)
    return until


def _issue(kit: Kit, tx: Tx, now: Instant, book: Book, due: _Due, seen: _Seen) -> None:
    """A planned permit comes due: issued now, and this entry is the intent."""
    row = due.row
    permit = permit_for(kit, book, seen.facts, now, row["expires_at"])
    _start(tx, now, row)
    tx.add("permits", [permit_row(kit, row["id"], permit, seen.facts)])
    tx.add("attempts", [permit_attempt(now, row["id"], permit, seen.facts)])
    more = {"intent": permit.attempt, "permit": [permit.id, permit.valid_from, permit.valid_until]}
    _evidence(kit, tx, now, due, seen, "request.permitted", State.dispatching, **more)


def _intend(kit: Kit, tx: Tx, now: Instant, due: _Due, seen: _Seen, provider: str, uses: str | None) -> Going:
    """Write the intent; from here on the contact may have happened, and what it uses up is used."""
    row, subject = due.row, due.subject
    attempt = kit.ids.new("a", now)
    _start(tx, now, row)
    tx.add(
        "attempts",
        [
            {
                **ATTEMPT_COLUMNS,
                **place_columns(place_of(seen.facts, attempt, now)),
                "id": attempt,
                "request": row["id"],
                "direction": "outbound",
                "source": "gateway",
                "provider": provider,
                "uses": uses,
                "intent_at": now,
                "due_at": now + 2 * kit.limits.hold,
                "recorded_at": now,
            }
        ],
    )
    _evidence(
        kit,
        tx,
        now,
        due,
        seen,
        "attempt.intended",
        State.dispatching,
        intent=attempt,
        provider=provider,
        template_version=row["template_version"],
        text_mark=kit.vault.mark("text", due.message.digest),
    )
    to = Recipient(due.material["name"], subject.address_kind, due.material["address"])  # type: ignore[arg-type]
    return Going(
        attempt,
        provider,
        Dispatch(
            attempt=attempt,
            request=row["id"],
            at=now,
            channel=subject.channel,
            purpose=subject.purpose,
            to=to,
            message=due.message,
            dialing=subject.dialing,
            recording=bool(subject.recording_available),
            letter_service=subject.letter_service,
            values=values_of(kit, due.material),
        ),
    )


def _start(tx: Tx, now: Instant, row: Row) -> None:
    move(State(row["state"]), State.dispatching)
    tx.change(
        "requests",
        {"id": row["id"]},
        {
            "state": State.dispatching,
            "send_at": None,
            "lease_until": None,
            "lease_owner": None,
            "tries": row["tries"] + 1,
        },
    )
    tx.change("reservations", {"request": row["id"]}, {"at": now})


def _evidence(kit: Kit, tx: Tx, now: Instant, due: _Due, seen: _Seen, kind: str, state: State, **more: Any) -> None:
    """The entry of a decision at the wire, and its sealed facts."""
    row = _entry(
        kit,
        now,
        due.row,
        kind,
        state,
        effect=seen.decision.effect.name,
        rules=speaking_rules(seen.decision),
        zone=seen.facts.zones[0] if seen.facts.zones else None,
        more={
            "decision": decision_body(seen.decision),
            "hold": seen.hold,
            "expires_at": due.row["expires_at"],
            **more,
        },
    )
    tx.add("entries", [row])
    tx.add("decisions", [decision_row(row, due.row["id"], seen.decision, seen.plain_facts, due.seal)])


def _entry(kit: Kit, now: Instant, row: Row, kind: str, state: State, *, actor: str = "system", **more: Any) -> Row:
    return entry(
        kit,
        now,
        kind,
        actor,
        client=row["client"],
        request=row["id"],
        party=row["party"],
        account=row["account"],
        address=row["address"],
        channel=row["channel"],
        state=state,
        **more,
    )
