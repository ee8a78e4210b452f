"""
A template as it would read: rendered by the same hand as a request, for a person who does not exist.

Nothing is stored. Variables that are not given take the template's own examples, all or none of them.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from service.core.civil import day_bounds
from service.core.errors import Invalid, NotFound
from service.core.model import HOUR, MINUTE, AddressKind, Channel, Dialing, Instant, PartyRole
from service.core.rendering import Message, Template

from .kit import Kit
from .plan import SYNTHETIC, render
from .ports import Recipient

SOMEBODY: Mapping[str, str] = {"zh": "张三", "en": "Zhang San"}
NUMBER = "+8613800138000"
PLACE: Mapping[str, Any] = {
    "lines": ["示例路1号"],
    "city": "苏州市",
    "region": "江苏省",
    "postcode": "215000",
    "country": "CN",
}


class Wish(NamedTuple):
    """`variables` None: the examples. `role` None: the first that the template is meant for."""

    channel: Channel
    locale: str | None = None
    variables: Mapping[str, Any] | None = None
    role: PartyRole | None = None
    dialing: Dialing | None = None


class Preview(NamedTuple):
    """`recipient` is whom a letter would be set for."""

    template: Template
    message: Message
    recipient: Recipient
    at: Instant


def preview(kit: Kit, name: str, wish: Wish) -> Preview:
    """Render the version in use. Raises NotFound, or Invalid with every fault by field."""
    template = kit.templates.get(name)
    if template is None:
        raise NotFound("no such template")
    if wish.channel not in template.channels:
        have = ", ".join(template.channels)
        raise Invalid("channel", f"the template has texts for: {have}", code="not_one_of")
    if wish.role is not None and wish.role not in template.party_roles:
        raise Invalid("party_role", f"the template is meant for: {', '.join(sorted(template.party_roles))}")
    now = kit.clock()
    somebody = SOMEBODY["zh" if template.locale_for(wish.channel, wish.locale).startswith("zh") else "en"]
    material = _material(kit, template, wish, somebody, now)
    message = render(kit, template.version, material)
    place = kit.numbers.normalise(AddressKind.postal, dict(PLACE))
    return Preview(template, message, Recipient(somebody, AddressKind.postal, place), now)


def _material(kit: Kit, template: Template, wish: Wish, somebody: str, now: Instant) -> dict[str, Any]:
    variables = template.examples() if wish.variables is None else dict(wish.variables)
    role = wish.role or next(role for role in PartyRole if role in template.party_roles)
    tomorrow = day_bounds(kit.bank_zone, now)[1]
    is_visit = wish.channel is Channel.visit
    return {
        "channel": wish.channel,
        "locale": wish.locale or kit.default_locale,
        "role": role,
        "name": somebody,
        "address": NUMBER,
        "kind": AddressKind.mobile,
        "creditor": None,
        "agency": None,
        "ai_voice": wish.dialing in SYNTHETIC,
        "recorded": True,
        "appointment": [tomorrow + 9 * HOUR + 30 * MINUTE, tomorrow + 11 * HOUR, kit.bank_zone] if is_visit else None,
        "variables": variables,
    }
