"""
Hand the order for a visit to the desk of the field staff, once its permit is issued (decision 0027).

That is no contact with a party: it takes no place, needs no decision, and the permit stands without it.

    1. `permits.order_at` is written with the permit: from then on the order is due
    2. whoever holds the lease takes one, writes when it would try again, and opens what it needs (commit)
    3. the desk's account is handed the order; the same words each time, by which the provider knows a repeat
    4. taken: done, with an entry; else tried again until the permit is over, and then given up, with an entry

A crash between 2 and 4 leaves the order due again. It is told at least once, and by a provider that drops repeats once.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from service.core.errors import Gone
from service.core.model import MINUTE, AddressKind, Channel, Fate, Instant, Purpose
from service.core.order import Order, order_message

from .entries import entry
from .kit import Kit
from .material import open_material
from .plan import render
from .ports import Channels, Dispatch, Recipient, Row, SendResult, Store, Tx
from .providers import Wanted

LEASE = "orders"

LOOKED_AT_ONCE = 50
PAUSE_MAX = 15 * MINUTE


class Ordered(NamedTuple):
    """What came of the orders: `failed` are tries that will be repeated."""

    handed_over: int = 0
    failed: int = 0
    given_up: int = 0

    def plus(self, more: "Ordered") -> "Ordered":
        return Ordered(*(one + other for one, other in zip(self, more, strict=True)))


class _Going(NamedTuple):
    """An order on its way. The `order_at` of its permit is the next try, and proves that nobody took it over since."""

    permit: Row
    request: Row
    account: str
    dispatch: Dispatch


async def hand_over_order(kit: Kit, store: Store, channels: Channels, owner: str) -> Ordered:
    """
    Hand over the one that has been due for the longest; see the steps above.

    One a call: how often this is called is the pace of all processes, for only who holds the lease goes on.
    """
    now = kit.clock()
    if not await store.read(lambda tx: tx.due("permits", "order_at", now, {}, limit=1)):
        return Ordered()
    ended, going = await store.write(lambda tx: _begin(kit, tx, owner))
    if going is None:
        return ended
    result = await channels.send(going.account, going.dispatch)
    return ended.plus(await store.write(lambda tx: _settle(kit, tx, going, result)))


def _begin(kit: Kit, tx: Tx, owner: str) -> tuple[Ordered, _Going | None]:
    """Under the lease: give up what can go no more, and take the first that can."""
    now = kit.clock()
    if not tx.lease(LEASE, owner, now, Instant(now + kit.limits.lease)):
        return Ordered(), None
    given_up = 0
    for permit in tx.due("permits", "order_at", now, {}, limit=LOOKED_AT_ONCE):
        request = tx.rows("requests", {"id": permit["request"]})[0]
        found = _take(kit, tx, now, permit, request)
        if isinstance(found, _Going):
            return Ordered(given_up=given_up), found
        if found is not None:
            given_up += _end(kit, tx, now, permit, request, "order.given_up", {"detail": found})
    return Ordered(given_up=given_up), None


def _take(kit: Kit, tx: Tx, now: Instant, permit: Row, request: Row) -> _Going | str | None:
    """The order on its way; a word of ours: why it never will be; None: not now, for the account cannot."""
    if now >= permit["valid_until"]:
        return "permit_over"
    if tx.rows("attempts", {"id": permit["attempt"]})[0]["outcome"] is not None:
        return "reported"
    choice = kit.routes.choose(Wanted(Channel.visit, Purpose(request["purpose"]), request=permit["id"]), now)
    if choice.account is None:
        if choice.until is None:
            return "no_route"
        tx.change("permits", {"id": permit["id"]}, {"order_at": choice.until})
        return None
    people = tx.parties_named(sorted({name for name in (request["party"], request["sealed_with"]) if name}))
    try:
        dispatch = _dispatch(kit, now, permit, request, people)
    except Gone:
        return "erased"
    except Exception:
        # Another key, a changed byte, a template that is not there: told, and the others go on.
        return "unreadable"
    again = _again(kit, now, permit)
    tx.change("permits", {"id": permit["id"]}, {"order_at": again})
    return _Going({**permit, "order_at": again}, request, choice.account, dispatch)


def _again(kit: Kit, now: Instant, permit: Row) -> Instant:
    """After as long as it has waited already, so that pauses double; never before this try has surely ended."""
    least = max(kit.limits.backoff, kit.limits.hold)
    return Instant(now + max(least, min(now - permit["valid_from"], PAUSE_MAX)))


def _dispatch(kit: Kit, now: Instant, permit: Row, request: Row, people: Mapping[str, Row]) -> Dispatch:
    """Open what the request keeps sealed, and write the order; nothing of it outlives the step."""
    _, material = open_material(kit, request, people)
    appointment = material["appointment"]
    order = Order(
        reference=request["reference"],
        permit=permit["id"],
        valid=(permit["valid_from"], permit["valid_until"]),
        appointment=appointment and (appointment[0], appointment[1]),
        name=material["name"],
        place=orjson.loads(material["address"]),
    )
    return Dispatch(
        attempt=permit["attempt"],
        request=request["id"],
        at=now,
        channel=Channel.visit,
        purpose=Purpose(request["purpose"]),
        to=Recipient(material["name"], AddressKind(material["kind"]), material["address"]),
        message=order_message(order, render(kit, request["template_version"], material), kit.bank_zone),
    )


def _settle(kit: Kit, tx: Tx, going: _Going, result: SendResult) -> Ordered:
    """Write down what came of it. What is not sure is tried again too: the provider drops a repeat."""
    now, permit = kit.clock(), going.permit
    if (result.transient or not result.certain) and permit["order_at"] < permit["valid_until"]:
        return Ordered(failed=1)
    more: dict[str, Any] = {
        "provider": going.account,
        "template_version": going.request["template_version"],
        "text_mark": kit.vault.mark("text", going.dispatch.message.digest),
    }
    more |= {name: said for name in ("provider_ref", "detail") if (said := getattr(result, name))}
    if result.fate is Fate.accepted:
        return Ordered(handed_over=_end(kit, tx, now, permit, going.request, "order.handed_over", more))
    return Ordered(given_up=_end(kit, tx, now, permit, going.request, "order.given_up", more))


def _end(kit: Kit, tx: Tx, now: Instant, permit: Row, request: Row, kind: str, more: Mapping[str, Any]) -> int:
    """
    Let the order be due no more, with an entry that says why; none where another process took it over.

    The entry is an event of the client's, who can tell its staff itself of what was given up.
    """
    if not tx.change("permits", {"id": permit["id"], "order_at": permit["order_at"]}, {"order_at": None}):
        return 0
    told = {"permit": [permit["id"], permit["valid_from"], permit["valid_until"]], "attempt": permit["attempt"]}
    row = entry(
        kit,
        now,
        kind,
        "system",
        client=request["client"],
        request=request["id"],
        party=request["party"],
        account=request["account"],
        address=request["address"],
        channel=request["channel"],
        state=request["state"],
        more={**told, **more},
    )
    tx.add("entries", [row])
    return 1
