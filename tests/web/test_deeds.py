"""Every route that changes something leaves an entry, in the transaction of the deed; every route is in the table."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from service.core.civil import format_instant
from service.web.scopes import ALL_SCOPES, SCOPES, any_of

from .front import Web, request_body
from .test_contact_requests import call_body
from .test_outcomes import report_body

AT = "2026-11-20T15:04:00+08:00"

LEAVES_NOTHING = {
    # Renders for nobody: no party is in it, and nothing is kept.
    ("POST", "/v1/templates/{name}/preview"),
    # Reads; it is a POST so that the address stands in no URL.
    ("POST", "/v1/suppressions/search"),
}
"""This list may only become shorter."""

Call = tuple[str, Any]
Prepare = Callable[[Web], Awaitable[Call]]


def at(path: str, body: Any = None) -> Prepare:
    """A deed that needs nothing before it."""

    async def call(web: Web) -> Call:
        return path, body

    return call


def then(path: str, body: Any, suffix: str, more: Any = None) -> Prepare:
    """A deed on what an earlier one made."""

    async def call(web: Web) -> Call:
        made = await web.post(path, body)
        assert made.is_success, made.text
        return f"{path}/{made.json()['id']}{suffix}", more

    return call


async def activate(web: Web) -> Call:
    book = await web.house.gateway.store.read(lambda tx: tx.book_in_force(web.clock()))
    return "/v1/policies/activate", {"sha256": book, "effective_at": format_instant(web.clock.now)}


async def shadow(web: Web) -> Call:
    book = await web.house.gateway.store.read(lambda tx: tx.book_in_force(web.clock()))
    return "/v1/policies/shadow", {"sha256": book}


async def end_of_shadow(web: Web) -> Call:
    made = await web.post(*await shadow(web))
    assert made.is_success, made.text
    return "/v1/policies/shadow/end", None


REQUESTS = "/v1/contact-requests"
CONSENT = {"kind": "channel", "channel": "sms", "granted_at": AT}
PREFERENCE = {"kind": "prohibited", "from": "12:00", "to": "13:00"}
HOLD = {"kind": "dispute", "from": AT}
SUPPRESSION = {"scope": "address", "value": "+8613800138000", "channel": "sms", "reason": "opt_out", "from": AT}
BLOCK = {"scope": "channel", "value": "sms"}
CALLBACK = {"url": "https://collections.example/hook"}

DEEDS: dict[tuple[str, str], Prepare] = {
    ("POST", REQUESTS): at(REQUESTS, request_body()),
    ("POST", f"{REQUESTS}/batch"): at(f"{REQUESTS}/batch", {"requests": [request_body()]}),
    ("POST", f"{REQUESTS}/{{id}}/cancel"): then(REQUESTS, request_body(), "/cancel"),
    ("POST", f"{REQUESTS}/{{id}}/outcome"): then(REQUESTS, call_body(), "/outcome", report_body()),
    ("POST", "/v1/decisions"): at("/v1/decisions", {"request": request_body()}),
    ("POST", "/v1/interactions"): at(
        "/v1/interactions",
        {"at": AT, "channel": "call", "direction": "inbound", "outcome": "conversation_right_party", "party_id": "P-1"},
    ),
    ("PUT", "/v1/parties/{id}"): at("/v1/parties/P-1", {"time_zones": ["Asia/Shanghai"], "jurisdictions": ["CN"]}),
    ("POST", "/v1/parties/{id}/consents"): at("/v1/parties/P-1/consents", CONSENT),
    ("POST", "/v1/parties/{id}/consents/{consent}/withdraw"): then("/v1/parties/P-1/consents", CONSENT, "/withdraw"),
    ("POST", "/v1/parties/{id}/preferences"): at("/v1/parties/P-1/preferences", PREFERENCE),
    ("DELETE", "/v1/parties/{id}/preferences/{preference}"): then("/v1/parties/P-1/preferences", PREFERENCE, ""),
    ("POST", "/v1/parties/{id}/holds"): at("/v1/parties/P-1/holds", HOLD),
    ("POST", "/v1/parties/{id}/holds/{hold}/release"): then("/v1/parties/P-1/holds", HOLD, "/release"),
    ("PUT", "/v1/accounts/{id}"): at("/v1/accounts/LN-1", {"product": "credit_card", "days_past_due": 12}),
    ("POST", "/v1/accounts/{id}/holds"): at("/v1/accounts/LN-1/holds", HOLD),
    ("POST", "/v1/accounts/{id}/holds/{hold}/release"): then("/v1/accounts/LN-1/holds", HOLD, "/release"),
    ("POST", "/v1/accounts/{id}/notices"): at("/v1/accounts/LN-1/notices", {"kind": "outsourcing", "sent_at": AT}),
    ("POST", "/v1/registry-checks"): at(
        "/v1/registry-checks", {"registry": "sg-dnc", "address": "+6581234567", "listed": False, "checked_at": AT}
    ),
    ("POST", "/v1/suppressions"): at("/v1/suppressions", SUPPRESSION),
    ("POST", "/v1/suppressions/{id}/lift"): then("/v1/suppressions", SUPPRESSION, "/lift"),
    ("POST", "/v1/suppressions/search"): at("/v1/suppressions/search", {"address": "+8613800138000"}),
    ("POST", "/v1/blocks"): at("/v1/blocks", BLOCK),
    ("POST", "/v1/blocks/{id}/lift"): then("/v1/blocks", BLOCK, "/lift"),
    ("POST", "/v1/audit/entries/search"): at("/v1/audit/entries/search", {}),
    ("POST", "/v1/callbacks"): at("/v1/callbacks", CALLBACK),
    ("DELETE", "/v1/callbacks/{id}"): then("/v1/callbacks", CALLBACK, ""),
    ("POST", "/v1/callbacks/{id}/rotate"): then("/v1/callbacks", CALLBACK, "/rotate"),
    ("POST", "/v1/callbacks/{id}/replay"): then("/v1/callbacks", CALLBACK, "/replay", {}),
    ("POST", "/v1/policies/replay"): at("/v1/policies/replay", {}),
    ("POST", "/v1/policies/shadow"): shadow,
    ("POST", "/v1/policies/shadow/end"): end_of_shadow,
    ("POST", "/v1/policies/activate"): activate,
    ("POST", "/v1/templates/{name}/preview"): at("/v1/templates/overdue-reminder/preview", {"channel": "sms"}),
}
"""How each is done: the path and body of the deed, after whatever it needs."""

PROVEN = {
    (method, path) for method, path in SCOPES if path.startswith(("/v1/receipts/", "/v1/inbound/", "/v1/unsubscribe/"))
}
"""What needs no key because it proves itself; `test_callbacks_in` and the flows' tests see to its entries."""


@pytest.mark.parametrize("route", DEEDS, ids=" ".join)
async def test_a_deed_leaves_an_entry_of_who_did_it(web: Web, route: tuple[str, str]) -> None:
    path, body = await DEEDS[route](web)
    before = {row["id"] for row in await web.rows("entries")}

    answer = await web.send(route[0], path, body)

    assert answer.is_success, answer.text
    left = [row for row in await web.rows("entries") if row["id"] not in before]
    assert (route in LEAVES_NOTHING) == (not left)
    assert all("bank" == row["actor"] for row in left)


@pytest.mark.parametrize("route", DEEDS, ids=" ".join)
async def test_a_deed_needs_its_scope(web: Web, route: tuple[str, str]) -> None:
    path, body = await DEEDS[route](web)
    poor = await web.key("poor", *(ALL_SCOPES - set(any_of(SCOPES[route]))))
    before = len(await web.rows("entries"))

    answer = await web.send(route[0], path, body, key=poor)

    assert (403, "/problems/missing-scope") == (answer.status_code, answer.json()["type"])
    assert before == len(await web.rows("entries"))


async def test_every_route_that_changes_something_is_tried(web: Web) -> None:
    mutating = {route for route in web.app.state.guarded if route[0] != "GET"}

    assert mutating - PROVEN == DEEDS.keys()


async def test_every_row_of_the_table_is_served_and_every_route_is_in_it(web: Web) -> None:
    assert SCOPES.keys() == web.app.state.guarded.keys()
