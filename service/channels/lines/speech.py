"""
What a session speaks: one account's protocol, pure, as frames to write and as what a frame that came in means.

The session knows sequence numbers, windows and time; the speech alone knows bytes.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from service.core.model import Instant
from service.flows.ports import Dispatch, Recipient, SendResult, Told

from .parts import Part


class LetIn(NamedTuple):
    """The answer to our login; `refused` says why not, in a word of ours."""

    refused: str = ""


class Answered(NamedTuple):
    """The answer to a message or a query of ours: the peer's code, its id of the message, and the state it told."""

    sequence: int
    code: int
    ref: str = ""
    state: int | None = None


class Brought(NamedTuple):
    """A receipt or a reply, to be stored before `taken` is answered; `later` asks the peer to bring it again."""

    taken: bytes
    later: bytes


class Ended(NamedTuple):
    """The peer says good-bye; `answer` is ours."""

    answer: bytes


class Other(NamedTuple):
    """A sign of life, or nothing that we know; `answer` may be empty."""

    answer: bytes = b""


Heard = Answered | Brought | Ended | Other


class Unsendable(Exception):
    """This line can never carry the message; the argument is a word of ours."""


class Garbled(ValueError):
    """A frame that is not what its command says: the stream is out of step, or the peer speaks something else."""


class Speech(Protocol):
    """One account's protocol, with what its agreement fixes. `hear` and `let_in` raise `Garbled`."""

    def login(self, sequence: int, now: Instant) -> bytes: ...
    def let_in(self, raw: bytes, login: bytes) -> LetIn: ...

    def parts(self, dispatch: Dispatch) -> Sequence[Part]: ...
    def submit(self, sequence: int, to: Recipient, part: Part) -> bytes: ...
    def judge(self, answered: Answered) -> SendResult: ...

    def query(self, sequence: int, ref: str) -> bytes | None: ...
    def found(self, answered: Answered) -> SendResult | None: ...

    def probe(self, sequence: int) -> bytes: ...
    def bye(self, sequence: int) -> bytes: ...

    def hear(self, raw: bytes) -> Heard: ...
    def told(self, raw: bytes, at: Instant) -> Told: ...
    def knows(self, code: str) -> bool: ...
