from typing import Any

import orjson
import pytest

from service.core.civil import format_instant
from service.core.model import HOUR, MINUTE, ActorRole

from .front import Web
from .test_contact_requests import PATH, call_body


def report_body(**changes: Any) -> dict[str, Any]:
    """A debtor was reached and promised to pay."""
    said = {
        "outcome": "conversation_right_party",
        "started_at": "2026-11-23T10:02:00+08:00",
        "ended_at": "2026-11-23T10:04:30+08:00",
        "duration_s": 150,
        "recording": "rec/2026/11/23/17.wav",
        "promise": {"amount": "500.00", "currency": "CNY", "on": "2026-11-30"},
        "arrears_reason": "salary paid late",
        "note": "Will pay\nin two parts.",
    }
    return {**said, **changes}


@pytest.fixture
async def permitted(web: Web) -> str:
    """The id of a call with an open permit, five minutes in."""
    posted = (await web.post(PATH, call_body())).json()
    web.clock.forward(5 * MINUTE)
    return str(posted["id"])


async def test_a_report_completes_the_request(web: Web, permitted: str) -> None:
    answer = await web.post(f"{PATH}/{permitted}/outcome", report_body())

    said = answer.json()
    assert (200, "completed", "conversation_right_party") == (answer.status_code, said["state"], said["outcome"])
    assert (False, False) == (said["corrected"], said["outside_permit"])
    read = (await web.get(f"{PATH}/{permitted}")).json()
    assert 150 == read["attempts"][0]["duration_s"]
    assert "500.00" == read["receipts"][0]["report"]["promise"]["amount"]


async def test_the_same_report_again_changes_nothing(web: Web, permitted: str) -> None:
    first = await web.post(f"{PATH}/{permitted}/outcome", report_body())
    entries = len(await web.rows("entries"))

    again = await web.post(f"{PATH}/{permitted}/outcome", report_body())

    assert first.json() == again.json()
    assert entries == len(await web.rows("entries"))


async def test_another_report_is_a_correction_kept_beside_it(web: Web, permitted: str) -> None:
    await web.post(f"{PATH}/{permitted}/outcome", report_body())

    other = await web.post(f"{PATH}/{permitted}/outcome", report_body(outcome="conversation_third_party"))

    assert (200, True) == (other.status_code, other.json()["corrected"])
    read = (await web.get(f"{PATH}/{permitted}")).json()
    assert ["conversation_right_party", "conversation_third_party"] == [each["outcome"] for each in read["receipts"]]
    assert "conversation_third_party" == read["attempts"][0]["outcome"]


async def test_a_contact_outside_the_permit_is_flagged(web: Web, permitted: str) -> None:
    web.clock.forward(3 * HOUR)
    late = report_body(started_at="2026-11-23T12:00:00+08:00", ended_at=None, duration_s=None)

    answer = await web.post(f"{PATH}/{permitted}/outcome", late)

    assert (200, True) == (answer.status_code, answer.json()["outside_permit"])


async def test_a_call_told_to_have_been_before_its_permit_takes_its_place_all_the_same(web: Web) -> None:
    """Three calls a day may connect: a report that dates them back must not make room for a fourth."""
    statuses = []
    for number in range(4):
        posted = await web.post(PATH, call_body(reference=f"call-{number}", if_blocked="refuse"))
        statuses.append(posted.status_code)
        back = report_body(started_at="2026-10-01T10:00:00+08:00", ended_at="2026-10-01T10:02:30+08:00")
        await web.post(f"{PATH}/{posted.json()['id']}/outcome", back)

    assert [202, 202, 202, 403] == statuses
    [first, *_] = await web.rows("attempts")
    assert first["intent_at"] == first["at"]


async def test_what_a_person_wrote_is_shown_only_to_those_who_may_see_it(web: Web) -> None:
    plain = await web.key("plain", "contact:write", "contact:read", "outcome:write")
    posted = (await web.post(PATH, call_body(), key=plain)).json()

    await web.post(f"{PATH}/{posted['id']}/outcome", report_body(), key=plain)

    read = await web.get(f"{PATH}/{posted['id']}", key=plain)
    assert "report" not in read.json()["receipts"][0]
    assert "salary" not in read.text


async def test_a_request_without_a_permit_has_nothing_to_report(web: Web) -> None:
    from .front import request_body

    posted = (await web.post(PATH, request_body())).json()

    answer = await web.post(f"{PATH}/{posted['id']}/outcome", report_body())

    assert (409, "/problems/no-permit", "queued") == (
        answer.status_code,
        answer.json()["type"],
        answer.json()["state"],
    )


async def test_another_clients_permit_is_not_found(web: Web, permitted: str) -> None:
    agency = await web.key("agency", "outcome:write", role=ActorRole.agency)
    auditor = await web.key("auditor", "outcome:write", "audit:read")

    answers = [
        await web.post(f"{PATH}/{permitted}/outcome", report_body(), key=agency),
        await web.post(f"{PATH}/{permitted}/outcome", report_body(), key=auditor),
        await web.post(f"{PATH}/cr_unknown/outcome", report_body()),
    ]

    assert [404, 404, 404] == [answer.status_code for answer in answers]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"outcome": "delivered"}, "outcome"),
        ({"outcome": "visited_met"}, "outcome"),
        ({"outcome": "nice"}, "outcome"),
        ({"started_at": None}, "started_at"),
        ({"started_at": "2026-11-23T10:02:00"}, "started_at"),
        ({"started_at": "2026-11-23T10:11:00+08:00", "ended_at": None}, "started_at"),
        ({"ended_at": "2026-11-23T10:00:00+08:00"}, "ended_at"),
        ({"duration_s": -1}, "duration_s"),
        ({"duration_s": "150"}, "duration_s"),
        ({"promise": {"amount": "1e3", "currency": "CNY", "on": "2026-11-30"}}, "promise.amount"),
        ({"promise": {"amount": 500, "currency": "CNY", "on": "2026-11-30"}}, "promise.amount"),
        ({"promise": {"amount": "500", "currency": "XXL", "on": "2026-11-30"}}, "promise.currency"),
        ({"promise": {"amount": "500", "currency": "CNY", "on": "2026-02-30"}}, "promise.on"),
        ({"note": "x\x00"}, "note"),
        ({"note": "x" * 2001}, "note"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_a_wrong_report_names_its_field(web: Web, permitted: str, changes: dict[str, Any], field: str) -> None:
    answer = await web.post(f"{PATH}/{permitted}/outcome", report_body(**changes))

    assert (422, [field]) == (answer.status_code, [error["field"] for error in answer.json()["errors"]])
    [attempt] = await web.rows("attempts")
    assert attempt["outcome"] is None


async def test_the_entry_of_a_report_tells_when_the_contact_was_and_how_long(web: Web, permitted: str) -> None:
    await web.post(f"{PATH}/{permitted}/outcome", report_body())

    [entry] = [orjson.loads(row["body"]) for row in await web.rows("entries") if row["kind"] == "outcome.reported"]
    [receipt] = await web.rows("receipts")
    assert (150, receipt["id"]) == (entry["duration_s"], entry["receipt"])
    assert "2026-11-23T10:02:00+08:00" == format_instant(entry["started_at"], "Asia/Shanghai")


async def test_taking_a_correction_back_is_a_correction_too(web: Web, permitted: str) -> None:
    for outcome in ("ring_no_answer", "conversation_right_party", "ring_no_answer"):
        await web.post(f"{PATH}/{permitted}/outcome", report_body(outcome=outcome))

    read = (await web.get(f"{PATH}/{permitted}")).json()

    assert len(read["receipts"]) == 3
    assert read["attempts"][0]["outcome"] == "ring_no_answer"


async def test_a_report_dated_back_frees_no_place(web: Web, permitted: str) -> None:
    answer = await web.post(f"{PATH}/{permitted}/outcome", report_body(started_at="2020-01-01T10:00:00+08:00"))

    assert answer.json()["outside_permit"] is True
    (attempt,) = await web.rows("attempts")
    (permit,) = await web.rows("permits")
    assert attempt["at"] == permit["valid_from"]


async def test_reading_everything_does_not_mean_acting_on_everything(web: Web, permitted: str) -> None:
    officer = await web.key("officer", "audit:read", "contact:write", "outcome:write")

    read = await web.get(f"{PATH}/{permitted}", key=officer)
    reported = await web.post(f"{PATH}/{permitted}/outcome", report_body(), key=officer)
    cancelled = await web.post(f"{PATH}/{permitted}/cancel", {}, key=officer)

    assert (200, 404, 404) == (read.status_code, reported.status_code, cancelled.status_code)


async def test_a_long_call_cannot_be_reported_short(web: Web, permitted: str) -> None:
    await web.post(f"{PATH}/{permitted}/outcome", report_body(duration_s=0))

    (attempt,) = await web.rows("attempts")
    assert attempt["duration_s"] == 150
