"""
Clients and their keys: made, listed, revoked, and recognised by the SHA-256 of the key.

A key is `gw_<client>_<43 characters>`, 256 random bits; only its digest is stored. It is shown once,
when it is made, and cannot be had again. A client keeps its id, and with it its requests, when it is
given a new key after the old one was revoked. Every change is an entry.
"""

import re
from collections.abc import Iterable
from typing import Any

from service.core.canonical import digest
from service.core.errors import Conflict, Invalid, NotFound
from service.core.model import ActorRole, Instant
from service.core.request import Client

from .entries import entry
from .kit import Kit
from .ports import Row, Tx

ID_FORM = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}")


def create_key(
    kit: Kit,
    tx: Tx,
    actor: str,
    *,
    client: str,
    actor_role: ActorRole,
    scopes: Iterable[str],
    secret: str,
    name: str | None = None,
) -> str:
    """
    Give a new client, or one whose key was revoked, a key; return it this once.

    `name` is how messages speak of an agency. Conflict if the client has a key that is not revoked.
    """
    if not ID_FORM.fullmatch(client):
        raise Invalid("client", "must be 1 to 63 lower-case letters, digits, points and hyphens")
    tx.gate(["clients"])
    now = kit.clock()
    key = f"gw_{client}_{secret}"
    row = {
        "id": client,
        "name": name or client,
        "actor_role": actor_role,
        "scopes": " ".join(sorted(set(scopes))),
        "key_sha256": digest(key.encode()),
        "created_at": now,
        "revoked_at": None,
    }
    known = tx.rows("clients", {"id": client})
    if known and known[0]["revoked_at"] is None:
        raise Conflict("this client has a key; revoke it first")
    if known:
        tx.change("clients", {"id": client}, {column: value for column, value in row.items() if column != "id"})
    else:
        tx.add("clients", [row])
    tx.add("entries", [_entry(kit, now, "key.created", actor, row)])
    return key


def revoke_key(kit: Kit, tx: Tx, actor: str, client: str) -> Row:
    """Revoke a client's key; again is harmless. Every serving process refuses it within seconds."""
    tx.gate(["clients"])
    found = tx.rows("clients", {"id": client})
    if not found:
        raise NotFound("no such client")
    row = found[0]
    if row["revoked_at"] is None:
        now = kit.clock()
        row["revoked_at"] = now
        tx.change("clients", {"id": client}, {"revoked_at": now})
        tx.add("entries", [_entry(kit, now, "key.revoked", actor, row)])
    return row


def list_clients(tx: Tx) -> list[dict[str, Any]]:
    """Every client there ever was, by id."""
    return tx.rows("clients", {}, order=["id"])


def client_by_key(tx: Tx, key_sha256: str) -> Client | None:
    """Whose key has this digest; None if nobody's, or revoked."""
    found = tx.rows("clients", {"key_sha256": key_sha256, "revoked_at": None})
    if not found:
        return None
    row = found[0]
    return Client(
        id=row["id"],
        actor_role=ActorRole(row["actor_role"]),
        scopes=frozenset(row["scopes"].split()),
        name=row["name"],
    )


def _entry(kit: Kit, now: Instant, kind: str, actor: str, row: Row) -> Row:
    more = {"name": row["name"], "actor_role": row["actor_role"], "scopes": row["scopes"].split()}
    return entry(kit, now, kind, actor, client=row["id"], more=more)
