"""What can have come of a contact that we are told of: a letter is not answered with a ring tone."""

from .model import Channel, Direction, Outcome

BY_VISIT = frozenset({Outcome.visited_met, Outcome.visited_absent, Outcome.conversation_third_party, Outcome.unknown})
BY_CALL = frozenset(Outcome) - {
    Outcome.visited_met,
    Outcome.visited_absent,
    Outcome.sent,
    Outcome.delivered,
    Outcome.read,
    Outcome.replied,
    Outcome.undelivered,
    Outcome.returned,
}
PLACED = frozenset({Outcome.sent, Outcome.undelivered})
"""What a provider says of a call beside that: it was taken; the network could not put it through."""

BY_MESSAGE = frozenset(
    {
        Outcome.sent,
        Outcome.delivered,
        Outcome.read,
        Outcome.replied,
        Outcome.undelivered,
        Outcome.returned,
        Outcome.not_in_service,
        Outcome.wrong_number,
        Outcome.refused_by_provider,
        Outcome.failed,
        Outcome.unknown,
    }
)
"""What can come of an outbound message; of a call or a visit, what a person can report."""

CAME_IN = {
    Channel.call: frozenset(
        {
            Outcome.conversation_right_party,
            Outcome.conversation_third_party,
            Outcome.voicemail_message,
            Outcome.answered_dropped,
            Outcome.abandoned,
            Outcome.wrong_number,
        }
    ),
    Channel.visit: frozenset({Outcome.visited_met, Outcome.conversation_right_party, Outcome.conversation_third_party}),
}
MESSAGE_CAME_IN = frozenset({Outcome.replied, Outcome.wrong_number})
"""What an inbound event can be: somebody rang, came by, or wrote, perhaps to say that we have the wrong person."""


def fits(channel: Channel, direction: Direction, outcome: Outcome) -> bool:
    """True if this can have come of such a contact."""
    if direction is Direction.inbound:
        return outcome in CAME_IN.get(channel, MESSAGE_CAME_IN)
    if channel in (Channel.call, Channel.visit):
        return reportable(channel, outcome)
    return outcome in BY_MESSAGE


def can_come(channel: Channel, direction: Direction, outcome: Outcome) -> bool:
    """True if a contact in the history can have it: as we are told, or as a provider that places calls tells."""
    placed = channel is Channel.call and direction is Direction.outbound and outcome in PLACED
    return placed or fits(channel, direction, outcome)


def reportable(channel: Channel, outcome: Outcome) -> bool:
    """True if a person can report this outcome of this channel."""
    return outcome in (BY_VISIT if channel is Channel.visit else BY_CALL)
