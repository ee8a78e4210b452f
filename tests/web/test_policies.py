"""The book as officers read it, and how another is put in force."""

import os
from pathlib import Path
from typing import Any

import orjson
import pytest

from service.core.model import DAY, HOUR
from service.web.policies_shown import ActivationShown, BooksShown, DifferenceShown, PackShown

from .front import Web, request_body

POLICIES = "/v1/policies"
ACTIVATE = f"{POLICIES}/activate"
NOON = "2026-11-23T12:00:00+08:00"
SHIPPED = Path(__file__).parents[2] / "policies"

EXTRA = """
id: zz-extra
title: {en: "An extra", zh: "附加规则"}
jurisdictions: [NZ]
rules:
  - id: office-hours
    kind: contact_window
    open: [{days: mon-fri, from: "09:00", to: "17:00"}]
    citation: "House rule 7"
    force: house
    confidence: unconfirmed
    effective_from: 2027-01-01
    explain: {en: "Between {hours} only.", zh: "仅限{hours}。"}
"""


async def shown(web: Web) -> dict[str, Any]:
    answer = await web.get(POLICIES)
    assert answer.status_code == 200, answer.text
    BooksShown.model_validate(answer.json())
    return answer.json()


async def with_extra(web: Web, folder: Path) -> str:
    """Lay a further pack into the folder; give the digest of the book that it makes."""
    (folder / "zz-extra.yaml").write_text(EXTRA, encoding="utf-8")
    return str((await shown(web))["available"]["sha256"])


async def test_the_shipped_book_is_in_force_and_nothing_else_lies_ready(bank: Web) -> None:
    said = await shown(bank)

    assert ("system", "system") == (said["book"]["first_by"], said["book"]["second_by"])
    packs = {pack["id"]: pack for pack in said["packs"]}
    assert ([], True) == (packs["house"]["jurisdictions"], packs["cn-collection"]["floor"])
    assert "2025-02-28" in packs["cn-collection"]["effective_dates"]
    assert "2026-12-31" == {each["id"]: each["confirmed_until"] for each in said["calendars"]}["th"]
    assert ("中国内地：个人贷款催收", 0) == (packs["cn-collection"]["title"]["zh"], len(said["pending"]))
    available = said["available"]
    assert (None, None, [], []) == tuple(available[name] for name in ("sha256", "label", "removed", "complaints"))
    assert {"draft"} >= {pack["change"] for pack in available["packs"]}


async def test_the_book_that_is_shown_is_the_one_that_decides(bank: Web) -> None:
    answer = await bank.post("/v1/contact-requests", request_body())

    book = (await shown(bank))["book"]
    assert {"label": book["label"], "sha256": book["sha256"]} == answer.json()["decision"]["book"]


@pytest.mark.parametrize("pack", ["house", "cn-collection"])
async def test_every_rule_of_a_pack_is_told_with_its_source_and_in_both_languages(bank: Web, pack: str) -> None:
    answer = await bank.get(f"{POLICIES}/{pack}")
    said = answer.json()
    PackShown.model_validate(said)

    assert said["in_force"] is True
    for rule in said["rules"]:
        assert (
            rule["id"].startswith(f"{pack}/") and rule["citation"] and rule["explain"]["zh"] and rule["explain"]["en"]
        )
        assert rule["parameters"] or rule["kind"] in ("preference", "recording"), rule["id"]


async def test_a_rule_shows_its_figures_as_the_file_spells_them(bank: Web) -> None:
    rules = {rule["id"]: rule for rule in (await bank.get(f"{POLICIES}/house")).json()["rules"]}

    hours, texts = rules["house/quiet-hours"], rules["house/sms-per-day"]
    assert [{"days": "mon-sun", "from": "21:00", "to": "08:00"}] == hours["parameters"]["quiet"]
    assert ["call", "sms", "wechat", "email", "visit"] == hours["when"]["channel"]
    assert {"purpose": ["opt_out_confirmation", "complaint_response"]} == hours["unless"]
    assert "21:00–08:00" in hours["explain"]["en"]
    assert (2, "party") == (texts["parameters"]["limit"], *texts["parameters"]["per"])
    assert "At most 2 text messages" in texts["explain"]["en"] and "{count}" in texts["explain"]["en"]
    assert ("house", "primary", None) == (texts["force"], texts["confidence"], texts["url"])


async def test_a_pack_that_nobody_knows_is_not_found(bank: Web) -> None:
    assert 404 == (await bank.get(f"{POLICIES}/zz-nowhere")).status_code
    assert 404 == (await bank.get(f"{POLICIES}/house", book="0" * 64)).status_code
    assert 422 == (await bank.get(f"{POLICIES}/House")).status_code
    assert 422 == (await bank.get(f"{POLICIES}/house", book="latest")).status_code


async def test_what_lies_in_the_folder_is_available_and_decides_nothing(bank: Web, folder: Path) -> None:
    active = (await shown(bank))["book"]
    digest = await with_extra(bank, folder)

    said = await shown(bank)
    pack = (await bank.get(f"{POLICIES}/zz-extra")).json()

    assert active == said["book"] and digest != active["sha256"]
    assert [("zz-extra", "new", 1)] == [(p["id"], p["change"], p["rules"]) for p in _lying(said["available"])]
    assert (False, digest) == (pack["in_force"], pack["book"]["sha256"])
    assert "Between 09:00–17:00 only." == pack["rules"][0]["explain"]["en"]
    assert "2027-01-01" == pack["rules"][0]["effective_from"]


async def test_a_changed_and_a_removed_pack_are_told(bank: Web, folder: Path) -> None:
    text = (folder / "house.yaml").read_text(encoding="utf-8")
    (folder / "house.yaml").write_text(text.replace("limit: 2", "limit: 1"), encoding="utf-8")
    (folder / "cn-collection.yaml").unlink()

    available = (await shown(bank))["available"]
    in_force = (await bank.get(f"{POLICIES}/house")).json()
    to_come = (await bank.get(f"{POLICIES}/house", book=available["sha256"])).json()

    assert [("house", "changed")] == [(pack["id"], pack["change"]) for pack in _lying(available)]
    assert ["cn-collection"] == available["removed"]
    assert [2, 1] == [_limit(pack) for pack in (in_force, to_come)]
    assert [True, False] == [pack["in_force"] for pack in (in_force, to_come)]


async def test_a_draft_is_shown_as_one(bank: Web, folder: Path) -> None:
    draft = EXTRA.replace("jurisdictions: [NZ]", "jurisdictions: [NZ]\ndraft: true")
    (folder / "zz-extra.yaml").write_text(draft, encoding="utf-8")

    available = (await shown(bank))["available"]
    pack = (await bank.get(f"{POLICIES}/zz-extra")).json()

    assert available["sha256"] is None and [] == _lying(available)
    assert ("zz-extra", "draft") in [(pack["id"], pack["change"]) for pack in available["packs"]]
    assert (True, None, False) == (pack["draft"], pack["book"], pack["in_force"])


async def test_a_folder_that_cannot_be_read_changes_nothing_and_is_told(bank: Web, folder: Path) -> None:
    (folder / "house.yaml").write_text("id: house\nrules: [{kind: nonsense}]\n", encoding="utf-8")

    said = await shown(bank)

    assert "house" in [pack["id"] for pack in said["packs"]]
    assert [each for each in said["available"]["complaints"] if each.startswith("house.yaml:2")]
    assert 202 == (await bank.post("/v1/contact-requests", request_body())).status_code
    assert 200 == (await bank.get(f"{POLICIES}/house")).status_code
    other = {"sha256": "0" * 64, "effective_at": NOON}
    assert 404 == (await bank.post(ACTIVATE, other)).status_code


async def test_two_principals_put_a_book_in_force_from_its_date_on(bank: Web, folder: Path) -> None:
    before = (await shown(bank))["book"]["sha256"]
    body = {"sha256": await with_extra(bank, folder), "effective_at": NOON}
    second = await bank.key("second")

    first = await bank.post(ACTIVATE, body)
    again = await bank.post(ACTIVATE, body)
    other = await bank.post(ACTIVATE, body, key=second)
    pending = await shown(bank)
    bank.clock.set(NOON)
    after = await shown(bank)

    assert [202, 202, 200] == [answer.status_code for answer in (first, again, other)]
    assert first.json() == again.json()
    assert ("bank", None, None) == tuple(first.json()[name] for name in ("first_by", "second_by", "activated_at"))
    assert ("bank", "second", NOON) == tuple(other.json()[name] for name in ("first_by", "second_by", "effective_at"))
    assert [other.json()] == pending["pending"] and before == pending["book"]["sha256"]
    assert (body["sha256"], []) == (after["book"]["sha256"], after["pending"])
    assert "zz-extra" in [pack["id"] for pack in after["packs"]]
    decided = await bank.post("/v1/contact-requests", request_body())
    assert body["sha256"] == decided.json()["decision"]["book"]["sha256"]
    ActivationShown.model_validate(other.json())


async def test_activation_is_evidence(bank: Web, folder: Path) -> None:
    body = {"sha256": await with_extra(bank, folder), "effective_at": NOON}
    await bank.post(ACTIVATE, body)
    await bank.post(ACTIVATE, body, key=await bank.key("second"))

    kinds = ("book.proposed", "book.activated")
    proposed, activated = [(await bank.rows("entries", kind=kind))[-1] for kind in kinds]

    assert ("bank", "second") == (proposed["actor"], activated["actor"])
    assert body["sha256"] == orjson.loads(activated["body"])["book"]


async def test_one_principal_is_not_two(bank: Web, folder: Path) -> None:
    body = {"sha256": await with_extra(bank, folder), "effective_at": NOON}
    before = (await shown(bank))["book"]["sha256"]

    answers = [await bank.post(ACTIVATE, body) for _ in range(3)]
    bank.clock.set(NOON)
    bank.clock.forward(HOUR)

    assert {202} == {answer.status_code for answer in answers}
    assert before == (await shown(bank))["book"]["sha256"]
    for key in (await bank.key("late"), None):
        answer = await bank.post(ACTIVATE, body, key=key)
        assert (409, "/problems/proposal-lapsed") == (answer.status_code, answer.json()["type"])


async def test_another_date_is_another_proposal(bank: Web, folder: Path) -> None:
    digest = await with_extra(bank, folder)
    await bank.post(ACTIVATE, {"sha256": digest, "effective_at": NOON})

    later = {"sha256": digest, "effective_at": "2026-11-24T12:00:00+08:00"}
    answer = await bank.post(ACTIVATE, later, key=await bank.key("second"))

    assert 202 == answer.status_code
    assert [None, None] == [each["second_by"] for each in (await shown(bank))["pending"]]


async def test_a_former_book_can_be_brought_back_without_its_files(bank: Web, folder: Path) -> None:
    shipped = (await shown(bank))["book"]["sha256"]
    second = await bank.key("second")
    new = {"sha256": await with_extra(bank, folder), "effective_at": NOON}
    back = {"sha256": shipped, "effective_at": "2026-11-24T12:00:00+08:00"}
    for body in (new, back):
        await bank.post(ACTIVATE, body)
        await bank.post(ACTIVATE, body, key=second)

    bank.clock.set(NOON)
    bank.clock.forward(DAY)

    assert shipped == (await shown(bank))["book"]["sha256"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"sha256": "x", "effective_at": NOON}, "sha256"),
        ({"sha256": "A" * 64, "effective_at": NOON}, "sha256"),
        ({"sha256": "0" * 64}, "effective_at"),
        ({"sha256": "0" * 64, "effective_at": "2026-11-23"}, "effective_at"),
        ({"sha256": "0" * 64, "effective_at": NOON, "force": True}, "force"),
    ],
)
async def test_an_activation_of_the_wrong_shape_is_refused(bank: Web, body: dict[str, Any], field: str) -> None:
    answer = await bank.post(ACTIVATE, body)

    assert (422, [field]) == (answer.status_code, [error["field"] for error in answer.json()["errors"]])


async def test_a_book_is_activated_for_the_future_only(bank: Web) -> None:
    book = (await shown(bank))["book"]["sha256"]

    answer = await bank.post(ACTIVATE, {"sha256": book, "effective_at": "2026-11-23T09:59:59+08:00"})

    assert (422, ["effective_at"]) == (answer.status_code, [error["field"] for error in answer.json()["errors"]])


async def test_a_book_of_an_unknown_digest_is_not_found(bank: Web) -> None:
    assert 404 == (await bank.post(ACTIVATE, {"sha256": "0" * 64, "effective_at": NOON})).status_code


async def test_a_stored_book_that_cannot_be_read_is_not_activated(bank: Web) -> None:
    row = {"sha256": "1" * 64, "label": "old", "text": b'{"format":0,"packs":[]}'}
    await bank.house.gateway.store.write(lambda tx: tx.add("books", [row]))

    assert 409 == (await bank.post(ACTIVATE, {"sha256": "1" * 64, "effective_at": NOON})).status_code
    assert [] == (await shown(bank))["pending"]


async def test_reading_and_writing_policies_are_scopes_of_their_own(bank: Web) -> None:
    reader, writer = await bank.key("reader", "policy:read"), await bank.key("writer", "policy:write")
    body = {"sha256": "0" * 64, "effective_at": NOON}

    assert (200, 403) == (
        (await bank.get(POLICIES, key=reader)).status_code,
        (await bank.post(ACTIVATE, body, key=reader)).status_code,
    )
    assert (403, 404) == (
        (await bank.get(POLICIES, key=writer)).status_code,
        (await bank.post(ACTIVATE, body, key=writer)).status_code,
    )


async def test_a_file_that_changed_is_read_again_at_once(bank: Web, folder: Path) -> None:
    digest = await with_extra(bank, folder)
    file = folder / "zz-extra.yaml"
    file.write_text(EXTRA.replace("17:00", "18:00"), encoding="utf-8")
    os.utime(file, ns=(1, 1))

    assert digest != (await shown(bank))["available"]["sha256"]


async def test_what_the_folder_would_change_is_told_by_parameter(bank: Web, folder: Path) -> None:
    text = (folder / "house.yaml").read_text(encoding="utf-8")
    (folder / "house.yaml").write_text(text.replace("limit: 2", "limit: 1"), encoding="utf-8")
    (folder / "zz-extra.yaml").write_text(EXTRA, encoding="utf-8")

    answer = await bank.get(f"{POLICIES}/diff")
    said = answer.json()
    DifferenceShown.model_validate(said)
    back = (await bank.get(f"{POLICIES}/diff", old=said["new"]["sha256"], new="in-force")).json()

    changed = {rule["id"]: rule["parameters"] for rule in said["packs"]["changed"][0]["rules"]["changed"]}
    assert ["zz-extra"] == [pack["id"] for pack in said["packs"]["added"]]
    assert [{"name": "limit", "old": 2, "new": 1}] == changed["house/sms-per-day"]
    assert ["zz-extra"] == [pack["id"] for pack in back["packs"]["removed"]]
    assert said["old"] == back["new"]


async def test_a_book_does_not_differ_from_itself_and_a_bad_folder_is_told(bank: Web, folder: Path) -> None:
    same = (await bank.get(f"{POLICIES}/diff")).json()
    (folder / "house.yaml").write_text("id: house\nrules: [{kind: nonsense}]\n", encoding="utf-8")
    broken = await bank.get(f"{POLICIES}/diff")

    assert ({"added": [], "removed": [], "changed": []}, []) == (same["packs"], same["parameters"])
    assert (409, True) == (broken.status_code, "cannot be read: " in broken.json()["detail"])
    assert 404 == (await bank.get(f"{POLICIES}/diff", new="0" * 64)).status_code
    assert 422 == (await bank.get(f"{POLICIES}/diff", new="latest")).status_code


def _limit(pack: dict[str, Any]) -> int:
    return int(next(rule for rule in pack["rules"] if rule["id"] == "house/sms-per-day")["parameters"]["limit"])


def _lying(available: dict[str, Any]) -> list[dict[str, Any]]:
    """What could be activated; drafts ship too."""
    return [pack for pack in available["packs"] if pack["change"] != "draft"]
