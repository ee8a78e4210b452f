"""What a call says of itself: that it is recorded, and that its voice is no person's."""

import pytest

from service.core.model import Channel, Dialing, Execution
from service.flows.plan import written_for
from tests.flows.world import BANK, AllRoutes, World, permit_call, request

RECORDED = "全程录音"
SYNTHETIC = "人工智能合成"


class DeafRoutes(AllRoutes):
    def records(self, channel: Channel) -> bool:
        return False


def said(world: World, asked: object) -> str:
    return written_for(world.kit, BANK, asked, None, ("Asia/Shanghai",)).message.body  # type: ignore[arg-type]


def test_a_call_that_the_route_records_says_so_whatever_the_client_says(world: World) -> None:
    for told in (None, False, True):
        assert RECORDED in said(world, request(channel=Channel.call, recording_available=told))


def test_a_call_that_the_route_does_not_record_does_not_say_so(world: World) -> None:
    deaf = World(world.store, world.clock, routes=DeafRoutes())

    assert RECORDED not in said(deaf, request(channel=Channel.call, recording_available=True))


def test_of_a_persons_call_the_client_knows_whether_it_is_recorded(world: World) -> None:
    assert RECORDED in said(world, permit_call())
    assert RECORDED not in said(world, permit_call(recording_available=None))


@pytest.mark.parametrize(
    ("execution", "dialing", "labelled"),
    [
        (Execution.gateway, None, True),
        (Execution.gateway, Dialing.ai_voice, True),
        (Execution.gateway, Dialing.prerecorded, True),
        (Execution.gateway, Dialing.manual, False),
        (Execution.permit, None, False),
        (Execution.permit, Dialing.manual, False),
    ],
)
def test_a_call_by_no_person_says_that_its_voice_is_synthetic(
    world: World, execution: Execution, dialing: Dialing | None, labelled: bool
) -> None:
    asked = request(channel=Channel.call, execution=execution, dialing=dialing)

    assert (SYNTHETIC in said(world, asked)) is labelled
