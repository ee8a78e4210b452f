"""Facts through the door."""

from typing import Any

import pytest

from .front import Web, request_body

AT = "2026-11-23T09:00:00+08:00"
LATER = "2026-12-23T09:00:00+08:00"
NUMBER = "+8613800138000"
PARTY = "/v1/parties/P-10086"
ACCOUNT = "/v1/accounts/LN-7788"

CONSENT = {
    "kind": "contact_time",
    "window": {"days": "mon-sun", "from": "22:00", "to": "23:00"},
    "address": NUMBER,
    "granted_at": AT,
    "evidence": "recording 17",
}
PREFERENCE = {"kind": "prohibited", "days": "mon-fri", "from": "09:00", "to": "17:00"}
HOLD = {"kind": "dispute", "from": AT}
NOTICE = {"kind": "outsourcing", "sent_at": AT}
CHECK = {"registry": "sg-dnc", "address": "+6581234567", "listed": False, "checked_at": AT}
SUPPRESSION = {"scope": "address", "value": NUMBER, "reason": "opt_out", "from": AT}
BLOCK = {"scope": "channel", "value": "letter", "reason": "strike at the post"}
INTERACTION = {
    "reference": "x-1",
    "at": AT,
    "channel": "call",
    "direction": "outbound",
    "outcome": "conversation_right_party",
    "duration_s": 90,
    "party_id": "P-10086",
    "party_role": "debtor",
    "account_id": "LN-7788",
    "address": NUMBER,
    "address_kind": "mobile",
}

KEPT: dict[str, dict[str, Any]] = {
    f"{PARTY}/consents": CONSENT,
    f"{PARTY}/preferences": PREFERENCE,
    f"{PARTY}/holds": HOLD,
    f"{ACCOUNT}/holds": HOLD,
    f"{ACCOUNT}/notices": NOTICE,
    "/v1/registry-checks": CHECK,
    "/v1/suppressions": SUPPRESSION,
    "/v1/blocks": BLOCK,
    "/v1/interactions": INTERACTION,
}

FIRST: dict[str, str] = {
    f"{PARTY}/consents": "granted_at",
    f"{PARTY}/preferences": "from",
    f"{PARTY}/holds": "from",
    f"{ACCOUNT}/holds": "from",
    f"{ACCOUNT}/notices": "sent_at",
    "/v1/registry-checks": "checked_at",
    "/v1/suppressions": "from",
    "/v1/interactions": "at",
}
"""What each fact must say of its time."""


@pytest.mark.parametrize("path", KEPT)
async def test_a_fact_is_kept_and_told_again_it_stands(web: Web, path: str) -> None:
    first = await web.post(path, KEPT[path])
    again = await web.post(path, KEPT[path])

    assert (first.status_code, again.status_code) == (201, 200), first.text
    assert first.json()["id"] == again.json()["id"]
    assert first.json()["simulated"] is True


@pytest.mark.parametrize("path", KEPT)
async def test_an_unknown_field_is_refused_and_nothing_is_stored(web: Web, path: str) -> None:
    answer = await web.post(path, {**KEPT[path], "colour": "red"})

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["colour"]
    assert await web.rows("parties") == []


@pytest.mark.parametrize("path", FIRST)
async def test_the_instant_of_a_fact_is_required_and_has_an_offset(web: Web, path: str) -> None:
    field = FIRST[path]
    missing = {name: value for name, value in KEPT[path].items() if name != field}

    for body in (missing, {**KEPT[path], field: None}, {**KEPT[path], field: "2026-11-23T09:00:00"}):
        answer = await web.post(path, body)
        assert answer.status_code == 422, body
        assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize(
    ("path", "changes", "field"),
    [
        (f"{PARTY}/consents", {"kind": "everything"}, "kind"),
        (f"{PARTY}/consents", {"window": None}, "window"),
        (f"{PARTY}/consents", {"window": {"from": "22:00", "to": "22:00"}}, "window.to"),
        (f"{PARTY}/consents", {"window": {"from": "24:00", "to": "22:00"}}, "window.from"),
        (f"{PARTY}/consents", {"window": {"days": "mon-xyz", "from": "20:00", "to": "22:00"}}, "window.days"),
        (f"{PARTY}/consents", {"party_id": "P-2"}, "party_id"),
        (f"{PARTY}/consents", {"address": "13800138000"}, "address"),
        (f"{PARTY}/consents", {"expires_at": AT}, "expires_at"),
        (f"{PARTY}/preferences", {"from": "25:00"}, "from"),
        (f"{PARTY}/preferences", {"kind": "never"}, "kind"),
        (f"{PARTY}/holds", {"account_id": "LN-7788"}, "account_id"),
        (f"{PARTY}/holds", {"kind": "lunch"}, "kind"),
        (f"{PARTY}/holds", {"until": AT}, "until"),
        (f"{PARTY}/holds", {"allowed_purposes": ["gossip"]}, "allowed_purposes.0"),
        (f"{ACCOUNT}/holds", {"party_id": "P-10086"}, "party_id"),
        (f"{ACCOUNT}/holds", {"account_id": "LN-0"}, "account_id"),
        (f"{ACCOUNT}/notices", {"kind": "gossip"}, "kind"),
        ("/v1/registry-checks", {"registry": "moon-dnc"}, "registry"),
        ("/v1/registry-checks", {"listed": "no"}, "listed"),
        ("/v1/registry-checks", {"address": "somebody@example.com"}, "address"),
        ("/v1/suppressions", {"scope": "planet"}, "scope"),
        ("/v1/suppressions", {"value": "138-0013-8000"}, "value"),
        ("/v1/suppressions", {"value": "abc", "channel": "sms"}, "value"),
        ("/v1/suppressions", {"scope": "party", "value": {"lines": ["x"]}}, "value"),
        ("/v1/suppressions", {"scope": "account", "value": "LN-1", "party_id": "P-1"}, "party_id"),
        ("/v1/suppressions", {"reason": "mood"}, "reason"),
        ("/v1/blocks", {"value": "smoke"}, "value"),
        ("/v1/blocks", {"scope": "client", "value": "nobody"}, "value"),
        ("/v1/blocks", {"scope": "jurisdiction", "value": "china"}, "value"),
        ("/v1/interactions", {"outcome": "visited_met"}, "outcome"),
        ("/v1/interactions", {"outcome": "shrugged"}, "outcome"),
        ("/v1/interactions", {"direction": None}, "direction"),
        ("/v1/interactions", {"party_id": None}, "party_id"),
        ("/v1/interactions", {"at": "2026-11-24T09:00:00+08:00"}, "at"),
        ("/v1/interactions", {"duration_s": -1}, "duration_s"),
        ("/v1/interactions", {"address_kind": "email"}, "address"),
        ("/v1/interactions", {"direction": "outbound", "asks": "stop"}, "asks"),
        ("/v1/interactions", {"asks": "mercy"}, "asks"),
    ],
)
async def test_bad_input_is_refused_by_field_and_never_repeated(
    web: Web, path: str, changes: dict[str, Any], field: str
) -> None:
    answer = await web.post(path, {**KEPT[path], **changes})

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert "138" not in answer.text and "somebody@" not in answer.text
    for table in ("parties", "accounts", "consents", "holds", "suppressions", "blocks", "attempts"):
        assert await web.rows(table) == [], table


async def test_a_party_is_set_whole(web: Web) -> None:
    body = {"time_zones": ["Asia/Shanghai", "Asia/Tokyo"], "jurisdictions": ["CN", "JP"], "locale": "zh-CN"}

    first = await web.send("PUT", PARTY, body)
    second = await web.send("PUT", PARTY, {"locale": "en"})

    assert (first.status_code, first.json()) == (200, {"id": "P-10086", **body, "simulated": True})
    assert second.json()["time_zones"] == [] and second.json()["jurisdictions"] == []


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (PARTY, {"time_zones": ["Mars/Olympus"]}, "time_zones.0"),
        (PARTY, {"jurisdictions": ["ZZ"]}, "jurisdictions.0"),
        (PARTY, {"locale": "中文"}, "locale"),
        (ACCOUNT, {"days_past_due": -1}, "days_past_due"),
        (ACCOUNT, {"type": "yacht"}, "type"),
        (ACCOUNT, {"parties": [{"id": "P-1", "role": "friend"}]}, "parties.0.role"),
        (ACCOUNT, {"parties": [{"id": "P-1", "role": "debtor"}, {"id": "P-1", "role": "heir"}]}, "parties.1.id"),
    ],
)
async def test_a_put_of_what_is_not_known_is_refused(web: Web, path: str, body: dict[str, Any], field: str) -> None:
    answer = await web.send("PUT", path, body)

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_an_account_lists_its_parties_and_keeps_the_list_until_the_next(web: Web) -> None:
    parties = [{"id": "P-10086", "role": "debtor"}, {"id": "P-2", "role": "guarantor"}]

    listed = await web.send("PUT", ACCOUNT, {"product": "credit_card", "days_past_due": 12, "parties": parties})
    kept = await web.send("PUT", ACCOUNT, {"product": "credit_card", "days_past_due": 13})
    empty = await web.send("PUT", ACCOUNT, {"parties": []})

    assert sorted(listed.json()["parties"], key=lambda each: each["id"]) == parties
    assert kept.json()["parties"] == listed.json()["parties"] and kept.json()["days_past_due"] == 13
    assert empty.json()["parties"] == []


async def test_what_narrows_needs_one_scope_and_what_loosens_another(web: Web) -> None:
    writer = await web.key("writer", "facts:write")
    loosener = await web.key("loosener", "facts:loosen")
    hold = (await web.post(f"{PARTY}/holds", HOLD)).json()["id"]
    preference = (await web.post(f"{PARTY}/preferences", PREFERENCE)).json()["id"]
    suppression = (await web.post("/v1/suppressions", SUPPRESSION)).json()["id"]
    consent = (await web.post(f"{PARTY}/consents", CONSENT)).json()["id"]
    narrowing = [
        ("POST", f"{PARTY}/holds", HOLD),
        ("POST", f"{ACCOUNT}/holds", HOLD),
        ("POST", f"{PARTY}/preferences", PREFERENCE),
        ("POST", "/v1/suppressions", SUPPRESSION),
        ("POST", f"{PARTY}/consents/{consent}/withdraw", None),
        ("POST", "/v1/interactions", INTERACTION),
    ]
    loosening = [
        ("POST", f"{PARTY}/consents", CONSENT),
        ("DELETE", f"{PARTY}/preferences/{preference}", None),
        ("POST", f"{PARTY}/holds/{hold}/release", None),
        ("POST", f"/v1/suppressions/{suppression}/lift", None),
    ]

    for routes, may, may_not in ((narrowing, writer, loosener), (loosening, loosener, writer)):
        for method, path, body in routes:
            assert (await web.send(method, path, body, key=may_not)).status_code == 403, path
            assert (await web.send(method, path, body, key=may)).status_code in (200, 201, 204), path
    assert (await web.post("/v1/blocks", BLOCK, key=writer)).status_code == 403


async def test_a_suppression_shows_its_address_masked_and_searches_it_by_body(web: Web) -> None:
    masked = await web.key("clerk", "facts:write")

    kept = await web.post("/v1/suppressions", SUPPRESSION, key=masked)
    found = await web.post("/v1/suppressions/search", {"address": NUMBER}, key=masked)
    await web.post(f"/v1/suppressions/{kept.json()['id']}/lift")
    lifted = await web.post("/v1/suppressions/search", {"address": NUMBER}, key=masked)

    assert kept.json()["value"] == "138****8000"
    assert [each["id"] for each in found.json()["items"]] == [kept.json()["id"]]
    assert NUMBER not in found.text
    assert lifted.json()["items"] == []


async def test_suppressions_are_listed_page_by_page(web: Web) -> None:
    for channel in ("sms", "call", "wechat"):
        await web.post("/v1/suppressions", {"scope": "party", "value": "P-1", "from": AT, "channel": channel})

    first = (await web.post("/v1/suppressions/search", {"party_id": "P-1", "limit": 2})).json()
    rest = (await web.post("/v1/suppressions/search", {"party_id": "P-1", "after": first["next"]})).json()

    assert [each["channel"] for each in first["items"] + rest["items"]] == ["sms", "call", "wechat"]
    assert rest["next"] is None


async def test_a_search_for_nobody_is_refused(web: Web) -> None:
    assert (await web.post("/v1/suppressions/search", {})).status_code == 422


async def test_evidence_is_seen_by_whom_may_see_it(web: Web) -> None:
    clerk = await web.key("clerk", "facts:loosen", "facts:write")

    shown = (await web.post(f"{PARTY}/consents", CONSENT)).json()
    masked = (await web.post(f"{PARTY}/consents/{shown['id']}/withdraw", key=clerk)).json()

    assert (shown["address"], shown["evidence"]) == (NUMBER, "recording 17")
    assert (masked["address"], masked["evidence"]) == ("138****8000", "****")
    assert masked["withdrawn_at"] == "2026-11-23T02:00:00Z"


async def test_taking_back_what_is_not_there_is_not_found(web: Web) -> None:
    await web.send("PUT", PARTY, {})

    for method, path in (
        ("POST", f"{PARTY}/consents/cn_1/withdraw"),
        ("DELETE", f"{PARTY}/preferences/pf_1"),
        ("POST", f"{PARTY}/holds/h_1/release"),
        ("POST", "/v1/parties/nobody/holds/h_1/release"),
        ("POST", f"{ACCOUNT}/holds/h_1/release"),
        ("POST", "/v1/suppressions/s_1/lift"),
        ("POST", "/v1/blocks/b_1/lift"),
    ):
        assert (await web.send(method, path)).status_code == 404, path


async def test_blocks_are_listed_while_they_stand_and_refuse_new_requests(web: Web) -> None:
    block = (await web.post("/v1/blocks", {"scope": "party", "value": "P-10086"})).json()

    refused = await web.post("/v1/contact-requests", request_body())
    listed = (await web.get("/v1/blocks")).json()["items"]
    await web.post(f"/v1/blocks/{block['id']}/lift")
    taken = await web.post("/v1/contact-requests", request_body(reference="r-2"))

    assert (refused.status_code, taken.status_code) == (403, 202)
    assert [each["value"] for each in listed] == ["P-10086"]
    assert (await web.get("/v1/blocks")).json()["items"] == []


async def test_an_erased_party_is_gone(web: Web) -> None:
    await web.send("PUT", PARTY, {})
    store = web.house.gateway.store
    await store.write(lambda tx: tx.change("parties", {"id": "P-10086"}, {"key_wrapped": None, "erased_at": 1}))

    for method, path, body in (
        ("PUT", PARTY, {}),
        ("POST", f"{PARTY}/holds", HOLD),
        ("POST", "/v1/interactions", INTERACTION),
        ("GET", f"{PARTY}/budget", None),
    ):
        assert (await web.send(method, path, body)).status_code == 410, path
