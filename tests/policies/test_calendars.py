"""Calendar files: what is refused and how, what they are laid out to, and that a book carries its own."""

import shutil
import sys
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import chinese_calendar
import orjson
import pytest

from service.core.calendars import Calendar, DayKind
from service.files.books import Books
from service.files.calendars import read_calendars
from service.files.policies import PolicyError, book_from, book_text, load_book
from service.files.policy_verbs import ending
from tests.core.cases import POLICIES, shipped

BUSTED = sorted((Path(__file__).parent / "busted" / "calendars").glob("*.yaml"))

PACK = """
id: law
title: {en: "Law", zh: "法"}
jurisdictions: [CN]
rules:
  - id: hours
    kind: contact_window
    open: [{from: "08:00", to: "21:00"}]
    holidays: {calendar: festive, classes: [feast]}
    citation: "a law"
    url: "https://law.example/1"
    force: law
    confidence: primary
    explain: {en: "No.", zh: "不。"}
"""
FESTIVE = """
id: festive
title: {en: "Festive", zh: "节"}
years: 2026-2026
confirmed_until: 2026-12-31
sources: [a wish]
overrides:
  - {date: 2026-11-24, is: holiday, class: feast, name: {en: "Feast", zh: "盛宴"}, citation: "a wish", url: "none"}
  - {date: 2026-11-28, is: workday, name: {en: "Work", zh: "班"}, citation: "a wish", url: "none"}
"""


@cache
def read() -> dict[str, Calendar]:
    return read_calendars(POLICIES)[0]


def folder(path: Path, pack: str = PACK, calendar: str = FESTIVE) -> Path:
    (path / "calendars").mkdir(exist_ok=True)
    (path / "law.yaml").write_text(pack, encoding="utf-8")
    (path / "calendars" / "festive.yaml").write_text(calendar, encoding="utf-8")
    return path


@pytest.mark.parametrize("file", BUSTED, ids=lambda file: file.stem)
def test_a_busted_calendar_is_refused_with_every_complaint_and_its_line(file: Path, tmp_path: Path) -> None:
    folder(tmp_path)
    shutil.copy(file, tmp_path / "calendars")
    expected = [line[11:] for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("# refused: ")]

    with pytest.raises(PolicyError) as refused:
        load_book(tmp_path)

    assert sorted(map(str, refused.value.complaints)) == sorted(f"calendars/{file.name}:{said}" for said in expected)


def test_calendars_lie_beside_the_packs_and_are_none() -> None:
    assert not {pack.id for pack in shipped().packs} & {"au/calendars", "calendars"}
    assert {"au", "ca-on", "ca-qc", "id", "th"} <= {calendar.id for calendar in shipped().calendars}


def test_only_where_the_law_names_holidays_does_a_rule_read_them() -> None:
    assert {pack.id for pack in shipped().packs for rule in pack.rules if rule.calendars} == {
        "au",
        "ca-on",
        "ca-qc",
        "id",
        "th",
    }


def test_a_calendar_that_no_rule_reads_is_not_in_the_book() -> None:
    assert "cn" in read()
    assert "cn" not in {calendar.id for calendar in shipped().calendars}


def test_a_book_reads_back_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "holidays", None)
    text = book_text(shipped())

    assert book_from(text) == shipped()
    assert book_from(text).calendar["au"].holiday(date(2026, 12, 25))


def test_a_book_without_calendars_is_written_as_it_was_before_there_were_any(tmp_path: Path) -> None:
    plain = PACK.replace("    holidays: {calendar: festive, classes: [feast]}\n", "")
    book = load_book(folder(tmp_path, pack=plain))

    assert set(orjson.loads(book_text(book))) == {"format", "packs"}
    assert book_from(book_text(book)) == book


def test_another_date_is_another_book(tmp_path: Path) -> None:
    before = load_book(folder(tmp_path))
    after = load_book(folder(tmp_path, calendar=FESTIVE.replace("2026-11-24", "2026-11-25")))

    assert before.sha256 != after.sha256


def test_a_class_that_no_day_has_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"rules\.hours: the calendar festive has no days of the class mourning"):
        load_book(folder(tmp_path, pack=PACK.replace("[feast]", "[mourning]")))


def test_a_calendar_of_overrides_alone_needs_no_library(tmp_path: Path) -> None:
    festive = load_book(folder(tmp_path)).calendar["festive"]

    assert [(day.on.isoformat(), day.kind) for day in festive.days] == [
        ("2026-11-24", DayKind.holiday),
        ("2026-11-28", DayKind.workday),
    ]
    assert not festive.is_workday(date(2026, 11, 24))
    assert festive.is_workday(date(2026, 11, 28))
    assert not festive.is_workday(date(2026, 11, 29))


def test_days_of_work_and_rest_in_china_are_those_of_another_library() -> None:
    calendar, day = read()["cn"], date(2024, 1, 1)
    differ = []
    while day <= calendar.confirmed_until:
        if calendar.is_workday(day) != chinese_calendar.is_workday(day):
            differ.append(day)
        day += timedelta(days=1)

    assert differ == []


@pytest.mark.parametrize(
    ("calendar", "holidays", "ordinary"),
    [
        ("cn", ["2026-02-15", "2026-02-17", "2026-10-01"], ["2026-02-14", "2026-09-20", "2026-10-10"]),
        ("au", ["2026-01-26", "2026-12-25", "2026-12-28"], ["2026-06-08", "2026-12-29"]),
        ("ca-on", ["2026-02-16", "2026-12-28"], ["2026-06-24"]),
        ("ca-qc", ["2026-04-06", "2026-06-24"], ["2026-12-28"]),
        ("id", ["2026-03-19", "2026-03-21"], ["2026-03-20"]),
        ("th", ["2026-01-02", "2026-12-07"], ["2026-12-04"]),
    ],
)
def test_days_that_shipped_calendars_know(calendar: str, holidays: list[str], ordinary: list[str]) -> None:
    known = read()[calendar]

    assert [on for on in holidays if known.holiday(date.fromisoformat(on)) is None] == []
    assert [on for on in ordinary if known.holiday(date.fromisoformat(on)) is not None] == []


def test_whoever_lints_is_told_ninety_days_before_a_calendar_ends(tmp_path: Path) -> None:
    book = load_book(folder(tmp_path))

    assert ending(book, date(2026, 10, 2)) == []
    assert [calendar.id for calendar in ending(book, date(2026, 10, 3))] == ["festive"]


def test_a_changed_calendar_is_a_changed_folder(tmp_path: Path) -> None:
    books = Books(folder(tmp_path))
    before = books.shipped()
    folder(tmp_path, calendar=FESTIVE.replace("11-24", "11-25") + "# another\n")

    assert books.shipped().sha256 != before.sha256


def test_a_day_that_the_library_lists_in_vain_is_what_its_weekday_says() -> None:
    thailand = read()["th"]

    assert [on for on in (date(2026, 1, 10), date(2027, 1, 9)) if thailand.holiday(on)] == []
    assert thailand.holiday(date(2026, 1, 1)) is not None
