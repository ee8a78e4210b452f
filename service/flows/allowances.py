"""
Allowances: how many more messages from a provider's template a person agreed to, in the provider's own window.

WeChat's subscription notices know no standing consent: each time a person says yes allows one more, a message uses one
up, and a no takes back what is left. The provider keeps the same count and has the last word; ours refuses what it
would refuse, and says why, before anything is called. Where nothing was told there is no count, and the provider is
asked: consents may be older than the gateway.

A yes also ends the bar that the provider's own refusal put up (`platform_refusal`), for it is the same person's later
word. What the person told us in so many words stands until somebody lifts it.
"""

from collections.abc import Iterable, Mapping, Sequence

from service.core.model import Channel, Instant, SuppressionReason, SuppressionScope

from .kit import Kit
from .ports import Allowed, Row, Tx
from .suppressions import end_suppressions

COUNTED = frozenset({Channel.wechat})
"""Where a provider counts; requests of other channels ask for nothing."""


def take_allowances(kit: Kit, tx: Tx, told: Sequence[Allowed]) -> int:
    """Count each answer once; return how many were new."""
    now = kit.clock()
    tx.gate(f"receipt:{item.provider}:{item.event}" for item in told)
    known = {(row["provider"], row["event"]) for row in tx.rows("receipts", {"event": [item.event for item in told]})}
    new = [item for item in told if (item.provider, item.event) not in known]
    for item in new:
        mark = kit.vault.mark("address", item.sender.address)
        tx.gate([_gate(item.provider, mark)])
        tx.add("receipts", [_receipt(kit, now, item)])
        left = _left(tx, item.provider, mark, item.template)
        _set(tx, item.provider, mark, item.template, left + 1 if item.yes else 0)
        if item.yes:
            end_suppressions(kit, tx, now, _bar(mark, item.channel), item.provider)
    return len(new)


def spend(tx: Tx, provider: str, mark: str, template: str) -> None:
    """Use one up; where nothing was told there is nothing to count."""
    tx.gate([_gate(provider, mark)])
    left = _left(tx, provider, mark, template)
    if left:
        _set(tx, provider, mark, template, left - 1)


def spent_on(tx: Tx, requests: Iterable[Row]) -> Mapping[str, frozenset[tuple[str, str]]]:
    """The accounts and templates of which nothing is left, by the address's mark."""
    marks = sorted({row["address"] for row in requests if row["channel"] in COUNTED and row["address"]})
    found: dict[str, frozenset[tuple[str, str]]] = {}
    for row in tx.rows("allowances", {"address": marks, "count": 0}) if marks else []:
        found[row["address"]] = found.get(row["address"], frozenset()) | {(row["provider"], row["template"])}
    return found


def _gate(provider: str, mark: str) -> str:
    return f"allowance:{provider}:{mark}"


def _left(tx: Tx, provider: str, mark: str, template: str) -> int:
    rows = tx.rows("allowances", {"provider": provider, "address": mark, "template": template})
    return int(rows[0]["count"]) if rows else 0


def _set(tx: Tx, provider: str, mark: str, template: str, count: int) -> None:
    row = {"provider": provider, "address": mark, "template": template}
    if not tx.change("allowances", row, {"count": count}):
        tx.add("allowances", [{**row, "count": count}])


def _bar(mark: str, channel: Channel) -> Row:
    return {
        "scope": SuppressionScope.address,
        "value": mark,
        "channel": channel,
        "reason": SuppressionReason.platform_refusal,
    }


def _receipt(kit: Kit, now: Instant, item: Allowed) -> Row:
    return {
        "id": kit.ids.new("r", now),
        "provider": item.provider,
        "event": item.event,
        "attempt": None,
        "party": None,
        "outcome": None,
        "at": item.at,
        "received_at": now,
        "applied": 1,
        "sealed": None,
    }
