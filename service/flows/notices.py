"""Notices: what an account's parties were told, and when; some contacts may only follow one."""

from service.core.facts import Notice
from service.core.request import Client

from .concerned import accounts_for
from .entries import entry
from .keep import Kept, keep
from .kit import Kit
from .obligations import satisfy
from .ports import Tx


def record_notice(kit: Kit, tx: Tx, client: Client, said: Notice) -> Kept:
    """Record that a notice was sent about an account."""
    now = kit.clock()
    tx.gate([f"account:{said.account}"])
    accounts_for(tx, now, [said.account])
    row = {"id": kit.ids.new("n", now), "account": said.account, "kind": said.kind, "sent_at": said.sent_at}
    kept = keep(tx, "notices", row)
    if kept.new:
        satisfy(tx, said.account, said.kind, said.sent_at)
        more = {"notice": row["id"], "notice_kind": said.kind, "sent_at": said.sent_at}
        deed = entry(kit, now, "notice.recorded", client.id, client=client.id, account=said.account, more=more)
        tx.add("entries", [deed])
    return kept
