"""Shadow mode, the watchman's note and the folder's, as an officer and an operator see them."""

from pathlib import Path

from service.beats import Beats
from service.flows.shadow import follow
from service.web.policies_shown import ShadowShown

from .front import Web, request_body
from .test_policies import shown, with_extra

SHADOW = "/v1/policies/shadow"


async def test_a_book_is_tried_and_ended_by_one_principal(bank: Web, folder: Path) -> None:
    text = (folder / "house.yaml").read_text(encoding="utf-8")
    (folder / "house.yaml").write_text(text.replace("limit: 2", "limit: 1"), encoding="utf-8")
    digest = (await shown(bank))["available"]["sha256"]
    nothing = await bank.get(SHADOW)
    begun = await bank.post(SHADOW, {"sha256": digest})
    for place in range(2):
        await bank.post("/v1/contact-requests", request_body(reference=f"r-{place}"))
    await bank.number()
    await follow(bank.house.gateway.kit, bank.house.gateway.store, "test")

    said = (await bank.get(SHADOW)).json()
    ended = await bank.post(f"{SHADOW}/end")

    ShadowShown.model_validate(said)
    assert (404, 200, 200) == (nothing.status_code, begun.status_code, ended.status_code)
    assert (digest, "bank", 2, 1) == (said["book"]["sha256"], said["begun_by"], said["judged"], said["changed"])
    assert {"rule": "house/sms-per-day", "was": "allow", "would": "defer", "count": 1} in said["rules"]
    assert ended.json()["ended_at"] is not None
    assert 404 == (await bank.post(f"{SHADOW}/end")).status_code


async def test_only_a_book_that_is_known_can_be_tried(bank: Web) -> None:
    reader = await bank.key("reader", "policy:read")

    assert 404 == (await bank.post(SHADOW, {"sha256": "0" * 64})).status_code
    assert 422 == (await bank.post(SHADOW, {"sha256": "x"})).status_code
    assert 403 == (await bank.post(SHADOW, {"sha256": "0" * 64}, key=reader)).status_code


async def test_a_bad_reload_keeps_the_old_book_and_says_so(bank: Web, folder: Path) -> None:
    before = (await shown(bank))["book"]
    (folder / "house.yaml").write_text("id: house\nrules: [{kind: nonsense}]\n", encoding="utf-8")
    beats = Beats(
        bank.house.gateway,
        bank.house.deciding,
        owner="test",
        batch=1,
        dispatching=False,
        observe=lambda name, well, seconds: None,
        figure=bank.house.metrics.figure,
    )
    await beats._folder()

    ready = await bank.get("/readyz")
    figures = (await bank.get("/metrics")).text

    assert (200, True) == (ready.status_code, ready.json()["ready"])
    [note] = [each for each in ready.json()["notes"] if "policies folder" in each]
    assert "the book in force stays" in note
    assert "gateway_policy_complaints 0.0" not in figures and "gateway_policy_complaints" in figures
    assert before == (await shown(bank))["book"]
    assert 202 == (await bank.post("/v1/contact-requests", request_body())).status_code


async def test_a_folder_that_is_mended_is_no_longer_spoken_of(bank: Web, folder: Path) -> None:
    text = (folder / "house.yaml").read_text(encoding="utf-8")
    (folder / "house.yaml").write_text("nonsense", encoding="utf-8")
    broken = (await bank.get("/readyz")).json()["notes"]
    (folder / "house.yaml").write_text(text, encoding="utf-8")

    assert [each for each in broken if "policies folder" in each]
    assert [] == [each for each in (await bank.get("/readyz")).json()["notes"] if "policies folder" in each]
    assert await with_extra(bank, folder)


async def test_what_the_watchman_found_stands_at_readyz(bank: Web) -> None:
    row = {"day": "2026-11-22", "judged": 9, "otherwise": 2, "unreadable": 1, "erased": 0, "entry": "e_1"}
    await bank.house.gateway.store.write(lambda tx: tx.add("watches", [{**row, "finished_at": 1}]))

    answer = await bank.get("/readyz")

    assert 200 == answer.status_code
    assert [note for note in answer.json()["notes"] if "2026-11-22" in note and "e_1" in note]
