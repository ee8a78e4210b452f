"""What the lender knows of a party beyond its requests: zones, jurisdictions, locale."""

from typing import NamedTuple

import orjson

from service.core.request import Client

from .concerned import party_for
from .entries import entry
from .kit import Kit
from .ports import Row, Tx


class Profile(NamedTuple):
    """The whole of it: what is left empty is not known, and the next decision derives it or refuses."""

    time_zones: tuple[str, ...] = ()
    jurisdictions: tuple[str, ...] = ()
    locale: str | None = None


def set_party(kit: Kit, tx: Tx, client: Client, party_id: str, said: Profile) -> Row:
    """Replace a party's profile; the same again changes nothing and writes nothing."""
    now = kit.clock()
    tx.gate([f"party:{party_id}"])
    known = party_id in tx.parties([party_id])
    party = party_for(kit, tx, now, party_id)
    values = {
        "time_zones": orjson.dumps(said.time_zones).decode(),
        "jurisdictions": orjson.dumps(said.jurisdictions).decode(),
        "locale": said.locale,
    }
    if not known or any(party[name] != value for name, value in values.items()):
        tx.change("parties", {"party": party["party"]}, values)
        more = said._asdict()
        tx.add("entries", [entry(kit, now, "party.set", client.id, client=client.id, party=party["party"], more=more)])
    return {**party, **values}
