"""
Chinese words for what a verdict names by code: holds, suppressions, and what a text says or lacks.

A phrase that a pack of the lender's own names is told by the name it has there.
"""

from collections.abc import Mapping
from typing import Any

from .model import HoldKind, SuppressionReason

HOLDS: Mapping[str, str] = {
    HoldKind.instalment_agreement: "分期还款协议",
    HoldKind.dispute: "异议核实",
    HoldKind.deceased: "死亡",
    HoldKind.incapacity: "行为能力受限",
    HoldKind.represented: "已委托代理人",
    HoldKind.bankrupt: "破产",
    HoldKind.cease: "要求停止联系",
    HoldKind.breathing_space: "暂缓催收期",
    HoldKind.hardship: "困难认定",
    HoldKind.legal_hold: "依法暂停",
    HoldKind.settled: "已结清",
}

SUPPRESSIONS: Mapping[str, str] = {
    SuppressionReason.opt_out: "已退订",
    SuppressionReason.refused_by_third_party: "第三人拒绝联系",
    SuppressionReason.wrong_number: "号码有误",
    SuppressionReason.platform_refusal: "平台拒绝",
    SuppressionReason.platform_cap: "平台频次上限",
    SuppressionReason.invalid_address: "号码或地址无效",
    SuppressionReason.complaint: "投诉",
    SuppressionReason.do_not_contact: "要求不得联系",
    SuppressionReason.court_order: "法院命令",
    "suppressed": "已列入不得联系名单",
}

PHRASES: Mapping[str, str] = {
    "ai_label": "人工智能语音提示",
    "amount": "金额",
    "blacklist": "黑名单",
    "collector": "催收机构身份",
    "confirmation": "退订确认",
    "borrowing": "诱导借款",
    "caller": "来电方名称",
    "contact": "联系方式",
    "credit_offer": "信贷推介",
    "debt": "债务信息",
    "delivery_card": "仿似快递通知",
    "detention": "拘捕、刑罚",
    "exposure": "曝光、告知他人",
    "email_address": "电子邮箱",
    "extra_fees": "额外费用",
    "false_promise": "虚假承诺",
    "forced_visit": "强行上门",
    "holder_and_total": "姓名和欠款总额",
    "how_to_check": "查询途径",
    "how_to_object": "异议途径",
    "how_to_prove": "举证途径",
    "how_to_repay": "还款途径",
    "impersonation": "冒用公权力机关名义",
    "institution": "机构名称",
    "insult": "侮辱",
    "listed": "已登记",
    "occupier": "泛称住户",
    "offer": "营销内容",
    "opt_out": "退订方式",
    "postal_address": "完整地址",
    "premium_number": "高额收费号码",
    "private_payment": "向个人付款",
    "promotion": "促销",
    "reason": "事由及相关规定",
    "refusal": "拒收方式",
    "rights_and_duties": "权利义务",
    "seal": "银行业务公章",
    "signature": "签名",
    "summons": "传唤、通缉",
    "telephone": "电话号码",
    "threat": "威胁",
    "unchecked": "未查询或已过期",
    "person": "联系人",
    "remedy": "诉讼或扣押",
    "reply": "请求回电",
    "party_size": "人数",
    "ids_shown": "出示证件",
    "av_recording": "全程录音录像",
}

_WORDS: Mapping[str, Mapping[str, str]] = {
    "hold": HOLDS,
    "why": SUPPRESSIONS,
    "found": PHRASES,
    "missing": PHRASES,
}

CODED = frozenset(_WORDS)
"""The figures whose values are codes."""


def in_chinese(figures: Mapping[str, Any]) -> dict[str, Any]:
    """The figures of a verdict with Chinese words in place of codes; what has none stays as it is."""
    return {name: _said(_WORDS[name], value) if name in _WORDS else value for name, value in figures.items()}


def _said(words: Mapping[str, str], value: Any) -> str:
    return "、".join(words.get(code, code) for code in str(value).split(", "))
