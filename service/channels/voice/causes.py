"""
What became of a call, by who was heard on it, or else by why it never was a call: Q.850 causes and SIP answers.

A telephone that rang is a contact attempt whatever the network says afterwards. One that nobody heard ring was not
reached: the same codes stand for "rang out" and for "nobody there" (cause 19 with SIP 480), so only the ringing
tells them apart.
"""

from collections.abc import Mapping
from typing import NamedTuple

from service.core.model import Fate, Outcome

from .conversation import Talk
from .phrases import RIGHT, THIRD, WRONG


class Gone(NamedTuple):
    """Why the channel is gone, as far as it was told: the cause by Q.850, and the answer by SIP."""

    cause: int | None = None
    sip: int | None = None


class Ending(NamedTuple):
    """`fate` where it speaks against the recipient."""

    outcome: Outcome
    fate: Fate | None = None


_BUSY = Ending(Outcome.not_connected_busy)
_NOBODY = Ending(Outcome.not_in_service, Fate.invalid_recipient)
_AWAY = Ending(Outcome.undelivered)
_FAILED = Ending(Outcome.failed)

SIP: Mapping[int, Ending] = {
    **dict.fromkeys((404, 410, 484, 604), _NOBODY),
    # 603: the person turned it away, as busy telephones do at a key.
    **dict.fromkeys((486, 600, 603), _BUSY),
    **dict.fromkeys((408, 480, 487), _AWAY),
    **dict.fromkeys((401, 403, 407, 415, 420, 421, 483, 488, 500, 501, 502, 503, 504, 513, 606), _FAILED),
}
"""The final answer, where the trunk speaks SIP."""

Q850: Mapping[int, Ending] = {
    **dict.fromkeys((1, 22, 28), _NOBODY),
    **dict.fromkeys((17, 21), _BUSY),
    **dict.fromkeys((3, 16, 18, 19, 20, 27, 31, 32), _AWAY),
    **dict.fromkeys((2, 5, 6, 29, 34, 38, 41, 42, 43, 44, 47, 50, 57, 58, 63, 65, 66, 69, 79, 88, 102), _FAILED),
}
"""The cause, where no SIP answer was told. (ITU-T Q.850; the numbers are Asterisk's `hangupcauses`.)"""

_PRESSED: Mapping[str, Outcome] = {
    RIGHT: Outcome.conversation_right_party,
    WRONG: Outcome.wrong_number,
    THIRD: Outcome.conversation_third_party,
}


def known(gone: Gone) -> bool:
    """Whether a table has what the network said."""
    return gone.sip in SIP or gone.cause in Q850


def ending(talk: Talk, gone: Gone) -> Ending:
    """Tell what became of a call that is over."""
    if talk.machine:
        return Ending(Outcome.voicemail_message if talk.left else Outcome.voicemail_no_message)
    if talk.answered:
        outcome = _PRESSED.get(talk.key or "", Outcome.answered_dropped)
        return Ending(outcome, Fate.opted_out if talk.stopped else None)
    if gone == Gone():
        return Ending(Outcome.unknown)
    told = SIP.get(gone.sip or 0) or Q850.get(gone.cause or 0) or _FAILED
    return Ending(Outcome.ring_no_answer) if talk.rang and told in (_AWAY, _FAILED) else told
