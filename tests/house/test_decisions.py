"""Decision records: numbered without gaps, one screen each, in one form, and what cites one cites one that exists."""

import re

from tests.house.source import python_files, text, tracked

HEADINGS = ["Context", "Decision", "Consequences", "Alternatives", "Evidence"]
LINES_MAX = 60


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [name.rsplit("/", 1)[1][:4] for name in _records()]

    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]


def test_every_decision_has_the_one_form_and_fits_a_screen() -> None:
    for name in _records():
        number = name.rsplit("/", 1)[1][:4]
        lines = text(name).splitlines()

        assert re.fullmatch(rf"# {number}\. \S.+", lines[0]), name
        assert HEADINGS == [line.removeprefix("## ") for line in lines if line.startswith("## ")], name
        assert len(lines) <= LINES_MAX, name


def test_a_cited_decision_exists() -> None:
    known = {name.rsplit("/", 1)[1][:4] for name in _records()}
    cited = {
        (name, number)
        for name in [*python_files("service"), *_records()]
        for number in re.findall(r"[Dd]ecisions? (\d{4})\b", text(name))
    }

    assert {(name, number) for name, number in cited if number not in known} == set()


def _records() -> list[str]:
    return [name for name in tracked() if name.startswith("service/decisions/")]
