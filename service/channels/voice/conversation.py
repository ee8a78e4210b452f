"""
The script of one call as a pure machine: what has happened so far, and what to do about the next thing that happens.

    opening (all notices) -> question -> a key -> who it is, stored -> the message -> hang up

Nothing of the message is said before the key, before the store has it, and before the recording runs where one is
promised (decision 0025). Whatever goes wrong after the answer leads to a good-bye, never to the message.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from .phrases import RIGHT, STOP, THIRD, WRONG, Sound
from .steps import (
    Answered,
    Deed,
    Detect,
    Detected,
    Disturbed,
    Event,
    Finished,
    HangUp,
    Keep,
    Listen,
    Pressed,
    Rang,
    Say,
    Silence,
    Stored,
    Tape,
    Taping,
)

ASK_TIMES = 2


class Stage(StrEnum):
    dialling = "dialling"
    detecting = "detecting"
    opening = "opening"
    question = "question"
    waiting = "waiting"
    confirming = "confirming"
    telling = "telling"
    parting = "parting"
    over = "over"


class Plan(NamedTuple):
    """What was decided beforehand: listen for a machine, what to do with one, and whether it is recorded."""

    detect: bool = False
    leave_message: bool = False
    record: bool = False


@dataclass(frozen=True, slots=True)
class Talk:
    """All that is known of a call while it lasts."""

    plan: Plan
    stage: Stage = Stage.dialling
    rang: bool = False
    answered: bool = False
    machine: bool = False
    left: bool = False
    asked: int = 0
    key: str | None = None
    stopped: bool = False
    kept: bool = False
    taped: bool | None = None
    told: bool = False


Step = tuple[Talk, tuple[Deed, ...]]

_TALKING = frozenset({Stage.opening, Stage.question, Stage.waiting, Stage.confirming, Stage.telling})


def after(talk: Talk, event: Event) -> Step:
    """Say what is known now, and what is to be done."""
    match event:
        case Rang():
            return replace(talk, rang=True), ()
        case Answered() if talk.stage is Stage.dialling:
            answered = replace(talk, answered=True)
            return (replace(answered, stage=Stage.detecting), (Detect(),)) if talk.plan.detect else _open(answered)
        case Detected(machine) if talk.stage is Stage.detecting:
            return _met_machine(talk) if machine else _open(talk)
        case Finished(sound, whole) if talk.stage not in (Stage.waiting, Stage.over):
            return _finished(talk, sound, whole)
        case Pressed(key):
            return _pressed(talk, key)
        case Silence() if talk.stage is Stage.waiting:
            again = talk.asked < ASK_TIMES
            return (replace(talk, stage=Stage.question), (Say(Sound.question),)) if again else _part(talk)
        case Taping(runs):
            return _confirmed(replace(talk, taped=runs))
        case Stored(kept) if talk.stage is Stage.confirming:
            return _confirmed(replace(talk, kept=True)) if kept else _part(talk)
        case Disturbed():
            return _part(talk) if talk.stage in _TALKING else _end(talk)
    return talk, ()


def _open(talk: Talk) -> Step:
    return replace(talk, stage=Stage.opening), (Say(Sound.opening),)


def _met_machine(talk: Talk) -> Step:
    met = replace(talk, machine=True)
    return _part(met, Sound.limited) if talk.plan.leave_message else _end(met)


def _finished(talk: Talk, sound: Sound, whole: bool) -> Step:
    if not whole:
        return _end(talk) if talk.stage is Stage.parting else _part(talk)
    match talk.stage, sound:
        case Stage.opening, Sound.opening:
            # Every notice was heard: only now may it be recorded.
            tape: tuple[Deed, ...] = (Tape(),) if talk.plan.record else ()
            return replace(talk, stage=Stage.question), (*tape, Say(Sound.question))
        case Stage.question, Sound.question:
            return replace(talk, stage=Stage.waiting, asked=talk.asked + 1), (Listen(),)
        case Stage.telling, Sound.private:
            return _end(replace(talk, told=True))
        case Stage.parting, _:
            return _end(replace(talk, left=sound is Sound.limited))
    return talk, ()


def _pressed(talk: Talk, key: str) -> Step:
    if key == STOP and talk.stage in _TALKING:
        return _part(replace(talk, stopped=True), Sound.stopped)
    if talk.stage not in (Stage.question, Stage.waiting):
        return talk, ()
    said = replace(talk, key=key)
    if key == RIGHT:
        return replace(said, stage=Stage.confirming), (Keep(),)
    if key in (WRONG, THIRD):
        return _part(said, Sound.wrong if key == WRONG else Sound.third)
    return talk, ()


def _confirmed(talk: Talk) -> Step:
    """Tell the message once all that must come before it has."""
    if talk.plan.record and talk.taped is False and talk.stage in _TALKING:
        return _part(talk)
    if talk.stage is Stage.confirming and talk.kept and (talk.taped or not talk.plan.record):
        return replace(talk, stage=Stage.telling), (Say(Sound.private),)
    return talk, ()


def _part(talk: Talk, sound: Sound = Sound.goodbye) -> Step:
    return replace(talk, stage=Stage.parting), (Say(sound),)


def _end(talk: Talk) -> Step:
    return replace(talk, stage=Stage.over), (HangUp(),)
