"""What one book would change of another, parameter by parameter."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from service.core.difference import Parameter, difference
from service.core.policy import Book
from service.core.rules.cap import Cap
from service.files.policies import load_book


@pytest.fixture(scope="module")
def book() -> Book:
    return load_book(Path(__file__).parents[2] / "policies").narrowed(["house", "cn-collection"])


def test_a_book_does_not_differ_from_itself(book: Book) -> None:
    assert difference(book, book).none


def test_a_rule_that_comes_is_one_that_goes_the_other_way(book: Book) -> None:
    house = next(pack for pack in book.packs if pack.id == "house")
    without = replace(book, packs=tuple(replace(p, rules=p.rules[1:]) if p is house else p for p in book.packs))

    assert [rule.id for rule in difference(without, book).changed[0].added] == [house.rules[0].id]
    assert [rule.id for rule in difference(book, without).changed[0].removed] == [house.rules[0].id]


def test_every_changed_parameter_is_told_old_and_new(book: Book) -> None:
    house = next(pack for pack in book.packs if pack.id == "house")
    cap = next(rule for rule in house.rules if isinstance(rule, Cap))
    other = replace(cap, limit=cap.limit + 1, effective_from=date(2027, 1, 1))
    rules = tuple(other if rule is cap else rule for rule in house.rules)
    changed = replace(book, packs=tuple(replace(p, rules=rules) if p is house else p for p in book.packs))

    found = difference(book, changed)

    assert [pack.id for pack in found.changed] == ["house"]
    assert [(rule.id, rule.kind) for rule in found.changed[0].changed] == [(cap.id, "cap")]
    assert set(found.changed[0].changed[0].parameters) == {
        Parameter("limit", cap.limit, cap.limit + 1),
        Parameter("effective_from", None, "2027-01-01"),
    }
