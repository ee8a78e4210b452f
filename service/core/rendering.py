"""
Rendering as values: what a template is, what it may be told, and the message that comes out.

Pure: files, sandbox and type-setting live in `files`. A message is what will be sent, word for
word; its `body` is what the content rules read, its `digest` what the evidence keeps. The digest of a
short message can be guessed from its few blanks: an entry must keep it under a key, not bare.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from .canonical import canonical, digest
from .errors import Misconfigured
from .facts import Registration
from .model import Channel, PartyRole, Purpose
from .segments import CN_MOST_CHARACTERS, SmsRule, units
from .variables import Fault, RenderingError, VariableSpec, clean

MOST_CHARACTERS: Mapping[Channel, int] = {
    Channel.sms: CN_MOST_CHARACTERS,
    Channel.wechat: 1_000,
    Channel.call: 3_000,
    Channel.visit: 6_000,
    Channel.email: 12_000,
    Channel.letter: 12_000,
}
"""The longest rendered body a channel takes: the networks' figure for a text message, ours for the others."""


class Reveals(StrEnum):
    """The most that a reader of the message learns, be it the right one or not."""

    none = "none"
    institution = "institution"
    debt = "debt"


class Statement(StrEnum):
    """
    What a message is sure to state, read off its source and not off anybody's claim.

    From `holder_and_total` on, the items of article 69 of the credit-card rule (《商业银行信用卡业务
    监督管理办法》) that a letter to a cardholder must carry; they are sections of the letter's source.
    """

    institution = "institution"
    hotline = "hotline"
    ai_voice = "ai_voice"
    recording = "recording"
    verification = "verification"
    holder_and_total = "holder_and_total"
    reason_and_rules = "reason_and_rules"
    rights_and_duties = "rights_and_duties"
    ways = "ways"
    contact = "contact"
    seal = "seal"
    other_items = "other_items"


CARD_LETTER_ITEMS = frozenset(list(Statement)[list(Statement).index(Statement.holder_and_total) :])
"""The seven items of article 69: a letter to a cardholder lacks none of them."""


@dataclass(frozen=True, slots=True)
class Institution:
    """The lender as templates may name it; a deployment's own, checked once at the start."""

    name: str
    hotline: str
    signature: str
    name_en: str = ""
    signature_en: str = ""

    def __post_init__(self) -> None:
        for what in ("name", "hotline", "signature"):
            try:
                clean(what, getattr(self, what), 80)
            except RenderingError as error:
                raise Misconfigured(f"the institution's {what} {error.detail}") from None
        for signature in filter(None, (self.signature, self.signature_en)):
            if not 2 <= len(signature) <= 40 or set(signature) & set("【】[]"):
                raise Misconfigured("an SMS signature has 2 to 40 characters and no brackets of its own")


@dataclass(frozen=True, slots=True, repr=False)
class RenderContext:
    """
    What a template may use beside its variables.

    `creditor` is the request's, else the institution's name. `agency` is the name of the client where an
    agency speaks. `appointment` is in the party's own civil time. `sms_rule` follows from the number.
    """

    institution: Institution
    party_role: PartyRole = PartyRole.debtor
    party_name: str | None = None
    creditor: str | None = None
    agency: str | None = None
    ai_voice: bool = False
    recorded: bool = False
    appointment: tuple[datetime, datetime] | None = None
    sms_rule: SmsRule = SmsRule.cn_flat

    def __post_init__(self) -> None:
        if self.party_name is not None:
            clean("party.name", self.party_name, 120)
        if self.creditor is not None:
            clean("account.creditor", self.creditor, 120)


class Part(NamedTuple):
    """A named piece of a message; `heading` is constant, `text` is rendered."""

    name: str
    heading: str
    text: str


class Message(NamedTuple):
    """
    What is sent. Its repr shows no word of it.

    `parts` are for the channel: a call's opening to closing, a letter's sections, WeChat's fields. `body`
    is all a reader or listener gets, signature and headings included. `segments` is None but for SMS.
    """

    channel: Channel
    locale: str
    template: str
    version: str
    reveals: Reveals
    states: frozenset[Statement]
    subject: str | None
    body: str
    parts: tuple[Part, ...]
    segments: int | None
    digest: str

    def part(self, name: str) -> str:
        """Give the text of a part; an absent one is empty."""
        return next((part.text for part in self.parts if part.name == name), "")

    def __repr__(self) -> str:
        return f"<Message {self.channel} {self.template} {self.locale} {self.digest[:12]}>"


@dataclass(frozen=True, slots=True)
class Template:
    """
    One version of a template: what it is for and what it asks.

    `version` is the SHA-256 over all its sources. `locales` are in order of preference, `sources` says
    which of them each channel has. `offer`: it advertises something, so the purpose is solicitation too.
    `registrations`: the registers that it is on file with.
    """

    name: str
    version: str
    title: Mapping[str, str]
    purposes: frozenset[Purpose]
    party_roles: frozenset[PartyRole]
    reveals: Reveals
    locales: tuple[str, ...]
    sources: Mapping[Channel, tuple[str, ...]]
    variables: Mapping[str, VariableSpec]
    offer: bool = False
    approval: str | None = None
    registrations: tuple[Registration, ...] = ()

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels it has sources for."""
        return tuple(self.sources)

    def examples(self) -> dict[str, object]:
        """Give values that render, for a preview."""
        return {name: spec.example for name, spec in self.variables.items()}

    def suits(self, purpose: Purpose, role: PartyRole) -> bool:
        """True if the template is meant for this purpose and may be read by a party of this role."""
        return purpose in self.purposes and role in self.party_roles

    def locale_for(self, channel: Channel, wished: str | None) -> str:
        """
        Choose the locale: the wished one, its parents, the same language, else the first there is.

        `zh-Hant-HK` finds `zh-Hant-HK`, `zh-Hant`, `zh`, then any `zh-…`; a language that the template does not
        speak gets the template's first locale.
        """
        have = self.sources.get(channel)
        if not have:
            raise RenderingError(Fault("template", "channel", f"the template {self.name} has no text for {channel}"))
        if wished is None or wished in have:
            return wished or have[0]
        known = {locale.lower(): locale for locale in have}
        tag = wished.replace("_", "-").lower()
        while tag:
            if tag in known:
                return known[tag]
            tag = tag.rpartition("-")[0]
        language = wished.replace("_", "-").lower().split("-")[0]
        return next((known[tag] for tag in known if tag.split("-")[0] == language), have[0])


def compose(
    template: Template,
    channel: Channel,
    locale: str,
    states: frozenset[Statement],
    parts: tuple[Part, ...],
    context: RenderContext,
) -> Message:
    """Put the rendered parts together: signature, body, units, digest; refuse what is too long to send."""
    subject = None
    segments = None
    if channel is Channel.sms:
        body = _signed(parts[0].text, locale, context)
        segments = units(body, context.sms_rule)
    else:
        subject = next((part.text for part in parts if part.name in _SUBJECTS), None)
        body = "\n".join(read_part(part) for part in parts if part.name != "html")
    if len(body) > MOST_CHARACTERS[channel]:
        detail = f"the text would be longer than the {MOST_CHARACTERS[channel]} characters that {channel} takes"
        raise RenderingError(Fault("variables", "too_long", detail))
    said = [1, channel, locale, template.name, template.version, body, [list(part) for part in parts]]
    return Message(
        channel,
        locale,
        template.name,
        template.version,
        template.reveals,
        states,
        subject,
        body,
        parts,
        segments,
        digest(canonical(said)),
    )


_SUBJECTS = frozenset({"subject", "title"})


def read_part(part: Part) -> str:
    """Give a part as it is read: under its heading, if it has one."""
    return f"{part.heading}\n{part.text}" if part.heading else part.text


def _signed(text: str, locale: str, context: RenderContext) -> str:
    """
    Put the signature in front: 通信短信息服务管理规定 wants the sender's true identity in every port SMS.

    In mainland China it stands in 【】, and the text may hold no such bracket of its own: a second signature
    would pass for the sender's. Elsewhere those brackets would cost the text its short alphabet.
    """
    if "【" in text or "】" in text:
        detail = "a text message holds no 【 or 】 but those of its signature"
        raise RenderingError(Fault("variables", "character", detail))
    us = context.institution
    signature = us.signature if locale.startswith("zh") else us.signature_en or us.signature
    return f"【{signature}】{text}" if context.sms_rule is SmsRule.cn_flat else f"{signature}: {text}"
