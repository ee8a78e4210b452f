"""
The one table of legal moves of a contact request.

The constraints of the tables and the diagram in the README repeat it; a test holds the three
together. A claim is a lease and no move: until the intent is written, cancel wins.
"""

from .errors import Conflict
from .model import State

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
