"""What can happen on a call, and what can be done about it: the words of `conversation`."""

from typing import NamedTuple

from .phrases import Sound

# --- what happens


class Rang(NamedTuple):
    pass


class Answered(NamedTuple):
    pass


class Detected(NamedTuple):
    machine: bool


class Finished(NamedTuple):
    """A sound is over: `whole`, or cut off."""

    sound: Sound
    whole: bool


class Pressed(NamedTuple):
    key: str


class Silence(NamedTuple):
    """Nobody pressed a key in time."""


class Taping(NamedTuple):
    runs: bool


class Stored(NamedTuple):
    """Whether the store has it that the right person is on the line."""

    kept: bool


class Disturbed(NamedTuple):
    """Something was missed, or took too long: nobody knows what the listener heard."""


Event = Rang | Answered | Detected | Finished | Pressed | Silence | Taping | Stored | Disturbed

# --- what is to be done


class Say(NamedTuple):
    """Say this, and be silent about whatever was being said."""

    sound: Sound


class Detect(NamedTuple):
    pass


class Tape(NamedTuple):
    pass


class Listen(NamedTuple):
    pass


class Keep(NamedTuple):
    """Store that the right person is on the line."""


class HangUp(NamedTuple):
    pass


Deed = Say | Detect | Tape | Listen | Keep | HangUp
