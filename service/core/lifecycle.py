"""
The one table of legal moves of a contact request.

The constraints of the tables and the diagram in the README repeat it; a test holds the three
together. A claim is a lease and no move: until the intent is written, cancel wins.
"""

from .errors import Conflict
from .model import Outcome, State

MOVES: dict[State, frozenset[State]] = {
    State.scheduled: frozenset({State.queued, State.dispatching, State.refused, State.cancelled, State.expired}),
    State.queued: frozenset({State.scheduled, State.dispatching, State.refused, State.cancelled, State.expired}),
    # A certain transient failure returns to `scheduled`, with back-off and a fresh decision.
    State.dispatching: frozenset({State.scheduled, State.sent, State.completed, State.failed, State.unknown}),
    State.sent: frozenset({State.completed, State.failed, State.unknown}),
    # A later fact settles what was unknown.
    State.unknown: frozenset({State.completed, State.failed}),
    State.completed: frozenset(),
    State.failed: frozenset(),
    State.refused: frozenset(),
    State.cancelled: frozenset(),
    State.expired: frozenset(),
}

WAITING = frozenset({State.scheduled, State.queued})
"""No intent is written: the request can be cancelled, and expires."""

FINAL = frozenset(state for state, moves in MOVES.items() if not moves)


def may_move(here: State, there: State) -> bool:
    return there in MOVES[here]


def move(here: State, there: State) -> State:
    """Return `there`, or raise Conflict if a request cannot go from here to there."""
    if not may_move(here, there):
        raise Conflict(f"a request that is {here} cannot become {there}", state=here)
    return there


_NOT_CONTACTED = frozenset({Outcome.refused_by_provider, Outcome.failed, Outcome.undelivered})
"""Certainly nobody was contacted, and the provider has given up."""


def outcome_state(outcome: Outcome) -> State:
    """Where an outcome takes the request of its attempt."""
    if outcome is Outcome.unknown:
        return State.unknown
    return State.failed if outcome in _NOT_CONTACTED else State.completed


_FORWARD: dict[Outcome, int] = {
    Outcome.unknown: 0,
    Outcome.sent: 1,
    Outcome.undelivered: 2,
    Outcome.failed: 2,
    Outcome.returned: 4,
    Outcome.delivered: 3,
    Outcome.read: 4,
    Outcome.replied: 5,
}


def overtakes(new: Outcome, old: Outcome | None) -> bool:
    """
    True if a later fact moves an attempt forward from what was known; a word nobody knows never does.

    Nothing overtakes the report of a person or of a finished call, except what says the number was
    somebody else's. A delivery that is later denied stays a delivery: it counts as a contact.
    """
    if new is Outcome.unknown:
        return False
    if old is None:
        return True
    if new is Outcome.wrong_number:
        return old is not Outcome.wrong_number
    if old not in _FORWARD:
        return False
    return _FORWARD.get(new, 6) > _FORWARD[old]
