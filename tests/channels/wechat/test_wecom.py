"""WeCom against the library's own requests, and what is peculiar to it."""

import asyncio

import pytest
import structlog
from wechatpy.constants import WeChatErrorCode
from wechatpy.enterprise import WeChatClient

from service.channels.wechat import wecom
from service.channels.wechat.codes import WECOM
from service.core.model import AddressKind, Fate
from service.core.rule import Flawed
from service.flows.ports import Dispatch, Recipient
from tests.channels.clouds.recorder import Recorder, recording

from .accounts import (
    AGENT,
    APP_SECRET,
    ATTEMPT,
    CORP,
    DESK,
    OPENID,
    account,
    adapter,
    dispatch,
    event,
    order,
    sealed_for_wecom,
)

GRANTED = (200, {"errcode": 0, "errmsg": "ok", "access_token": "token-1", "expires_in": 7200})
TAKEN = (200, {"errcode": 0, "errmsg": "ok", "invaliduser": "", "msgid": "xxxx"})


async def send(url: str, message=None):
    async with adapter(wecom.KIND, url) as chat:
        return await chat.send(message or dispatch(wecom.KIND))


async def test_a_message_is_the_librarys_and_asks_that_a_repeat_be_dropped() -> None:
    with recording(GRANTED, TAKEN) as there:
        result = await send(there.url)
        client = WeChatClient(CORP, APP_SECRET.decode(), access_token="token-1")
        client.API_BASE_URL = f"{there.url}/cgi-bin/"
        words = wecom.text_of(dispatch(wecom.KIND))
        await asyncio.to_thread(client.message.send_text, AGENT, "li.si", words)

    _, ours, theirs = there.heard
    assert (theirs.method, theirs.path, theirs.query) == (ours.method, ours.path, ours.query)
    unused = {"toparty", "totag", "safe"}
    repeats = {"enable_duplicate_check": 1, "duplicate_check_interval": 14_400}
    assert {name: value for name, value in theirs.json.items() if name not in unused} | repeats == ours.json
    assert (Fate.accepted, "xxxx", False) == (result.fate, result.provider_ref, result.awaits)


async def test_the_token_is_asked_for_by_company_and_secret() -> None:
    with recording(GRANTED, TAKEN) as there:
        await send(there.url)

    asked = there.heard[0]
    assert ("GET", "/cgi-bin/gettoken") == (asked.method, asked.path)
    assert {"corpid": CORP, "corpsecret": APP_SECRET.decode()} == asked.query


@pytest.mark.parametrize(
    ("answer", "fate"),
    [
        ({"errcode": 0, "errmsg": "ok", "invaliduser": "li.si"}, Fate.invalid_recipient),
        ({"errcode": 81013, "errmsg": "all invalid"}, Fate.invalid_recipient),
        ({"errcode": 45009, "errmsg": "too often"}, Fate.throttled_account),
        ({"errcode": 60020, "errmsg": "not allowed to access from your ip"}, Fate.provider_unavailable),
        ({"errcode": -1, "errmsg": "busy"}, Fate.retryable),
        ({"errcode": 99999, "errmsg": "new"}, Fate.permanent),
    ],
)
async def test_an_answer_has_its_fate(answer, fate: Fate) -> None:
    with recording(GRANTED, (200, answer)) as there:
        result = await send(there.url)

    assert fate is result.fate


@pytest.mark.parametrize("code", [each for each in WeChatErrorCode if each])
def test_every_code_that_the_library_lists_for_both_has_a_fate(code: WeChatErrorCode) -> None:
    assert WECOM.fate(str(code.value)) is not None


@pytest.mark.parametrize(
    ("code", "fate"),
    [
        (40031, Fate.invalid_recipient),
        (60111, Fate.invalid_recipient),
        (40008, Fate.rejected_content),
        (40056, Fate.provider_unavailable),
        (48002, Fate.provider_unavailable),
        (43101, Fate.permanent),
        (45065, Fate.permanent),
        (45033, Fate.throttled_account),
        (-1000, Fate.ambiguous),
    ],
)
def test_a_number_means_what_it_means_to_wecom(code: int, fate: Fate) -> None:
    answer = wecom.read_answer(["li.si"], 200, {"errcode": code, "errmsg": ""})

    assert answer is not None and (fate, False) == (answer.fate, answer.unmapped)


async def test_only_a_colleague_is_written_to_and_nothing_too_long() -> None:
    follower = dispatch(wecom.KIND)._replace(to=Recipient(None, AddressKind.wechat_openid, OPENID))
    long = dispatch(wecom.KIND)
    long = long._replace(message=long.message._replace(body="长" * 700))
    with recording(GRANTED, TAKEN) as there:
        fates = [(await send(there.url, each)).fate for each in (follower, long)]

    assert ([Fate.permanent, Fate.rejected_content], []) == (fates, there.heard)


async def test_what_a_colleague_opens_asks_nothing_of_us() -> None:
    async with adapter(wecom.KIND) as chat:
        told = chat.read(sealed_for_wecom(event("enter_agent", openid="li.si")))

    assert ((), ()) == (tuple(told.receipts), tuple(told.inbound))


async def hand_over(there: Recorder, *orders: Dispatch, **more):
    async with adapter(wecom.KIND, there.url, **{"desk": DESK, **more}) as chat:
        return [await chat.send(each) for each in orders or (order(),)]


async def test_an_order_goes_to_the_whole_desk_and_a_repeat_is_the_same_to_the_byte() -> None:
    with recording(GRANTED, TAKEN) as there:
        results = await hand_over(there, order(), order())
        client = WeChatClient(CORP, APP_SECRET.decode(), access_token="token-1")
        client.API_BASE_URL = f"{there.url}/cgi-bin/"
        await asyncio.to_thread(client.message.send_text, AGENT, list(DESK), wecom.text_of(order()))

    _, ours, again, theirs = there.heard
    assert ("li.si|wang.wu", theirs.json["touser"], 1) == (
        ours.json["touser"],
        ours.json["touser"],
        ours.json["enable_duplicate_check"],
    )
    assert theirs.json["text"] == ours.json["text"]
    assert f"上门走访工作单\n许可：p_1\n到访时说明\n您好\n({ATTEMPT})" == ours.json["text"]["content"]
    assert (ours.path, ours.query, ours.body) == (again.path, again.query, again.body)
    assert [(Fate.accepted, "xxxx", "", False)] * 2 == [
        (each.fate, each.provider_ref, each.detail, each.awaits) for each in results
    ]


@pytest.mark.parametrize(
    ("answer", "fate", "detail", "alarms"),
    [
        ({"errcode": 0, "invaliduser": "", "msgid": "m"}, Fate.accepted, "", 0),
        ({"errcode": 0, "invaliduser": "wang.wu", "msgid": "m"}, Fate.accepted, "invaliduser", 1),
        ({"errcode": 0, "unlicenseduser": "li.si", "msgid": "m"}, Fate.accepted, "invaliduser", 1),
        ({"errcode": 0, "invaliduser": "li.si|wang.wu", "msgid": "m"}, Fate.invalid_recipient, "invaliduser", 0),
        ({"errcode": 0, "invaliduser": "li.si", "unlicenseduser": "wang.wu"}, Fate.invalid_recipient, "invaliduser", 0),
        ({"errcode": 81013, "errmsg": "all invalid"}, Fate.invalid_recipient, "81013", 0),
    ],
)
async def test_a_desk_of_whom_some_are_reached_has_the_order_with_an_alarm_and_one_of_nobody_has_not(
    answer, fate: Fate, detail: str, alarms: int
) -> None:
    with recording(GRANTED, (200, answer)) as there, structlog.testing.capture_logs() as logs:
        (result,) = await hand_over(there)

    assert (fate, detail) == (result.fate, result.detail)
    told = [each for each in logs if each["event"] == "wecom.desk_partly_reached"]
    assert [("error", ATTEMPT)] * alarms == [(each["log_level"], each["attempt"]) for each in told]
    assert not any(user in str(logs) for user in DESK)


async def test_what_is_said_at_the_door_is_left_out_where_the_order_would_be_too_long() -> None:
    fits, over = "言" * 654, "言" * 654 + "x"
    with recording(GRANTED, TAKEN) as there:
        results = await hand_over(there, order(fits), order(over), order(facts="长" * 700))

    whole, cut = (each.json["text"]["content"] for each in there.heard[1:])
    assert (2048, True) == (len(whole.encode()), fits in whole)
    assert f"上门走访工作单\n许可：p_1\n({ATTEMPT})" == cut
    assert [Fate.accepted, Fate.accepted, Fate.rejected_content] == [each.fate for each in results]


async def test_without_a_desk_no_order_leaves() -> None:
    with recording(GRANTED, TAKEN) as there:
        results = await hand_over(there, desk=())

    assert ([Fate.permanent], []) == ([each.fate for each in results], there.heard)


@pytest.mark.parametrize("desk", [("@all",), ("li.si", "Li.Si"), ("",), ("li|wang",), ("李四",), ("a" * 65,)])
def test_a_desk_is_of_members_alone_each_named_once(desk: tuple[str, ...]) -> None:
    with pytest.raises(Flawed):
        account(wecom.KIND, desk=desk)
