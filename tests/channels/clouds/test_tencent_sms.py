"""Text messages by Tencent Cloud: the request beside its own library's, its answers, questions and callbacks."""

import orjson
import pytest
from tencentcloud.common.credential import Credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.sms.v20210111 import models
from tencentcloud.sms.v20210111.sms_client import SmsClient

from service.channels.clouds import tencent
from service.channels.clouds.tencent_sms import KIND, next_opening
from service.channels.clouds.tencent_told import read_inbound, read_receipt
from service.core.model import HOUR, SECOND, Channel, Fate, Instant, Outcome
from service.flows.providers import Callback, Door
from tests.channels.clouds.accounts import ATTEMPT, SECRET, SIGNATURE, VALUES, adapter, ask, asked, dispatch, send
from tests.channels.clouds.recorder import Heard, recording
from tests.channels.dispatches import AT

KEY = bytes(SECRET)
SERIAL = "5000:1045710669157053657849499619"
TAKEN = {
    "Response": {
        "SendStatusSet": [
            {"SerialNo": SERIAL, "PhoneNumber": "+8613800138000", "Fee": 1, "SessionContext": ATTEMPT, "Code": "Ok"}
        ],
        "RequestId": "r",
    }
}


def by_library(host: str) -> SmsClient:
    profile = ClientProfile(httpProfile=HttpProfile(protocol="http", endpoint=host, keepAlive=False))
    return SmsClient(Credential("AKID-test", KEY.decode()), "ap-guangzhou", profile)


def refusal(code: str) -> dict:
    return {"Response": {"SendStatusSet": [{"SerialNo": "", "Code": code, "Message": "m"}], "RequestId": "r"}}


def error(code: str) -> dict:
    return {"Response": {"Error": {"Code": code, "Message": "m"}, "RequestId": "r"}}


def signed_again(heard: Heard) -> str:
    """Sign what was heard with our own function; the library's requests show that it signs as theirs does."""
    seconds = int(heard.headers["x-tc-timestamp"])
    host, media = heard.headers["host"], heard.headers["content-type"]
    return tencent.authorize("AKID-test", KEY, "sms", seconds, host, media, heard.body)


async def test_a_message_reaches_the_wire_as_the_library_sends_it_and_signed() -> None:
    request = models.SendSmsRequest()
    request.PhoneNumberSet = ["+8613800138000"]
    request.SmsSdkAppId = "1400006666"
    request.TemplateId = "SMS_154950909"
    request.SignName = SIGNATURE
    request.TemplateParamSet = [VALUES["amount_due"], VALUES["due_on"]]
    request.SessionContext = ATTEMPT
    with recording((200, TAKEN)) as there:
        by_library(there.host).SendSms(request)
        result = await send(KIND, there.url, dispatch())

    theirs, ours = there.heard
    assert (theirs.method, theirs.path, theirs.query, theirs.json) == (ours.method, ours.path, ours.query, ours.json)
    for name in ("host", "content-type", "x-tc-action", "x-tc-version", "x-tc-region"):
        assert theirs.headers[name] == ours.headers[name]
    assert theirs.headers["authorization"] == signed_again(theirs)
    assert ours.headers["authorization"] == signed_again(ours)
    assert (Fate.accepted, Outcome.sent, SERIAL, True) == result[:4]


async def test_a_question_reaches_the_wire_as_the_library_sends_it() -> None:
    request = models.PullSmsSendStatusByPhoneNumberRequest()
    request.BeginTime, request.Offset, request.Limit = AT // SECOND - 60, 0, 100
    request.PhoneNumber, request.SmsSdkAppId = "+8613800138000", "1400006666"
    with recording((200, {"Response": {"PullSmsSendStatusSet": [], "RequestId": "r"}})) as there:
        by_library(there.host).PullSmsSendStatusByPhoneNumber(request)
        result = await ask(KIND, there.url, asked())

    theirs, ours = there.heard
    assert theirs.json == ours.json
    assert theirs.headers["x-tc-action"] == ours.headers["x-tc-action"]
    assert result is None


@pytest.mark.parametrize(
    ("status", "said", "fate"),
    [
        (200, refusal("LimitExceeded.PhoneNumberDailyLimit"), Fate.throttled_recipient),
        (200, refusal("FailedOperation.PhoneNumberInBlacklist"), Fate.opted_out),
        (200, refusal("InvalidParameterValue.IncorrectPhoneNumber"), Fate.invalid_recipient),
        (200, refusal("FailedOperation.MarketingSendTimeConstraint"), Fate.deferred_window),
        (200, refusal("NeverHeardOf"), Fate.permanent),
        (200, error("AuthFailure.SignatureFailure"), Fate.provider_unavailable),
        (200, error("AuthFailure.SignatureExpire"), Fate.retryable),
        (200, error("RequestLimitExceeded"), Fate.throttled_account),
        (200, error("InternalError.Timeout"), Fate.ambiguous),
        (500, error("NeverHeardOf"), Fate.ambiguous),
        (200, {"Response": {"SendStatusSet": []}}, Fate.ambiguous),
        (200, {"Response": {"SendStatusSet": [{"Code": "Ok"}]}}, Fate.ambiguous),
        (200, {"Response": None}, Fate.ambiguous),
        (200, b"{", Fate.ambiguous),
    ],
)
async def test_an_answer_has_the_fate_that_its_code_asks_for(status: int, said: object, fate: Fate) -> None:
    with recording((status, said)) as there:
        result = await send(KIND, there.url, dispatch())

    assert fate is result.fate
    assert 1 == len(there.heard)


async def test_a_cap_on_the_person_says_when_it_ends_at_the_latest() -> None:
    with recording((200, refusal("LimitExceeded.PhoneNumberThirtySecondLimit"))) as there:
        result = await send(KIND, there.url, dispatch())

    assert AT + 30 * SECOND == result.until


def test_advertising_waits_for_eight_in_the_morning() -> None:
    ten = AT  # 10:00 in Beijing
    assert ten + 22 * HOUR == next_opening(ten)
    assert ten - 2 * HOUR == next_opening(Instant(ten - 3 * HOUR))


@pytest.mark.parametrize(
    ("one", "ref", "outcome"),
    [
        ({"SessionContext": ATTEMPT, "ReportStatus": "SUCCESS"}, None, Outcome.delivered),
        ({"SessionContext": "", "ReportStatus": "FAIL", "Description": "UNDELIV"}, SERIAL, Outcome.undelivered),
        ({"SessionContext": "", "ReportStatus": "SUCCESS"}, None, None),
    ],
)
async def test_a_lost_answer_is_found_by_our_word_or_theirs(
    one: dict, ref: str | None, outcome: Outcome | None
) -> None:
    listed = [{"SerialNo": "another", "SessionContext": "x", "ReportStatus": "FAIL"}, {"SerialNo": SERIAL, **one}]
    with recording((200, {"Response": {"PullSmsSendStatusSet": listed}})) as there:
        result = await ask(KIND, there.url, asked(ref=ref))

    assert outcome is (result and result.outcome)


def pushed(**more: object) -> bytes:
    item = {
        "user_receive_time": "2025-11-24 10:00:05",
        "nationcode": "86",
        "mobile": "13800138000",
        "report_status": "SUCCESS",
        "errmsg": "DELIVRD",
        "description": "用户短信送达成功",
        "sid": SERIAL,
    }
    return orjson.dumps([item | more])


def test_a_receipt_is_found_by_the_providers_own_number() -> None:
    (receipt,) = read_receipt("cloud", KEY, pushed(), AT).receipts
    (again,) = read_receipt("cloud", KEY, pushed(), Instant(AT + 1)).receipts

    assert (Outcome.delivered, None, SERIAL, AT + 5 * SECOND) == (
        receipt.outcome,
        receipt.attempt,
        receipt.provider_ref,
        receipt.at,
    )
    assert again.event == receipt.event


def test_a_failure_says_no_time_and_may_speak_of_the_person() -> None:
    raw = pushed(report_status="FAIL", errmsg="用户退订", user_receive_time="")
    (receipt,) = read_receipt("cloud", KEY, raw, AT).receipts

    assert (Outcome.undelivered, Fate.opted_out, AT) == (receipt.outcome, receipt.fate, receipt.at)


def test_a_reply_is_one_object_and_names_its_sender_alone() -> None:
    raw = orjson.dumps(
        {
            "extend": "01",
            "mobile": "13800138000",
            "nationcode": "86",
            "sign": SIGNATURE,
            "text": "T",
            "time": AT // SECOND,
        }
    )
    (reply,) = read_inbound("cloud", KEY, raw).inbound

    assert ("+8613800138000", "T", AT, Channel.sms) == (
        reply.sender and reply.sender.address,
        reply.text,
        reply.at,
        reply.channel,
    )
    assert read_inbound("cloud", KEY, raw).inbound == [reply]


@pytest.mark.parametrize("told", [{}, {"mobile": "1", "time": 1}, {"mobile": "13800138000", "time": "soon"}])
def test_a_reply_that_names_nobody_is_left_over(told: dict) -> None:
    read = read_inbound("cloud", KEY, orjson.dumps(told | {"text": "T"}))

    assert ([], 1) == (read.inbound, read.left and read.left.items)


async def test_a_callback_comes_to_one_of_two_doors_and_is_answered_as_documented() -> None:
    async with adapter(KIND, "http://127.0.0.1:1") as there:
        assert 1 == len(there.read(Callback(pushed(report_status="FAIL", errmsg="NEVER-HEARD"))).receipts)
        reply = orjson.dumps({"mobile": "13800138000", "text": "hello", "time": 1})
        assert 1 == len(there.read(Callback(reply, door=Door.inbound)).inbound)
        assert {"result": 0, "errmsg": "OK"} == orjson.loads(there.reply.body)
