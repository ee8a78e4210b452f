"""WeChat at the real door: what followers do there binds the next decision."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from service.channels.wechat.pushed import signature
from service.core.civil import parse_instant
from service.wiring import Shelf
from tests.channels.clouds.recorder import Recorder, recording
from tests.channels.wechat.accounts import (
    AES_KEY,
    APP,
    APP_SECRET,
    OPENID,
    TOKEN,
    answered,
    event,
    finished,
    sealed,
    text,
)

from .conftest import MORNING
from .front import Web, request_body
from .routed import routed

GRANTED = (200, {"access_token": "token-1", "expires_in": 864_000})
TAKEN = (200, {"errcode": 0, "errmsg": "ok", "msgid": 200163836})
AT = parse_instant(MORNING)

ROUTES = f"""
providers:
  followers:
    kind: wechat_official
    app_id: {APP}
    app_secret_file: app.secret
    push_token_file: push.token
    encoding_aes_key_file: aes.key
    notice: template
    url: URL
    templates:
      - {{template: overdue-reminder, locale: zh-CN, code: ngqIpbwh8b, state: approved}}
    permission: {{by: the provider, on: "2026-10-01", reference: "4711"}}
    purposes: [collection]
routes:
  wechat: followers
"""


def a_message(**more):
    return request_body(
        channel="wechat", address={"value": OPENID, "kind": "wechat_openid", "provenance": "debtor_provided"}, **more
    )


@asynccontextmanager
async def served(
    data_dir: Path, shelf: Shelf, folder: Path, wechat: Recorder, text: str = ROUTES
) -> AsyncIterator[Web]:
    secrets = {"app.secret": APP_SECRET, "push.token": TOKEN, "aes.key": AES_KEY}
    async with routed(text.replace("URL", wechat.url), secrets, data_dir, shelf, folder) as front:
        consent = {"kind": "channel", "channel": "wechat", "granted_at": "2026-11-01T10:00:00+08:00"}
        assert (await front.post("/v1/parties/P-10086/consents", consent)).is_success
        assert 202 == (await front.post("/v1/contact-requests", a_message())).status_code
        await front.dispatch()
        yield front


async def refused(web: Web) -> list[str]:
    """The rules against the next one."""
    told = (await web.post("/v1/contact-requests", a_message(reference="coll-20261123-000002"))).json()
    return [each["rule"] for each in told["decision"]["verdicts"] if each["effect"] == "deny"]


async def push(web: Web, inner: str):
    callback = sealed(inner, at=web.clock.now)
    return await web.http.post("/v1/receipts/followers", params=list(callback.query), content=callback.body)


async def test_a_message_goes_out_as_our_template_writes_it_and_its_report_completes_it(
    data_dir: Path, shelf: Shelf, tmp_path: Path
) -> None:
    with recording(GRANTED, TAKEN) as wechat:
        async with served(data_dir, shelf, tmp_path, wechat) as web:
            told = await push(web, finished("success"))
            outcomes = [row["outcome"] for row in await web.rows("attempts")]

    said = wechat.heard[-1].json
    assert (200, b"success", ["delivered"]) == (told.status_code, told.content, outcomes)
    assert {"thing1", "amount2", "date3", "thing4"} == said["data"].keys()
    assert "1,234.56" in said["data"]["amount2"]["value"]


@pytest.mark.parametrize("inner", [event("unsubscribe", at=AT), text("退订", at=AT), finished("failed:user block")])
async def test_whoever_unfollows_says_stop_or_blocks_us_is_not_written_to_again(
    data_dir: Path, shelf: Shelf, tmp_path: Path, inner: str
) -> None:
    with recording(GRANTED, TAKEN) as wechat:
        async with served(data_dir, shelf, tmp_path, wechat) as web:
            told = [await push(web, inner) for _ in range(3)]

            assert [200] * 3 == [each.status_code for each in told]
            assert ["wechat"] == [row["channel"] for row in await web.rows("suppressions")]
            assert "house/suppression" in await refused(web)


async def test_a_refusal_for_want_of_consent_bars_the_channel(data_dir: Path, shelf: Shelf, tmp_path: Path) -> None:
    with recording(GRANTED, (200, {"errcode": 43101, "errmsg": "user refuse to accept the msg"})) as wechat:
        async with served(data_dir, shelf, tmp_path, wechat) as web:
            assert "house/suppression" in await refused(web)


async def test_the_address_is_tried_before_it_is_used(data_dir: Path, shelf: Shelf, tmp_path: Path) -> None:
    seconds = str(AT // 1_000_000)
    query = {"timestamp": seconds, "nonce": "n", "echostr": "4375120948345356249"}
    with recording(GRANTED, TAKEN) as wechat:
        async with served(data_dir, shelf, tmp_path, wechat) as web:
            good = await web.http.get(
                "/v1/receipts/followers", params=query | {"signature": signature(TOKEN, seconds, "n")}
            )
            forged = await web.http.get("/v1/receipts/followers", params=query | {"signature": "0" * 40})

    assert (200, "4375120948345356249", 401) == (good.status_code, good.text, forged.status_code)


NOTICES = ROUTES.replace("notice: template", "notice: subscription")
YES = answered("ngqIpbwh8b", "accept")


async def another_day(web: Web, day: int) -> tuple[str, list[str]]:
    """Post one more on another day; give its state, and the rules that stood against it at the wire."""
    web.clock.set(f"2026-11-{day}T10:00:00+08:00")
    posted = (await web.post("/v1/contact-requests", a_message(reference=f"on-{day}"))).json()
    await web.dispatch()
    read = (await web.get(f"/v1/contact-requests/{posted['id']}")).json()
    return read["state"], [each["rule"] for each in read["decisions"][-1]["verdicts"] if each["effect"] != "allow"]


async def test_each_yes_allows_one_notice_and_without_one_nothing_is_called(
    data_dir: Path, shelf: Shelf, tmp_path: Path
) -> None:
    with recording(GRANTED, TAKEN) as wechat:
        async with served(data_dir, shelf, tmp_path, wechat, NOTICES) as web:
            await push(web, event("subscribe_msg_popup_event", YES, at=web.clock.now))
            second, called = await another_day(web, 24), len(wechat.heard)
            third, still = await another_day(web, 25), len(wechat.heard)
            await push(web, event("subscribe_msg_popup_event", YES, at=web.clock.now))
            fourth = await another_day(web, 26)

    assert (("sent", []), ("refused", ["gateway/allowance-spent"]), ("sent", [])) == (second, third, fourth)
    assert called == still


async def test_a_later_yes_ends_the_bar_of_a_consent_that_was_used_up(
    data_dir: Path, shelf: Shelf, tmp_path: Path
) -> None:
    with recording(GRANTED, (200, {"errcode": 43101, "errmsg": "x"}), TAKEN) as wechat:
        async with served(data_dir, shelf, tmp_path, wechat, NOTICES) as web:
            assert "house/suppression" in await refused(web)
            await push(web, event("subscribe_msg_popup_event", YES, at=web.clock.now))

            assert ("sent", []) == await another_day(web, 24)
