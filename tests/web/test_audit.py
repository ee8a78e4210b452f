"""What an officer finds, and what the finding leaves."""

import hashlib
from typing import Any

import orjson
import pytest

from service.core.model import HOUR, Instant
from service.web.entries_shown import EntryPageShown, EntryShown

from .front import Web, request_body

ENTRIES = "/v1/audit/entries"
SEARCH = f"{ENTRIES}/search"
POST = "/v1/contact-requests"
LATE = "2026-11-23T22:30:00+08:00"


async def posted(web: Web, reference: str, **changes: Any) -> dict[str, Any]:
    key = changes.pop("key", None)
    answer = await web.post(POST, request_body(reference=reference, **changes), key=key)
    assert answer.status_code in (202, 403), answer.text
    return answer.json()


async def found(web: Web, **asked: Any) -> list[dict[str, Any]]:
    answer = await web.post(SEARCH, asked)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def a_day(web: Web) -> dict[str, dict[str, Any]]:
    """A message accepted of the bank in the morning, one refused to its branch at night, to two parties."""
    branch = await web.key("branch")
    first = await posted(web, "first")
    web.clock.set(LATE)
    other = {**request_body()["party"], "id": "P-2", "name": "李四"}
    address = {"value": "+8613900139000", "kind": "mobile", "provenance": "contract"}
    account = {**request_body()["account"], "id": "LN-2"}
    changes = {"party": other, "address": address, "account": account, "if_blocked": "refuse", "key": branch}
    second = await posted(web, "second", **changes)
    await web.number()
    return {"first": first, "second": second}


async def test_entries_are_listed_by_index_from_the_first(web: Web) -> None:
    await posted(web, "r-1")
    await web.number()

    page = (await web.get(ENTRIES)).json()

    assert [item["index"] for item in page["items"]] == list(range(len(page["items"])))
    assert (page["next"], page["head"]) == (None, len(page["items"]) - 1)
    assert page["items"][0]["kind"] == "book.activated"
    assert page["items"][-1]["kind"] == "request.accepted"
    EntryPageShown.model_validate(page)


async def test_a_page_leads_to_the_next_and_stays_as_it_is_while_entries_come(web: Web) -> None:
    for reference in "abcde":
        await posted(web, reference)
    await web.number()
    everything = (await web.get(ENTRIES, limit=200)).json()["items"]

    walked: list[dict[str, Any]] = []
    after: dict[str, Any] = {}
    for turn in range(100):
        await posted(web, f"meanwhile-{turn}", if_blocked="refuse")
        await web.number()
        page = (await web.get(ENTRIES, limit=3, **after)).json()
        walked += page["items"]
        if len(walked) >= len(everything):
            break
        after = {"after": page["next"]}

    assert everything == walked[: len(everything)]
    assert (await web.get(ENTRIES, limit=3)).json()["items"] == everything[:3]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"party_id": "P-10086", "kind": "request.accepted"}, ["first"]),
        ({"party_id": "P-2", "state": "refused"}, ["second"]),
        ({"account_id": "LN-2", "channel": "sms"}, ["second"]),
        ({"address": {"value": "+8613900139000"}, "state": "refused"}, ["second"]),
        ({"address": {"kind": "mobile", "value": "+8613800138000"}, "effect": "allow"}, ["first"]),
        ({"client": "branch", "state": "refused"}, ["second"]),
        ({"actor": "branch", "channel": "sms"}, ["second"]),
        ({"effect": "defer"}, ["second"]),
        ({"effect": "allow", "state": "queued"}, ["first"]),
        ({"rule": "cn-collection/quiet-hours"}, ["second"]),
        ({"rule": "house/quiet-hours", "client": "bank"}, []),
        ({"kind": "request.refused"}, ["second"]),
        ({"channel": "call"}, []),
        ({"since": LATE, "kind": "request.refused"}, ["second"]),
        ({"until": LATE, "channel": "sms"}, ["first"]),
        ({"since": "2026-11-23T14:30:00.000001Z", "channel": "sms"}, []),
        ({"party_id": "P-unknown"}, []),
        ({"party_id": "P-10086", "account_id": "LN-2"}, []),
    ],
)
async def test_entries_are_found_by(web: Web, asked: dict[str, Any], expected: list[str]) -> None:
    requests = await a_day(web)

    items = await found(web, **asked)

    assert [requests[name]["id"] for name in expected] == [item["request"] for item in items]


async def test_entries_are_found_by_the_request(web: Web) -> None:
    requests = await a_day(web)

    items = await found(web, request=requests["second"]["id"])

    assert ["request.refused"] == [item["kind"] for item in items]
    assert ("P-2", "LN-2") == (items[0]["party_id"], items[0]["account_id"])
    assert ("quiet_hours", "refused") == (items[0]["reason"], items[0]["state"])
    assert set(items[0]["rules"]) == {"cn-collection/quiet-hours", "house/quiet-hours"}


async def test_a_search_is_read_page_by_page(web: Web) -> None:
    for reference in "abc":
        await posted(web, reference)
    await web.number()

    first = (await web.post(SEARCH, {"kind": "request.accepted", "limit": 2})).json()
    second = (await web.post(SEARCH, {"kind": "request.accepted", "limit": 2, "after": first["next"]})).json()

    assert [2, 1] == [len(first["items"]), len(second["items"])]
    assert second["next"] is None and second["head"] >= first["head"]
    assert first["items"][-1]["index"] < second["items"][0]["index"]


async def test_one_entry_shows_its_decision_in_sentences_and_the_body_that_its_digest_covers(web: Web) -> None:
    await a_day(web)
    (line,) = await found(web, kind="request.refused")

    answer = await web.get(f"{ENTRIES}/{line['index']}")
    entry = answer.json()

    assert hashlib.sha256(entry["body"].encode()).hexdigest() == entry["sha256"] == line["sha256"]
    assert line == {name: value for name, value in entry.items() if name in line}
    assert entry["decision"]["not_before"] == "2026-11-24T08:00:00+08:00"
    verdict = next(each for each in entry["decision"]["verdicts"] if each["rule"] == "house/quiet-hours")
    assert "21:00" in verdict["message"] and verdict["citation"]
    assert entry["simulated"] is True
    assert orjson.loads(entry["body"])["id"] == entry["id"]
    EntryShown.model_validate(entry)


async def test_the_sentences_of_an_entry_come_in_chinese_too(web: Web) -> None:
    await a_day(web)
    (line,) = await found(web, kind="request.refused")

    answer = await web.http.get(f"{ENTRIES}/{line['index']}", headers={**web.bank, "Accept-Language": "zh-CN"})

    assert "本行不在客户当地时间" in answer.text


async def test_an_entry_names_the_attempts_that_a_cap_counted(web: Web) -> None:
    await posted(web, "a")
    await posted(web, "b")
    await web.number()
    second = (await found(web, kind="request.accepted"))[1]

    entry = (await web.get(f"{ENTRIES}/{second['index']}")).json()

    first = (await found(web, kind="request.accepted"))[0]
    assert [first["request"]] == entry["counted"]["house/sms-per-day"]


async def test_instants_and_parties_in_the_details_are_told_for_people(web: Web) -> None:
    parties = [{"id": "P-10086", "role": "debtor"}]
    await web.send("PUT", "/v1/accounts/LN-7788", {"product": "credit_card", "parties": parties})
    web.clock.set(LATE)
    await posted(web, "waits")
    await web.number()

    account = (await found(web, kind="account.set"))[0]
    waits = (await found(web, kind="request.accepted"))[0]

    assert [("P-10086", "debtor")] == [(each["id"], each["role"]) for each in account["details"]["parties"]]
    assert "2026-11-24T08:00:00+08:00" == waits["details"]["send_at"]


async def test_reading_leaves_entries_that_tell_who_asked_for_what_without_values(web: Web) -> None:
    await a_day(web)
    officer = await web.key("officer", "audit:read")
    await web.get(ENTRIES, key=officer)
    asked = {"party_id": "P-10086", "address": {"value": "+8613800138000"}, "effect": "allow"}
    await web.post(SEARCH, asked, key=officer)
    (line,) = await found(web, kind="request.refused")
    await web.get(f"{ENTRIES}/{line['index']}", key=officer)
    await web.number()

    listed, searched, read = await found(web, kind="audit.read", actor="officer")

    head = (await web.rows("entries", kind="request.refused"))[0]["index"]
    assert {"after": -1, "found": head + 1, "head": head} == listed["details"]
    assert "P-10086" == searched["party_id"]
    assert searched["address"] and searched["address"] == searched["details"]["asked"]["address"]
    assert line["index"] == read["details"]["index"] and "P-2" == read["party_id"]
    bodies = b"".join(row["body"] for row in await web.rows("entries", kind="audit.read"))
    assert b"13800138000" not in bodies


async def test_an_index_that_nobody_has_is_not_found_and_leaves_nothing(web: Web) -> None:
    await web.number()
    before = len(await web.rows("entries"))

    for index in (before, 2**63 - 1):
        assert (await web.get(f"{ENTRIES}/{index}")).status_code == 404
    assert before == len(await web.rows("entries"))


async def test_entries_without_an_index_are_not_shown_yet(web: Web) -> None:
    await web.number()
    before = (await web.get(ENTRIES)).json()["head"]

    await posted(web, "fresh")

    assert [] == await found(web, kind="request.accepted")
    assert before == (await web.get(ENTRIES)).json()["head"]


async def test_the_evidence_of_an_erased_party_is_still_told(web: Web) -> None:
    await posted(web, "r-1")
    await web.number()

    def erase(tx: Any) -> None:
        tx.change("parties", {"id": "P-10086"}, {"key_wrapped": None, "erased_at": web.clock()})
        tx.change("requests", {}, {"sealed": None})

    await web.house.gateway.store.write(erase)
    (line,) = await found(web, party_id="P-10086", kind="request.accepted")
    entry = await web.get(f"{ENTRIES}/{line['index']}")

    assert ("P-10086", 200) == (line["party_id"], entry.status_code)
    assert "allow" == entry.json()["decision"]["effect"]


async def test_a_rare_find_is_made_across_many_spans(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.flows.audit.SPAN", 2)
    requests = await a_day(web)

    assert [requests["second"]["id"]] == [item["request"] for item in await found(web, effect="defer")]
    page = (await web.get(ENTRIES)).json()
    assert page["head"] + 1 == len(page["items"])


async def test_what_was_written_in_a_stretch_of_time_is_found(web: Web) -> None:
    start = web.clock()
    for hour in range(5):
        web.clock.now = Instant(start + hour * HOUR)
        await posted(web, f"r-{hour}", if_blocked="refuse")
    await web.number()

    items = await found(web, since="2026-11-23T11:00:00+08:00", until="2026-11-23T13:00:00+08:00")

    assert ["2026-11-23T03:00:00Z", "2026-11-23T04:00:00Z"] == [item["at"] for item in items]
