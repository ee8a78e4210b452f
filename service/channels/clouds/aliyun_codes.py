"""
What Aliyun answers to text messages and calls; its libraries list no codes, so these are its documentation's.

Sources: help.aliyun.com/document_detail/101346.html of the text message service; document_detail/178344.html and
zh/vms/developer-reference/api-dyvmsapi-2017-05-25-errorcodes of the voice service.
"""

from collections.abc import Mapping

from service.core.model import DAY, HOUR, MINUTE, Fate, Instant

from .codes import Codes

OK = "OK"

_GATEWAY: Mapping[str, Fate] = {
    "SignatureNonceUsed": Fate.retryable,
    "SignatureDoesNotMatch": Fate.provider_unavailable,
    "IncompleteSignature": Fate.provider_unavailable,
    "MissingAccessKeyId": Fate.provider_unavailable,
    "Forbidden": Fate.provider_unavailable,
    "NoPermission": Fate.provider_unavailable,
    "QPS_LIMIT_CONTROL": Fate.throttled_account,
    "ServiceUnavailable": Fate.ambiguous,
    "InternalError": Fate.ambiguous,
    "UnsupportedHTTPMethod": Fate.permanent,
    "InvalidVersion": Fate.permanent,
    "InvalidParameters": Fate.permanent,
}

_FAMILIES: Mapping[str, Fate] = {
    "Throttling": Fate.throttled_account,
    "InvalidTimeStamp": Fate.retryable,
    "InvalidAccessKeyId": Fate.provider_unavailable,
    "InvalidSecurityToken": Fate.provider_unavailable,
    "Forbidden.": Fate.provider_unavailable,
    "InvalidAction": Fate.permanent,
    "MissingParameter": Fate.permanent,
    "InvalidParameter": Fate.permanent,
}

_ACCOUNT: Mapping[str, Fate] = dict.fromkeys(
    (
        *("isv.AMOUNT_NOT_ENOUGH", "isv.AMOUNT_NOT_ENOUG", "isv.OUT_OF_SERVICE", "isv.PRODUCT_UN_SUBSCRIPT"),
        *("isv.PRODUCT_UNSUBSCRIBE", "isv.ACCOUNT_NOT_EXISTS", "isv.ACCOUNT_ABNORMAL", "isp.RAM_PERMISSION_DENY"),
        *("isp.RES_OWNER_ID_UNKNOWN", "isp.USER_ASSERT_NOT_EXIST", "isp.USER_NOT_EXIST"),
        *("isv.DENY_IP_RANGE", "isv.FORBIDDEN_ACTION"),
    ),
    Fate.provider_unavailable,
)

_MESSAGE: Mapping[str, Fate] = dict.fromkeys(
    (
        *("isv.BLACK_KEY_CONTROL_LIMIT", "isv.PARAM_LENGTH_LIMIT", "isv.PARAM_NOT_SUPPORT_URL"),
        *("isv.TEMPLATE_MISSING_PARAMETERS", "isv.TEMPLATE_PARAMS_ILLEGAL"),
    ),
    Fate.rejected_content,
)

_BOTH: Mapping[str, Fate] = {
    **_GATEWAY,
    **_ACCOUNT,
    **_MESSAGE,
    "isp.SYSTEM_ERROR": Fate.ambiguous,
    "isp.GATEWAY_ERROR": Fate.ambiguous,
    "isp.UNKNOWN": Fate.ambiguous,
    "isv.BUSINESS_LIMIT_CONTROL": Fate.throttled_recipient,
    "isv.MOBILE_NUMBER_ILLEGAL": Fate.invalid_recipient,
    "isv.MOBILE_COUNT_OVER_LIMIT": Fate.permanent,
    "isv.INVALID_PARAMETERS": Fate.permanent,
}

SMS = Codes(
    {
        **_BOTH,
        **dict.fromkeys(
            (
                *(
                    "isv.SMS_CONTENT_ILLEGAL",
                    "isv.SMS_SIGN_ILLEGAL",
                    "isv.SMS_SIGNATURE_ILLEGAL",
                    "isv.SIGN_NAME_ILLEGAL",
                ),
                *("isv.SMS_SIGNATURE_SCENE_ILLEGAL", "isv.SIGN_STATE_ILLEGAL", "isv.SIGN_SOURCE_ILLEGAL"),
                *("isv.SMS_SIGN_NAME_ILLEGAL", "isv.SMS_TEMPLATE_ILLEGAL", "isv.UNSUPPORTED_CONTENT"),
                *("isv.SMS_CONTENT_MISMATCH_TEMPLATE_TYPE", "isv.EXTEND_CODE_ERROR", "isv.ONE_CODE_MULTIPLE_SIGN"),
                *("isv.CODE_EXCEED_LIMIT", "isv.CODE_ERROR", "SignatureNotFound", "TemplateNotFound"),
            ),
            Fate.rejected_content,
        ),
        "isv.DAY_LIMIT_CONTROL": Fate.throttled_account,
        "isv.MONTH_LIMIT_CONTROL": Fate.throttled_account,
        "isv.CUSTOMER_REFUSED": Fate.opted_out,
        "isv.INVALID_JSON_PARAM": Fate.permanent,
        "isv.DOMESTIC_NUMBER_NOT_SUPPORTED": Fate.permanent,
    },
    _FAMILIES,
)
"""What the text message service answers."""

VOICE = Codes(
    {
        **_BOTH,
        **dict.fromkeys(
            (
                *("isv.TTS_TEMPLATE_ILLEGAL", "isv.TEMPLATE_ILLEGAL", "isv.VOICE_FILE_ILLEGAL"),
                *("isv.VOICE_FILE_NOT_EXIST", "isv.ASR_MODEL_ERROR"),
            ),
            Fate.rejected_content,
        ),
        **dict.fromkeys(
            (
                *("isv.DISPLAY_NUMBER_ILLEGAL", "isv.BILLID_NOT_EXIST", "BillidNotExist"),
                *("isv.HIT_VOICE_SECURITY_RULE",),
            ),
            Fate.provider_unavailable,
        ),
        # The person has complained of such calls: no other provider may be tried instead.
        "isv.COMPLAINT_REJECT": Fate.opted_out,
        "ComplaintReject": Fate.opted_out,
        "isv.VOICE_ROBOT_NOT_PERIOD": Fate.deferred_window,
        "isv.VOICE_CALL_PERIOD_ERROR": Fate.retryable,
        "isv.VOICE_CALL_FAIL": Fate.ambiguous,
        "isv.VOICE_ROBOT_CALLEE_LIMIT": Fate.permanent,
    },
    _FAMILIES,
)
"""What the voice service answers."""

CAP_WINDOWS: Mapping[str, int] = {"分钟": MINUTE, "小时": HOUR, "天": DAY}
"""How long a cap on a person lasts, by the word in the message (`触发天级流控Permits:10`)."""


def cap_end(at: Instant, message: object) -> Instant | None:
    """When a cap on the person ends, as far as the message names its window."""
    text = message if isinstance(message, str) and "流控" in message else ""
    return next((Instant(at + long) for word, long in CAP_WINDOWS.items() if word in text), None)
