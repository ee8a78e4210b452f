"""Policy files: what is refused and how, what a book is, and that it reads back."""

import re
import shutil
from pathlib import Path

import orjson
import pytest

from service.core.canonical import canonical, digest
from service.core.errors import Misconfigured
from service.core.kinds import KINDS
from service.core.model import Confidence, Force
from service.files.policies import PolicyError, book_from, book_text, load_book
from tests.core.cases import POLICIES, shipped

from .copies import copy_policies

BUSTED = sorted((Path(__file__).parent / "busted").glob("*.yaml"))

FLOOR = """
id: law
title: {en: "Law", zh: "法"}
jurisdictions: [CN]
floor: true
rules:
  - id: hours
    kind: contact_window
    quiet: [{from: "22:00", to: "08:00"}]
    citation: "a law"
    url: "https://law.example/1"
    force: law
    confidence: primary
    explain: {en: "No.", zh: "不。"}
"""
HOUSE = """
id: house
title: {en: "House", zh: "行"}
rules:
  - id: reply
    kind: reply_once
    lifts: [law/hours]
    citation: "a wish"
    force: house
    confidence: primary
    explain: {en: "Yes.", zh: "是。"}
"""


@pytest.mark.parametrize("file", BUSTED, ids=lambda file: file.stem)
def test_a_busted_file_is_refused_with_every_complaint_and_its_line(file: Path, tmp_path: Path) -> None:
    shutil.copy(file, tmp_path)
    expected = [line[11:] for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("# refused: ")]

    with pytest.raises(PolicyError) as refused:
        load_book(tmp_path)

    found = [str(complaint).removeprefix(f"{file.name}:") for complaint in refused.value.complaints]
    assert sorted(found) == sorted(expected)


def test_there_are_busted_files_enough() -> None:
    assert len(BUSTED) >= 80


def test_the_complaints_of_several_files_come_together(tmp_path: Path) -> None:
    for file in BUSTED[:3]:
        shutil.copy(file, tmp_path)

    with pytest.raises(PolicyError) as refused:
        load_book(tmp_path)

    assert {complaint.file for complaint in refused.value.complaints} == {file.name for file in BUSTED[:3]}
    assert str(refused.value).count("\n") + 1 == len(refused.value.complaints)


def test_a_folder_without_packs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="holds no policy pack"):
        load_book(tmp_path)


def test_the_house_cannot_loosen_a_floor(tmp_path: Path) -> None:
    (tmp_path / "law.yaml").write_text(FLOOR, encoding="utf-8")
    (tmp_path / "house.yaml").write_text(HOUSE, encoding="utf-8")

    with pytest.raises(PolicyError, match="law/hours is a floor, which no other pack can loosen"):
        load_book(tmp_path)


def test_the_house_can_loosen_what_is_no_floor(tmp_path: Path) -> None:
    (tmp_path / "law.yaml").write_text(FLOOR.replace("floor: true", "floor: false"), encoding="utf-8")
    (tmp_path / "house.yaml").write_text(HOUSE, encoding="utf-8")

    assert [pack.id for pack in load_book(tmp_path).packs] == ["house", "law"]


def test_a_draft_is_in_the_book_only_when_drafts_are_asked_for(tmp_path: Path) -> None:
    (tmp_path / "law.yaml").write_text(FLOOR + "draft: true\n", encoding="utf-8")
    (tmp_path / "house.yaml").write_text(
        HOUSE.replace("law/hours", "wish").replace("reply", "wish", 1), encoding="utf-8"
    )
    (tmp_path / "house.yaml").write_text(
        FLOOR.replace("law", "house").replace("jurisdictions: [CN]\n", ""), encoding="utf-8"
    )

    assert [pack.id for pack in load_book(tmp_path).packs] == ["house"]
    assert [pack.id for pack in load_book(tmp_path, drafts=True).packs] == ["house", "law"]


def test_a_book_reads_back_from_its_text_as_it_was() -> None:
    assert book_from(book_text(shipped())) == shipped()
    assert book_from(book_text(shipped())).sha256 == shipped().sha256


def test_a_book_is_named_by_what_it_says_and_not_by_how_it_is_written(tmp_path: Path) -> None:
    copy_policies(tmp_path, "# another comment\n".__add__)
    same = load_book(tmp_path)
    changed = (tmp_path / "house.yaml").read_text(encoding="utf-8").replace("limit: 2", "limit: 1")
    (tmp_path / "house.yaml").write_text(changed, encoding="utf-8")

    assert same.sha256 == shipped().sha256
    assert load_book(tmp_path).sha256 != shipped().sha256


@pytest.mark.parametrize("text", [b"", b"{}", b'{"format":2,"packs":[]}', b'{"format":1,"packs":[{"id":"x"}]}', b"[]"])
def test_a_stored_book_that_cannot_be_read_is_our_failure(text: bytes) -> None:
    with pytest.raises(Misconfigured):
        book_from(text)


def test_a_stored_book_that_was_tampered_with_is_refused() -> None:
    with pytest.raises(Misconfigured):
        book_from(book_text(shipped()).replace(b'"format":1,', b'"format":1, '))


def test_every_kind_of_rule_ships_with_a_pack_that_uses_it() -> None:
    used = {type(rule) for pack in load_book(POLICIES, drafts=True).packs for rule in pack.rules}

    assert {kind.__name__ for kind in KINDS} == {kind.__name__ for kind in used}


def test_a_rule_of_the_house_claims_no_more_force_than_the_house_has() -> None:
    for pack in shipped().packs:
        for rule in pack.rules:
            assert (rule.force is Force.house) == (pack.id == "house"), rule.id
            assert rule.force is Force.house or rule.url, rule.id


def test_no_chinese_rule_and_none_of_the_house_knows_holidays() -> None:
    for name in ("cn-collection", "house"):
        assert "days: mon-fri" not in (POLICIES / f"{name}.yaml").read_text(encoding="utf-8")


def test_a_figure_that_was_not_confirmed_is_no_law() -> None:
    for pack in shipped().packs:
        for rule in pack.rules:
            assert rule.confidence is not Confidence.unconfirmed or rule.force is Force.house, rule.id


def test_every_pack_but_the_house_is_a_floor() -> None:
    assert [pack.id for pack in shipped().packs if not pack.floor] == ["house"]


def test_the_page_of_what_was_confirmed_names_the_packs_that_there_are_and_no_others() -> None:
    page = (POLICIES / "README.md").read_text(encoding="utf-8")

    named = re.findall(r"^\|[^|]*\| `([a-z0-9-]+)` \|", page, re.MULTILINE)
    assert sorted(named) == [pack.id for pack in load_book(POLICIES, drafts=True).packs]


def test_a_book_that_stands_is_read_even_where_its_file_would_now_be_refused() -> None:
    """What was decided under a book can be judged again, whatever authors were asked for since."""
    plain = orjson.loads(book_text(shipped()))
    rule = next(rule for pack in plain["packs"] for rule in pack["rules"] if "url" in rule and rule["force"] != "house")
    del rule["url"]

    assert book_from(canonical(plain)).sha256 == digest(canonical(plain))
