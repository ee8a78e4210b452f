"""Holds: states of an account or a party that stop or narrow contact until they are released."""

import orjson

from service.core.errors import Invalid, NotFound
from service.core.facts import Hold
from service.core.model import Instant
from service.core.request import Client

from .concerned import accounts_for, known_party, party_for
from .entries import entry
from .keep import Kept, keep
from .kit import Kit
from .ports import Row, Tx


def place_hold(kit: Kit, tx: Tx, client: Client, said: Hold) -> Kept:
    """Place a hold on an account or on a party, by the lender's id; it binds from `since` on."""
    if said.until is not None and said.until <= said.since:
        raise Invalid("until", "must be later than from")
    now = kit.clock()
    tx.gate([_gate_key(said.party, said.account)])
    party = party_for(kit, tx, now, said.party)["party"] if said.party else None
    if said.account:
        accounts_for(tx, now, [said.account])
    row = {
        "id": kit.ids.new("h", now),
        "account": said.account,
        "party": party,
        "kind": said.kind,
        "since": said.since,
        "until": said.until,
        "allowed_purposes": orjson.dumps(sorted(set(said.allowed_purposes))).decode(),
        "released_at": None,
    }
    kept = keep(tx, "holds", row)
    if kept.new:
        tx.add("entries", [_entry(kit, now, "hold.placed", client, row)])
    return kept


def release_hold(
    kit: Kit, tx: Tx, client: Client, hold_id: str, *, party: str | None = None, account: str | None = None
) -> Row:
    """Release a hold of this party or account from now on; again is harmless. It reopens no refused request."""
    now = kit.clock()
    tx.gate([_gate_key(party, account)])
    owner = {"party": known_party(tx, party)["party"]} if party else {"account": account}
    found = tx.rows("holds", {"id": hold_id, **owner})
    if not found:
        raise NotFound("no such hold here")
    row = found[0]
    if row["released_at"] is None:
        row["released_at"] = now
        tx.change("holds", {"id": hold_id}, {"released_at": now})
        tx.add("entries", [_entry(kit, now, "hold.released", client, row)])
    return row


def _gate_key(party: str | None, account: str | None) -> str:
    return f"party:{party}" if party else f"account:{account}"


def _entry(kit: Kit, now: Instant, kind: str, client: Client, row: Row) -> Row:
    more = {
        "hold": row["id"],
        "hold_kind": row["kind"],
        "from": row["since"],
        "until": row["until"],
        "allowed_purposes": orjson.loads(row["allowed_purposes"]),
    }
    return entry(kit, now, kind, client.id, client=client.id, party=row["party"], account=row["account"], more=more)
