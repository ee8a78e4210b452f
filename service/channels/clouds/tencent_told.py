"""What Tencent Cloud tells of text messages, unasked or asked: what became of them, and what was written back. Pure."""

from service.channels.answers import json_object
from service.channels.wire import Answer
from service.core.errors import Invalid
from service.core.model import SECOND, Channel, Instant, Outcome
from service.flows.ports import Asked, Inbound, Receipt, SendResult, Told

from .codes import Ending
from .pushed import Pushed, mark, read_items, sender, shortened
from .tencent_codes import receipt


def read_receipt(provider: str, key: bytes, raw: bytes, now: Instant) -> Told:
    """Read what became of messages; what names no message is left over: it may be a reply at the wrong door."""
    read = read_items(raw, lambda item: _receipt(provider, key, item, now))
    return Told(read.good, left=read.left)


def _receipt(provider: str, key: bytes, item: Pushed, now: Instant) -> Receipt:
    ref, success = item.word("sid"), item.word_or_none("report_status") == "SUCCESS"
    code = shortened(item.word_or_none("errmsg") or ("DELIVRD" if success else "UNKNOWN"))
    ending = _ending(success, code)
    at = item.beijing("user_receive_time", otherwise=now)
    return Receipt(
        provider, mark(key, ref, str(success), code), ending.outcome, at, None, ref, text=code, fate=ending.fate
    )


def _ending(success: bool, code: str) -> Ending:
    return Ending(Outcome.delivered) if success else receipt(code) or Ending(Outcome.undelivered)


def read_inbound(provider: str, key: bytes, raw: bytes) -> Told:
    """Read what people wrote back; what holds no words is left over: it may be a receipt at the wrong door."""
    read = read_items(raw, lambda item: _inbound(provider, key, item))
    return Told(inbound=read.good, left=read.left)


def _inbound(provider: str, key: bytes, item: Pushed) -> Inbound:
    number, country, text = item.word("mobile"), item.word_or_none("nationcode") or "86", item.words("text")
    seconds = item.word("time")
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= 11):
        raise Invalid(item.field("time"), "not seconds since the epoch")
    at = Instant(int(seconds) * SECOND)
    event = mark(key, country, number, seconds, text or "", item.word_or_none("extend") or "")
    return Inbound(provider, event, Channel.sms, sender(number, country), at, Outcome.replied, text)


def read_statuses(answer: Answer, asked: Asked) -> SendResult | None:
    """Find the attempt in the answer to a question, by our own word or the provider's."""
    response = (json_object(answer) or {}).get("Response")
    listed = response.get("PullSmsSendStatusSet") if isinstance(response, dict) else None
    for each in listed if isinstance(listed, list) else ():
        if not isinstance(each, dict):
            continue
        ref = each.get("SerialNo")
        ours = each.get("SessionContext") == asked.attempt
        if isinstance(ref, str) and (ours or (asked.provider_ref is not None and ref == asked.provider_ref)):
            return _ending(each.get("ReportStatus") == "SUCCESS", str(each.get("Description", ""))).result(ref)
    return None
