"""
What the simulated provider tells in its signed callbacks: what became of messages, and what people wrote or said. Pure.

Its statuses stand here, for its answers and its callbacks use the same words.
"""

from collections.abc import Mapping

from service.channels.signed import Event, read_events
from service.core.errors import Invalid
from service.core.model import Channel, Outcome
from service.flows.ports import Inbound, Receipt, Told
from service.flows.providers import Callback, Door

OUTCOMES: Mapping[str, Outcome] = {
    "accepted": Outcome.sent,
    "ringing": Outcome.sent,
    "busy": Outcome.not_connected_busy,
    "no_answer": Outcome.ring_no_answer,
    "not_in_service": Outcome.not_in_service,
    "voicemail": Outcome.voicemail_no_message,
    "hung_up": Outcome.answered_dropped,
    "answered": Outcome.conversation_right_party,
    "third_party": Outcome.conversation_third_party,
    "wrong_number": Outcome.wrong_number,
    "delivered": Outcome.delivered,
    "read": Outcome.read,
    "undelivered": Outcome.undelivered,
    "posted": Outcome.sent,
    "returned": Outcome.returned,
    "rejected": Outcome.refused_by_provider,
}
"""The provider's statuses. One that is not listed is kept as `unknown`, which moves nothing."""


def read(provider: str, callback: Callback) -> Told:
    """Read what came to either door."""
    if callback.door is Door.inbound:
        return read_inbound(provider, callback.body)
    return read_receipt(provider, callback.body)


def read_receipt(provider: str, raw: bytes) -> Told:
    """Read a signed callback that tells what became of messages."""
    read = read_events(raw, lambda event: _receipt(provider, event))
    return Told(read.good, left=read.left)


def _receipt(provider: str, event: Event) -> Receipt:
    return Receipt(
        provider,
        event.text("event"),
        OUTCOMES.get(event.text("status"), Outcome.unknown),
        event.instant("at_us"),
        attempt=event.text("id"),
        provider_ref=event.text_or_none("ref"),
        duration_s=event.number_or_none("duration_s"),
    )


def read_inbound(provider: str, raw: bytes) -> Told:
    """Read a signed callback that tells what people wrote or said."""
    read = read_events(raw, lambda event: _inbound(provider, event))
    return Told(inbound=read.good, left=read.left)


def _inbound(provider: str, event: Event) -> Inbound:
    channel = event.channel("channel")
    if channel in (Channel.letter, Channel.visit):
        raise Invalid(event.field("channel"), "nobody writes to us through this channel")
    outcome = Outcome.conversation_right_party if channel is Channel.call else Outcome.replied
    return Inbound(
        provider,
        event.text("event"),
        channel,
        event.sender("from"),
        event.instant("at_us"),
        outcome,
        text=event.text_or_none("text"),
        attempt=event.text_or_none("id"),
    )
