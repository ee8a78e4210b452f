"""The budget of a party, as the contract words it."""

import pytest

from .front import Web, request_body


async def test_the_budget_counts_down_and_says_when_each_channel_opens(web: Web) -> None:
    await web.post("/v1/contact-requests", request_body())
    await web.post("/v1/contact-requests", request_body(reference="r-2"))

    answer = await web.get("/v1/parties/P-10086/budget", account_id="LN-7788")

    said = answer.json()
    assert (answer.status_code, said["party_role"], said["actor_role"]) == (200, "debtor", "first_party")
    channels = {each["channel"]: each for each in said["channels"]}
    [sms] = [place for place in channels["sms"]["remaining"] if place["rule"] == "house/sms-per-day"]
    assert (sms["scope"], sms["remaining"]) == ("party", 0)
    assert channels["sms"]["next_allowed_at"] == "2026-11-24T08:00:00+08:00"
    assert channels["call"]["next_allowed_at"] == "2026-11-23T10:00:00+08:00"
    assert channels["wechat"]["next_allowed_at"] is None
    assert "no_address" in {row["because"] for row in channels["call"]["not_applied"]}


async def test_the_budget_shows_when_each_channel_is_open_in_the_next_seven_days(web: Web) -> None:
    for number in range(2):
        await web.post("/v1/contact-requests", request_body(reference=f"r-{number}"))

    said = (await web.get("/v1/parties/P-10086/budget", account_id="LN-7788")).json()

    windows = {each["channel"]: [(one["from"], one["to"]) for one in each["windows"]] for each in said["channels"]}
    assert ("2026-11-23T10:00:00+08:00", "2026-11-23T21:00:00+08:00") == windows["call"][0]
    assert ("2026-11-24T08:00:00+08:00", "2026-11-24T21:00:00+08:00") == windows["sms"][0]
    assert ("2026-11-30T08:00:00+08:00", "2026-11-30T10:00:00+08:00") == windows["sms"][-1]
    assert (7, []) == (len(windows["sms"]), windows["wechat"])


async def test_a_window_never_ends_later_than_it_closes(web: Web) -> None:
    await web.post("/v1/contact-requests", request_body())
    web.clock.forward(351_959)

    said = (await web.get("/v1/parties/P-10086/budget", account_id="LN-7788")).json()

    [call] = [each["windows"] for each in said["channels"] if each["channel"] == "call"]
    assert ("2026-11-23T10:00:00.351959+08:00", "2026-11-23T21:00:00+08:00") == (call[0]["from"], call[0]["to"])


@pytest.mark.parametrize(
    ("query", "status"),
    [({"purpose": "gossip"}, 422), ({"account_id": "LN-0"}, 404), ({"channel": "sms"}, 422), ({}, 200)],
)
async def test_the_budget_takes_an_account_and_a_purpose(web: Web, query: dict[str, str], status: int) -> None:
    await web.post("/v1/contact-requests", request_body())

    assert (await web.get("/v1/parties/P-10086/budget", **query)).status_code == status


async def test_nobody_unknown_has_a_budget(web: Web) -> None:
    assert (await web.get("/v1/parties/P-0/budget")).status_code == 404


async def test_the_budget_needs_its_scope(web: Web) -> None:
    writer = await web.key("writer", "contact:write")

    assert (await web.get("/v1/parties/P-10086/budget", key=writer)).status_code == 403
