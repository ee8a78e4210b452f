"""What a client that cannot be called learns by asking."""

from typing import Any

import pytest

from service.core.model import ActorRole
from service.web.entries_shown import EventPageShown

from .front import Web, request_body

EVENTS = "/v1/events"
POST = "/v1/contact-requests"


async def posted(web: Web, reference: str, **changes: Any) -> dict[str, Any]:
    key = changes.pop("key", None)
    answer = await web.post(POST, request_body(reference=reference, **changes), key=key)
    return answer.json()


async def events(web: Web, **query: Any) -> list[dict[str, Any]]:
    await web.number()
    answer = await web.get(EVENTS, **query)
    assert answer.status_code == 200, answer.text
    page = answer.json()
    EventPageShown.model_validate(page)
    return page["items"]


async def test_each_step_of_a_request_is_an_event(web: Web) -> None:
    made = await posted(web, "r-1")
    await web.post(f"{POST}/{made['id']}/cancel")

    accepted, cancelled = await events(web)

    assert ("request.accepted", "queued", "allow") == tuple(accepted[name] for name in ("kind", "state", "effect"))
    assert (made["id"], "r-1", made["send_at"]) == (accepted["request"], accepted["reference"], accepted["send_at"])
    assert ("request.cancelled", "cancelled") == (cancelled["kind"], cancelled["state"])
    assert accepted["simulated"] is True


async def test_a_planned_permit_is_an_event_when_it_is_issued(web: Web) -> None:
    web.clock.set("2026-11-23T22:30:00+08:00")
    call = {"channel": "call", "execution": "permit", "recording_available": True}
    await posted(web, "c-1", **call)
    web.clock.set("2026-11-24T08:00:00+08:00")
    await web.dispatch()

    planned, issued = await events(web)

    assert ("scheduled", None, "quiet_hours") == (planned["state"], planned["permit"], planned["reason"])
    assert "2026-11-24T08:00:00+08:00" == planned["not_before"] == planned["send_at"]
    assert ("request.permitted", "dispatching") == (issued["kind"], issued["state"])
    assert "2026-11-24T08:15:00+08:00" == issued["permit"]["valid_until"]


async def test_a_refusal_is_an_event_with_its_reason(web: Web) -> None:
    web.clock.set("2026-11-23T22:30:00+08:00")
    await posted(web, "r-1", if_blocked="refuse")

    (refused,) = await events(web)

    assert ("request.refused", "refused", "quiet_hours") == (refused["kind"], refused["state"], refused["reason"])


async def test_an_outcome_is_an_event(web: Web) -> None:
    call = {"channel": "call", "execution": "permit", "recording_available": True}
    made = await posted(web, "c-1", **call)
    rang = {"outcome": "ring_no_answer", "started_at": "2026-11-23T10:00:00+08:00"}
    await web.post(f"{POST}/{made['id']}/outcome", rang)

    assert [("request.accepted", None), ("outcome.reported", "ring_no_answer")] == [
        (event["kind"], event["outcome"]) for event in await events(web)
    ]


async def test_a_cursor_gives_each_event_once_while_others_come(web: Web) -> None:
    seen: list[int] = []
    after: dict[str, Any] = {}
    for turn in range(6):
        await posted(web, f"r-{turn}")
        await web.number()
        page = (await web.get(EVENTS, limit=2, **after)).json()
        seen += [event["index"] for event in page["items"]]
        after = {"after": page["next"] if page["next"] is not None else page["head"]}

    assert 6 == len(seen) == len(set(seen))
    assert sorted(seen) == seen
    assert [] == await events(web, **after)


async def test_the_events_of_other_clients_are_invisible(web: Web) -> None:
    agency = await web.key("agency", role=ActorRole.agency)
    await posted(web, "theirs", key=agency)
    await posted(web, "ours")

    assert ["ours"] == [event["reference"] for event in await events(web)]
    assert ["theirs"] == [event["reference"] for event in await events(web, key=agency)]


async def test_what_officers_look_at_is_no_event(web: Web) -> None:
    made = await posted(web, "r-1")
    officer = await web.key("officer", "audit:read", "pii:read")
    await web.get(f"{POST}/{made['id']}", key=officer)
    await web.number()
    await web.post("/v1/audit/entries/search", {"request": made["id"]}, key=officer)

    assert ["request.accepted"] == [event["kind"] for event in await events(web)]


async def test_asking_leaves_no_entry(web: Web) -> None:
    await posted(web, "r-1")
    before = len(await web.rows("entries"))

    await events(web)

    assert before == len(await web.rows("entries"))


@pytest.mark.parametrize("query", [{"after": "-1"}, {"after": "x"}, {"limit": "0"}, {"limit": "201"}, {"kind": "a.b"}])
async def test_events_take_a_cursor_and_a_limit_and_nothing_else(web: Web, query: dict[str, str]) -> None:
    assert 422 == (await web.get(EVENTS, **query)).status_code


async def test_events_ask_for_the_scope_of_reading(web: Web) -> None:
    writer = await web.key("writer", "contact:write")

    assert 403 == (await web.get(EVENTS, key=writer)).status_code
