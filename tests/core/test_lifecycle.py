"""The life of a request: one table of moves, and what may be known later than what."""

from collections.abc import Sequence
from itertools import combinations, permutations, product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.errors import Conflict
from service.core.lifecycle import FINAL, MOVES, WAITING, may_move, move, outcome_state, overtakes
from service.core.model import Instant, Outcome, State
from service.flows.ports import Tx
from service.store.engine import open_store
from service.store.migrate import migrate
from service.store.tables import TABLES
from tests.store.rows import a_request

LEGAL = {(here, there) for here in State for there in MOVES[here]}
REACHED = frozenset(
    {
        *(Outcome.delivered, Outcome.read, Outcome.replied, Outcome.voicemail_message, Outcome.answered_dropped),
        *(Outcome.abandoned, Outcome.conversation_third_party, Outcome.conversation_right_party, Outcome.visited_met),
    }
)
"""It reached somebody, or their machine."""


@pytest.fixture
def sqlite_database(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'gateway.db'}"
    migrate(url)
    return url


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(f"{request.param}_database")
    return url


def waits(state: State) -> int | None:
    return 10 if state in WAITING else None


def taken(tx: Tx, here: State, there: State) -> bool:
    """Whether the table lets a request go from here to there."""

    def moving() -> int:
        name = f"{here}-{there}"
        tx.add("requests", [a_request(name, state=here, send_at=waits(here))])
        return tx.change("requests", {"id": name}, {"state": there, "send_at": waits(there)})

    result: Any = tx.apart(moving)
    return bool(result == 1)


async def test_the_tables_take_exactly_the_legal_moves(database: str) -> None:
    store = await open_store(database, clock=lambda: Instant(0), serving=True, system_clock=False)

    def every_move(tx: Tx) -> set[tuple[State, State]]:
        return {(here, there) for here, there in product(State, State) if taken(tx, here, there)}

    moves = await store.write(every_move)
    await store.close()

    assert LEGAL | {(state, state) for state in State} == moves


def test_the_tables_know_exactly_the_states_and_which_of_them_wait() -> None:
    (known,) = (str(each.sqltext) for each in TABLES["requests"].constraints if str(each.name).endswith("state_known"))  # type: ignore[attr-defined]
    (waiting,) = (
        str(each.sqltext)  # type: ignore[attr-defined]
        for each in TABLES["requests"].constraints
        if str(each.name).endswith("waiting_has_send_at")
    )

    assert {f"'{state}'" for state in State} == set(known.removeprefix("state IN (").removesuffix(")").split(", "))
    assert all((f"'{state}'" in waiting) is (state in WAITING) for state in State)


@pytest.mark.parametrize(("here", "there"), [*product(State, State)])
def test_a_move_is_made_or_refused_with_the_state_that_stands(here: State, there: State) -> None:
    if (here, there) in LEGAL:
        assert there is move(here, there)
    else:
        with pytest.raises(Conflict) as refused:
            move(here, there)
        assert here == refused.value.state


def test_what_is_final_stays_and_what_is_not_comes_to_an_end() -> None:
    ends = set(FINAL)
    while more := {here for here in State if MOVES[here] & ends} - ends:
        ends |= more

    assert {State.completed, State.failed, State.refused, State.cancelled, State.expired} == FINAL
    assert set(State) == ends


def test_only_what_has_no_intent_can_be_cancelled_refused_or_expired() -> None:
    """After the intent the contact may have happened, and no word of ours undoes it."""
    for there in (State.cancelled, State.refused, State.expired):
        assert {here for here in State if may_move(here, there)} == WAITING


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_moves_an_attempt_under_way_somewhere(outcome: Outcome) -> None:
    assert may_move(State.dispatching, outcome_state(outcome))


@pytest.mark.parametrize("one", Outcome)
def test_no_two_facts_overtake_each_other(one: Outcome) -> None:
    """Otherwise two receipts told again and again would change the state for ever."""
    assert not overtakes(one, one)
    assert all(not (overtakes(one, other) and overtakes(other, one)) for other in Outcome)


def settled(told: Sequence[Outcome]) -> Outcome | None:
    known: Outcome | None = None
    for outcome in told:
        if overtakes(outcome, known):
            known = outcome
    return known


def test_every_outcome_has_its_place_in_the_order() -> None:
    assert all(overtakes(one, other) or overtakes(other, one) for one, other in combinations(Outcome, 2))


@given(st.data())
def test_neither_order_nor_repetition_of_receipts_changes_what_is_known_in_the_end(data: st.DataObject) -> None:
    told = data.draw(st.lists(st.sampled_from(Outcome), min_size=1, max_size=8))
    again = data.draw(st.permutations(told + data.draw(st.lists(st.sampled_from(told)))))

    assert settled(told) == settled(again)


@given(st.sampled_from(sorted(REACHED)), st.lists(st.sampled_from(Outcome)), st.lists(st.sampled_from(Outcome)))
def test_whatever_is_told_before_or_after_a_contact_that_reached_somebody_it_counts_as_one(
    reached: Outcome, before: list[Outcome], after: list[Outcome]
) -> None:
    """Only that the number is somebody else's takes it back."""
    assert settled([*before, reached, *after]) in REACHED | {Outcome.wrong_number}


@pytest.mark.parametrize("denial", [Outcome.failed, Outcome.refused_by_provider, Outcome.undelivered, Outcome.returned])
def test_a_delivery_that_is_denied_before_or_after_stays_a_delivery(denial: Outcome) -> None:
    assert Outcome.delivered is settled([denial, Outcome.delivered])
    assert Outcome.delivered is settled([Outcome.delivered, denial])


def test_a_key_that_told_who_answered_stands_whenever_the_call_is_said_to_be_over() -> None:
    told = (Outcome.sent, Outcome.answered_dropped, Outcome.conversation_right_party)

    assert {Outcome.conversation_right_party} == {settled(order) for order in permutations(told)}
