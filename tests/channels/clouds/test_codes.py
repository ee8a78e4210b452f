"""The tables of codes: every code that a provider's library lists has a fate, and one that nobody knows is final."""

import pytest
from tencentcloud.sms.v20210111 import errorcodes

from service.channels.clouds import aliyun_codes, tencent_codes, twilio_codes
from service.channels.clouds.codes import Codes, harmless
from service.core.model import Fate, Outcome

LISTED = sorted(value for name, value in vars(errorcodes).items() if name.isupper())


def test_the_library_of_tencent_lists_its_94_codes() -> None:
    assert 94 == len(LISTED)


@pytest.mark.parametrize("code", LISTED)
def test_every_code_that_the_library_of_tencent_lists_has_a_fate(code: str) -> None:
    assert tencent_codes.SMS.fate(code) is not None


@pytest.mark.parametrize(
    ("codes", "code", "fate"),
    [
        (tencent_codes.SMS, "LimitExceeded.PhoneNumberDailyLimit", Fate.throttled_recipient),
        (tencent_codes.SMS, "LimitExceeded.DeliveryFrequencyLimit", Fate.throttled_recipient),
        (tencent_codes.SMS, "LimitExceeded.AppDailyLimit", Fate.throttled_account),
        (tencent_codes.SMS, "RequestLimitExceeded.UinLimitExceeded", Fate.throttled_account),
        (tencent_codes.SMS, "FailedOperation.PhoneNumberInBlacklist", Fate.opted_out),
        (tencent_codes.SMS, "InvalidParameterValue.IncorrectPhoneNumber", Fate.invalid_recipient),
        (tencent_codes.SMS, "FailedOperation.MarketingSendTimeConstraint", Fate.deferred_window),
        (tencent_codes.SMS, "InvalidParameterValue.TemplateParameterLengthLimit", Fate.rejected_content),
        (tencent_codes.SMS, "AuthFailure.SignatureExpire", Fate.retryable),
        (tencent_codes.SMS, "AuthFailure.SecretIdNotFound", Fate.provider_unavailable),
        (tencent_codes.SMS, "InternalError.Timeout", Fate.ambiguous),
        (tencent_codes.SMS, "UnsupportedOperation.Whatever", Fate.permanent),
        (aliyun_codes.SMS, "isv.BUSINESS_LIMIT_CONTROL", Fate.throttled_recipient),
        (aliyun_codes.SMS, "isv.DAY_LIMIT_CONTROL", Fate.throttled_account),
        (aliyun_codes.SMS, "Throttling.User", Fate.throttled_account),
        (aliyun_codes.SMS, "isv.MOBILE_NUMBER_ILLEGAL", Fate.invalid_recipient),
        (aliyun_codes.SMS, "isv.SMS_SIGNATURE_ILLEGAL", Fate.rejected_content),
        (aliyun_codes.SMS, "isv.AMOUNT_NOT_ENOUGH", Fate.provider_unavailable),
        (aliyun_codes.SMS, "InvalidTimeStamp.Expired", Fate.retryable),
        (aliyun_codes.SMS, "isp.SYSTEM_ERROR", Fate.ambiguous),
        (aliyun_codes.VOICE, "isv.COMPLAINT_REJECT", Fate.opted_out),
        (aliyun_codes.VOICE, "isv.TTS_TEMPLATE_ILLEGAL", Fate.rejected_content),
        (twilio_codes.ANSWERS, "21610", Fate.opted_out),
        (twilio_codes.ANSWERS, "21211", Fate.invalid_recipient),
        (twilio_codes.ANSWERS, "20429", Fate.throttled_account),
        (twilio_codes.ANSWERS, "20003", Fate.provider_unavailable),
    ],
)
def test_a_code_has_the_fate_that_its_family_asks_for(codes: Codes, code: str, fate: Fate) -> None:
    assert fate is codes.fate(code)


@pytest.mark.parametrize("codes", [tencent_codes.SMS, aliyun_codes.SMS, aliyun_codes.VOICE, twilio_codes.ANSWERS])
def test_a_code_that_nobody_knows_is_final_and_raises_an_alarm(codes: Codes) -> None:
    result = codes.result("isv.SOMETHING_NEW")

    assert (Fate.permanent, Outcome.refused_by_provider, True) == (result.fate, result.outcome, result.unmapped)
    assert "isv.SOMETHING_NEW" == result.detail


@pytest.mark.parametrize("code", ["13800138000", "call 13800138000", "张三", "a" * 400, ""])
def test_a_code_that_may_hold_a_person_is_not_repeated(code: str) -> None:
    assert "unmapped_code" == harmless(code)


@pytest.mark.parametrize(
    ("words", "outcome", "fate"),
    [
        ("DELIVRD", Outcome.delivered, None),
        ("MK:0001", Outcome.undelivered, None),
        ("UNDELIV", Outcome.undelivered, None),
        ("用户退订", Outcome.undelivered, Fate.opted_out),
        ("MBBLACK", Outcome.undelivered, Fate.opted_out),
        ("BEYONDD", Outcome.undelivered, Fate.throttled_recipient),
        ("空号", Outcome.undelivered, Fate.invalid_recipient),
        ("用户关机", Outcome.undelivered, None),
    ],
)
def test_the_families_of_an_operators_receipts_are_told_apart(words: str, outcome: Outcome, fate: Fate | None) -> None:
    assert (outcome, fate) == tencent_codes.receipt(words)


def test_an_operators_word_that_nobody_knows_is_known_as_unknown() -> None:
    assert tencent_codes.receipt("WHATEVER-IT-IS") is None


def test_no_refusal_that_speaks_of_the_person_may_be_tried_again_elsewhere() -> None:
    against_the_person = {Fate.throttled_recipient, Fate.invalid_recipient, Fate.opted_out}
    tables = (aliyun_codes.SMS, aliyun_codes.VOICE, tencent_codes.SMS, twilio_codes.ANSWERS)

    found = [codes.result(code) for codes in tables for code in codes.exact]

    assert not [result for result in found if result.fate in against_the_person and result.transient]
