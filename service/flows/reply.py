"""
Read in the clear what somebody answered: by the client whose contact it answers, or by who may see personal data.

The words lie sealed under their sender's key. Reading them is an entry.
"""

from typing import NamedTuple

from service.core.errors import Gone, NotFound
from service.core.request import Client

from .entries import entry
from .inbound import SOURCE
from .kit import Kit
from .newcomers import open_key
from .ports import Row, Tx
from .requests_query import AUDIT_READ, PII_READ


class Reply(NamedTuple):
    """An inbound contact. `text` is None where it had no words, or the reader may not see them."""

    row: Row
    party_id: str
    text: str | None


def read_reply(kit: Kit, tx: Tx, client: Client, reply: str) -> Reply:
    """Give one; NotFound for what answers another client, unless the reader has `audit:read`."""
    found = tx.rows("attempts", {"id": reply, "source": SOURCE})
    own = bool(found) and found[0]["client"] == client.id
    if not found or not (own or AUDIT_READ in client.scopes):
        raise NotFound("no such reply")
    row = found[0]
    clear = own or PII_READ in client.scopes
    party = tx.parties_named([row["party"]])[row["party"]]
    text = None
    if clear and row["sealed"] is not None:
        if party["key_wrapped"] is None:
            raise Gone("the personal data of this reply were erased")
        text = open_key(kit, party).open(row["sealed"], f"attempts/sealed/{reply}").decode()
    tx.add("entries", [_entry(kit, client, row, "interaction.unmasked" if clear else "interaction.read")])
    return Reply(row, party["id"], text)


def _entry(kit: Kit, client: Client, row: Row, kind: str) -> Row:
    return entry(
        kit,
        kit.clock(),
        kind,
        client.id,
        client=row["client"],
        party=row["party"],
        account=row["account"],
        address=row["address"],
        channel=row["channel"],
        more={"interaction": row["id"]},
    )
