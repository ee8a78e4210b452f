"""What would lift a verdict that stands against a contact, in a sentence: what somebody can do or wait for."""

from collections.abc import Mapping

from .model import Effect
from .rule import Explain, Verdict

OPENS = Explain(en="As far as this rule goes, from the instant given on.", zh="就本规则而言，自所示时刻起即可联系。")
"""For what waiting lifts, whatever the kind; the instant stands beside the sentence, as `until`."""

_CONSENT = Explain(en="A consent that is recorded lifts this.", zh="登记相应的同意后即可解除。")
_HOLD = Explain(en="The end or release of the hold lifts this.", zh="该状态届满或解除后即可恢复。")
_RECORD = Explain(en="Mending or lifting what is recorded lifts this.", zh="更正或解除相关登记后即可解除。")
_ABSOLUTE = frozenset({"wrong_number", "court_order", "platform_refused", "platform_capped", "invalid_address"})
"""Reasons of a suppression that no message from the person changes (`core.rules.suppression`)."""

_PLACE = Explain(
    en="Another address of the person lifts this, or, where the rule knows one, a consent to be contacted at work.",
    zh="改用当事人其他联系方式，或（规则允许时）登记其同意在工作场所联系后即可解除。",
)
_FILED = Explain(en="A template that is filed as this wants lifts this.", zh="模板按要求备案后即可解除。")
_CONTENT = Explain(en="Another text lifts this.", zh="修改内容后可以重新提交。")

LIFTS: Mapping[str, Explain] = {
    "consent": _CONSENT,
    "hold": _HOLD,
    "suppression": Explain(
        en="Lifting the suppression, or a later message from the person, lifts this.",
        zh="解除禁止联系登记，或当事人其后主动来信，即可解除。",
    ),
    "registry": Explain(
        en="A fresh check that does not find the number listed lifts this.", zh="重新核验且号码未登记后即可解除。"
    ),
    "prerequisite": Explain(en="Recording that the notice was sent lifts this.", zh="登记已发出相应通知后即可解除。"),
    "obligation": Explain(en="Recording that the notice was sent lifts this.", zh="登记已发出相应通知后即可解除。"),
    "recording": Explain(en="A call that is recorded is allowed.", zh="对通话录音后即可进行。"),
    "representation": Explain(en="Contact the representative instead.", zh="请改为联系其代理人。"),
    "workplace": _PLACE,
    "provenance": Explain(
        en="Recording a lawful origin of the address lifts this.", zh="登记该联系方式的合法来源后即可解除。"
    ),
    "visit_plan": Explain(en="A plan that has what is wanting lifts this.", zh="补全走访计划后即可解除。"),
    "third_party_gate": Explain(
        en="It opens once the debtor cannot be reached, or the person offers to pay.",
        zh="债务人失联，或该第三人自愿代偿并登记后，方可联系。",
    ),
    "template_registration": _FILED,
    "sender": _FILED,
    "advertising_mix": _CONTENT,
    "content_required": _CONTENT,
    "content_forbidden": _CONTENT,
    "content_whitelist": _CONTENT,
}
"""By kind of rule. Kinds that nothing lifts, such as a prohibited channel, are not named."""

OWN_LIFTS: Mapping[str, Explain] = {
    "no_zone": Explain(en="Recording the person's time zone lifts this.", zh="登记当事人所在时区后即可解除。"),
    "no_jurisdiction": Explain(
        en="Recording where the person lives lifts this.", zh="登记当事人所在国家或地区后即可解除。"
    ),
    "no_policy": Explain(en="Activating a pack for that place lifts this.", zh="启用该国家或地区的规则包后即可解除。"),
    "no_route": Explain(en="Setting up a provider lifts this.", zh="配置服务商后即可解除。"),
    "purpose_not_allowed": Explain(
        en="An account that may carry this purpose lifts this.", zh="配置获准发送此用途的账户后即可解除。"
    ),
    "template_not_filed": _FILED,
    "signature_not_filed": Explain(en="Filing the signature lifts this.", zh="签名报备通过后即可解除。"),
    "allowance_spent": Explain(en="A new permission of the person lifts this.", zh="当事人再次订阅后即可解除。"),
    "role_mismatch": Explain(
        en="Mending the role here or in the account's list lifts this.", zh="更正请求或账户登记的身份后即可解除。"
    ),
    "unfit_template": Explain(en="Another template or purpose lifts this.", zh="更换模板或用途后即可解除。"),
    "calendar_unconfirmed": Explain(
        en="A calendar that is confirmed for that time lifts this.", zh="节假日安排确认并更新日历后即可解除。"
    ),
    "expires_first": Explain(en="A later expiry lifts this.", zh="延后失效时间后可以重新提交。"),
}
"""By reason, for what the gateway itself refuses; a block says in its own sentence what ends it."""


def lift_of(verdict: Verdict) -> Explain | None:
    """What would lift this verdict; None for one that stands in nobody's way, or that nothing lifts."""
    if verdict.effect is Effect.defer:
        return OPENS
    if verdict.kind == "suppression" and verdict.reason in _ABSOLUTE:
        return _RECORD
    if verdict.effect is not Effect.deny:
        return None
    return OWN_LIFTS.get(verdict.reason) or LIFTS.get(verdict.kind)
