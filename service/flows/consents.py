"""
Consents: granted to loosen a rule, withdrawn at any time; what was once granted is never taken off the record.

The address and the evidence are personal data, sealed under the party's key; decisions see the mark.
"""

from typing import Any

import orjson

from service.core.errors import Invalid, NotFound
from service.core.facts import Consent, Window
from service.core.model import Channel, ConsentKind, Instant
from service.core.request import Client

from .concerned import known_party, party_for
from .entries import entry
from .keep import Kept, keep
from .kit import Kit
from .newcomers import open_key
from .ports import PartyKey, Row, Tx


def grant_consent(kit: Kit, tx: Tx, client: Client, said: Consent) -> Kept:
    """Record a consent in the lender's words (party id, clear address); it speaks from `granted_at` on."""
    _check(said)
    now = kit.clock()
    tx.gate([f"party:{said.party}"])
    party = party_for(kit, tx, now, said.party)
    key = open_key(kit, party)
    row = _row(kit, kit.ids.new("cn", now), party["party"], key, said)
    kept = keep(tx, "consents", row, same=lambda found: _secret(key, found) == _said_secret(said))
    if kept.new:
        tx.add("entries", [_entry(kit, now, "consent.granted", client, row)])
    return kept


def withdraw_consent(kit: Kit, tx: Tx, client: Client, party_id: str, consent_id: str) -> Row:
    """Withdraw a consent from now on; again is harmless."""
    now = kit.clock()
    tx.gate([f"party:{party_id}"])
    party = known_party(tx, party_id)
    found = tx.rows("consents", {"id": consent_id, "party": party["party"]})
    if not found:
        raise NotFound("no such consent of this party")
    row = found[0]
    if row["withdrawn_at"] is None or row["withdrawn_at"] > now:
        row["withdrawn_at"] = now
        tx.change("consents", {"id": consent_id}, {"withdrawn_at": now})
        tx.add("entries", [_entry(kit, now, "consent.withdrawn", client, row)])
    return row


def consent_told(kit: Kit, tx: Tx, party_id: str, row: Row) -> Consent:
    """A consent back in the lender's words, opened; who may see how much of it is the door's affair."""
    secret = _secret(open_key(kit, known_party(tx, party_id)), row)
    return Consent(
        party=party_id,
        kind=ConsentKind(row["kind"]),
        granted_at=row["granted_at"],
        channel=row["channel"] and Channel(row["channel"]),
        address=secret.get("address"),
        window=Window(*orjson.loads(row["window"])) if row["window"] else None,
        expires_at=row["expires_at"],
        withdrawn_at=row["withdrawn_at"],
        given_to=row["given_to"],
        evidence=secret.get("evidence"),
    )


def _check(said: Consent) -> None:
    if said.kind is ConsentKind.contact_time and said.window is None:
        raise Invalid("window", "a consent to times of contact says which")
    if said.expires_at is not None and said.expires_at <= said.granted_at:
        raise Invalid("expires_at", "must be later than granted_at")
    if said.withdrawn_at is not None and said.withdrawn_at < said.granted_at:
        raise Invalid("withdrawn_at", "must not be earlier than granted_at")


def _row(kit: Kit, consent_id: str, pseudonym: str, key: PartyKey, said: Consent) -> dict[str, Any]:
    secret = _said_secret(said)
    return {
        "id": consent_id,
        "party": pseudonym,
        "kind": said.kind,
        "channel": said.channel,
        "address": said.address and kit.vault.mark("address", said.address),
        "window": said.window and orjson.dumps(tuple(said.window)).decode(),
        "granted_at": said.granted_at,
        "expires_at": said.expires_at,
        "withdrawn_at": said.withdrawn_at,
        "given_to": said.given_to,
        "proved": bool(said.evidence),
        "sealed": key.seal(orjson.dumps(secret), _place(consent_id)) if secret else None,
    }


def _said_secret(said: Consent) -> dict[str, str]:
    return {name: value for name, value in (("address", said.address), ("evidence", said.evidence)) if value}


def _secret(key: PartyKey, row: Row) -> dict[str, str]:
    return orjson.loads(key.open(row["sealed"], _place(row["id"]))) if row["sealed"] else {}


def _place(consent_id: str) -> str:
    return f"consents/sealed/{consent_id}"


def _entry(kit: Kit, now: Instant, kind: str, client: Client, row: Row) -> Row:
    more = {name: row[name] for name in ("granted_at", "expires_at", "withdrawn_at", "window")}
    return entry(
        kit,
        now,
        kind,
        client.id,
        client=client.id,
        party=row["party"],
        address=row["address"],
        channel=row["channel"],
        more={"consent": row["id"], "consent_kind": row["kind"], **more},
    )
