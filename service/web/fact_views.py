"""
Facts as they are shown: in the shapes they were told in, with an id and the instant they ended.

An address and evidence are shown in the clear with `pii:read` alone. Of a suppressed address only the
mark is kept, so its value can be shown to nobody but who just told it.
"""

from typing import Any

import orjson
from starlette.responses import Response

from service.core.civil import format_window
from service.core.facts import Consent, Window
from service.core.masks import mask_email, mask_id, mask_phone, mask_place, mask_text
from service.flows import blocks, suppressions
from service.flows.gateway import Gateway
from service.flows.ports import Row

from .answers import answer, listing
from .decisions_json import instant_json


def tell(gateway: Gateway, shown: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Answer with a fact."""
    return answer({**shown, "simulated": True} if gateway.kit.routes.simulated else shown, status, headers)


def tell_list(gateway: Gateway, items: list[dict[str, Any]], next_: str | None) -> Response:
    return listing(items, next_, **({"simulated": True} if gateway.kit.routes.simulated else {}))


def consent_json(consent_id: str, told: Consent, *, clear: bool) -> dict[str, Any]:
    return {
        "id": consent_id,
        "party_id": told.party,
        "kind": told.kind,
        "channel": told.channel,
        "address": shown_address(told.address, clear=clear),
        "window": _window_json(told.window) if told.window else None,
        "granted_at": instant_json(told.granted_at),
        "expires_at": instant_json(told.expires_at),
        "withdrawn_at": instant_json(told.withdrawn_at),
        "given_to": told.given_to,
        "evidence": told.evidence if clear or told.evidence is None else mask_text(told.evidence),
    }


def preference_json(row: Row, party_id: str) -> dict[str, Any]:
    window = _window_json(Window(*orjson.loads(row["window"])))
    return {"id": row["id"], "party_id": party_id, "kind": row["kind"], **window, "channel": row["channel"]}


def hold_json(row: Row, *, party: str | None = None, account: str | None = None) -> dict[str, Any]:
    return {
        "id": row["id"],
        "account_id": account,
        "party_id": party,
        "kind": row["kind"],
        "from": instant_json(row["since"]),
        "until": instant_json(row["until"]),
        "allowed_purposes": orjson.loads(row["allowed_purposes"]),
        "released_at": instant_json(row["released_at"]),
    }


def suppression_json(told: suppressions.Told, address: str | None = None, *, clear: bool = False) -> dict[str, Any]:
    """`address` is what the caller has just told, for a suppression of that address."""
    return {
        "id": told.id,
        "scope": told.scope,
        "value": told.value if told.value is not None else shown_address(address, clear=clear),
        "party_id": told.party,
        "channel": told.channel,
        "purpose": told.purpose,
        "reason": told.reason,
        "from": instant_json(told.since),
        "until": instant_json(told.until),
        "lifted_at": instant_json(told.lifted_at),
    }


def block_json(told: blocks.Told) -> dict[str, Any]:
    return {
        "id": told.id,
        "scope": told.scope,
        "value": told.value,
        "reason": told.reason,
        "from": instant_json(told.since),
        "lifted_at": instant_json(told.lifted_at),
    }


def shown_address(value: str | None, *, clear: bool) -> Any:
    """An address in its canonical form, masked but for who may see it; a place in the clear is an object again."""
    if value is None:
        return None
    if value.startswith("{"):
        return orjson.loads(value) if clear else mask_place(value)
    if clear:
        return value
    if "@" in value:
        return mask_email(value)
    return mask_phone(value) if value.startswith("+") else mask_id(value)


def _window_json(window: Window) -> dict[str, str]:
    days, from_, to = format_window(window)
    return {"days": days, "from": from_, "to": to}
