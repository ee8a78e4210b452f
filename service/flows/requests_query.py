"""
Read contact requests as they stand: one with all that became of it, or a page of many.

A client sees its own; `audit:read` sees all. Without `pii:read` a name and an address are masked. To
read another's request, or to see values, leaves an entry; to poll one's own does not.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from service.core.decide import Decision
from service.core.masks import mask_address, mask_name
from service.core.model import AddressKind, Instant
from service.core.request import Client

from .cancel import own_request
from .entries import decision_from, entry
from .kit import Kit
from .newcomers import open_key
from .permit import Permit
from .ports import PartyKey, Row, Tx
from .report import SOURCE
from .standing import permits_of

AUDIT_READ = "audit:read"
PII_READ = "pii:read"


class Decided(NamedTuple):
    """One decision of a request: the entry that tells of it, and when."""

    entry: str
    at: Instant
    decision: Decision


class Told(NamedTuple):
    """
    A request with all that became of it. `name` and `address` are as the reader may see them.

    By the receipt that keeps it, for who may see personal data: what persons reported, and what providers said in words
    of their own, such as a code, the name of a recording or the step and number of a letter.
    """

    request: Row
    party_id: str
    name: str | None
    address: str | None
    kind: str | None
    decisions: list[Decided]
    permit: Permit | None
    attempts: list[dict[str, Any]]
    receipts: list[dict[str, Any]]
    reports: Mapping[str, Any]
    words: Mapping[str, str]


class Page(NamedTuple):
    """Rows in the order they were made, each with the lender's id of its party; `next` goes on from here."""

    items: list[tuple[Row, str]]
    next: str | None


def read_request(kit: Kit, tx: Tx, client: Client, request_id: str) -> Told:
    """Tell of one request; NotFound for another client's, unless the reader has `audit:read`."""
    row = own_request(tx, client, request_id, others_by="audit:read")
    clear = PII_READ in client.scopes
    people = tx.parties_named([name for name in (row["party"], row["sealed_with"]) if name])
    party = people[row["party"]]
    attempts = tx.rows("attempts", {"request": request_id}, order=["id"])
    named = [attempt["id"] for attempt in attempts]
    receipts = tx.rows("receipts", {"attempt": named}, order=["id"]) if named else []
    name, address, kind = opened(kit, row, people)
    if clear or row["client"] != client.id:
        tx.add("entries", [_read_entry(kit, client, row, "request.unmasked" if clear else "request.read")])
    reports, words = _sealed(kit, party, receipts) if clear else ({}, {})
    if not clear:
        name = name and mask_name(name)
        address = address and kind and mask_address(AddressKind(kind), address)
    return Told(
        request=row,
        party_id=party["id"],
        name=name,
        address=address,
        kind=kind,
        decisions=decisions_of(tx, request_id),
        permit=permits_of(tx, [request_id]).get(request_id),
        attempts=attempts,
        receipts=receipts,
        reports=reports,
        words=words,
    )


def leaves_entry(client: Client) -> bool:
    """True if reading may write: then it needs a transaction that can."""
    return not client.scopes.isdisjoint((AUDIT_READ, PII_READ))


def decisions_of(tx: Tx, request_id: str) -> list[Decided]:
    """Every decision of a request, the first at accept, later ones at the wire."""
    entries = tx.rows("entries", {"request": request_id}, order=["id"])
    bodies = ((row, orjson.loads(row["body"])) for row in entries if row["effect"] is not None)
    return [
        Decided(row["id"], row["at"], decision_from(body["decision"])) for row, body in bodies if "decision" in body
    ]


def search_requests(
    tx: Tx,
    client: Client,
    *,
    reference: str | None,
    party_id: str | None,
    account_id: str | None,
    states: list[str],
    after: str | None,
    limit: int,
) -> Page:
    """A page of the client's own requests, of everybody's with `audit:read`; new ones come last."""
    where: dict[str, Any] = {}
    if AUDIT_READ not in client.scopes:
        where["client"] = client.id
    if reference is not None:
        where["reference"] = reference
    if account_id is not None:
        where["account"] = account_id
    if states:
        where["state"] = states
    if party_id is not None:
        found = tx.parties([party_id]).get(party_id)
        if found is None:
            return Page([], None)
        where["party"] = found["party"]
    rows = tx.rows("requests", where, order=["id"], limit=limit + 1, after=("id", after) if after else None)
    more, rows = len(rows) > limit, rows[:limit]
    people = tx.parties_named(sorted({row["party"] for row in rows})) if rows else {}
    return Page([(row, people[row["party"]]["id"]) for row in rows], rows[-1]["id"] if more else None)


def opened(kit: Kit, row: Row, people: Mapping[str, Row]) -> tuple[str | None, str | None, str | None]:
    """Name, address and kind in the clear; nothing where they were erased."""
    if row["sealed"] is None or any(person["key_wrapped"] is None for person in people.values()):
        return None, None, None
    key: PartyKey = open_key(kit, people[row["party"]])
    if row["sealed_with"]:
        key = kit.vault.pair(key, open_key(kit, people[row["sealed_with"]]))
    material = orjson.loads(key.open(row["sealed"], f"requests/sealed/{row['id']}"))
    return material["name"], material["address"], material["kind"]


def _sealed(kit: Kit, party: Row, receipts: list[dict[str, Any]]) -> tuple[dict[str, Any], dict[str, str]]:
    """What persons reported, and what providers said in their own words; nothing where it was erased."""
    sealed = [row for row in receipts if row["sealed"] is not None]
    if not sealed or party["key_wrapped"] is None:
        return {}, {}
    key = open_key(kit, party)
    opened = {row["id"]: key.open(row["sealed"], f"receipts/sealed/{row['id']}") for row in sealed}
    reported = {row["id"] for row in sealed if row["provider"] == SOURCE}
    reports = {name: orjson.loads(plain) for name, plain in opened.items() if name in reported}
    return reports, {name: plain.decode() for name, plain in opened.items() if name not in reported}


def _read_entry(kit: Kit, client: Client, row: Row, kind: str) -> Row:
    return entry(
        kit,
        kit.clock(),
        kind,
        client.id,
        client=row["client"],
        request=row["id"],
        party=row["party"],
        account=row["account"],
        address=row["address"],
        channel=row["channel"],
    )
