"""An order to Asterisk to call somebody, and what its answers to it mean. Pure."""

from collections.abc import Mapping
from typing import Any

from service.channels.answers import accepted, judge, not_taken, unsure
from service.channels.clouds.pushed import mainland
from service.channels.wire import Answer, Fault
from service.core.model import Fate
from service.flows.ports import Dispatch, SendResult

from .account import Params
from .ari import Order

NO_WAY_OUT = not_taken("no_way_out", Fate.provider_unavailable)


def build(dispatch: Dispatch, params: Params) -> Order:
    """Write the call as an order to Asterisk."""
    number = dispatch.to.address
    digits = mainland(number) if params.numbers == "mainland" else number.removeprefix("+")
    channel = f"{params.app}.{dispatch.attempt}"
    return Order(channel, params.dial.replace("{number}", digits), params.caller_id, params.ring_s)


def read_answer(answer: Answer | Fault, channel: str) -> SendResult:
    """Tell what came of an originate: the channel, which is being dialled, or that there could be none."""

    def read(status: int, told: Mapping[str, Any]) -> SendResult | None:
        if status == 200 and told.get("id") == channel:
            return accepted(channel)
        if status == 500 and "Allocation failed" in (told.get("error"), told.get("message")):
            return NO_WAY_OUT
        return None

    return judge(answer, read)


def read_taken(answer: Answer | Fault, channel: str) -> SendResult:
    """
    Tell what it means that the channel's id was said to be taken, by looking the channel up.

    Asterisk says so for a call that rings already; and, too, where it has no way to the endpoint. Then there is no
    such channel, and as this process never made one nothing rang.
    """
    if not isinstance(answer, Answer):
        return unsure("taken")
    if answer.status == 404:
        return NO_WAY_OUT
    return read_answer(answer, channel) if answer.status == 200 else unsure("taken")
