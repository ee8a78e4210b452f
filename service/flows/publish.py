"""Keep the sources of every template version that requests may be pinned to, so that each stays renderable."""

from .activate import SYSTEM
from .entries import entry
from .kit import Kit
from .ports import Tx


def publish_templates(kit: Kit, tx: Tx) -> list[str]:
    """Store the versions that are new; one entry each. Return their names."""
    tx.gate(["templates"])
    now = kit.clock()
    current = {template.version: template.name for template in kit.templates.list()}
    stored = {row["sha256"] for row in tx.rows("template_versions", {"sha256": sorted(current)})}
    new = {version: name for version, name in sorted(current.items()) if version not in stored}
    for version, name in new.items():
        sources = kit.templates.sources(version)
        tx.add("template_versions", [{"sha256": version, "name": name, "sources": sources}])
        more = {"template": name, "template_version": version}
        tx.add("entries", [entry(kit, now, "template.published", SYSTEM, more=more)])
    return list(new.values())


def recall_templates(kit: Kit, tx: Tx) -> int:
    """Take every stored version into the catalogue, for requests that were pinned before a change; count them."""
    current = {template.version for template in kit.templates.list()}
    rows = tx.rows("template_versions", {})
    for row in rows:
        if row["sha256"] not in current:
            kit.templates.add(row["sources"])
    return len(rows)
