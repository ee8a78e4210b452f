"""The order for a visit, from the door to the desk: WeCom on loopback, the client's events, the figures."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from service import beats
from service.flows.orders import Ordered, hand_over_order
from service.wiring import Shelf
from tests.channels.clouds.recorder import Recorder, recording
from tests.channels.wechat.accounts import AES_KEY, AGENT, APP_SECRET, CORP, TOKEN

from .conftest import MORNING
from .front import Web, request_body
from .routed import routed
from .test_beats import Told

GRANTED = (200, {"errcode": 0, "errmsg": "ok", "access_token": "token-1", "expires_in": 7200})
TAKEN = (200, {"errcode": 0, "errmsg": "ok", "invaliduser": "", "msgid": "msg-1"})
REFUSED = (200, {"errcode": 81013, "errmsg": "all invalid"})
PATH = "/v1/contact-requests"

ROUTES = f"""
providers:
  staff:
    kind: wecom
    corp_id: {CORP}
    corp_secret_file: app.secret
    agent_id: {AGENT}
    push_token_file: push.token
    encoding_aes_key_file: aes.key
    desk: [li.si, wang.wu]
    url: URL
routes:
  visit: staff
"""


def visit_body(**more):
    return request_body(
        **{
            "channel": "visit",
            "execution": "permit",
            "address": {
                "value": {"lines": ["测试路1号"], "city": "某市", "country": "CN"},
                "kind": "home",
                "provenance": "contract",
            },
            "template": "visit-order",
            "variables": {"amount_due": "1234.56", "currency": "CNY", "days_past_due": "35"},
            "visit": {"party_size": 2, "ids_shown": True, "av_recording": True},
            **more,
        }
    )


@asynccontextmanager
async def served(data_dir: Path, shelf: Shelf, folder: Path, wecom: Recorder) -> AsyncIterator[Web]:
    secrets = {"app.secret": APP_SECRET, "push.token": TOKEN, "aes.key": AES_KEY}
    async with routed(ROUTES.replace("URL", wecom.url), secrets, data_dir, shelf, folder) as front:
        yield front


async def beat(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the beats run until the orders had their turn, sooner than they have it."""
    monkeypatch.setattr(beats, "ORDERS_S", 0.02)
    told = Told()
    running = beats.Beats(
        web.house.gateway,
        web.house.deciding,
        owner=web.house.owner,
        batch=2,
        dispatching=True,
        observe=told,
        figure=web.house.metrics.figure,
    )
    running.start()
    await told.came("orders")
    await running.stop()


async def hand_over(web: Web) -> Ordered:
    gateway = web.house.gateway
    return await hand_over_order(gateway.kit, gateway.store, gateway.channels, web.house.owner)


async def test_a_permitted_visit_reaches_the_desk_and_the_client_is_told(
    data_dir: Path, shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with recording(GRANTED, TAKEN) as wecom:
        async with served(data_dir, shelf, tmp_path, wecom) as web:
            answer = (await web.post(PATH, visit_body())).json()
            await beat(web, monkeypatch)
            await web.number()
            events = (await web.get("/v1/events")).json()["items"]
            figures = (await web.get("/metrics")).text

    asked, said = wecom.heard
    assert ("/cgi-bin/gettoken", "/cgi-bin/message/send") == (asked.path, said.path)
    assert ("li.si|wang.wu", AGENT) == (said.json["touser"], said.json["agentid"])
    content = said.json["text"]["content"]
    assert all(word in content for word in (answer["permit"]["id"], answer["reference"], "张三", "某市测试路1号"))
    assert "1,234.56" not in content and "逾期" not in content
    assert ["request.accepted", "order.handed_over"] == [event["kind"] for event in events]
    assert (answer["permit"], "dispatching") == (events[1]["permit"], events[1]["state"])
    assert "gateway_orders_handed_over 1.0" in figures


async def test_an_order_that_nobody_can_get_is_given_up_in_the_open_and_the_permit_stands(
    data_dir: Path, shelf: Shelf, tmp_path: Path
) -> None:
    with recording(GRANTED, REFUSED) as wecom:
        async with served(data_dir, shelf, tmp_path, wecom) as web:
            answer = (await web.post(PATH, visit_body())).json()
            told = await hand_over(web)
            await web.number()
            events = (await web.get("/v1/events")).json()["items"]
            met = {"outcome": "visited_met", "started_at": MORNING, "ended_at": MORNING, "duration_s": 0}
            reported = await web.post(f"{PATH}/{answer['id']}/outcome", met)
            entries = await web.post("/v1/audit/entries/search", {"kind": "order.given_up"})

    assert ["request.accepted", "order.given_up"] == [event["kind"] for event in events]
    assert (Ordered(given_up=1), 200) == (told, reported.status_code)
    assert ["81013"] == [entry["details"]["detail"] for entry in entries.json()["items"]]
