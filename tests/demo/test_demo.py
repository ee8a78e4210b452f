"""The demonstration with a small bank: two days on one store, over a real gateway on loopback."""

import asyncio
import socket
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from service.core.model import Channel
from service.demo.bank import BORROWERS_MIN, ZONE, borrowers
from service.demo.clock import TEN, at, morning
from service.demo.door import Door
from service.demo.house import free_port, prepare, serving, settings_for, url_of
from service.demo.page import Page
from service.demo.run import Result, run
from service.demo.seed import Posted
from service.settings import load

REFUSED = {
    "shut-gate": "cn-collection/third-party-gate",
    "asked-to-stop": "cn-collection/third-party-refusal",
    "disputed": "house/paused",
    "deceased": "cn-collection/deceased",
    "on-plan": "cn-collection/instalment-agreement",
    "old-number": "cn-collection/wrong-number",
    "wechat-unasked": "house/wechat-consent",
    "untold-agency": "cn-collection/outsourcing-notice",
    "only-evening": "house/quiet-hours",
    "third-text": "house/sms-per-day",
    "told-of-debt": "cn-collection/third-party-content",
    "threat": "cn-collection/forbidden-words",
    "alone": "cn-collection/visit-plan",
}
PUT_OFF = {
    "evening": "house/quiet-hours",
    "fourth-call": "cn-collection/connected-calls-per-day",
    "second-letter": "cn-collection/letter-interval",
    "before-noon": "house/preference",
}
SENT = {"sms", "call", "wechat", "email", "letter", "guarantor", "relay", "new-number", "plan", "agency-call", "visit"}


class Shown(NamedTuple):
    result: Result
    page: httpx.Response
    ready: Any
    full: dict[str, Any]

    def stories(self) -> dict[str, Posted]:
        return {each.told.body["reference"].partition("-")[2]: each for each in self.result.run.stories}


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> list[Shown]:
    """Two runs on one folder, one after the other."""
    folder = tmp_path_factory.mktemp("demo")
    return [asyncio.run(_day(folder)) for _ in range(2)]


async def _day(folder: Path) -> Shown:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = settings_for(load({"GATEWAY_PORT": str(port)}), folder)
    clock, keys = await prepare(settings)
    page = Page(clock, "demo", "en")
    async with serving(settings, clock, page.before, longest_s=0.5):
        doors = {client: Door(url_of(settings), key) for client, key in keys.items()}
        result = await run(doors, folder, clock, BORROWERS_MIN, lambda name, total: lambda: None)
        page.show("tables")
        full = {
            each["id"]: await doors["collection"].get(f"/v1/contact-requests/{each['id']}") for each in _few(result)
        }
        async with httpx.AsyncClient(base_url=url_of(settings)) as http:
            shown = Shown(result, await http.get("/"), (await http.get("/readyz")).json(), full)
        for door in doors.values():
            await door.close()
    return shown


def _few(result: Result) -> list[dict[str, Any]]:
    return [each.answer for each in result.run.stories]


def test_a_request_of_every_channel_is_completed_and_what_was_sent_has_its_receipt(days: list[Shown]) -> None:
    rows = [days[0].full[days[0].stories()[name].answer["id"]] for name in SENT]

    assert set(Channel) == {row["channel"] for row in rows}
    assert {"completed"} == {row["state"] for row in rows}
    assert all(row["receipts"] and row["attempts"][0]["outcome"] for row in rows)


def test_the_evenings_request_waits_until_eight_on_the_next_morning(days: list[Shown]) -> None:
    said = days[0].stories()["evening"].answer

    assert "scheduled" == said["state"]
    assert said["decision"]["not_before"].endswith("T08:00:00+08:00")
    assert said["decision"]["not_before"][:10] > said["decision"]["at"][:10]


def test_what_is_put_off_names_its_rule_and_its_hour(days: list[Shown]) -> None:
    decisions = {name: days[0].stories()[name].answer["decision"] for name in PUT_OFF}

    assert {"defer"} == {each["effect"] for each in decisions.values()}
    assert all(each["not_before"] for each in decisions.values())
    assert {} == {name: PUT_OFF[name] for name, said in decisions.items() if PUT_OFF[name] not in _spoke(said)}


def test_what_is_refused_names_its_rule_and_that_rules_source(days: list[Shown]) -> None:
    posted = {name: days[0].stories()[name] for name in REFUSED}
    spoke = {name: _spoke(each.answer["decision"]) for name, each in posted.items()}

    assert {403} == {each.status for each in posted.values()}
    assert {} == {name: rule for name, rule in REFUSED.items() if rule not in spoke[name]}
    assert all(verdict["citation"] and verdict["message"] for each in spoke.values() for verdict in each.values())


def test_the_entries_of_a_sent_request_prove_it_from_the_decision_to_the_receipt(days: list[Shown]) -> None:
    entries = days[0].result.proofs[0].entries

    assert ["request.accepted", "attempt.intended", "attempt.settled", "receipt.applied"] == [
        each["kind"] for each in entries
    ]
    assert [each["index"] for each in entries] == sorted(each["index"] for each in entries)
    assert all(each["simulated"] and len(each["sha256"]) == 64 for each in entries)


def test_a_request_that_was_cancelled_and_one_agreed_for_the_evening_stand_as_they_should(days: list[Shown]) -> None:
    stories, found = days[0].stories(), days[0].result.found

    assert "cancelled" == found[stories["cancelled"].answer["id"]]["state"]
    assert "T21:30:00+08:00" in stories["agreed-evening"].answer["send_at"]


def test_nothing_of_the_batches_fails_but_by_policy(days: list[Shown]) -> None:
    assert {202, 403} >= {answer["status"] for each in days for answer in each.result.run.batch}


def test_the_page_tells_the_clock_and_that_all_is_simulated(days: list[Shown]) -> None:
    page = days[0].page

    assert (200, "text/html; charset=utf-8") == (page.status_code, page.headers["content-type"])
    assert " 10:0" in page.text and "simulated: true" in page.text
    assert days[0].ready["simulated"] is True


def test_a_second_run_goes_on_with_the_same_store_on_the_next_morning(days: list[Shown]) -> None:
    first, second = (each.stories()["letter"].answer["decision"]["at"] for each in days)
    rows = [days[1].full[days[1].stories()[name].answer["id"]] for name in SENT]

    assert first[:10] < second[:10]
    assert (" 10:0", "T10:0") == (days[1].page.text[days[1].page.text.index(" 10:0") :][:5], second[10:15])
    assert {"completed"} == {row["state"] for row in rows}


def test_the_clock_begins_at_ten_of_today_or_of_the_day_after_the_newest_entry() -> None:
    night = at(ZONE, date(2026, 11, 22), 23 * 3600)
    ten = [at(ZONE, date(2026, 11, day), TEN) for day in (22, 23)]

    assert ten == [morning(ZONE, night, None), morning(ZONE, night, ten[0])]


def test_the_book_has_some_of_every_stage_and_no_telephone_number_twice() -> None:
    book = borrowers()

    assert {1, 3, 7, 30} == {each.days_past_due for each in book}
    assert len(book) == len({each.mobile for each in book}) == len({each.party for each in book})


def test_a_port_that_is_taken_is_left_for_the_next_that_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        assert free_port("127.0.0.1", port) > port


def _spoke(decision: dict[str, Any]) -> dict[str, Any]:
    """The verdicts that did not allow, by rule."""
    return {each["rule"]: each for each in decision["verdicts"] if each["effect"] != "allow"}
