"""
Suppressions: an address, a party or an account that is not to be contacted, until that is lifted.

An address is kept as its mark alone: it can be looked up by who knows it and read by nobody. With a
party it is barred for that party alone, without one for everybody.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from service.core.errors import Invalid, NotFound
from service.core.facts import Suppression
from service.core.model import Channel, Instant, Purpose, SuppressionReason, SuppressionScope
from service.core.request import Client

from .concerned import accounts_for, party_for
from .entries import entry
from .keep import Kept, keep
from .kit import Kit
from .ports import Row, Tx


class Told(NamedTuple):
    """A suppression in the lender's words; `value` is None for an address, of which only the mark is kept."""

    id: str
    scope: SuppressionScope
    value: str | None
    party: str | None
    channel: Channel | None
    purpose: Purpose | None
    reason: SuppressionReason | None
    since: Instant
    until: Instant | None
    lifted_at: Instant | None


def suppress(kit: Kit, tx: Tx, client: Client, said: Suppression) -> Kept:
    """Add a suppression in the lender's words: `value` is a clear address in its canonical form, or an id."""
    _check(said)
    now = kit.clock()
    value = said.value
    gates = [f"party:{said.party}"] if said.party else []
    if said.scope is SuppressionScope.address:
        value = kit.vault.mark("address", said.value)
    tx.gate([*gates, f"{said.scope}:{value}"])
    party = party_for(kit, tx, now, said.party)["party"] if said.party else None
    match said.scope:
        case SuppressionScope.party:
            value, party = party_for(kit, tx, now, said.value)["party"], None
        case SuppressionScope.account:
            accounts_for(tx, now, [said.value])
    row = _row(kit, now, said._replace(value=value, party=party))
    kept = keep(tx, "suppressions", row)
    if kept.new:
        tx.add("entries", [_entry(kit, now, "suppression.added", client.id, row, client=client.id)])
    return kept


def lift_suppression(kit: Kit, tx: Tx, client: Client, suppression_id: str) -> Row:
    """Lift a suppression from now on; again is harmless."""
    now = kit.clock()
    tx.gate([f"suppression:{suppression_id}"])
    found = tx.rows("suppressions", {"id": suppression_id})
    if not found:
        raise NotFound("no such suppression")
    row = found[0]
    if row["lifted_at"] is None:
        row["lifted_at"] = now
        tx.change("suppressions", {"id": suppression_id}, {"lifted_at": now})
        tx.add("entries", [_entry(kit, now, "suppression.lifted", client.id, row, client=client.id)])
    return row


def find_suppressions(kit: Kit, tx: Tx, *, address: str | None, party: str | None, account: str | None) -> list[Told]:
    """What stands against an address, a party or an account, or against any of those that are named; oldest first."""
    wheres: list[dict[str, Any]] = []
    if address:
        wheres.append({"scope": SuppressionScope.address, "value": kit.vault.mark("address", address)})
    if party and (known := tx.parties([party])):
        pseudonym = known[party]["party"]
        wheres += [{"scope": SuppressionScope.party, "value": pseudonym}, {"party": pseudonym}]
    if account:
        wheres.append({"scope": SuppressionScope.account, "value": account})
    rows = {row["id"]: row for where in wheres for row in tx.rows("suppressions", {**where, "lifted_at": None})}
    return told(tx, [rows[name] for name in sorted(rows)])


def told(tx: Tx, rows: Sequence[Row]) -> list[Told]:
    """Rows back in the lender's words."""
    pseudonyms = {row["value"] for row in rows if row["scope"] == SuppressionScope.party}
    pseudonyms |= {row["party"] for row in rows if row["party"]}
    people = tx.parties_named(sorted(pseudonyms)) if pseudonyms else {}
    return [
        Told(
            id=row["id"],
            scope=SuppressionScope(row["scope"]),
            value=_value_told(row, people),
            party=people[row["party"]]["id"] if row["party"] else None,
            channel=row["channel"] and Channel(row["channel"]),
            purpose=row["purpose"] and Purpose(row["purpose"]),
            reason=row["reason"] and SuppressionReason(row["reason"]),
            since=row["since"],
            until=row["until"],
            lifted_at=row["lifted_at"],
        )
        for row in rows
    ]


def add_suppression(kit: Kit, tx: Tx, now: Instant, said: Suppression, actor: str) -> bool:
    """Add a suppression whose `value` is a mark, a pseudonym or an account id; False: it stands already."""
    row = _row(kit, now, said)
    same = {name: row[name] for name in ("scope", "value", "party", "channel", "purpose", "reason", "lifted_at")}
    if tx.rows("suppressions", same):
        return False
    tx.add("suppressions", [row])
    tx.add("entries", [_entry(kit, now, "suppression.added", actor, row)])
    return True


def end_suppressions(kit: Kit, tx: Tx, now: Instant, where: Row, actor: str) -> None:
    """Lift what stands by that description, because what it rested on has ended."""
    for row in tx.rows("suppressions", {**where, "lifted_at": None}):
        tx.change("suppressions", {"id": row["id"]}, {"lifted_at": now})
        tx.add("entries", [_entry(kit, now, "suppression.lifted", actor, row)])


def suppress_wrong_number(kit: Kit, tx: Tx, now: Instant, attempt: Row, actor: str) -> None:
    """Bar the address of an attempt for its party, because it reached somebody else; at once and on every channel."""
    bar_wrong_numbers(kit, tx, now, [attempt], actor)


def bar_wrong_numbers(kit: Kit, tx: Tx, now: Instant, attempts: Sequence[Row], actor: str) -> None:
    """The same for many attempts: one query, one insert; what is barred already stays as it is."""
    wrong = {(row["address"], row["party"]): row for row in attempts if row["address"] and row["party"]}
    if not wrong:
        return
    barred = tx.rows(
        "suppressions",
        {
            "value": sorted({address for address, _ in wrong}),
            "scope": SuppressionScope.address,
            "reason": SuppressionReason.wrong_number,
            "lifted_at": None,
        },
    )
    for row in barred:
        wrong.pop((row["value"], row["party"]), None)
    rows = [
        _row(
            kit,
            now,
            Suppression(
                SuppressionScope.address,
                address,
                min(attempt["at"], now),
                party=party,
                reason=SuppressionReason.wrong_number,
            ),
        )
        for (address, party), attempt in wrong.items()
    ]
    if rows:
        tx.add("suppressions", rows)
        deeds = [
            _entry(kit, now, "suppression.added", actor, row, attempt=wrong[row["value"], row["party"]]["id"])
            for row in rows
        ]
        tx.add("entries", deeds)


def _check(said: Suppression) -> None:
    if said.until is not None and said.until <= said.since:
        raise Invalid("until", "must be later than from")
    agrees = said.scope is SuppressionScope.address or said.party is None
    if not agrees and (said.scope is SuppressionScope.account or said.party != said.value):
        raise Invalid("party_id", "only an address can be barred for one party alone")


def _value_told(row: Row, people: dict[str, Row]) -> str | None:
    match SuppressionScope(row["scope"]):
        case SuppressionScope.address:
            return None
        case SuppressionScope.party:
            return str(people[row["value"]]["id"])
        case SuppressionScope.account:
            return str(row["value"])


def _row(kit: Kit, now: Instant, kept: Suppression) -> dict[str, Any]:
    return {
        "id": kit.ids.new("s", now),
        "scope": kept.scope,
        "value": kept.value,
        "party": kept.party,
        "channel": kept.channel,
        "purpose": kept.purpose,
        "reason": kept.reason,
        "since": kept.since,
        "until": kept.until,
        "lifted_at": None,
    }


def _entry(
    kit: Kit, now: Instant, kind: str, actor: str, row: Row, *, client: str | None = None, attempt: str | None = None
) -> Row:
    scope = SuppressionScope(row["scope"])
    more = {name: row[name] for name in ("scope", "purpose", "reason", "until")}
    more |= {"suppression": row["id"], "from": row["since"]}
    if attempt:
        more["attempt"] = attempt
    return entry(
        kit,
        now,
        kind,
        actor,
        client=client,
        party=row["value"] if scope is SuppressionScope.party else row["party"],
        account=row["value"] if scope is SuppressionScope.account else None,
        address=row["value"] if scope is SuppressionScope.address else None,
        channel=row["channel"],
        more=more,
    )
