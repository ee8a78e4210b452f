"""Preferences: the windows within which a party will not be contacted, or outside of which."""

import orjson

from service.core.errors import NotFound
from service.core.facts import Preference
from service.core.model import Instant
from service.core.request import Client

from .concerned import known_party, party_for
from .entries import entry
from .keep import Kept, keep
from .kit import Kit
from .ports import Row, Tx


def add_preference(kit: Kit, tx: Tx, client: Client, said: Preference) -> Kept:
    """Record a preference; `said.party` is the lender's id."""
    now = kit.clock()
    tx.gate([f"party:{said.party}"])
    row = {
        "id": kit.ids.new("pf", now),
        "party": party_for(kit, tx, now, said.party)["party"],
        "kind": said.kind,
        "window": orjson.dumps(tuple(said.window)).decode(),
        "channel": said.channel,
        "created_at": now,
        "deleted_at": None,
    }
    kept = keep(tx, "preferences", row, apart=("created_at",))
    if kept.new:
        tx.add("entries", [_entry(kit, now, "preference.added", client, row)])
    return kept


def delete_preference(kit: Kit, tx: Tx, client: Client, party_id: str, preference_id: str) -> None:
    """Let a preference speak no longer; again is harmless."""
    now = kit.clock()
    tx.gate([f"party:{party_id}"])
    party = known_party(tx, party_id)
    found = tx.rows("preferences", {"id": preference_id, "party": party["party"]})
    if not found:
        raise NotFound("no such preference of this party")
    if found[0]["deleted_at"] is None:
        tx.change("preferences", {"id": preference_id}, {"deleted_at": now})
        tx.add("entries", [_entry(kit, now, "preference.deleted", client, found[0])])


def _entry(kit: Kit, now: Instant, kind: str, client: Client, row: Row) -> Row:
    more = {"preference": row["id"], "preference_kind": row["kind"], "window": row["window"]}
    return entry(kit, now, kind, client.id, client=client.id, party=row["party"], channel=row["channel"], more=more)
