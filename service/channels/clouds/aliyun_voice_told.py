"""What Aliyun tells of calls, unasked or asked: how each ended. Pure."""

import orjson

from service.channels.answers import json_object
from service.channels.wire import Answer
from service.core.model import Instant, Outcome
from service.flows.ports import Receipt, SendResult, Told

from .aliyun_codes import OK
from .aliyun_receipts import CALLS, UNDER_WAY
from .codes import Ending
from .pushed import Pushed, mark, read_items, shortened

_UNKNOWN = Ending(Outcome.unknown)


def read_receipt(provider: str, key: bytes, raw: bytes, now: Instant) -> Told:
    """Read what became of calls; the steps of one that is not over say nothing yet."""
    read = read_items(raw, lambda item: _receipt(provider, key, item, now))
    return Told(read.good, left=read.left)


def _receipt(provider: str, key: bytes, item: Pushed, now: Instant) -> Receipt | None:
    ref, code = item.word("call_id"), shortened(item.word("status_code"))
    if code in UNDER_WAY:
        return None
    ending = CALLS.get(code, _UNKNOWN)
    at = item.beijing("end_time", "status_time", "start_time", "originate_time", otherwise=now)
    seconds = item.word_or_none("duration") or ""
    duration = int(seconds) if seconds.isascii() and seconds.isdigit() and len(seconds) <= 5 else None
    echoed = item.word_or_none("out_id")
    return Receipt(
        provider, mark(key, ref, code), ending.outcome, at, echoed, ref, duration, text=code, fate=ending.fate
    )


def read_detail(answer: Answer, ref: str) -> SendResult | None:
    """Read the state of a call; its details come as JSON inside the JSON."""
    told = json_object(answer) or {}
    if told.get("Code") != OK or not isinstance(told.get("Data"), str):
        return None
    try:
        detail = orjson.loads(told["Data"])
    except orjson.JSONDecodeError:
        return None
    state = str(detail.get("state", "")) if isinstance(detail, dict) else ""
    ending = CALLS.get(state)
    return ending.result(ref) if ending else None
