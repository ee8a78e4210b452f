"""
Interactions: what came in, and contacts that another system made; each counts as if it had been ours.

A take-over brings thousands. They are written in groups, each a handful of statements in one
transaction; an item that cannot be taken is answered by itself and harms no other. A `reference` makes
an item safe to send again: the same one stands, another body under it is a conflict.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import orjson

from service.core.civil import format_instant
from service.core.errors import Conflict, GatewayError, Invalid
from service.core.facts import Contact
from service.core.model import ActorRole, AddressKind, Instant, Outcome
from service.core.outcomes import fits
from service.core.request import Client

from .concerned import accounts_for, parties_for, unerased
from .entries import entry
from .kit import Kit
from .newcomers import open_key
from .obligations import raise_obligations
from .ports import Row, Tx
from .record import ATTEMPT_COLUMNS, place_columns
from .report import AHEAD_MAX
from .suppressions import bar_wrong_numbers
from .wishes import heed_wish

GROUP_MAX = 256
"""Items of one transaction, as many as of requests: no caller waits long, and the gate's locks stay few."""

SOURCE = "interaction"


class Interaction(NamedTuple):
    """
    One item in the lender's words: party and account by its ids, the address clear and canonical.

    `body_mark` is a keyed digest of the body as sent. `note` is free text, sealed with the address.
    """

    contact: Contact
    reference: str | None = None
    body_mark: str | None = None
    note: str | None = None


class Recorded(NamedTuple):
    """The id under which an item stands, and whether it stood before; or why it was not taken."""

    id: str | None = None
    replayed: bool = False
    error: GatewayError | None = None


def record_interactions(kit: Kit, tx: Tx, client: Client, items: Sequence[Interaction]) -> list[Recorded]:
    """
    Record one group, at most `GROUP_MAX` items, and answer each in order.

    1. gate whom the items concern, and their references
    2. what is known by its reference is answered as it stands; what cannot be is refused
    3. parties, accounts and roles that are unknown are made
    4. attempts, wrong numbers and entries are written together
    """
    now = kit.clock()
    marks = [item.contact.address and kit.vault.mark("address", item.contact.address) for item in items]
    tx.gate(key for item, mark in zip(items, marks, strict=True) for key in _gate_keys(client, item, mark))
    results = _answered(tx, now, client, items)
    fresh = [place for place, result in enumerate(results) if result is None]
    people = parties_for(kit, tx, now, (items[place].contact.party or "" for place in fresh))
    rows = _Rows(kit, tx, now, client, people, [items[place] for place in fresh])
    first: dict[str, Recorded] = {}
    for place in fresh:
        item = items[place]
        if item.reference in first:
            # The same reference twice in one group: both are one, for `_answered` has seen that they agree.
            results[place] = first[item.reference]._replace(replayed=True)
            continue
        try:
            result = Recorded(rows.add(item, marks[place]))
        except GatewayError as error:
            result = Recorded(error=error)
        results[place] = result
        if item.reference and result.error is None:
            first[item.reference] = result
    rows.write()
    return [result for result in results if result is not None]


def _gate_keys(client: Client, item: Interaction, mark: str | None) -> list[str]:
    keys = [f"party:{item.contact.party}"]
    if item.contact.account:
        keys.append(f"account:{item.contact.account}")
    if mark:
        keys.append(f"address:{mark}")
    if item.reference:
        keys.append(f"interaction:{client.id}:{item.reference}")
    return keys


def _teller(client: Client) -> str:
    """Stands in `provider`, beside the reference: whoever told us of the contact."""
    return f"client:{client.id}"


def _answered(tx: Tx, now: Instant, client: Client, items: Sequence[Interaction]) -> list[Recorded | None]:
    """What can be said of each item before anything is written; None: it is new and fit to be recorded."""
    references = [item.reference for item in items if item.reference]
    where = {"provider": _teller(client), "provider_ref": references}
    stored = {row["provider_ref"]: row for row in tx.rows("attempts", where)} if references else {}
    named = {reference: row["report_mark"] for reference, row in stored.items()}
    answers: list[Recorded | None] = []
    for item in items:
        error = _fault(now, item.contact)
        if error is None and item.reference and named.setdefault(item.reference, item.body_mark) != item.body_mark:
            error = Conflict("this reference stands for another interaction", code="reference-conflict")
        if error is not None:
            answers.append(Recorded(error=error))
        elif item.reference in stored:
            answers.append(Recorded(stored[item.reference]["id"], replayed=True))
        else:
            answers.append(None)
    return answers


def _fault(now: Instant, said: Contact) -> GatewayError | None:
    if said.outcome is None or not fits(said.channel, said.direction, said.outcome):
        return Invalid("outcome", f"cannot come of an {said.direction} {said.channel}")
    if said.at > now + AHEAD_MAX:
        return Invalid("at", f"is later than the gateway's clock, which stands at {format_instant(now)}")
    return None


class _Rows:
    """The rows of one group, to be written together."""

    def __init__(
        self, kit: Kit, tx: Tx, now: Instant, client: Client, people: dict[str, Row], items: Sequence[Interaction]
    ) -> None:
        self._kit, self._tx, self._now, self._client = kit, tx, now, client
        self._people = people
        alive = [item.contact for item in items if people[item.contact.party or ""]["erased_at"] is None]
        self._accounts = accounts_for(tx, now, (said.account for said in alive if said.account))
        self._roles = _actor_roles(tx, client, alive)
        self._attempts: list[dict[str, Any]] = []
        self._places: dict[str, tuple[AddressKind, str]] = {}

    def add(self, item: Interaction, mark: str | None) -> str:
        """Lay down an item and return its id; raises Gone for an erased party."""
        kit, said = self._kit, item.contact
        party = unerased(self._people[said.party or ""])
        attempt_id = kit.ids.new("i", self._now)
        made_by = said.client or self._client.id
        kept = said._replace(
            party=party["party"],
            address=mark,
            product=said.product or (self._accounts[said.account]["product"] if said.account else None),
            client=made_by,
            actor_role=self._roles.get(made_by),
        )
        if said.address and said.address_kind:
            self._places[attempt_id] = (said.address_kind, said.address)
        secret = {name: value for name, value in (("address", said.address), ("note", item.note)) if value}
        sealed = open_key(kit, party).seal(orjson.dumps(secret), f"attempts/sealed/{attempt_id}") if secret else None
        self._attempts.append(
            {
                **ATTEMPT_COLUMNS,
                **place_columns(kept),
                "id": attempt_id,
                "direction": said.direction,
                "outcome": said.outcome,
                "asks": said.asks,
                "duration_s": said.duration_s,
                "source": SOURCE,
                "provider": _teller(self._client),
                "provider_ref": item.reference,
                "report_mark": item.body_mark,
                "recorded_at": self._now,
                "sealed": sealed,
            }
        )
        return attempt_id

    def write(self) -> None:
        """Write the attempts, what they bar and oblige to, the roles they tell of, and one entry each."""
        kit, tx, rows = self._kit, self._tx, self._attempts
        if not rows:
            return
        tx.add("attempts", rows)
        wrong = [row for row in rows if row["outcome"] is Outcome.wrong_number]
        bar_wrong_numbers(kit, tx, self._now, wrong, self._client.id)
        for row in rows:
            if row["asks"]:
                heed_wish(kit, tx, self._now, row, min(row["at"], self._now), self._client.id)
        kin: dict[tuple[str, str], Row] = {}
        for row in rows:
            account, party, role = row["account"], row["party"], row["party_role"]
            if account and role and self._accounts[account]["listed_at"] is None:
                # As with a request: without a list, the first word is taken and kept with the account.
                kin.setdefault((account, party), {"account": account, "party": party, "role": role})
        if kin:
            tx.add_missing("account_parties", list(kin.values()))
        raise_obligations(kit, tx, self._now, rows, lambda row: self._places.get(row["id"]))
        tx.add("entries", [_entry(kit, self._now, self._client, row) for row in rows])


def _actor_roles(tx: Tx, client: Client, contacts: Iterable[Contact]) -> dict[str, ActorRole]:
    """The roles of the clients that made the contacts; of a name that is no client's nothing is known."""
    named = sorted({said.client for said in contacts if said.client} - {client.id})
    found = tx.rows("clients", {"id": named}) if named else []
    return {row["id"]: ActorRole(row["actor_role"]) for row in found} | {client.id: client.actor_role}


def _entry(kit: Kit, now: Instant, client: Client, row: Row) -> Row:
    more = {name: row[name] for name in ("direction", "outcome", "duration_s", "party_role", "address_kind", "purpose")}
    more |= {"interaction": row["id"], "happened_at": row["at"], "made_by": row["client"]}
    if row["asks"]:
        more["asks"] = row["asks"]
    return entry(
        kit,
        now,
        "interaction.recorded",
        client.id,
        client=client.id,
        party=row["party"],
        account=row["account"],
        address=row["address"],
        channel=row["channel"],
        more=more,
    )
