"""Calls by Aliyun: the request beside its own library's, its answers and its reports; and what never goes this way."""

import orjson
import pytest
from alibabacloud_dyvmsapi20170525.client import Client
from alibabacloud_dyvmsapi20170525.models import QueryCallDetailByCallIdRequest, SingleCallByTtsRequest
from alibabacloud_tea_openapi.utils_models import Config

from service.channels.clouds.aliyun_voice import KIND, PRODUCT, short
from service.channels.clouds.aliyun_voice_told import read_receipt
from service.core.model import MINUTE, Channel, Fate, Outcome
from service.core.rendering import Reveals
from service.flows.providers import Callback
from tests.channels.clouds.accounts import ATTEMPT, SECRET, VALUES, adapter, ask, asked, dispatch, send
from tests.channels.clouds.recorder import recording
from tests.channels.dispatches import AT

KEY = bytes(SECRET)
CALL = "116012345678^101234567890"
PARAM = orjson.dumps({"amount": VALUES["amount_due"], "day": VALUES["due_on"]}).decode()


def by_library(host: str) -> Client:
    return Client(Config(access_key_id="LTAI-test", access_key_secret=KEY.decode(), endpoint=host, protocol="http"))


def harmless(**more: object) -> object:
    return dispatch(Channel.call, reveals=Reveals.institution, **more)


async def test_a_call_reaches_the_wire_as_the_library_sends_it() -> None:
    with recording((200, {"Code": "OK", "CallId": CALL})) as there:
        by_library(there.host).single_call_by_tts(
            SingleCallByTtsRequest(
                called_number="13800138000",
                called_show_number="057156780000",
                tts_code="SMS_154950909",
                tts_param=PARAM,
                play_times=2,
                out_id=short(ATTEMPT),
            )
        )
        result = await send(KIND, there.url, harmless(), show_number="057156780000")

    theirs, ours = there.heard
    assert (theirs.method, theirs.path, theirs.query, theirs.body) == (ours.method, ours.path, ours.query, ours.body)
    assert theirs.headers["x-acs-action"] == ours.headers["x-acs-action"]
    assert (Fate.accepted, Outcome.sent, CALL, True) == result[:4]


async def test_a_question_reaches_the_wire_as_the_library_sends_it() -> None:
    data = orjson.dumps({"state": "200002", "duration": 0, "callee": "13800138000"}).decode()
    with recording((200, {"Code": "OK", "Data": data})) as there:
        by_library(there.host).query_call_detail_by_call_id(
            QueryCallDetailByCallIdRequest(call_id=CALL, prod_id=int(PRODUCT), query_date=(AT - MINUTE) // 1000)
        )
        result = await ask(KIND, there.url, asked(Channel.call, CALL))

    theirs, ours = there.heard
    assert theirs.query == ours.query
    assert Outcome.not_connected_busy is result.outcome


async def test_no_word_of_a_debt_is_read_out_to_whoever_picks_up() -> None:
    with recording() as there:
        result = await send(KIND, there.url, dispatch(Channel.call, reveals=Reveals.debt))

    assert (Fate.rejected_content, "nobody_is_identified") == (result.fate, result.detail)
    assert [] == there.heard


async def test_a_landline_is_dialled_with_its_zero() -> None:
    with recording((200, {"Code": "OK", "CallId": CALL})) as there:
        await send(KIND, there.url, harmless(to="+8657112345678"))
        await send(KIND, there.url, harmless(to="+85291234567"))

    assert ["057112345678", "85291234567"] == [heard.query["CalledNumber"] for heard in there.heard]


async def test_a_lost_answer_leaves_the_short_form_of_our_id_which_the_report_echoes() -> None:
    with recording((500, b"")) as there:
        result = await send(KIND, there.url, harmless())
    (receipt,) = read_receipt("cloud", KEY, reported("200003"), AT).receipts

    assert Fate.ambiguous is result.fate
    assert 15 == len(short(ATTEMPT))
    assert short(ATTEMPT) == result.provider_ref == receipt.attempt


async def test_a_call_that_has_no_reference_cannot_be_asked_for() -> None:
    with recording() as there:
        assert await ask(KIND, there.url, asked(Channel.call)) is None
        assert await ask(KIND, there.url, asked(Channel.call, short(ATTEMPT))) is None

    assert [] == there.heard


def reported(code: str, **more: object) -> bytes:
    item = {
        "call_id": CALL,
        "out_id": short(ATTEMPT),
        "callee": "13800138000",
        "start_time": "2025-11-24 10:00:00",
        "end_time": "2025-11-24 10:00:20",
        "duration": "20",
        "status_code": code,
        "status_msg": "m",
    }
    return orjson.dumps([item | more])


@pytest.mark.parametrize(
    ("code", "outcome", "fate"),
    [
        ("200000", Outcome.answered_dropped, None),
        ("200002", Outcome.not_connected_busy, None),
        ("200003", Outcome.ring_no_answer, None),
        ("200004", Outcome.not_in_service, Fate.invalid_recipient),
        ("200005", Outcome.undelivered, None),
        ("200119", Outcome.failed, Fate.throttled_recipient),
        ("123456", Outcome.unknown, None),
    ],
)
def test_a_report_has_the_outcome_that_its_code_asks_for(code: str, outcome: Outcome, fate: Fate | None) -> None:
    (receipt,) = read_receipt("cloud", KEY, reported(code), AT).receipts

    assert (outcome, fate, CALL, 20) == (receipt.outcome, receipt.fate, receipt.provider_ref, receipt.duration_s)
    assert AT + 20_000_000 == receipt.at


@pytest.mark.parametrize("code", ["200100", "200101", "200102", "200201", "300000"])
def test_the_steps_of_a_call_that_is_not_over_say_nothing_yet(code: str) -> None:
    assert [] == read_receipt("cloud", KEY, reported(code), AT).receipts


async def test_a_report_is_answered_with_a_number() -> None:
    async with adapter(KIND, "http://127.0.0.1:1") as there:
        assert 1 == len(there.read(Callback(reported("123456"))).receipts)
        assert {"code": 0, "msg": "OK"} == orjson.loads(there.reply.body)
