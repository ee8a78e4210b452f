"""
Take in what people write or say to us through a provider: each once, and effective on the next decision.

    1. an event that is known is not taken again
    2. the sender is whom the answered attempt was for, else the last one contacted at that address; where no sender is
       told, the address too is that of the attempt
    3. it is recorded as inbound contact; what it asks for is done in the same transaction
    4. a sender nobody knows is kept aside; its address is barred all the same where it says stop
"""

from collections.abc import Sequence
from typing import Any

import orjson

from service.core.model import AddressKind, Asks, Instant, Outcome
from service.core.replies import asked, stop_words

from .accept import book_in_force
from .kit import Kit
from .newcomers import open_key
from .obligations import raise_obligations
from .outcome import attempt_entry
from .places import jurisdictions_of
from .ports import RECEIVED, Inbound, Row, Tx
from .record import ATTEMPT_COLUMNS
from .wishes import bar_stranger, heed_wish

SOURCE = "inbound"

NOBODY = frozenset({Outcome.failed, Outcome.refused_by_provider})
"""Attempts that surely reached no one."""

_SAME = ("party", "party_role", "account", "product", "purpose", "client", "actor_role")
"""What an inbound contact takes over from the attempt that it answers."""


def take_inbound(kit: Kit, tx: Tx, said: Sequence[Inbound]) -> int:
    """Record what is new, and act on it; return how many were new."""
    now = kit.clock()
    tx.gate(f"receipt:{item.provider}:{item.event}" for item in said)
    events = {(row["provider"], row["event"]) for row in tx.rows("receipts", {"event": [item.event for item in said]})}
    new = 0
    for item in said:
        if (item.provider, item.event) not in events:
            events.add((item.provider, item.event))
            _take(kit, tx, now, item)
            new += 1
    return new


def _take(kit: Kit, tx: Tx, now: Instant, item: Inbound) -> None:
    mark = kit.vault.mark("address", item.sender.address) if item.sender else None
    answered = _answered(tx, item, mark)
    if mark is None and answered is not None:
        mark = answered["address"]
    asks = asked(item.text, _words(kit, tx, now, item, answered)) if item.text else None
    receipt = _receipt(kit, now, item, answered)
    tx.add("receipts", [receipt])
    if answered is None:
        if asks is Asks.stop and mark is not None:
            bar_stranger(kit, tx, now, item.channel, mark)
        return
    contact = _contact(kit, tx, now, item, answered, mark, asks)
    tx.add("attempts", [contact])
    raise_obligations(kit, tx, now, [contact], lambda _: _place(item))
    more: dict[str, Any] = {"attempt": contact["id"], "outcome": item.outcome, "provider": item.provider}
    if asks:
        more["asks"] = asks
    # The client whose request it answers is told; the inbound contact itself belongs to no request.
    told = {**contact, "request": answered["request"]}
    tx.add("entries", [attempt_entry(kit, now, RECEIVED, told, state=None, actor="party", more=more)])
    heed_wish(kit, tx, now, contact, now, "party")


def _words(kit: Kit, tx: Tx, now: Instant, item: Inbound, answered: Row | None) -> frozenset[str]:
    """What the law of the sender's jurisdictions takes for a wish to be left alone."""
    named: list[str] = []
    stored: list[str] = []
    if answered is not None:
        for request in tx.rows("requests", {"id": answered["request"]}) if answered["request"] else []:
            named = orjson.loads(request["jurisdictions"])
        for party in tx.rows("parties", {"party": answered["party"]}) if answered["party"] else []:
            stored = orjson.loads(party["jurisdictions"])
    if tx.book_in_force(now) is None:
        return frozenset()
    where = jurisdictions_of(kit.numbers, named, stored, _place(item))
    return stop_words(book_in_force(kit, tx, now), where, item.channel, now)


def _place(item: Inbound) -> tuple[AddressKind, str] | None:
    return (item.sender.kind, item.sender.address) if item.sender else None


def _answered(tx: Tx, item: Inbound, mark: str | None) -> Row | None:
    """
    The attempt that this answers: the one the provider names, if it carried it itself, else the last to that address.

    One on the same medium comes before all others, and one that may have reached somebody before one that did not: a
    text is no answer to the call that another client made since.
    """
    if item.attempt:
        found = tx.rows("attempts", {"id": item.attempt, "provider": item.provider})
        if found:
            return found[0]
    sent = tx.rows("attempts", {"address": mark, "direction": "outbound"}) if mark else []
    return max(
        sent, key=lambda row: (row["channel"] == item.channel, row["outcome"] not in NOBODY, row["at"]), default=None
    )


def _contact(
    kit: Kit, tx: Tx, now: Instant, item: Inbound, answered: Row, mark: str | None, asks: Asks | None
) -> dict[str, Any]:
    """The inbound contact, as a row of history; its words are sealed."""
    contact_id = kit.ids.new("a", now)
    party = tx.parties_named([answered["party"]])[answered["party"]]
    sealed = None
    if item.text and party["key_wrapped"] is not None:
        sealed = open_key(kit, party).seal(item.text.encode(), f"attempts/sealed/{contact_id}")
    return {
        **ATTEMPT_COLUMNS,
        **{name: answered[name] for name in _SAME},
        "id": contact_id,
        "at": min(item.at, now),
        "channel": item.channel,
        "direction": "inbound",
        "outcome": item.outcome,
        "asks": asks,
        "address": mark,
        "address_kind": item.sender.kind if item.sender else answered["address_kind"],
        "dialing": None,
        "place": None,
        "source": SOURCE,
        "provider": item.provider,
        "provider_ref": item.event,
        "recorded_at": now,
        "sealed": sealed,
    }


def _receipt(kit: Kit, now: Instant, item: Inbound, answered: Row | None) -> dict[str, Any]:
    return {
        "id": kit.ids.new("r", now),
        "provider": item.provider,
        "event": item.event,
        "attempt": answered and answered["id"],
        "party": answered and answered["party"],
        "outcome": item.outcome,
        "at": item.at,
        "received_at": now,
        "applied": int(answered is not None),
        "sealed": None,
    }
