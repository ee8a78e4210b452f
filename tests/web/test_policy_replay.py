"""What a book would have decided, asked through the door."""

from pathlib import Path
from typing import Any

import pytest

from service.web.policies_shown import ReplayShown

from .front import Web, request_body

REPLAY = "/v1/policies/replay"


async def decided(web: Web, number: int = 3) -> None:
    for place in range(number):
        await web.post("/v1/contact-requests", request_body(reference=f"r-{place}"))
    await web.number()


def allow_one_text(folder: Path) -> None:
    text = (folder / "house.yaml").read_text(encoding="utf-8")
    (folder / "house.yaml").write_text(text.replace("limit: 2", "limit: 1"), encoding="utf-8")


async def test_a_proposed_book_is_replayed_and_its_effect_told_by_rule(bank: Web, folder: Path) -> None:
    await decided(bank)
    allow_one_text(folder)

    answer = await bank.post(REPLAY, {"book": "folder"})

    said = answer.json()
    ReplayShown.model_validate(said)
    assert (200, 3, 1, None) == (answer.status_code, said["judged"], said["changed"], said["next"])
    assert [{"was": "allow", "would": "defer", "count": 1}] == said["outcomes"]
    assert {"rule": "house/sms-per-day", "stricter": 1, "milder": 0, "moved": 0} in said["rules"]
    assert "P-10086" not in answer.text and "13800138000" not in answer.text


async def test_a_rule_that_would_only_speak_until_another_hour_is_told(bank: Web, folder: Path) -> None:
    bank.clock.set("2026-11-23T22:00:00+08:00")
    await decided(bank)
    text = (folder / "house.yaml").read_text(encoding="utf-8")
    (folder / "house.yaml").write_text(text.replace('to: "08:00"}', 'to: "09:30"}'), encoding="utf-8")

    said = (await bank.post(REPLAY, {"book": "folder"})).json()

    [hours] = [each for each in said["rules"] if each["rule"] == "house/quiet-hours"]
    assert (0, 0, said["changed"]) == (hours["stricter"], hours["milder"], hours["moved"])
    told = {each["rule"]: (each["was"], each["would"]) for each in said["examples"][0]["rules"]}
    assert ("defer", "defer") == told["house/quiet-hours"]


@pytest.mark.parametrize("body", [{"since": "0001-01-01T00:00:00Z"}, {"until": "9999-12-31T23:59:59Z"}])
async def test_a_span_can_begin_and_end_where_the_calendar_does(bank: Web, body: dict[str, str]) -> None:
    await decided(bank)

    said = (await bank.post(REPLAY, {"book": "in-force", **body})).json()

    assert (3, 0) == (said["judged"], said["changed"])


async def test_without_a_book_each_decision_is_judged_under_its_own(bank: Web) -> None:
    await decided(bank)

    said = (await bank.post(REPLAY, {})).json()

    assert (3, 0, 0, None) == (said["judged"], said["changed"], said["regrounded"], said["book"])
    assert {"erased": 0, "erased_parties": 0, "unreadable": 0} == said["skipped"]


async def test_a_replay_that_reaches_its_limit_says_where_to_go_on(bank: Web) -> None:
    await decided(bank)

    first = (await bank.post(REPLAY, {"limit": 2})).json()
    rest = (await bank.post(REPLAY, {"limit": 2, "after": first["next"]})).json()

    assert (2, 1, None) == (first["judged"], rest["judged"], rest["next"])


async def test_a_replay_is_an_entry(bank: Web) -> None:
    await decided(bank, 1)
    await bank.post(REPLAY, {"book": "in-force"})

    [entry] = await bank.rows("entries", kind="decision.replayed")

    assert "bank" == entry["actor"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"book": "0" * 64}, 404),
        ({"book": "latest"}, 422),
        ({"limit": 0}, 422),
        ({"limit": 10**6}, 422),
        ({"since": "yesterday"}, 422),
        ({"since": "2026-11-24T00:00:00+08:00", "until": "2026-11-23T00:00:00+08:00"}, 422),
    ],
)
async def test_a_replay_of_nothing_or_of_the_wrong_shape_is_refused(bank: Web, body: Any, status: int) -> None:
    assert status == (await bank.post(REPLAY, body)).status_code
