"""What first contacts oblige to, as an officer lists it."""

from service.core.model import ActorRole

from .front import Web

CALL = {
    "at": "2026-11-22T20:00:00-05:00",
    "channel": "call",
    "direction": "outbound",
    "outcome": "conversation_right_party",
    "purpose": "collection",
    "party_id": "P-1",
    "party_role": "debtor",
    "address": "+12125550100",
    "address_kind": "mobile",
}


async def test_obligations_are_listed_page_by_page_and_by_state(web: Web) -> None:
    agency = await web.key("agency", role=ActorRole.agency)
    for account in ("A-1", "A-2"):
        answer = await web.post("/v1/interactions", {**CALL, "account_id": account}, key=agency)
        assert answer.status_code == 201, answer.text
    notice = {"kind": "validation", "sent_at": "2026-11-22T21:00:00-05:00"}
    assert (await web.post("/v1/accounts/A-2/notices", notice, key=agency)).status_code == 201

    first = (await web.get("/v1/obligations", limit=1)).json()
    second = (await web.get("/v1/obligations", limit=1, after=first["next"])).json()
    still = (await web.get("/v1/obligations", state="open")).json()

    [row] = first["items"]
    assert {name: row[name] for name in ("account_id", "rule", "notice", "state")} == {
        "account_id": "A-1",
        "rule": "us-reg-f/validation-notice",
        "notice": "validation",
        "state": "open",
    }
    assert (row["raised_at"], row["due_at"]) == ("2026-11-23T09:00:00+08:00", "2026-11-28T13:00:00+08:00")
    assert [each["state"] for each in second["items"]] == ["done"]
    assert second["next"] is None
    assert still["items"] == [row]
    assert (await web.get("/v1/obligations", account_id="A-3")).json()["items"] == []


async def test_only_an_officer_lists_obligations(web: Web) -> None:
    writer = await web.key("writer", "facts:write")

    assert (await web.get("/v1/obligations", key=writer)).status_code == 403
