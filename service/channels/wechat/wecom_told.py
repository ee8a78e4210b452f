"""What WeCom pushes to an application: what a colleague wrote to it. Pure."""

from service.core.errors import Invalid
from service.core.model import AddressKind, Channel, Outcome
from service.flows.ports import Inbound, Recipient, Told

from .events import Push


def read_push(provider: str, key: bytes, document: bytes) -> Told:
    """Read what a colleague wrote to the application; what they press or open asks nothing of us."""
    push = Push(document)
    user, text = push.word("FromUserName"), push.word("Content")
    if push.event or not text:
        return Told()
    if not user or len(user) > 64:
        raise Invalid("FromUserName", "is missing, or no user")
    event = push.word("MsgId")[:64] or push.name(key, text)
    sender = Recipient(None, AddressKind.wecom_user, user)
    return Told(inbound=[Inbound(provider, event, Channel.wechat, sender, push.at, Outcome.replied, text)])
