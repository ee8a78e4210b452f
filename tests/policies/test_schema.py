"""The schemas for editors: every file that ships passes, and a slip of the pen does not."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from service.files.policy_schema import CALENDAR, CASES, PACK, calendar_schema, cases_schema, pack_schema, write
from service.files.policy_source import Source

POLICIES = Path(__file__).parents[2] / "policies"
CASE_FILES = sorted(POLICIES.glob("*.cases.yaml"))
PACK_FILES = sorted(set(POLICIES.glob("*.yaml")) - set(CASE_FILES))
CALENDAR_FILES = sorted(POLICIES.glob("calendars/*.yaml"))


def plain(file: Path) -> Any:
    return json.loads(json.dumps(Source(file.name, file.read_text(encoding="utf-8")).plain, default=str))


@pytest.mark.parametrize(
    ("schema", "files"),
    [(pack_schema, PACK_FILES), (cases_schema, CASE_FILES), (calendar_schema, CALENDAR_FILES)],
    ids=["packs", "cases", "calendars"],
)
def test_every_file_that_ships_passes(schema: Callable[[], dict[str, Any]], files: list[Path]) -> None:
    validator = jsonschema_rs.validator_for(schema())

    wrong = {file.name: [error.message for error in validator.iter_errors(plain(file))] for file in files}

    assert files and {name: said for name, said in wrong.items() if said} == {}


def test_a_slip_of_the_pen_does_not_pass() -> None:
    validator = jsonschema_rs.validator_for(pack_schema())
    house = plain(POLICIES / "house.yaml")
    rule = dict(house["rules"][0])

    assert validator.is_valid(house)
    for wrong in ({**rule, "surprise": 1}, {**rule, "kind": "nonsense"}, {**rule, "force": "custom"}, {"id": "x"}):
        assert not validator.is_valid({**house, "rules": [wrong]}), wrong
    assert not validator.is_valid({**house, "jurisdiction": ["CN"]})


def test_the_three_schemas_are_written_as_files(tmp_path: Path) -> None:
    written = write(tmp_path / "schema")

    assert [file.name for file in written] == [PACK, CASES, CALENDAR]
    assert all(json.loads(file.read_bytes())["$schema"].endswith("2020-12/schema") for file in written)
