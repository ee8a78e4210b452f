"""
What Aliyun's codes mean, for text messages and calls; its libraries list none, so these are its documentation's.

Sources: help.aliyun.com/document_detail/101346.html (answers) and 101347.html (receipts) of the text message
service; help.aliyun.com/document_detail/178344.html and zh/vms/developer-reference/api-dyvmsapi-2017-05-25-errorcodes
of the voice service.
"""

from collections.abc import Mapping

from service.core.model import DAY, HOUR, MINUTE, Fate, Outcome

from .codes import Codes, Ending

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

DELIVERED = "DELIVERED"

RECEIPTS: Mapping[str, Ending] = {
    DELIVERED: Ending(Outcome.delivered),
    # Sent, and no word from the operator since.
    "REQUEST_SUCCESS": Ending(Outcome.sent),
    "MOBILE_IN_BLACK": Ending(Outcome.undelivered, Fate.opted_out),
    "USER_REJECT": Ending(Outcome.undelivered, Fate.opted_out),
    "MOBILE_SEND_LIMIT": Ending(Outcome.undelivered, Fate.throttled_recipient),
    # Not in service, but also switched off or abroad: no reason to give the number up.
    "MOBILE_NOT_ON_SERVICE": Ending(Outcome.undelivered),
    "INVALID_NUMBER": Ending(Outcome.undelivered),
    "MOBILE_ACCOUNT_ABNORMAL": Ending(Outcome.undelivered),
    # Spelled so by the provider.
    "MOBLLE_TERMINAL_ERROR": Ending(Outcome.undelivered),
    "MOBILE_TERMINAL_ERROR": Ending(Outcome.undelivered),
    "CONTENT_KEYWORD": Ending(Outcome.undelivered),
    "CONTENT_ERROR": Ending(Outcome.undelivered),
    "SIGNATURE_BLACKLIST": Ending(Outcome.undelivered),
    "PORT_NOT_REGISTERED": Ending(Outcome.undelivered),
    "PARAMS_ILLEGAL": Ending(Outcome.undelivered),
    "IS_CLOSE": Ending(Outcome.undelivered),
    "NO_ROUTE": Ending(Outcome.undelivered),
    "SP_NOT_BY_INTER_SMS": Ending(Outcome.undelivered),
    "SP_UNKNOWN_ERROR": Ending(Outcome.undelivered),
}
"""What became of a text message. A code that is not listed is undelivered, and raises an alarm."""

CALLS: Mapping[str, Ending] = {
    # Nobody was asked who they are, so an answered call is a conversation with nobody in particular.
    "200000": Ending(Outcome.answered_dropped),
    "200001": Ending(Outcome.answered_dropped),
    "200002": Ending(Outcome.not_connected_busy),
    "200003": Ending(Outcome.ring_no_answer),
    "200004": Ending(Outcome.not_in_service, Fate.invalid_recipient),
    # The carrier, a refusal or the telephone's own blocking: never read as the person's own will.
    "200005": Ending(Outcome.undelivered),
    "200006": Ending(Outcome.failed),
    "200007": Ending(Outcome.undelivered),
    "200008": Ending(Outcome.answered_dropped),
    "200010": Ending(Outcome.undelivered),
    "200011": Ending(Outcome.not_in_service),
    "200104": Ending(Outcome.undelivered),
    "200105": Ending(Outcome.undelivered),
    "200116": Ending(Outcome.not_in_service, Fate.invalid_recipient),
    "200117": Ending(Outcome.failed),
    "200118": Ending(Outcome.failed),
    "200119": Ending(Outcome.failed, Fate.throttled_recipient),
    "200121": Ending(Outcome.failed),
    "482": Ending(Outcome.not_in_service, Fate.invalid_recipient),
    "400": Ending(Outcome.failed),
    "500": Ending(Outcome.failed),
    "999999": Ending(Outcome.failed),
}
"""What became of a call. One that is not listed is `unknown`, which counts, and raises an alarm."""

UNDER_WAY = frozenset({"200100", "200101", "200102", "200201", "300000"})
"""Steps of a call that is not over: begun, ringing, answered, hung up but not yet accounted for, a key."""
