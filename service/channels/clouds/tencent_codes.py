"""
What Tencent Cloud's codes mean, for text messages.

The answers are those of `tencentcloud.sms.v20210111.errorcodes` and the common ones of every service of theirs
(cloud.tencent.com/document/product/382/55981); the receipts are the families of
cloud.tencent.com/document/product/382/59177, whose codes are the operators' and change.
"""

import re
from collections.abc import Mapping

from service.core.model import DAY, HOUR, MINUTE, SECOND, Fate, Outcome

from .codes import Codes, Ending

OK = "Ok"

_CONTENT: Mapping[str, Fate] = dict.fromkeys(
    (
        *("FailedOperation.ContainSensitiveWord", "FailedOperation.MissingSignature"),
        *("FailedOperation.MissingSignatureList", "FailedOperation.MissingSignatureToModify"),
        *("FailedOperation.MissingTemplateList", "FailedOperation.MissingTemplateToModify"),
        *("FailedOperation.SignIdNotExist", "FailedOperation.SignatureIncorrectOrUnapproved"),
        *("FailedOperation.TemplateAlreadyPassedCheck", "FailedOperation.TemplateIdNotExist"),
        *("FailedOperation.TemplateIncorrectOrUnapproved", "FailedOperation.TemplateParamSetNotMatchApprovedTemplate"),
        *("FailedOperation.TemplateUnapprovedOrNotExist", "InvalidParameter.DirtyWordFound"),
        *("UnsupportedOperation.ChineseMainlandTemplateToGlobalPhone",),
        *("UnsupportedOperation.GlobalTemplateToChineseMainlandPhone",),
    ),
    Fate.rejected_content,
)

_ACCOUNT: Mapping[str, Fate] = dict.fromkeys(
    (
        *("FailedOperation.InsufficientBalanceInSmsPackage", "FailedOperation.NotEnterpriseCertification"),
        *("FailedOperation.ProhibitSubAccountUse", "FailedOperation.QualificationIdNotApproved"),
        *("InvalidParameter.AppidAndBizId", "InvalidParameterValue.SdkAppIdNotExist"),
        *("InvalidParameterValue.QualificationIdNotFound", "UnsupportedOperation.UnsupportedRegion"),
        *("LimitExceeded.AppCountryOrRegionInBlacklist", "InternalError.SigFieldMissing"),
        *("InternalError.SigVerificationFail", "InternalError.RestApiInterfaceNotExist"),
        *("IpInBlacklist", "IpNotInWhitelist", "ResourceInsufficient", "NoSuchProduct", "ActionOffline"),
    ),
    Fate.provider_unavailable,
)

_OURS: Mapping[str, Fate] = dict.fromkeys(
    (
        *("FailedOperation.FailResolvePacket", "FailedOperation.ForbidAddMarketingTemplates"),
        *("FailedOperation.JsonParseFail", "FailedOperation.OtherError", "FailedOperation.ParametersOtherError"),
        *("FailedOperation.SignNumberLimit", "FailedOperation.TemplateNumberLimit", "FailedOperation"),
        *("InternalError.JsonParseFail", "LimitExceeded.PhoneNumberCountLimit", "InvalidParameter"),
        *("InvalidParameter.InvalidParameters", "InvalidParameterValue", "MissingParameter", "UnsupportedOperation"),
        *("MissingParameter.EmptyPhoneNumberSet", "UnknownParameter", "NoSuchVersion", "InvalidAction"),
        *("InvalidRequest", "UnsupportedProtocol", "DryRunOperation", "RequestSizeLimitExceeded"),
    ),
    Fate.permanent,
)

SMS = Codes(
    {
        **_CONTENT,
        **_ACCOUNT,
        **_OURS,
        **dict.fromkeys(
            (
                *("LimitExceeded.PhoneNumberThirtySecondLimit", "LimitExceeded.PhoneNumberOneHourLimit"),
                *("LimitExceeded.PhoneNumberDailyLimit", "LimitExceeded.PhoneNumberSameContentDailyLimit"),
                *("LimitExceeded.DeliveryFrequencyLimit",),
            ),
            Fate.throttled_recipient,
        ),
        **dict.fromkeys(
            (
                *("LimitExceeded", "LimitExceeded.AppCountryOrRegionDailyLimit", "LimitExceeded.AppDailyLimit"),
                *("LimitExceeded.AppGlobalDailyLimit", "LimitExceeded.AppMainlandChinaDailyLimit"),
                *("LimitExceeded.DailyLimit", "LimitExceeded.GlobalSmsSendingRateLimit", "RequestLimitExceeded"),
            ),
            Fate.throttled_account,
        ),
        "FailedOperation.PhoneNumberInBlacklist": Fate.opted_out,
        "FailedOperation.PhoneNumberParseFail": Fate.invalid_recipient,
        "InvalidParameterValue.IncorrectPhoneNumber": Fate.invalid_recipient,
        "FailedOperation.MarketingSendTimeConstraint": Fate.deferred_window,
        "AuthFailure.SignatureExpire": Fate.retryable,
        "InternalError.RequestTimeException": Fate.retryable,
        "InternalError": Fate.ambiguous,
        "ServiceUnavailable": Fate.ambiguous,
    },
    {
        "AuthFailure.": Fate.provider_unavailable,
        "UnauthorizedOperation": Fate.provider_unavailable,
        "RequestLimitExceeded.": Fate.throttled_account,
        "InternalError.": Fate.ambiguous,
        "InvalidParameterValue.": Fate.rejected_content,
        "UnsupportedOperation.": Fate.permanent,
    },
)
"""What the service answers, for the call as a whole and for the number."""

CAP_WINDOWS: Mapping[str, int] = {
    "LimitExceeded.PhoneNumberThirtySecondLimit": 30 * SECOND,
    "LimitExceeded.PhoneNumberOneHourLimit": HOUR,
    "LimitExceeded.PhoneNumberDailyLimit": DAY,
    "LimitExceeded.PhoneNumberSameContentDailyLimit": DAY,
    "LimitExceeded.DeliveryFrequencyLimit": MINUTE,
}
"""How long a cap on a person lasts at the most; its length is a setting of the account."""

_BLACKLISTED = Ending(Outcome.undelivered, Fate.opted_out)
_CAPPED = Ending(Outcome.undelivered, Fate.throttled_recipient)
_GONE = Ending(Outcome.undelivered, Fate.invalid_recipient)

_RECEIPTS: tuple[tuple[re.Pattern[str], Ending], ...] = (
    (re.compile(r"DELIVRD|0"), Ending(Outcome.delivered)),
    (re.compile(r"(?:用户)?(?:退订|拒收).*|.*黑名单.*|BLACK\w*|\w*BLACK|MBBLACK|PUBLOKD|BLOCKED"), _BLACKLISTED),
    (re.compile(r".*(?:频率|频控|频次|流控).*|BEYOND[MHDN]|(?:MI)?LIMIT"), _CAPPED),
    (re.compile(r".*空号.*"), _GONE),
    (re.compile(r"UNDELIV|EXPIRED|DELETED|REJECTD?|UNKNOWN|ACCEPTD|NOROUTE"), Ending(Outcome.undelivered)),
    (
        re.compile(
            r"(?:MA|MB|MC|MH|MI|MK|MN|MO|DB|CA|CB|CC|CJ|CL|CP|EP|HD|IA|IB|IC|ID|IS|LT|SME|TD|UTE?)[:_]?\w{1,6}|-?\d{1,4}"
        ),
        Ending(Outcome.undelivered),
    ),
    (re.compile(r".*(?:关机|停机|不在服务区|无法接通|关键[字词]|敏感词|签名).*"), Ending(Outcome.undelivered)),
)


def receipt(errmsg: str) -> Ending | None:
    """What a receipt's code or words mean; None: nobody mapped it."""
    return next((ending for pattern, ending in _RECEIPTS if pattern.fullmatch(errmsg)), None)
