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
from service.core.model import Outcome
from service.flows.ports import SendResult

Reader = Callable[[int, Mapping[str, Any]], SendResult | None]
"""A provider's table: status and body of a JSON answer to a result, None for what the table does not know."""

ROUTE_TROUBLE = frozenset({401, 402, 403, 404, 405, 407, 421, 429})
"""Our key, our account, our pace: nothing against this message, so it may be tried again."""

# A provider that reports "not taken" by these may still be working on it.
_PERHAPS_TAKEN = frozenset({408, 425, 499})

_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")


def judge(answer: Answer | Fault, read: Reader) -> SendResult:
    """Tell what became of the contact. When in doubt it may have happened: an unknown counts, a repeat harms."""
    if isinstance(answer, Fault):
        return not_taken(answer) if answer is Fault.unreachable else unsure(answer)
    told = json_object(answer)
    if told is not None and (known := read(answer.status, told)) is not None:
        return known
    if 400 <= answer.status < 500 and answer.status not in _PERHAPS_TAKEN:
        word = f"http_{answer.status}"
        return not_taken(word) if answer.status in ROUTE_TROUBLE else refused(word)
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


def not_taken(detail: str) -> SendResult:
    """The provider surely did not take it, for a reason that may pass."""
    return SendResult(Outcome.failed, certain=True, transient=True, detail=detail)


def refused(detail: str) -> SendResult:
    """The provider surely will not take it."""
    return SendResult(Outcome.refused_by_provider, certain=True, detail=detail)


def unsure(detail: str) -> SendResult:
    """It may have happened."""
    return SendResult(Outcome.unknown, certain=False, detail=detail)
