"""Text messages by Aliyun: the request beside its own library's, its answers, its questions and its callbacks."""

import orjson
import pytest
from alibabacloud_dysmsapi20170525.client import Client
from alibabacloud_dysmsapi20170525.models import QuerySendDetailsRequest, SendSmsRequest
from alibabacloud_tea_openapi.utils import Utils
from alibabacloud_tea_openapi.utils_models import Config
from darabonba.request import DaraRequest

from service.channels.clouds import aliyun_sms
from service.channels.clouds.aliyun_codes import cap_end
from service.channels.clouds.aliyun_sms import KIND
from service.channels.clouds.aliyun_sms_told import read_inbound, read_receipt
from service.core.errors import Invalid
from service.core.model import DAY, Channel, Fate, Instant, Outcome
from service.flows.providers import Callback, Door
from tests.channels.clouds.accounts import ATTEMPT, SECRET, SIGNATURE, VALUES, adapter, ask, asked, dispatch, send
from tests.channels.clouds.recorder import Heard, recording
from tests.channels.dispatches import AT

KEY = bytes(SECRET)
TAKEN = {"Code": "OK", "Message": "OK", "BizId": "9006197469364984^0", "RequestId": "r"}
PARAM = orjson.dumps({"amount": VALUES["amount_due"], "day": VALUES["due_on"]}).decode()


def by_library(host: str) -> Client:
    return Client(Config(access_key_id="LTAI-test", access_key_secret=KEY.decode(), endpoint=host, protocol="http"))


def signed_by_library(heard: Heard) -> str:
    """Sign again what was heard, by the library's pure function and over the headers that were signed."""
    names = heard.headers["authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    request = DaraRequest()
    request.method, request.pathname, request.query = heard.method, heard.path, heard.query
    request.headers = {name: heard.headers[name] for name in names}
    return Utils.get_authorization(
        request, "ACS3-HMAC-SHA256", heard.headers["x-acs-content-sha256"], "LTAI-test", KEY.decode()
    )


async def test_a_message_reaches_the_wire_as_the_library_sends_it_and_signed() -> None:
    with recording((200, TAKEN)) as there:
        by_library(there.host).send_sms(
            SendSmsRequest(
                phone_numbers="13800138000",
                sign_name=SIGNATURE,
                template_code="SMS_154950909",
                template_param=PARAM,
                out_id=ATTEMPT,
            )
        )
        result = await send(KIND, there.url, dispatch())

    theirs, ours = there.heard
    assert (theirs.method, theirs.path, theirs.query, theirs.body) == (ours.method, ours.path, ours.query, ours.body)
    for name in ("host", "x-acs-action", "x-acs-version", "x-acs-content-sha256"):
        assert theirs.headers[name] == ours.headers[name]
    assert ours.headers["authorization"] == signed_by_library(ours)
    assert theirs.headers["authorization"] == signed_by_library(theirs)
    assert (Fate.accepted, Outcome.sent, "9006197469364984^0", True) == result[:4]


async def test_a_question_reaches_the_wire_as_the_library_sends_it() -> None:
    found = {"SmsSendDetailDTOs": {"SmsSendDetailDTO": []}, "Code": "OK", "TotalCount": "0"}
    with recording((200, found)) as there:
        by_library(there.host).query_send_details(
            QuerySendDetailsRequest(phone_number="13800138000", send_date="20251124", page_size=50, current_page=1)
        )
        result = await ask(KIND, there.url, asked())

    theirs, ours = there.heard
    assert theirs.query == ours.query
    assert theirs.headers["x-acs-action"] == ours.headers["x-acs-action"]
    assert ours.headers["authorization"] == signed_by_library(ours)
    assert result is None


async def test_each_try_is_signed_afresh() -> None:
    with recording((200, TAKEN)) as there:
        await send(KIND, there.url, dispatch())
        await send(KIND, there.url, dispatch())

    first, second = there.heard
    assert first.query == second.query
    assert first.headers["x-acs-signature-nonce"] != second.headers["x-acs-signature-nonce"]
    assert first.headers["authorization"] != second.headers["authorization"]


@pytest.mark.parametrize(
    ("status", "said", "fate"),
    [
        (200, {"Code": "isv.BUSINESS_LIMIT_CONTROL", "Message": "触发天级流控Permits:10"}, Fate.throttled_recipient),
        (200, {"Code": "isv.MOBILE_NUMBER_ILLEGAL"}, Fate.invalid_recipient),
        (400, {"Code": "SignatureDoesNotMatch"}, Fate.provider_unavailable),
        (400, {"Code": "Throttling.User"}, Fate.throttled_account),
        (400, {"Code": "isv.NEVER_HEARD_OF"}, Fate.permanent),
        (500, {"Code": "NeverHeardOf"}, Fate.ambiguous),
        (503, {"Code": "ServiceUnavailable"}, Fate.ambiguous),
        (200, {"Code": "OK"}, Fate.ambiguous),
        (200, {}, Fate.ambiguous),
        (200, b"half an ans", Fate.ambiguous),
        (403, b"no", Fate.provider_unavailable),
    ],
)
async def test_an_answer_has_the_fate_that_its_code_asks_for(status: int, said: object, fate: Fate) -> None:
    with recording((status, said)) as there:
        result = await send(KIND, there.url, dispatch())

    assert fate is result.fate
    assert 1 == len(there.heard)


async def test_a_template_that_is_not_filed_is_never_sent() -> None:
    message = dispatch()
    with recording() as there:
        other = message._replace(message=message.message._replace(template="another"))
        result = await send(KIND, there.url, other)

    assert Fate.rejected_content is result.fate
    assert [] == there.heard


@pytest.mark.parametrize(
    ("message", "ends"),
    [("触发分钟级流控Permits:1", 60), ("触发小时级流控Permits:5", 3600), ("触发天级流控Permits:10", 86400)],
)
def test_a_cap_on_the_person_ends_when_its_message_says(message: str, ends: int) -> None:
    assert AT + ends * 1_000_000 == cap_end(AT, message)
    assert cap_end(AT, "今天") is None


@pytest.mark.parametrize(
    ("detail", "outcome", "fate"),
    [
        ({"SendStatus": 1}, Outcome.sent, Fate.accepted),
        ({"SendStatus": 3, "ErrCode": "DELIVERED"}, Outcome.delivered, Fate.accepted),
        ({"SendStatus": 2, "ErrCode": "MOBILE_IN_BLACK"}, Outcome.undelivered, Fate.opted_out),
        ({"SendStatus": 2, "ErrCode": "MK:0001"}, Outcome.undelivered, Fate.accepted),
    ],
)
async def test_a_lost_answer_is_found_by_our_own_id(detail: dict, outcome: Outcome, fate: Fate) -> None:
    listed = [{"OutId": "another", "SendStatus": 3}, {"OutId": ATTEMPT, **detail}]
    with recording((200, {"Code": "OK", "SmsSendDetailDTOs": {"SmsSendDetailDTO": listed}})) as there:
        result = await ask(KIND, there.url, asked())

    assert (fate, outcome) == (result.fate, result.outcome)


async def test_near_midnight_both_days_are_looked_at() -> None:
    midnight = Instant((AT // DAY + 1) * DAY - 8 * DAY // 24)
    with recording((200, {"Code": "OK"})) as there:
        await ask(KIND, there.url, asked()._replace(at=Instant(midnight - 1)))

    assert ["20251124", "20251125"] == [heard.query["SendDate"] for heard in there.heard]


def pushed(**more: object) -> bytes:
    item = {
        "phone_number": "13800138000",
        "send_time": "2025-11-24 10:00:01",
        "report_time": "2025-11-24 10:00:05",
        "success": True,
        "err_code": "DELIVERED",
        "err_msg": "用户接收成功",
        "sms_size": "1",
        "biz_id": "9006197469364984^0",
        "out_id": ATTEMPT,
    }
    return orjson.dumps([item | more])


def test_a_receipt_names_its_attempt_its_time_and_its_event() -> None:
    (receipt,) = read_receipt("cloud", KEY, pushed(), AT).receipts
    (again,) = read_receipt("cloud", KEY, pushed(), Instant(AT + 1)).receipts

    assert (Outcome.delivered, ATTEMPT, "9006197469364984^0") == (
        receipt.outcome,
        receipt.attempt,
        receipt.provider_ref,
    )
    assert AT + 5_000_000 == receipt.at
    assert again.event == receipt.event
    assert "13800138000" not in receipt.event


def test_receipts_of_many_messages_come_in_one_body_and_in_any_form() -> None:
    bodies = [
        *orjson.loads(pushed(success=False, err_code="MOBILE_IN_BLACK", report_time="")),
        *orjson.loads(pushed(success="false", err_code="SOMETHING_NEW", biz_id=77)),
        *orjson.loads(pushed(biz_id=None)),
    ]
    told = read_receipt("cloud", KEY, orjson.dumps(bodies), AT)
    first, second = told.receipts

    assert told.left is not None and bodies[2:] == orjson.loads(told.left.body)
    assert (Outcome.undelivered, Fate.opted_out, AT + 1_000_000) == (first.outcome, first.fate, first.at)
    assert (Outcome.undelivered, None, "77", "SOMETHING_NEW") == (
        second.outcome,
        second.fate,
        second.provider_ref,
        second.text,
    )


def test_a_reply_is_read_from_both_forms_of_the_push() -> None:
    item = {"phone_number": "13800138000", "content": "退订", "send_time": "2025-11-24 10:00:00", "dest_code": "1234"}
    (old,) = read_inbound("cloud", KEY, orjson.dumps([item | {"sequence_id": 77, "sign_name": SIGNATURE}]), AT).inbound
    (new,) = read_inbound("cloud", KEY, orjson.dumps([item | {"sequence_id": "77"}]), AT).inbound

    assert old == new
    assert ("+8613800138000", "退订", AT, Channel.sms) == (
        old.sender and old.sender.address,
        old.text,
        old.at,
        old.channel,
    )


@pytest.mark.parametrize("raw", [b"", b"{", b"[NaN]", b"[" * 100_000, b"[" + b"{}," * 1000 + b"{}]"])
def test_a_body_that_is_no_push_is_refused(raw: bytes) -> None:
    with pytest.raises(Invalid):
        read_receipt("cloud", KEY, raw, AT)


async def test_a_callback_comes_to_one_of_two_doors_and_is_answered_with_a_number() -> None:
    reply = orjson.dumps([{"phone_number": "13800138000", "content": "hello", "send_time": "2025-11-24 10:00:00"}])
    async with adapter(KIND, "http://127.0.0.1:1") as there:
        assert 1 == len(there.read(Callback(pushed())).receipts)
        assert 1 == len(there.read(Callback(reply, door=Door.inbound)).inbound)
        assert {"code": 0, "msg": "OK"} == orjson.loads(there.reply.body)
    assert aliyun_sms.KIND.templated and aliyun_sms.KIND.signed
