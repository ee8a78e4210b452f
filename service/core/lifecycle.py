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


_ORDER = (
    # Under way.
    Outcome.unknown,
    Outcome.sent,
    # It reached nobody, as far as is known.
    Outcome.failed,
    Outcome.refused_by_provider,
    Outcome.undelivered,
    Outcome.returned,
    Outcome.not_in_service,
    Outcome.not_connected_busy,
    Outcome.visited_absent,
    Outcome.ring_no_answer,
    Outcome.voicemail_no_message,
    # It reached somebody, or their machine.
    Outcome.abandoned,
    Outcome.answered_dropped,
    Outcome.voicemail_message,
    Outcome.delivered,
    Outcome.read,
    Outcome.replied,
    Outcome.conversation_third_party,
    Outcome.conversation_right_party,
    Outcome.visited_met,
    # It reached somebody else, whose word counts for all that was told before.
    Outcome.wrong_number,
)
_FORWARD = {outcome: place for place, outcome in enumerate(_ORDER)}


def overtakes(new: Outcome, old: Outcome | None) -> bool:
    """
    True if what a provider says moves an attempt forward from what was known; a word nobody knows never does.

    The order is strict, so that receipts give the same outcome in whatever order and however often they come. What
    reached somebody stands above what did not: a delivery that is denied before or after stays a delivery, and
    counts as a contact.
    """
    if new is Outcome.unknown:
        return False
    return old is None or _FORWARD[new] > _FORWARD[old]
