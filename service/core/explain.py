"""
A verdict as a sentence with its figures, and where the rule comes from; read from the book when asked.

Stored verdicts keep rule, effect, until and figures alone. The gateway's own refusals have their
sentences here, for no pack has them.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from .chinese import CODED, in_chinese
from .lifts import lift_of
from .model import Confidence, Effect, Force
from .policy import Book
from .rule import Explain, Rule, Verdict

Language = Literal["en", "zh"]

_OWN: Mapping[str, Explain] = {
    "no_zone": Explain(
        en="Nobody can say in which time zone this person is, so no hour is known to be right.",
        zh="无法确定当事人所在时区，不能判断联系时间是否适当。",
    ),
    "no_jurisdiction": Explain(
        en="Nobody can say which country's law protects this person.",
        zh="无法确定当事人适用何地法律。",
    ),
    "no_policy": Explain(
        en="No active policy pack speaks for this country or region.",
        zh="没有适用于该国家或地区的有效规则包。",
    ),
    "no_route": Explain(
        en="No provider is set up for this channel.",
        zh="该渠道未配置服务商。",
    ),
    "address_not_carried": Explain(
        en="No provider account of this channel reaches an address of this kind or country.",
        zh="该渠道的服务商账户均不支持此类地址或该国家、地区的号码。",
    ),
    "purpose_not_allowed": Explain(
        en="No provider account of this channel may carry this purpose.",
        zh="该渠道没有获准发送此用途的服务商账户。",
    ),
    "template_not_filed": Explain(
        en="No provider account of this channel has this template filed and approved.",
        zh="该模板未在该渠道的服务商处报备或尚未通过审核。",
    ),
    "signature_not_filed": Explain(
        en="The signature is not filed and approved with a provider of this channel.",
        zh="短信签名未在该渠道的服务商处报备或尚未通过审核。",
    ),
    "allowance_spent": Explain(
        en="The person allowed no more messages of this kind in the provider's own window.",
        zh="当事人在平台内对此类通知的订阅次数已用完或已取消。",
    ),
    "route_closed": Explain(
        en="No provider account of this channel takes messages at this hour.",
        zh="该渠道的服务商账户此时均不在服务时段。",
    ),
    "blocked": Explain(
        en="A block stops this contact until it is lifted.",
        zh="该联系已被紧急阻断，须待解除。",
    ),
    "role_mismatch": Explain(
        en="The account lists this party in another role, or not at all.",
        zh="账户登记的当事人身份与请求不符，或未登记该当事人。",
    ),
    "unfit_template": Explain(
        en="The template is not meant for this purpose and this party.",
        zh="该模板不适用于此用途或此当事人。",
    ),
    "no_common_window": Explain(
        en="There is no time within the next 35 days at which all rules allow this contact.",
        zh="未来35天内没有同时满足全部规则的联系时间。",
    ),
    "calendar_unconfirmed": Explain(
        en="The public holidays of this time are not confirmed yet, and what is not known refuses.",
        zh="该时段的法定节假日安排尚未确认，按不通过处理。",
    ),
    "expires_first": Explain(
        en="The request expires before the first time at which all rules allow it.",
        zh="请求在全部规则允许的最早时间之前已失效。",
    ),
    "rule_error": Explain(
        en="The rule could not be applied, and what cannot be applied refuses.",
        zh="该规则无法执行，按不通过处理。",
    ),
}

_ALLOWS = Explain(en="Nothing in this rule stands against the contact.", zh="该规则不限制本次联系。")
_PLACES_LEFT = Explain(en="Allowed; {left} left before it.", zh="允许；本次之前尚余{left}次。")
"""A rule that allows does not repeat what it forbids: read quickly, that would be taken for a finding."""

_LIFTED = Explain(en="Lifted by {by}.", zh="依据{by}予以豁免。")


class Explained(NamedTuple):
    """The sentence and its source; the gateway's own refusals have no citation."""

    message: str
    citation: str | None = None
    url: str | None = None
    force: Force | None = None
    confidence: Confidence | None = None


def explain(book: Book, verdict: Verdict, language: Language) -> Explained:
    """Say what a verdict says, and by what authority."""
    rule = book.rule(verdict.rule)
    message = sentence(rule, verdict, language)
    return Explained(message, rule.citation, rule.url, rule.force, rule.confidence) if rule else Explained(message)


def sentence(rule: Rule | None, verdict: Verdict, language: Language) -> str:
    """The sentence alone; a rule that the book no longer has speaks by its reason."""
    own = _OWN.get(verdict.reason)
    if own is not None:
        return _with_lift(_in(own, language), verdict, language)
    if rule is None:
        return verdict.reason
    if "lifted_by" in verdict.figures:
        return _in(_LIFTED, language).format(by=verdict.figures["lifted_by"])
    if verdict.effect is Effect.allow:
        told = _ALLOWS if verdict.remaining is None else _PLACES_LEFT
        return _in(told, language).format(left=verdict.remaining)
    figures = in_chinese(verdict.figures) if language == "zh" else _in_english(verdict.figures)
    known = defaultdict(lambda: "—", {**rule.terms, **figures})
    return _with_lift(_in(rule.explain, language).format_map(known), verdict, language)


def _with_lift(said: str, verdict: Verdict, language: Language) -> str:
    lift = lift_of(verdict)
    if lift is None:
        return said
    return f"{said}{'' if language == 'zh' else ' '}{_in(lift, language)}"


def _in_english(figures: Mapping[str, Any]) -> dict[str, Any]:
    """The figures of a verdict with codes written as words."""
    return {name: str(value).replace("_", " ") if name in CODED else value for name, value in figures.items()}


def _in(text: Explain, language: Language) -> str:
    return text.zh if language == "zh" else text.en
