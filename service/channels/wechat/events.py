"""
What a service account's followers do, as the provider tells it: what a message became, what they write, that they go.

To unfollow is a wish to be left alone on this medium, and is read as one. A yes in WeChat's own window allows one more
notice from that template; a no, there or later among one's settings, takes back what is left.
"""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from service.channels.clouds.codes import Ending
from service.channels.clouds.pushed import mark, shortened
from service.core.errors import Invalid
from service.core.model import SECOND, AddressKind, Channel, Fate, Instant, Outcome
from service.flows.ports import Allowed, Inbound, Receipt, Recipient, Told

from .codes import FINISHED, OFFICIAL, message_ref
from .pushed import read_xml

STOP = "退订"
YES, NO = "accept", "reject"

_AGAINST = frozenset({Fate.opted_out, Fate.invalid_recipient, Fate.throttled_recipient})


class Push:
    """One push, field by field."""

    def __init__(self, document: bytes) -> None:
        self.root: Element = read_xml(document)
        self.event = self.word("Event").lower() if self.word("MsgType") == "event" else ""

    def word(self, name: str) -> str:
        return (self.root.findtext(name) or "").strip()

    @property
    def at(self) -> Instant:
        seconds = self.word("CreateTime")
        if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= 11):
            raise Invalid("CreateTime", "not seconds since the epoch")
        return Instant(int(seconds) * SECOND)

    @property
    def sender(self) -> Recipient:
        openid = self.word("FromUserName")
        if not openid or len(openid) > 64:
            raise Invalid("FromUserName", "is missing, or no openid")
        return Recipient(None, AddressKind.wechat_openid, openid)

    def name(self, key: bytes, *words: str) -> str:
        """Name the event; the provider says the same one up to three times."""
        return mark(key, self.word("FromUserName"), self.word("CreateTime"), self.event, *words)


def read_push(provider: str, key: bytes, document: bytes) -> Told:
    """Read one push that was opened; what asks nothing of us tells nothing."""
    push = Push(document)
    match push.event:
        case "":
            return Told(inbound=[_written(provider, key, push)])
        case "templatesendjobfinish":
            return Told([read_receipt(provider, key, push)])
        case "subscribe_msg_sent_event":
            return Told(list(_notices(provider, key, push)))
        case "unsubscribe":
            return Told(inbound=[_gone(provider, key, push)])
        case "subscribe_msg_popup_event" | "subscribe_msg_change_event":
            return Told(allowed=list(_answers(provider, key, push)))
    return Told()


def read_receipt(provider: str, key: bytes, push: Push) -> Receipt:
    """Read what became of a template message."""
    status = shortened(push.word("Status"))
    return _receipt(provider, key, push, push.word("MsgID"), status, FINISHED.get(status))


def is_known(status: str) -> bool:
    """Whether a table of ours knows the status or code of a receipt."""
    return status in FINISHED or OFFICIAL.fate(status) is not None


def _notices(provider: str, key: bytes, push: Push) -> Iterator[Receipt]:
    for each in push.root.iter("List"):
        code = shortened((each.findtext("ErrorCode") or "").strip())
        fate = OFFICIAL.fate(code)
        ending = Ending(Outcome.undelivered, fate if fate in _AGAINST else None)
        ref = (each.findtext("MsgID") or "").strip()
        if code == "0":
            yield _receipt(provider, key, push, ref, "success", Ending(Outcome.delivered))
        else:
            yield _receipt(provider, key, push, ref, code, ending)


def _answers(provider: str, key: bytes, push: Push) -> Iterator[Allowed]:
    for each in push.root.iter("List"):
        template, answer = (each.findtext("TemplateId") or "").strip(), each.findtext("SubscribeStatusString")
        if template and len(template) <= 64 and answer in (YES, NO):
            event = push.name(key, template, answer)
            yield Allowed(provider, event, Channel.wechat, push.sender, template, push.at, answer == YES)


def _receipt(provider: str, key: bytes, push: Push, ref: str, status: str, ending: Ending | None) -> Receipt:
    outcome, fate = ending or Ending(Outcome.undelivered)
    event = push.name(key, ref, status)
    return Receipt(provider, event, outcome, push.at, None, message_ref(ref), text=status or None, fate=fate)


def _written(provider: str, key: bytes, push: Push) -> Inbound:
    event = push.word("MsgId")[:64] or push.name(key, push.word("MsgType"))
    # A voice message that the provider wrote down counts as its words.
    text = push.word("Content") or push.word("Recognition") or None
    return Inbound(provider, event, Channel.wechat, push.sender, push.at, Outcome.replied, text)


def _gone(provider: str, key: bytes, push: Push) -> Inbound:
    return Inbound(provider, push.name(key), Channel.wechat, push.sender, push.at, Outcome.replied, STOP)
