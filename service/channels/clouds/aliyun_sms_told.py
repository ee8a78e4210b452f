"""What Aliyun tells of text messages, unasked or asked: what became of them, and what was written back. Pure."""

from service.channels.answers import accepted, json_object
from service.channels.wire import Answer
from service.core.model import Channel, Instant, Outcome
from service.flows.ports import Inbound, Receipt, SendResult, Told

from .aliyun_receipts import DELIVERED, RECEIPTS
from .codes import Ending
from .pushed import Pushed, mark, read_items, sender, shortened

WAITING, FAILED, ARRIVED = 1, 2, 3
"""`SendStatus` of a message that is asked for."""


def read_receipt(provider: str, key: bytes, raw: bytes, now: Instant) -> Told:
    """Read what became of messages; what names no message is left over: it may be a reply at the wrong door."""
    read = read_items(raw, lambda item: _receipt(provider, key, item, now))
    return Told(read.good, left=read.left)


def _receipt(provider: str, key: bytes, item: Pushed, now: Instant) -> Receipt:
    ref = item.word("biz_id")
    success = item.truth("success")
    code = shortened(item.word_or_none("err_code") or (DELIVERED if success else "UNKNOWN"))
    ending = RECEIPTS.get(code) or Ending(Outcome.delivered if success else Outcome.undelivered)
    event = mark(key, ref, item.word_or_none("phone_number") or "", code)
    at = item.beijing("report_time", "send_time", otherwise=now)
    attempt = item.word_or_none("out_id")
    return Receipt(provider, event, ending.outcome, at, attempt, ref, text=code, fate=ending.fate)


def read_inbound(provider: str, key: bytes, raw: bytes, now: Instant) -> Told:
    """Read what people wrote back; what holds no words is left over: it may be a receipt at the wrong door."""
    read = read_items(raw, lambda item: _inbound(provider, key, item, now))
    return Told(inbound=read.good, left=read.left)


def _inbound(provider: str, key: bytes, item: Pushed, now: Instant) -> Inbound:
    number, at = item.word("phone_number"), item.beijing("send_time", otherwise=now)
    text = item.words("content")
    told = (item.word_or_none(name) or "" for name in ("send_time", "sequence_id", "dest_code"))
    event = mark(key, number, text or "", *told)
    return Inbound(provider, event, Channel.sms, sender(number), at, Outcome.replied, text)


def read_details(answer: Answer, attempt: str) -> SendResult | None:
    """Find the attempt in the answer to a question."""
    told = json_object(answer) or {}
    listed = told.get("SmsSendDetailDTOs")
    details = listed.get("SmsSendDetailDTO") if isinstance(listed, dict) else None
    for detail in details if isinstance(details, list) else ():
        if not isinstance(detail, dict) or detail.get("OutId") != attempt:
            continue
        if detail.get("SendStatus") == WAITING:
            return accepted()
        if detail.get("SendStatus") == ARRIVED:
            return accepted(outcome=Outcome.delivered, awaits=False)
        if detail.get("SendStatus") == FAILED:
            return RECEIPTS.get(str(detail.get("ErrCode")), Ending(Outcome.undelivered)).result()
    return None
