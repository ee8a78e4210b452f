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
    "content_required": _CONTENT,
    "content_forbidden": _CONTENT,
    "content_whitelist": _CONTENT,
}
"""By kind of rule. Kinds that nothing lifts, such as a prohibited channel, are not named."""


def lift_of(verdict: Verdict) -> Explain | None:
    """What would lift this verdict; None for one that stands in nobody's way, or that nothing lifts."""
    if verdict.effect is Effect.defer:
        return OPENS
    if verdict.kind == "suppression" and verdict.reason in _ABSOLUTE:
        return _RECORD
    return LIFTS.get(verdict.kind) if verdict.effect is Effect.deny else None
