"""Files that cannot be read at all: a complaint like any other, for whoever serves must go on."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from service.files.books import Books
from service.files.policies import PolicyError
from service.files.policy_verbs import lint
from tests.core.cases import POLICIES


def house_in(folder: Path) -> None:
    """One pack, its cases and a place for calendars: enough to read."""
    (folder / "calendars").mkdir()
    for name in ("house.yaml", "house.cases.yaml"):
        shutil.copy(POLICIES / name, folder)


def binary(file: Path) -> None:
    file.write_bytes(b"id: one\ntitle: \xff\xfe\n")


def missing(file: Path) -> None:
    file.symlink_to(file.with_name("nowhere"))


def deep(file: Path) -> None:
    file.write_text("id: " + "[" * 5000 + "]" * 5000, encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (binary, "2: is not text in UTF-8"),
        (missing, "1: cannot be read: No such file or directory"),
        (Path.mkdir, "1: cannot be read: Is a directory"),
        (deep, "1: is nested too deeply"),
    ],
)
@pytest.mark.parametrize("name", ["one.yaml", "calendars/one.yaml"])
def test_a_file_that_cannot_be_read_is_a_complaint_and_the_others_are_read(
    spoil: Callable[[Path], None], complaint: str, name: str, tmp_path: Path
) -> None:
    house_in(tmp_path)
    books = Books(tmp_path)
    before = books.shipped()
    spoil(tmp_path / name)

    with pytest.raises(PolicyError) as refused:
        books.shipped()

    assert [f"{name}:{complaint}"] == [str(each) for each in refused.value.complaints]
    if (tmp_path / name).is_dir():
        (tmp_path / name).rmdir()
    else:
        (tmp_path / name).unlink()
    assert before.sha256 == books.shipped().sha256


def test_a_case_file_that_cannot_be_read_is_a_complaint_too(tmp_path: Path) -> None:
    house_in(tmp_path)
    binary(tmp_path / "house.cases.yaml")

    assert ["house.cases.yaml:2: is not text in UTF-8"] == [str(each) for each in lint(tmp_path).complaints]


def test_what_an_editor_hides_in_the_folder_is_no_pack(tmp_path: Path) -> None:
    house_in(tmp_path)
    before = Books(tmp_path).shipped()
    missing(tmp_path / ".#house.yaml")

    assert before.sha256 == Books(tmp_path).shipped().sha256


def test_the_digest_that_lint_tells_is_the_one_that_can_be_activated(tmp_path: Path) -> None:
    house_in(tmp_path)
    draft = (
        (POLICIES / "house.yaml")
        .read_text(encoding="utf-8")
        .replace("id: house\n", "id: wish\ndraft: true\njurisdictions: [NZ]\n")
    )
    (tmp_path / "wish.yaml").write_text(draft, encoding="utf-8")

    assert Books(tmp_path).shipped().sha256 == lint(tmp_path).sha256
