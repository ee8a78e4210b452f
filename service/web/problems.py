"""
Problem documents (RFC 9457): the one place where an error gets its status code.

`type` is `/problems/<code>`, served as a page in two languages. A problem names fields, never values;
an internal error shows an incident number and no more. The table is complete: a test holds it together
with the codes that are raised anywhere.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import orjson
from starlette.responses import Response

from service.core.errors import Conflict, GatewayError, Invalid
from service.core.variables import Fault

MEDIA_TYPE = "application/problem+json"


class Problem(NamedTuple):
    """A kind of problem: its status, its title, and what it means to the caller."""

    status: int
    title: str
    title_zh: str
    means: str
    means_zh: str


PROBLEMS: Mapping[str, Problem] = {
    "malformed": Problem(
        400, "The body cannot be read", "无法解析请求体",
        "The body is not JSON in UTF-8, or not one JSON object a line. Nothing was stored.",
        "请求体不是 UTF-8 编码的 JSON，或不是每行一个 JSON 对象。未保存任何内容。",
    ),
    "unauthenticated": Problem(
        401, "No valid key", "密钥缺失或无效",
        "Send `Authorization: Bearer <api key>` with a key that is not revoked; a provider must sign its callbacks.",
        "请以 `Authorization: Bearer <API 密钥>` 发送未吊销的密钥；通道回调必须带有效签名。",
    ),
    "missing-scope": Problem(
        403, "The key lacks a scope", "密钥缺少权限范围",
        "The key is valid but was not given the scope that this route needs; `scope` names it.",
        "密钥有效，但未被授予该接口所需的权限范围；`scope` 给出名称。",
    ),
    "refused-by-policy": Problem(
        403, "The contact is refused by policy", "该联系被规则拒绝",
        "The request was judged and refused. It is stored under `id` and can be read; `decision` names each rule "
        "and its source. Refused is final: ask again under a new reference when the facts have changed.",
        "请求已判定并拒绝，以 `id` 保存并可查询；`decision` 列出每条规则及其依据。"
        "拒绝为终态：事实变化后请用新的 reference 重新提出。",
    ),
    "not-found": Problem(
        404, "No such thing", "不存在",
        "There is nothing at this address, or it belongs to another client.",
        "该地址下没有内容，或属于其他调用方。",
    ),
    "method-not-allowed": Problem(
        405, "The method is not allowed here", "不支持该方法",
        "The address exists, but not for this method; `Allow` names those it takes.",
        "地址存在，但不支持此方法；`Allow` 头列出可用方法。",
    ),
    "conflict": Problem(
        409, "It stands otherwise", "状态冲突",
        "What was asked does not fit how the thing stands; `state` says how it stands, where it has a state.",
        "请求与当前状态不符；如有状态，见 `state`。",
    ),
    "reference-conflict": Problem(
        409, "The reference stands for another body", "reference 已用于不同的请求体",
        "A request with this reference but another body was taken before. Nothing was changed; use a new reference.",
        "同一 reference 已对应另一请求体。未作任何更改；请使用新的 reference。",
    ),
    "too-late": Problem(
        409, "Too late to cancel", "已无法取消",
        "The intent to contact is written, or the request has ended; `state` says how it stands.",
        "联系意图已记录或请求已结束；见 `state`。",
    ),
    "no-permit": Problem(
        409, "There is no permit to report on", "没有可回报的许可",
        "Only a request with an issued permit has an outcome that a person reports; `state` says how it stands.",
        "只有已签发许可的请求可由人工回报结果；见 `state`。",
    ),
    "proposal-lapsed": Problem(
        409, "The date of the proposal has passed", "提案生效日期已过",
        "A book cannot take effect in the past; propose it again with a later date.",
        "规则不能追溯生效；请以更晚的日期重新提案。",
    ),
    "erased": Problem(
        410, "The personal data were erased", "个人信息已删除",
        "The personal data that this concerns were erased and cannot come back.",
        "相关个人信息已删除，无法恢复。",
    ),
    "too-large": Problem(
        413, "The body is too large", "请求体过大",
        "The body has more bytes than this route takes; send a batch in several calls.",
        "请求体超过该接口允许的大小；批量请求请分多次发送。",
    ),
    "unsupported-media-type": Problem(
        415, "The body's media type is not taken here", "不支持的媒体类型",
        "Send `Content-Type: application/json`, or where a route takes lines, `application/x-ndjson`.",
        "请发送 `Content-Type: application/json`；支持逐行的接口可用 `application/x-ndjson`。",
    ),
    "invalid": Problem(
        422, "The input cannot be taken", "输入无效",
        "`errors` names each field with a word and a sentence, never its value. Nothing was stored.",
        "`errors` 列出每个字段的问题，不含其值。未保存任何内容。",
    ),
    "internal": Problem(
        500, "An internal error", "内部错误",
        "The fault is ours and nothing was stored for this item. Name `incident` when you report it.",
        "错误在我方，该项未保存任何内容。报告时请提供 `incident`。",
    ),
    "misconfigured": Problem(
        500, "The gateway is not configured for this", "网关配置有误",
        "The gateway lacks something it needs for this; its operator must act.",
        "网关缺少所需配置，须由运维人员处理。",
    ),
    "unavailable": Problem(
        503, "Not now", "暂不可用",
        "The fault is ours and nothing was stored. Send the same again, under the same reference, after `Retry-After` "
        "seconds.",
        "错误在我方，未保存任何内容。请在 `Retry-After` 秒后以相同 reference 重发。",
    ),
    "no-book": Problem(
        503, "No policy book is in force", "没有生效的规则",
        "Without policies nothing is decided and nothing is sent; an operator must activate a book.",
        "没有规则则不作判定、不发送；须由运维人员激活规则。",
    ),
}  # fmt: skip

RETRY_AFTER_S = 1
"""What a 503 asks for where the error names no time of its own."""


def problem(code: str, detail: str, *, headers: Mapping[str, str] | None = None, **members: Any) -> Response:
    """Answer with a problem of the table; `members` are added as they are."""
    status, body = document(code, detail, **members)
    return Response(orjson.dumps(body), status, _headers(code, headers), MEDIA_TYPE)


def problem_of(error: GatewayError, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with the problem that an error is."""
    status, body = document_of(error)
    if status == 503:
        headers = {**(headers or {}), "Retry-After": str(error.retry_after_s or RETRY_AFTER_S)}
    return Response(orjson.dumps(body), status, _headers(body["type"][10:], headers), MEDIA_TYPE)


def document(code: str, detail: str, **members: Any) -> tuple[int, dict[str, Any]]:
    """The status and the JSON of a problem."""
    kind = PROBLEMS[code]
    body = {"type": f"/problems/{code}", "title": kind.title, "status": kind.status, "detail": detail}
    return kind.status, body | members


def document_of(error: GatewayError) -> tuple[int, dict[str, Any]]:
    """The status and the JSON of the problem that an error is; all faults of an input are of one type."""
    if isinstance(error, Invalid):
        # An error that holds several faults (a body, a template's variables) names them all.
        return invalid(getattr(error, "faults", ()) or [Fault(error.field, error.code, error.detail)])
    members = {"state": error.state} if isinstance(error, Conflict) and error.state is not None else {}
    return document(error.code if error.code in PROBLEMS else type(error).code, error.detail, **members)


def invalid(faults: Iterable[Fault]) -> tuple[int, dict[str, Any]]:
    """The one 422: which fields, and what is wrong with each."""
    errors = [{"field": fault.field, "code": fault.reason, "detail": fault.detail} for fault in faults]
    named = ", ".join(dict.fromkeys(error["field"] for error in errors if error["field"]))
    return document("invalid", f"see: {named}" if named else "see errors", errors=errors)


def _headers(code: str, headers: Mapping[str, str] | None) -> dict[str, str]:
    given = dict(headers or {})
    if code == "unauthenticated":
        given["WWW-Authenticate"] = "Bearer"
    return given
