"""What can come of a contact, as far as rules may count it."""

import pytest

from service.core.model import Channel, Direction, Outcome
from service.core.outcomes import can_come, fits


@pytest.mark.parametrize("outcome", [Outcome.sent, Outcome.undelivered])
def test_a_call_that_a_provider_places_can_be_taken_and_not_put_through_though_nobody_reports_that(
    outcome: Outcome,
) -> None:
    assert can_come(Channel.call, Direction.outbound, outcome)
    assert not fits(Channel.call, Direction.outbound, outcome)
    assert not can_come(Channel.call, Direction.inbound, outcome)
    assert not can_come(Channel.visit, Direction.outbound, outcome)


def test_whatever_we_are_told_of_can_be_counted() -> None:
    told = [(c, d, o) for c in Channel for d in Direction for o in Outcome if fits(c, d, o)]

    assert told and all(can_come(*each) for each in told)
