"""
What `policy lint` and `policy test` do; the command line only asks and prints.
"""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import NamedTuple

from service.core.calendars import WARNING_DAYS, Calendar
from service.core.policy import Book

from .policies import CASES, PolicyError, load_book, without_drafts
from .policy_cases import Case, Ran, allows, read_cases, refuses, run
from .policy_source import Complaint, yaml_files


class Linted(NamedTuple):
    """What `policy lint` found: complaints, or the book, drafts among its packs; and the cases that can be read."""

    complaints: list[Complaint]
    book: Book | None
    cases: list[Case]

    @property
    def sha256(self) -> str | None:
        """The digest of the book that can be activated: no draft is in it."""
        return without_drafts(self.book).sha256 if self.book else None


class Tested(NamedTuple):
    """What `policy test` found: complaints about the files, each case that ran, and the rules without enough cases."""

    complaints: list[Complaint]
    ran: list[Ran]
    unproven: list[str]

    @property
    def passed(self) -> bool:
        return not self.complaints and not self.unproven and not any(each.differences for each in self.ran)


def lint(directory: Path) -> Linted:
    """Check every pack and case file of a directory, drafts too; never raises for what is wrong with them."""
    complaints: list[Complaint] = []
    book = None
    try:
        book = load_book(directory, drafts=True)
    except PolicyError as error:
        complaints += error.complaints
    cases: list[Case] = []
    for file in (file for file in yaml_files(directory) if file.name.endswith(CASES)):
        read, wrong = read_cases(file)
        cases += read
        complaints += wrong
    return Linted(complaints, None if complaints else book, cases)


def ending(book: Book, today: date) -> list[Calendar]:
    """The calendars that someone should carry on, for what is confirmed of them is soon over."""
    return [each for each in book.calendars if each.days_left(today) < WARNING_DAYS]


def try_cases(directory: Path) -> Tested:
    """Run every case of a directory against its packs, drafts too."""
    found = lint(directory)
    if found.book is None:
        return Tested(found.complaints, [], [])
    return Tested([], [run(found.book, case) for case in found.cases], list(unproven(found.book, found.cases)))


def unproven(book: Book, cases: Iterable[Case]) -> Iterable[str]:
    """The rules that lack a case that allows, one that refuses, or one at the boundary."""
    by_rule: dict[str, list[Case]] = {}
    for case in cases:
        by_rule.setdefault(case.rule, []).append(case)
    for rule in (rule for pack in book.packs for rule in pack.rules):
        own = by_rule.pop(rule.id, [])
        for wanted, there in (
            ("that allows", any(map(allows, own))),
            ("that refuses", any(map(refuses, own))),
            ("at the boundary", any(case.boundary for case in own)),
        ):
            if not there:
                yield f"{rule.id} has no case {wanted}"
    yield from (f"{rule} has cases, but there is no such rule" for rule in by_rule)
