"""What a request keeps sealed of whom it is for and what it says: opened for one step, and never longer."""

from collections.abc import Mapping
from typing import Any

import orjson

from service.core.errors import Gone
from service.core.model import AddressKind

from .kit import Kit
from .newcomers import open_key
from .ports import PartyKey, Recipient, Row, Tx


def open_material(kit: Kit, row: Row, people: Mapping[str, Row]) -> tuple[PartyKey, dict[str, Any]]:
    """Open what a request keeps sealed; the key as well, for what is sealed beside it. Raises `Gone` once erased."""
    if row["sealed"] is None:
        raise Gone("the personal data of this request were erased")
    key: PartyKey = open_key(kit, people[row["party"]])
    if row["sealed_with"]:
        key = kit.vault.pair(key, open_key(kit, people[row["sealed_with"]]))
    material: dict[str, Any] = orjson.loads(key.open(row["sealed"], f"requests/sealed/{row['id']}"))
    return key, material


def recipient_of(kit: Kit, tx: Tx, request: str) -> Recipient | None:
    """Whom a request is for, in the clear; None where that was erased."""
    row = tx.rows("requests", {"id": request})[0]
    people = tx.parties_named(sorted({name for name in (row["party"], row["sealed_with"]) if name}))
    try:
        _, material = open_material(kit, row, people)
    except Gone:
        return None
    if material["kind"] is None:
        return None
    return Recipient(material["name"], AddressKind(material["kind"]), material["address"])


def values_of(kit: Kit, material: Mapping[str, Any]) -> Mapping[str, str]:
    """The message's variables as text by our names, for a provider that fills in a template filed with it."""
    given = {name: str(value) for name, value in material["variables"].items() if value is not None}
    us = {
        "institution": kit.institution.name,
        "hotline": kit.institution.hotline,
        "creditor": material["creditor"] or kit.institution.name,
        "party_name": material["name"] or "",
    }
    return {**us, **given}
