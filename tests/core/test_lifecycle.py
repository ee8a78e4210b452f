"""The life of a request: one table of moves, and what may be known later than what."""

from itertools import permutations, product
from pathlib import Path
from typing import Any

import pytest

from service.core.errors import Conflict
from service.core.lifecycle import FINAL, MOVES, WAITING, may_move, move, outcome_state, overtakes
from service.core.model import Instant, Outcome, State
from service.flows.ports import Tx
from service.store.engine import open_store
from service.store.migrate import migrate
from service.store.tables import TABLES
from tests.store.rows import a_request

LEGAL = {(here, there) for here in State for there in MOVES[here]}
TEXT_RECEIPTS = (Outcome.unknown, Outcome.sent, Outcome.delivered, Outcome.read, Outcome.replied)


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


def test_the_order_in_which_receipts_of_a_text_arrive_does_not_matter() -> None:
    def settled(told: tuple[Outcome, ...]) -> Outcome | None:
        known: Outcome | None = None
        for outcome in told:
            if overtakes(outcome, known):
                known = outcome
        return known

    assert {Outcome.replied} == {settled(order) for order in permutations(TEXT_RECEIPTS)}
