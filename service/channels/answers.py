"""
What an answer from the wire means for the contact: it happened, it surely did not, or nobody knows.

The provider's own table is asked first, for a 200 may hold a refusal and a 503 may be sure that nothing was
taken. Where it is silent: a 4xx was not carried out; everything else may have been, and is `unknown`.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from service.channels.wire import Answer, Fault
from service.core.model import Fate, Instant, Outcome
from service.flows.ports import TRANSIENT, SendResult

Reader = Callable[[int, Mapping[str, Any]], SendResult | None]
"""A provider's table: status and body of a JSON answer to a result, None for what the table does not know."""

ROUTE_TROUBLE = frozenset({401, 402, 403, 404, 405, 407, 421})
"""Our key, our account, our way there: nothing against this message, but this account carries none now."""

TOO_FAST = 429

# A provider that reports "not taken" by these may still be working on it.
_PERHAPS_TAKEN = frozenset({408, 425, 499})

_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")


def judge(answer: Answer | Fault, read: Reader) -> SendResult:
    """Tell what became of the contact, where the provider answers in JSON."""

    def known(whole: Answer) -> SendResult | None:
        told = json_object(whole)
        return None if told is None else read(whole.status, told)

    return judge_whole(answer, known)


def judge_whole(answer: Answer | Fault, known: Callable[[Answer], SendResult | None]) -> SendResult:
    """Tell what became of the contact. When in doubt it may have happened: an unknown counts, a repeat harms."""
    if isinstance(answer, Fault):
        return not_taken(answer) if answer is Fault.unreachable else unsure(answer)
    if (result := known(answer)) is not None:
        return result
    if 400 <= answer.status < 500 and answer.status not in _PERHAPS_TAKEN:
        return _turned_away(answer.status)
    return unsure(f"http_{answer.status}" if answer.status >= 300 else "unreadable")


def json_object(answer: Answer) -> Mapping[str, Any] | None:
    """Read the answer if it is what it says: a JSON object."""
    if answer.content_type != "application/json":
        return None
    try:
        told = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return None
    return told if isinstance(told, dict) else None


def code(told: Mapping[str, Any]) -> str:
    """Give the provider's code if it is a bare word; anything longer could carry a number or a name into our log."""
    word = told.get("code")
    return word if isinstance(word, str) and _CODE.fullmatch(word) else "unmapped_code"


def accepted(ref: str | None = None, *, outcome: Outcome = Outcome.sent, awaits: bool = True) -> SendResult:
    """The provider took it; a receipt may follow. Where it knows more already, `outcome` says so."""
    return SendResult(Fate.accepted, outcome, ref, awaits)


def not_taken(detail: str, fate: Fate = Fate.retryable, until: Instant | None = None) -> SendResult:
    """The provider surely did not take it, for a reason that may pass."""
    return SendResult(fate, Outcome.failed, detail=detail, until=until)


def refused(detail: str, fate: Fate = Fate.permanent, until: Instant | None = None) -> SendResult:
    """The provider surely will not take it: for this message, or for this recipient."""
    return SendResult(fate, Outcome.refused_by_provider, detail=detail, until=until)


def unmapped(detail: str) -> SendResult:
    """The provider refused by a code that no table of ours knows: for good, and somebody should look."""
    return SendResult(Fate.permanent, Outcome.refused_by_provider, detail=detail, unmapped=True)


def meant(fate: Fate, detail: str, until: Instant | None = None) -> SendResult:
    """The result that a provider's code stands for by its table."""
    if fate is Fate.accepted:
        return accepted()
    if fate is Fate.ambiguous:
        return unsure(detail)
    return not_taken(detail, fate, until) if fate in TRANSIENT else refused(detail, fate, until)


def unsure(detail: str) -> SendResult:
    """It may have happened."""
    return SendResult(Fate.ambiguous, Outcome.unknown, detail=detail)


def _turned_away(status: int) -> SendResult:
    word = f"http_{status}"
    if status == TOO_FAST:
        return not_taken(word, Fate.throttled_account)
    return not_taken(word, Fate.provider_unavailable) if status in ROUTE_TROUBLE else refused(word)
