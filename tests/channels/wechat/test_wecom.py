"""WeCom against the library's own requests, and what is peculiar to it."""

import asyncio

import pytest
from wechatpy.enterprise import WeChatClient

from service.channels.wechat import wecom
from service.core.model import AddressKind, Fate
from service.flows.ports import Recipient
from tests.channels.clouds.recorder import recording

from .accounts import AGENT, APP_SECRET, CORP, OPENID, adapter, dispatch, event, sealed_for_wecom

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
