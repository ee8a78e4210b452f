"""The service account against the library's own requests, the token's life, the codes, and what comes back."""

import asyncio

import pytest
from wechatpy.client import WeChatClient
from wechatpy.constants import WeChatErrorCode

from service.channels.wechat import official
from service.channels.wechat.codes import OFFICIAL
from service.channels.wechat.official import Notice
from service.core.model import AddressKind, Channel, Fate, Outcome
from service.core.rendering import Part
from service.flows.ports import Recipient
from service.flows.providers import Url
from tests.channels.clouds.recorder import recording
from tests.loopback import http, read_request, speaking

from .accounts import (
    APP,
    APP_SECRET,
    ATTEMPT,
    FILED,
    OPENID,
    VALUES,
    account,
    adapter,
    answered,
    dispatch,
    event,
    finished,
    sealed,
    text,
)

GRANTED = (200, {"access_token": "token-1", "expires_in": 7200})
TAKEN = (200, {"errcode": 0, "errmsg": "ok", "msgid": 200163836})
DATA = {"amount1": {"value": VALUES["amount_due"]}, "time2": {"value": VALUES["due_on"]}}


def library(url: str) -> WeChatClient:
    client = WeChatClient(APP, APP_SECRET.decode(), access_token="token-1", auto_retry=False)
    client.API_BASE_URL = f"{url}/cgi-bin/"
    return client


async def send(url: str, **more):
    async with adapter(official.KIND, url, **more) as chat:
        return await chat.send(dispatch())


async def test_a_template_message_is_the_librarys_with_our_id_in_it() -> None:
    with recording(GRANTED, TAKEN) as wechat:
        result = await send(wechat.url, page=Url("https://bank.example/account"))
        await asyncio.to_thread(
            library(wechat.url).message.send_template, OPENID, FILED.code, DATA, "https://bank.example/account"
        )

    _, ours, theirs = wechat.heard
    assert (theirs.method, theirs.path, theirs.query) == (ours.method, ours.path, ours.query)
    assert theirs.json | {"client_msg_id": ATTEMPT} == ours.json
    assert (Fate.accepted, "200163836", True) == (result.fate, result.provider_ref, result.awaits)


async def test_without_variables_filed_the_fields_are_those_that_our_template_writes() -> None:
    message = dispatch().message._replace(parts=(Part("field.thing1", "账户", "尾号7788的"), Part("text", "", "您好")))
    bare = FILED._replace(variables=())

    assert [("thing1", "尾号7788的")] == official.fields(dispatch()._replace(message=message), bare)


async def test_a_subscription_notice_is_the_librarys() -> None:
    with recording(GRANTED, TAKEN) as wechat:
        await send(wechat.url, notice=Notice.subscription)
        await asyncio.to_thread(library(wechat.url).message.send_subscribe_message, OPENID, FILED.code, DATA)

    _, ours, theirs = wechat.heard
    assert (theirs.method, theirs.path, theirs.query, theirs.json) == (ours.method, ours.path, ours.query, ours.json)


async def test_the_token_is_asked_for_once_and_not_by_force() -> None:
    with recording(GRANTED, TAKEN) as wechat:
        async with adapter(official.KIND, wechat.url) as chat:
            await asyncio.gather(*(chat.send(dispatch()) for _ in range(5)))

    assert ["/cgi-bin/stable_token", *["/cgi-bin/message/template/send"] * 5] == [each.path for each in wechat.heard]
    assert {
        "grant_type": "client_credential",
        "appid": APP,
        "secret": APP_SECRET.decode(),
        "force_refresh": False,
    } == wechat.heard[0].json


@pytest.mark.parametrize("code", [40001, 40014, 42001])
async def test_a_token_that_is_not_good_any_more_is_exchanged_and_the_message_goes_out_once(code: int) -> None:
    renewed = (200, {"access_token": "token-2", "expires_in": 7200})
    with recording(GRANTED, (200, {"errcode": code, "errmsg": "x"}), renewed, TAKEN) as wechat:
        result = await send(wechat.url)

    assert Fate.accepted is result.fate
    assert ["token-1", "token-2"] == [each.query["access_token"] for each in wechat.heard if each.query]
    assert [False, False] == [each.json["force_refresh"] for each in wechat.heard if not each.query]


async def test_only_a_token_that_is_given_again_is_renewed_by_force_and_not_twice_in_a_row() -> None:
    stale = (200, {"errcode": 40001, "errmsg": "x"})
    with recording(GRANTED, stale, GRANTED, GRANTED, stale) as wechat:
        async with adapter(official.KIND, wechat.url) as chat:
            first = await chat.send(dispatch())

    asked = [each.json["force_refresh"] for each in wechat.heard if not each.query]
    assert ([False, False, True], Fate.provider_unavailable) == (asked, first.fate)


@pytest.mark.parametrize(
    ("answer", "fate"),
    [
        ((200, {"errcode": 40164, "errmsg": "invalid ip"}), Fate.provider_unavailable),
        ((200, {"errcode": 45009, "errmsg": "quota"}), Fate.throttled_account),
        ((200, {"errcode": 99999, "errmsg": "new"}), Fate.provider_unavailable),
        ((500, {}), Fate.retryable),
        ((200, b"<html>"), Fate.retryable),
    ],
)
async def test_without_a_token_nothing_was_sent_whatever_the_provider_says(answer, fate: Fate) -> None:
    with recording(answer) as wechat:
        result = await send(wechat.url)

    assert (fate, True) == (result.fate, result.transient)


async def test_a_message_whose_answer_is_lost_may_have_gone_out() -> None:
    async def conversation(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if "stable_token" in (await read_request(reader)).path:
            writer.write(http(200, b'{"access_token":"t","expires_in":7200}', "application/json", "connection: close"))
            await writer.drain()

    async with speaking(conversation) as url:
        result = await send(url)

    assert Fate.ambiguous is result.fate


async def test_an_id_that_was_taken_before_is_taken() -> None:
    with recording(GRANTED, (200, {"errcode": 45065, "errmsg": "clientmsgid exist"})) as wechat:
        result = await send(wechat.url)

    assert (Fate.accepted, None, False) == (result.fate, result.provider_ref, result.awaits)


async def test_an_id_of_nothing_is_no_reference() -> None:
    with recording(GRANTED, (200, {"errcode": 0, "errmsg": "ok", "msgid": 0})) as wechat:
        result = await send(wechat.url)

    assert (Fate.accepted, None, False) == (result.fate, result.provider_ref, result.awaits)


async def test_a_message_that_is_not_filed_or_not_for_a_follower_does_not_leave() -> None:
    with recording(GRANTED, TAKEN) as wechat:
        async with adapter(official.KIND, wechat.url) as chat:
            unfiled = dispatch()._replace(message=dispatch().message._replace(template="locate-relay"))
            colleague = dispatch()._replace(to=Recipient(None, AddressKind.wecom_user, "li.si"))
            fates = [(await chat.send(each)).fate for each in (unfiled, colleague)]

    assert ([Fate.rejected_content, Fate.permanent], []) == (fates, wechat.heard)


def test_the_library_lists_its_125_codes() -> None:
    assert 125 == len(WeChatErrorCode)


@pytest.mark.parametrize("code", [each for each in WeChatErrorCode if each])
def test_every_code_that_the_library_lists_has_a_fate(code: WeChatErrorCode) -> None:
    assert OFFICIAL.fate(str(code.value)) is not None


@pytest.mark.parametrize(
    ("code", "fate"),
    [
        (-1, Fate.retryable),
        (-1000, Fate.ambiguous),
        (40003, Fate.invalid_recipient),
        (40037, Fate.rejected_content),
        (43004, Fate.opted_out),
        (43019, Fate.opted_out),
        (43101, Fate.opted_out),
        (48002, Fate.opted_out),
        (45009, Fate.throttled_account),
        (45011, Fate.throttled_account),
        (47003, Fate.rejected_content),
        (48001, Fate.provider_unavailable),
        (50002, Fate.provider_unavailable),
        (99999, Fate.permanent),
    ],
)
async def test_a_code_in_an_answer_of_200_has_its_fate(code: int, fate: Fate) -> None:
    with recording(GRANTED, (200, {"errcode": code, "errmsg": "x"})) as wechat:
        result = await send(wechat.url)

    assert (fate, code == 99999) == (result.fate, result.unmapped)


@pytest.mark.parametrize(
    ("status", "outcome", "fate"),
    [
        ("success", Outcome.delivered, None),
        ("failed:user block", Outcome.undelivered, Fate.opted_out),
        ("failed: system failed", Outcome.undelivered, None),
        ("failed: something new", Outcome.undelivered, None),
    ],
)
async def test_a_template_message_reports_its_end(status: str, outcome: Outcome, fate: Fate | None) -> None:
    async with adapter(official.KIND) as chat:
        (receipt,) = chat.read(sealed(finished(status))).receipts
        (again,) = chat.read(sealed(finished(status))).receipts

    assert ("200163836", outcome, fate) == (receipt.provider_ref, receipt.outcome, receipt.fate)
    assert receipt.event == again.event


async def test_a_report_that_names_no_message_fits_none() -> None:
    async with adapter(official.KIND) as chat:
        (receipt,) = chat.read(sealed(finished("success", "0"))).receipts

    assert (None, None) == (receipt.provider_ref, receipt.attempt)


@pytest.mark.parametrize(
    ("code", "outcome", "fate"),
    [("0", Outcome.delivered, None), ("43101", Outcome.undelivered, Fate.opted_out), ("1", Outcome.undelivered, None)],
)
async def test_a_subscription_notice_reports_its_end(code: str, outcome: Outcome, fate: Fate | None) -> None:
    listed = f"<List><TemplateId>t</TemplateId><MsgID>1864323726461255680</MsgID><ErrorCode>{code}</ErrorCode></List>"
    push = event("subscribe_msg_sent_event", f"<SubscribeMsgSentEvent>{listed}</SubscribeMsgSentEvent>")
    async with adapter(official.KIND) as chat:
        (receipt,) = chat.read(sealed(push)).receipts

    assert ("1864323726461255680", outcome, fate) == (receipt.provider_ref, receipt.outcome, receipt.fate)


async def test_to_unfollow_is_a_wish_to_be_left_alone() -> None:
    async with adapter(official.KIND) as chat:
        (item,) = chat.read(sealed(event("unsubscribe"))).inbound

    assert (Channel.wechat, AddressKind.wechat_openid, OPENID) == (item.channel, item.sender.kind, item.sender.address)
    assert "退订" == item.text


@pytest.mark.parametrize("name", ["subscribe_msg_popup_event", "subscribe_msg_change_event"])
async def test_each_answer_in_the_window_is_about_its_template(name: str) -> None:
    async with adapter(official.KIND) as chat:
        told = chat.read(sealed(event(name, answered("t1", "accept") + answered("t2", "reject"))))

    assert [("t1", True), ("t2", False)] == [(each.template, each.yes) for each in told.allowed]
    assert ({OPENID}, 2) == ({each.sender.address for each in told.allowed}, len({each.event for each in told.allowed}))
    assert ((), ()) == (tuple(told.receipts), tuple(told.inbound))


def test_a_subscription_notice_uses_up_a_yes_of_its_template_and_a_template_message_none() -> None:
    notices = account(official.KIND, notice=Notice.subscription)

    assert FILED.code == notices.uses(FILED.template, FILED.locale)
    assert None is notices.uses(FILED.template, "fr")
    assert None is account(official.KIND).uses(FILED.template, FILED.locale)


async def test_a_picture_is_a_reply_without_words() -> None:
    async with adapter(official.KIND) as chat:
        (item,) = chat.read(sealed(text("").replace("[text]", "[image]"))).inbound

    assert (Outcome.replied, None) == (item.outcome, item.text)
