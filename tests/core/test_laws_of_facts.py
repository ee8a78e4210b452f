"""A decision is a value of its facts: not of their order or storage, nor of the machine's zone or process."""

import os
import pickle
import subprocess
import sys
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from hypothesis import given, settings

from service.core.case import Case
from service.core.decide import Decision, decide
from service.core.facts import Facts
from service.core.kinds import KINDS
from service.core.model import HOUR, Asks, Channel, Direction, Effect, Instant, Outcome
from service.core.rule import Rule, Verdict
from service.core.rules.enquiry import Enquiries
from service.core.stored import facts_bytes, facts_from
from service.files.policies import load_book
from tests.core.cases import NOON, POLICIES, contact, facts, shipped
from tests.core.rulebook import NAMES, SAID, drawn_rule, everywhere
from tests.core.situations import BASES, Chance, drawn_facts, eased
from tests.core.test_laws import TIMELY, chances, law

LISTS = (
    "zones",
    "further_zones",
    "jurisdictions",
    "consents",
    "suppressions",
    "holds",
    "preferences",
    "registry_checks",
    "notices",
    "obligations",
)


def told(decision: Decision) -> tuple[Any, ...]:
    """All that a decision says, but for the order in which it names zones and what it counted."""
    verdicts = [
        (v.rule, v.effect, v.reason, v.until, v.remaining, sorted(v.counted), sorted(v.figures.items()))
        for v in decision.verdicts
    ]
    return decision.effect, decision.at, decision.not_before, verdicts, decision.not_applied


def crowded(c: Chance, known: Facts) -> Facts:
    """The same with some contacts at the very same instant."""
    history = list(known.history)
    for _ in history[1:4]:
        one, other = c.some(range(len(history)), 2, 2)
        history[one] = history[one]._replace(at=history[other].at)
    return replace(known, history=tuple(sorted(history, key=lambda item: (item.at, item.id))))


def shuffled(c: Chance, known: Facts) -> Facts:
    """The same with every list in another order, history as far as its instants leave one."""
    history = tuple(sorted(c.shuffled(known.history), key=lambda item: item.at))
    return replace(known, history=history, **{name: c.shuffled(getattr(known, name)) for name in LISTS})


def question(c: Chance) -> tuple[Facts, Instant]:
    base = c.of(BASES)
    known = crowded(c, drawn_facts(c, base))
    return eased(known) if c.once_in(2) else known, c.when(base, 0, 2)


@settings(law, max_examples=200)
@given(c=chances)
def test_the_order_and_the_storage_of_the_facts_change_nothing(c: Chance) -> None:
    known, at = question(c)
    other = shuffled(c, known)
    rules = everywhere(*(drawn_rule(c, name, *TIMELY, *KINDS) for name in NAMES[: c.number(1, 4)]))

    assert facts_bytes(other) == facts_bytes(known)
    for book in (rules, shipped()):
        here = told(decide(book, known, at))
        assert told(decide(book, other, at)) == here
        assert told(decide(book, facts_from(facts_bytes(known)), at)) == here


def test_of_one_instant_the_enquiry_comes_before_its_answer() -> None:
    """Whichever of the two a store names first."""
    ask = contact(NOON, Outcome.replied, channel=Channel.sms, direction=Direction.inbound, id="b", asks=Asks.call_back)
    answer = contact(NOON, id="a")
    for history in ((ask, answer), (answer, ask)):
        found = Enquiries(Case(replace(facts(), history=history)), NOON, ("Asia/Shanghai",), 1, since=NOON)
        assert (found.answers, found.waits) == ([answer], False)


# Machine and process --------------------------------------------------------------------------------------------------

SAMPLE = 150


def digest_of(sample: list[tuple[Facts, Instant]]) -> str:
    decisions = [repr((told(decide(shipped(), known, at)), facts_bytes(known))) for known, at in sample]
    return sha256("\n".join(decisions).encode()).hexdigest()


ELSEWHERE = """
import pickle, sys
from pathlib import Path
from tests.core.test_laws_of_facts import digest_of
print(digest_of(pickle.loads(Path(sys.argv[1]).read_bytes())))
"""


def test_the_zone_of_the_machine_and_the_process_change_nothing(tmp_path: Path) -> None:
    sample = [question(Chance(number)) for number in range(SAMPLE)]
    kept = tmp_path / "sample"
    kept.write_bytes(pickle.dumps(sample))
    elsewhere = {**os.environ, "TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "4242"}
    command = [sys.executable, "-c", ELSEWHERE, str(kept)]
    there = subprocess.run(
        command, env=elsewhere, cwd=POLICIES.parent, capture_output=True, text=True, check=True, timeout=120
    )

    assert there.stdout.strip() == digest_of(sample)


# What errs, and what is a draft ---------------------------------------------------------------------------------------


class Erring(Rule):
    def judge(self, case: Case, at: Instant) -> Verdict:
        raise KeyError("it did not think of that")


@settings(law, max_examples=100)
@given(c=chances)
def test_a_book_with_a_rule_that_errs_allows_nothing(c: Chance) -> None:
    known, at = question(c)
    rules = [drawn_rule(c, name, *TIMELY) for name in NAMES[:2]]
    decision = decide(everywhere(*rules, Erring(id=NAMES[3], kind="erring", **SAID)), known, at)

    assert decision.effect is Effect.deny
    assert "rule_error" in [verdict.reason for verdict in decision.verdicts]


def test_a_draft_binds_where_it_is_named_and_nowhere_else() -> None:
    every = load_book(POLICIES, drafts=True)
    (draft,) = (pack for pack in every.packs if pack.draft)
    asked = facts(jurisdictions=draft.jurisdictions, zones=("Asia/Kolkata",))
    late = Instant(NOON + 12 * HOUR)

    named, whole = decide(every.narrowed([draft.id]), asked, late), decide(shipped(), asked, late)

    assert {v.rule.split("/")[0] for v in named.verdicts} == {draft.id}
    assert draft.id not in {v.rule.split("/")[0] for v in whole.verdicts}
    assert draft.id not in {pack.id for pack in shipped().packs}
