"""
Blocks, the kill switches: a channel, a client, a jurisdiction or a party that nothing goes out for.

New requests are refused; waiting ones keep waiting until the block is lifted or they expire.
"""

from collections.abc import Sequence
from typing import NamedTuple

from service.core.errors import Invalid, NotFound
from service.core.model import BlockScope, Channel, Instant
from service.core.request import Client

from .concerned import party_for
from .entries import entry
from .keep import Kept, keep
from .kit import Kit
from .ports import Row, Tx


class Told(NamedTuple):
    """A block in the lender's words."""

    id: str
    scope: BlockScope
    value: str
    reason: str | None
    since: Instant
    lifted_at: Instant | None


def place_block(kit: Kit, tx: Tx, client: Client, scope: BlockScope, value: str, reason: str | None) -> Kept:
    """Block from now on. A value that names nothing is refused: whoever pulls this switch must know that it holds."""
    now = kit.clock()
    tx.gate([f"block:{scope}:{value}", *([f"party:{value}"] if scope is BlockScope.party else [])])
    row = {
        "id": kit.ids.new("b", now),
        "scope": scope,
        "value": _kept_value(kit, tx, now, scope, value),
        "reason": reason,
        "since": now,
        "lifted_at": None,
    }
    kept = keep(tx, "blocks", row, apart=("since", "reason"))
    if kept.new:
        tx.add("entries", [_entry(kit, now, "block.placed", client, row)])
    return kept


def lift_block(kit: Kit, tx: Tx, client: Client, block_id: str) -> Row:
    """Lift a block from now on; again is harmless."""
    now = kit.clock()
    tx.gate([f"block:{block_id}"])
    found = tx.rows("blocks", {"id": block_id})
    if not found:
        raise NotFound("no such block")
    row = found[0]
    if row["lifted_at"] is None:
        row["lifted_at"] = now
        tx.change("blocks", {"id": block_id}, {"lifted_at": now})
        tx.add("entries", [_entry(kit, now, "block.lifted", client, row)])
    return row


def standing_blocks(tx: Tx) -> list[Told]:
    """Every block that stands, oldest first."""
    return told(tx, tx.rows("blocks", {"lifted_at": None}, order=("id",)))


def told(tx: Tx, rows: Sequence[Row]) -> list[Told]:
    """Rows back in the lender's words."""
    people = tx.parties_named(sorted({row["value"] for row in rows if row["scope"] == BlockScope.party}))
    return [
        Told(
            id=row["id"],
            scope=BlockScope(row["scope"]),
            value=people[row["value"]]["id"] if row["scope"] == BlockScope.party else row["value"],
            reason=row["reason"],
            since=row["since"],
            lifted_at=row["lifted_at"],
        )
        for row in rows
    ]


def _kept_value(kit: Kit, tx: Tx, now: Instant, scope: BlockScope, value: str) -> str:
    match scope:
        case BlockScope.channel if value not in set(Channel):
            raise Invalid("value", "no such channel")
        case BlockScope.client if not tx.rows("clients", {"id": value}):
            raise Invalid("value", "no such client")
        case BlockScope.party:
            return str(party_for(kit, tx, now, value)["party"])
        case _:
            return value


def _entry(kit: Kit, now: Instant, kind: str, client: Client, row: Row) -> Row:
    """The reason is an officer's own words, and stays out of the evidence."""
    party = row["value"] if row["scope"] == BlockScope.party else None
    more = {"block": row["id"], "scope": row["scope"], "value": None if party else row["value"]}
    return entry(
        kit,
        now,
        kind,
        client.id,
        client=client.id,
        party=party,
        channel=row["value"] if row["scope"] == BlockScope.channel else None,
        more=more,
    )
