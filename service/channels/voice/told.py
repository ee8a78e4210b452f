"""
What a call tells the store, in words of our own, and how it is read again: the facts, not what we made of them. Pure.

    identified   the person meant has said so; stored before the message is told
    ended        all that is known of a call that is over
    orphaned     a channel that was found without a process that talks on it, and was hung up
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from service.core.errors import Invalid
from service.core.model import Instant, Outcome
from service.flows.ports import Receipt

from .causes import Gone, ending
from .conversation import Plan, Talk

Told = dict[str, Any]

_ORPHANS: Mapping[str, Outcome] = {
    # Whoever picked up heard nobody; whoever heard it ring may have seen who called.
    "Up": Outcome.abandoned,
    "Ringing": Outcome.ring_no_answer,
}


def identified(attempt: str, at: Instant) -> Told:
    return {"event": "identified", "attempt": attempt, "at": at}


def orphaned(attempt: str, at: Instant, state: str) -> Told:
    return {"event": "orphaned", "attempt": attempt, "at": at, "state": state}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """`tape` is the recording's name at Asterisk; `seconds` from the answer."""

    attempt: str
    at: Instant
    rang: bool
    answered: bool
    machine: bool
    left: bool
    key: str | None
    stopped: bool
    told: bool
    cause: int | None
    sip: int | None
    seconds: int | None
    tape: str | None

    @classmethod
    def of(cls, attempt: str, at: Instant, talk: Talk, gone: Gone, seconds: int | None, tape: str | None) -> "Ended":
        return cls(
            attempt=attempt,
            at=at,
            rang=talk.rang,
            answered=talk.answered,
            machine=talk.machine,
            left=talk.left,
            key=talk.key,
            stopped=talk.stopped,
            told=talk.told,
            cause=gone.cause,
            sip=gone.sip,
            seconds=seconds,
            tape=tape,
        )

    def words(self) -> Told:
        return {"event": "ended", **asdict(self)}

    def talk(self) -> Talk:
        """The call as it was at its end, as far as its outcome needs it."""
        return Talk(
            Plan(),
            rang=self.rang,
            answered=self.answered,
            machine=self.machine,
            left=self.left,
            key=self.key,
            stopped=self.stopped,
        )


def read_receipt(provider: str, channel: str, raw: bytes) -> Receipt:
    """Read what was stored; `channel` begins the names of its channels. The text is the recording's name."""
    try:
        told = orjson.loads(raw)
        event, attempt, at = told.pop("event"), told["attempt"], Instant(told["at"])
        ref = f"{channel}.{attempt}"
        match event:
            case "identified":
                outcome = Outcome.conversation_right_party
                return Receipt(provider, f"{attempt}:identified", outcome, at, attempt, ref)
            case "orphaned":
                outcome = _ORPHANS.get(told["state"], Outcome.unknown)
                return Receipt(provider, f"{attempt}:orphaned", outcome, at, attempt, ref)
            case "ended":
                ended = Ended(**told)
                became = ending(ended.talk(), Gone(ended.cause, ended.sip))
                end = f"{attempt}:ended"
                return Receipt(provider, end, became.outcome, at, attempt, ref, ended.seconds, ended.tape, became.fate)
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        pass
    raise Invalid("body", "is not what a call tells")
