"""What `boundary: true` claims of a case: where a rule measures something, the smallest step turns its verdict."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from service.core.decide import decide
from service.core.facts import Contact, Facts
from service.core.model import DAY, MINUTE, SECOND, Effect, Instant
from service.files.policies import load_book
from service.files.policy_cases import Case, read_cases, spoken
from tests.core.cases import POLICIES

BOOK = load_book(POLICIES, drafts=True)
EDGES = [c for file in sorted(POLICIES.glob("*.cases.yaml")) for c in read_cases(file)[0] if c.boundary]

MEASURED = (
    *("cap", "interval", "cooldown", "contact_window", "preference", "occasion", "consent", "registry", "stage"),
    *("prerequisite", "obligation", "exemption", "representation", "third_party_gate"),
)
RULES = sorted(rule.id for pack in BOOK.packs for rule in pack.rules if rule.kind in MEASURED)
LISTS = ("consents", "suppressions", "holds", "preferences", "registry_checks", "notices", "obligations")

Step = tuple[Facts, Instant, int]


def steps(case: Case) -> Iterator[Step]:
    """The case a little earlier or later, held a little longer or shorter, with one fact less or more."""
    facts, at, hold = case.facts, case.at, case.hold
    for length in (1, SECOND, MINUTE, DAY):
        yield from ((facts, Instant(at + way), hold) for way in (length, -length))
    yield from ((facts, at, max(0, hold + way)) for way in (SECOND, -SECOND))
    for name in LISTS:
        items = getattr(facts, name)
        for place in range(len(items)):
            yield replace(facts, **{name: items[:place] + items[place + 1 :]}), at, hold
    for place, item in enumerate(facts.history):
        before, after = facts.history[:place], facts.history[place + 1 :]
        for instead in ((), *_instead_of(item)):
            yield replace(facts, history=(*before, *instead, *after)), at, hold
    days = facts.subject.days_past_due
    if days is not None:
        for other in (days + 1, days - 1):
            yield replace(facts, subject=replace(facts.subject, days_past_due=other)), at, hold


def _instead_of(item: Contact) -> Iterator[tuple[Contact, ...]]:
    yield item, item._replace(id=f"{item.id}, again")
    if item.duration_s is not None:
        yield from ((item._replace(duration_s=item.duration_s + way),) for way in (1, -1))


def verdict(case: Case, step: Step) -> Effect | None:
    facts, at, hold = step
    said = spoken(BOOK, case.rule, decide(BOOK.narrowed(case.packs), facts, at, hold).verdicts)
    return said and said.effect


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_that_measures_has_a_case_that_the_smallest_step_turns(rule: str) -> None:
    here = [case for case in EDGES if case.rule == rule]

    assert any(
        verdict(case, step) != verdict(case, (case.facts, case.at, case.hold)) for case in here for step in steps(case)
    )
