"""
The canonical form of an address that a fact names, often without its kind.

The mark is made of the canonical form alone, so a suppression of a number meets every request to it,
whatever kind either says. What has no canonical form is refused: kept as it is spelled it would bar nothing.
"""

from typing import Any

from service.core.errors import Invalid
from service.core.model import AddressKind, Channel

from .ports import Numbers


def canonical_address(
    numbers: Numbers, field: str, value: Any, *, kind: AddressKind | None = None, channel: Channel | None = None
) -> str:
    """Give the canonical form, or raise Invalid that names `field` and not the value."""
    try:
        return numbers.normalise(kind or _kind_by_channel(channel, value), value)
    except Invalid as error:
        inner = error.field.removeprefix("address.value")
        raise Invalid(f"{field}{inner}", error.detail, code=error.code) from None


def _kind_by_channel(channel: Channel | None, value: Any) -> AddressKind | None:
    """What an address of this channel must be; without a channel its shape decides."""
    match channel:
        case Channel.call | Channel.sms:
            return AddressKind.work if isinstance(value, str) else AddressKind.mobile
        case Channel.email:
            return AddressKind.email
        case Channel.wechat:
            # Identifiers are kept letter by letter, so that either kind gives the same form.
            is_user = isinstance(value, str) and ("@" in value or "." in value or len(value) < 6)
            return AddressKind.wecom_user if is_user else AddressKind.wechat_openid
        case Channel.letter | Channel.visit:
            return AddressKind.postal
        case None:
            return None
