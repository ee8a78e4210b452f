"""
Allowances: how many more messages from a provider's template a person agreed to, in the provider's own window.

WeChat's subscription notices know no standing consent: each time a person says yes allows one more, a message uses one
up, and a no takes back what is left. A message uses it up with its intent, and gives it back once it surely was not
sent: so the row keeps what was told, and what was used is counted from the attempts. The provider keeps the same count
and has the last word; ours refuses what it would refuse, and says why, before anything is called. Where nothing was
told there is no count, and the provider is asked: consents may be older than the gateway.

A yes also ends the bar that the provider's own refusal put up (`platform_refusal`), for it is the same person's later
word. What the person told us in so many words stands until somebody lifts it.
"""

from collections.abc import Iterable, Sequence

from service.core.model import Channel, Instant, SuppressionReason, SuppressionScope
from service.core.rules.reply import NEVER_ARRIVED

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
        _tell(tx, item, mark, Instant(min(item.at, now)))
        if item.yes:
            end_suppressions(kit, tx, now, _bar(mark, item.channel), item.provider)
    return len(new)


class Allowances:
    """What is left to some addresses; whoever decides about several messages takes as he goes."""

    def __init__(self, left: dict[str, dict[tuple[str, str], int]]) -> None:
        self._left = left

    def spent(self, address: str | None) -> frozenset[tuple[str, str]]:
        """The accounts and templates of which nothing is left to that address."""
        counts = self._left.get(address or "", {})
        return frozenset(which for which, left in counts.items() if left < 1)

    def take(self, address: str | None, provider: str, template: str) -> None:
        """Use one up; where nothing was told there is nothing to count."""
        counts = self._left.get(address or "", {})
        if (provider, template) in counts:
            counts[provider, template] -= 1


def allowances_for(tx: Tx, requests: Iterable[Row]) -> Allowances:
    """What is left to the recipients of these requests."""
    marks = sorted({row["address"] for row in requests if row["channel"] in COUNTED and row["address"]})
    told = tx.rows("allowances", {"address": marks}) if marks else []
    if not told:
        return Allowances({})
    sent = [
        row for row in tx.rows("attempts", {"address": marks}) if row["uses"] and row["outcome"] not in NEVER_ARRIVED
    ]
    left: dict[str, dict[tuple[str, str], int]] = {}
    for row in told:
        used = sum(_uses(attempt, row) for attempt in sent)
        left.setdefault(row["address"], {})[row["provider"], row["template"]] = row["count"] - used
    return Allowances(left)


def _uses(attempt: Row, told: Row) -> bool:
    same = (attempt["address"], attempt["provider"], attempt["uses"]) == (
        told["address"],
        told["provider"],
        told["template"],
    )
    return same and attempt["intent_at"] > told["since"]


def _tell(tx: Tx, item: Allowed, mark: str, at: Instant) -> None:
    """A yes is one more; a no begins anew, with none. What was said before that and told after it changes nothing."""
    which = {"provider": item.provider, "address": mark, "template": item.template}
    known = tx.rows("allowances", which)
    if not known:
        tx.add("allowances", [{**which, "count": int(item.yes), "since": at}])
        return
    count, since = known[0]["count"], known[0]["since"]
    if item.yes and (count or at >= since):
        tx.change("allowances", which, {"count": count + 1})
    elif not item.yes and at >= since:
        tx.change("allowances", which, {"count": 0, "since": at})


def _gate(provider: str, mark: str) -> str:
    return f"allowance:{provider}:{mark}"


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
