"""Facts and subjects as they are stored: what was never written is refused, and not read as something else."""

from typing import Any

import orjson
import pytest

from service.core.facts import Facts
from service.core.model import Instant, SuppressionScope
from service.core.stored import facts_bytes, facts_from, subject_from, subject_plain
from tests.core.cases import NOON, SUBJECT, contact, facts

FACTS = orjson.loads(facts_bytes(facts(contact(NOON))))
KEPT = orjson.loads(orjson.dumps(subject_plain(SUBJECT)))


def read(plain: dict[str, Any]) -> Facts:
    return facts_from(orjson.dumps(plain))


@pytest.mark.parametrize("name", sorted(FACTS))
def test_facts_that_lack_what_is_always_written_are_refused(name: str) -> None:
    with pytest.raises(ValueError):
        read({key: value for key, value in FACTS.items() if key != name})


@pytest.mark.parametrize("name", sorted(KEPT))
def test_a_subject_that_lacks_what_is_always_written_is_refused(name: str) -> None:
    rest = {key: value for key, value in KEPT.items() if key != name}

    with pytest.raises(ValueError):
        subject_from(orjson.dumps(rest).decode(), None)
    with pytest.raises(ValueError):
        read({**FACTS, "subject": {**rest, "text": None}})


def test_a_word_of_a_later_version_is_refused() -> None:
    with pytest.raises(ValueError):
        subject_from(orjson.dumps({**KEPT, "forbidden_by_a_later_version": True}).decode(), None)
    with pytest.raises(ValueError):
        read({**FACTS, "forbidden_by_a_later_version": []})
    with pytest.raises(ValueError):
        read({**FACTS, "format": 2})


@pytest.mark.parametrize(
    "row",
    [
        [str(SuppressionScope.party), "P-1", 0.0],
        [str(SuppressionScope.party), "P-1", True],
        [str(SuppressionScope.party), "P-1"],
        ["everywhere", "P-1", 0],
        [str(SuppressionScope.party), None, 0],
        [str(SuppressionScope.party), "P-1", 0, None, None, None, None, None, "more"],
    ],
    ids=["fraction", "truth", "short", "unknown", "null", "long"],
)
def test_a_row_of_another_form_is_refused(row: list[Any]) -> None:
    with pytest.raises(ValueError):
        read({**FACTS, "suppressions": [row]})


def test_a_row_of_before_a_field_was_added_has_its_default() -> None:
    [suppression] = read({**FACTS, "suppressions": [[str(SuppressionScope.party), "P-1", NOON]]}).suppressions

    assert suppression == (SuppressionScope.party, "P-1", Instant(NOON), None, None, None, None, None)
