"""
What the words of a receipt mean; CMPP took them over from SMPP (3.4, appendix B).

Beside them every operator and aggregator has codes of its own, by the hundred and different ones: the account's
`codes` tell those that were agreed. What neither knows was not delivered, and should be looked at.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from service.core.model import Fate, Outcome

STATS: Mapping[str, Outcome] = {
    "DELIVRD": Outcome.delivered,
    "EXPIRED": Outcome.undelivered,
    "DELETED": Outcome.undelivered,
    "UNDELIV": Outcome.undelivered,
    "REJECTD": Outcome.undelivered,
    "ACCEPTD": Outcome.sent,
    "ENROUTE": Outcome.sent,
    "UNKNOWN": Outcome.unknown,
}
"""`ACCEPTD` and `ENROUTE` are not final; `UNKNOWN` moves nothing."""

AGAINST_RECIPIENT = frozenset({Fate.opted_out, Fate.invalid_recipient, Fate.throttled_recipient})

_WORD = re.compile(r"[A-Za-z0-9:._-]{1,16}")


class Meaning(NamedTuple):
    """`word` is kept with the receipt where it says more than the outcome does."""

    outcome: Outcome
    fate: Fate | None = None
    word: str | None = None


def meaning(stat: str, codes: Mapping[str, Fate]) -> Meaning:
    """Read a word, by the account's own codes first."""
    if (fate := codes.get(stat)) is not None:
        if fate is Fate.accepted:
            return Meaning(Outcome.delivered, word=stat)
        return Meaning(Outcome.undelivered, fate if fate in AGAINST_RECIPIENT else None, stat)
    outcome = STATS.get(stat)
    return Meaning(outcome) if outcome else Meaning(Outcome.undelivered, word=stat)


def is_known(stat: str, codes: Mapping[str, Fate]) -> bool:
    return stat in STATS or stat in codes


def shown(stat: str) -> str:
    """The word as a log may hold it: a bare code, and nothing that could be a number or a name."""
    return stat if _WORD.fullmatch(stat) and not stat.isdigit() else "unreadable"
