"""
What a short reply asks for: to be left alone, that the number is somebody else's, or to complain.

A stop word counts only when it is the whole message, so that a sentence that merely contains one
stops nothing; the other two are looked for anywhere, for nobody words them alike.
"""

import re
from enum import StrEnum

from .wording import dense, plain


class Asks(StrEnum):
    stop = "stop"
    wrong_number = "wrong_number"
    complaint = "complaint"


STOP_WORDS = frozenset(
    {
        *("r", "t", "td", "n", "stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"),
        *("退订", "退", "拒收", "拒绝", "取消", "不要再发", "不要再联系我", "别再发了", "别再联系我"),
    }
)
"""Whole messages; 回复R and R mean the same."""

_WRONG_NUMBER = re.compile(r"打错|发错|不认识(这个|此|该)?人|不是(他|她|本人|机主)|换(了)?号|wrong (number|person)")
_COMPLAINT = re.compile(r"投诉|举报|起诉你们|complain|complaint|report you")


def asked(text: str) -> Asks | None:
    """Read a reply; None: nothing that the gateway acts on."""
    if dense(text).removeprefix("回复") in STOP_WORDS:
        return Asks.stop
    folded = plain(text)
    if _WRONG_NUMBER.search(folded):
        return Asks.wrong_number
    return Asks.complaint if _COMPLAINT.search(folded) else None
