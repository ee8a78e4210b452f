"""Registry checks: what a do-not-call registry or its like said of an address; the latest counts."""

from service.core.facts import RegistryCheck
from service.core.request import Client

from .entries import entry
from .keep import Kept, keep
from .kit import Kit
from .ports import Tx


def record_check(kit: Kit, tx: Tx, client: Client, said: RegistryCheck) -> Kept:
    """Record a registry's answer; `said.address` is the address in its canonical form, and only its mark is kept."""
    now = kit.clock()
    mark = kit.vault.mark("address", said.address)
    tx.gate([f"address:{mark}"])
    row = {
        "id": kit.ids.new("rc", now),
        "registry_id": said.registry,
        "address": mark,
        "listed": int(said.listed),
        "checked_at": said.checked_at,
    }
    kept = keep(tx, "registry_checks", row)
    if kept.new:
        more = {
            "check": row["id"],
            "registry": said.registry,
            "listed": said.listed,
            "checked_at": said.checked_at,
        }
        deed = entry(kit, now, "registry_check.recorded", client.id, client=client.id, address=mark, more=more)
        tx.add("entries", [deed])
    return kept
