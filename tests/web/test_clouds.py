"""Clouds at the real door: what was sent over the real wire is reported to the address that was told."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlencode, urlsplit
from xml.etree import ElementTree as ET

import orjson
import pytest
from httpx import Response
from twilio.request_validator import RequestValidator

from service.channels.clouds import aliyun_sms, twilio_calls, twilio_messages
from service.wiring import Shelf
from tests.channels.clouds.accounts import PUBLIC, SECRET, TWILIO
from tests.channels.clouds.fakes import Fake, cloud, serial

from .front import Web, request_body
from .routed import routed

ACCOUNT = TWILIO["account_sid"]

TWILIO_SMS = f"""
providers:
  twilio:
    kind: twilio_sms
    account_sid: {ACCOUNT}
    auth_token_file: cloud.secret
    public_url: {PUBLIC}
    from_number: "+14155550100"
    url: URL
routes:
  sms: twilio
"""

TWILIO_VOICE = f"""
providers:
  twilio:
    kind: twilio_voice
    account_sid: {ACCOUNT}
    auth_token_file: cloud.secret
    public_url: {PUBLIC}
    from_number: "+14155550100"
    url: URL
    records: true
routes:
  call: twilio
"""

ALIYUN = """
providers:
  aliyun:
    kind: aliyun_sms
    access_key_id: LTAI-test
    access_key_secret_file: cloud.secret
    url: URL
    callback_secret_file: segment.secret
    signatures: {某某农商行: approved}
    templates:
      - {template: overdue-reminder, locale: zh-CN, code: SMS_1, state: approved, signature: 某某农商行,
         variables: {amount: amount_due, day: due_on}}
    permission: {by: the provider, on: "2026-10-01", reference: "4711"}
    purposes: [collection]
routes:
  sms: aliyun
"""
SEGMENT = "nobody-guesses-this-one"


@asynccontextmanager
async def served(text: str, data_dir: Path, shelf: Shelf, folder: Path, fake: Fake) -> AsyncIterator[Web]:
    secrets = {"cloud.secret": SECRET, "segment.secret": SEGMENT}
    routes, signature = text.replace("URL", fake.url), "某某农商行"
    async with routed(routes, secrets, data_dir, shelf, folder, GATEWAY_SMS_SIGNATURE=signature) as front:
        yield front


def signed(address: str, fields: dict[str, str], token: bytes = SECRET) -> dict[str, str]:
    signature = RequestValidator(token.decode()).compute_signature(address, fields)
    return {"x-twilio-signature": signature, "content-type": "application/x-www-form-urlencoded"}


async def test_a_report_is_let_in_for_its_signature_and_moves_the_request_on(
    data_dir: Path, shelf: Shelf, tmp_path: Path
) -> None:
    async with cloud(twilio_messages.KIND) as fake, served(TWILIO_SMS, data_dir, shelf, tmp_path, fake) as web:
        posted = (await web.post("/v1/contact-requests", request_body())).json()
        await web.dispatch()
        (attempt,) = fake.taken
        address = f"{PUBLIC}/v1/receipts/twilio?attempt={attempt}"
        fields = {"MessageSid": serial(attempt), "MessageStatus": "delivered"}
        path = address.removeprefix(PUBLIC)
        body = urlencode(fields).encode()

        forged = await web.http.post(path, content=body, headers=signed(address, fields, b"another token"))
        good = await web.http.post(path, content=body, headers=signed(address, fields))
        again = await web.http.post(path, content=body, headers=signed(address, fields))

        assert [401, 200, 200] == [forged.status_code, good.status_code, again.status_code]
        read = (await web.get(f"/v1/contact-requests/{posted['id']}")).json()

    assert ("completed", "delivered", 1) == (read["state"], read["attempts"][0]["outcome"], len(read["receipts"]))


@pytest.mark.parametrize("word", ["STOP", "退订"])
async def test_a_stop_that_comes_by_the_door_bars_the_number(
    data_dir: Path, shelf: Shelf, tmp_path: Path, word: str
) -> None:
    async with cloud(twilio_messages.KIND) as fake, served(TWILIO_SMS, data_dir, shelf, tmp_path, fake) as web:
        await web.post("/v1/contact-requests", request_body())
        await web.dispatch()
        address = f"{PUBLIC}/v1/inbound/twilio"
        fields = {"MessageSid": "SM9", "From": "+8613800138000", "To": "+14155550100", "Body": word}

        told = await web.http.post(
            urlsplit(address).path, content=urlencode(fields).encode(), headers=signed(address, fields)
        )

        assert 200 == told.status_code
        assert [("sms", "opt_out")] == [(row["channel"], row["reason"]) for row in await web.rows("suppressions")]


async def test_what_nobody_signs_is_let_in_by_a_path_that_nobody_guesses(
    data_dir: Path, shelf: Shelf, tmp_path: Path
) -> None:
    async with cloud(aliyun_sms.KIND) as fake, served(ALIYUN, data_dir, shelf, tmp_path, fake) as web:
        await web.post("/v1/contact-requests", request_body())
        await web.dispatch()
        (attempt,) = fake.taken
        item = {"biz_id": serial(attempt), "out_id": attempt, "success": True, "err_code": "DELIVERED"}

        paths = ["/v1/receipts/aliyun", "/v1/receipts/aliyun/guessed", f"/v1/receipts/aliyun/{SEGMENT}"]
        told = [await web.http.post(path, content=orjson.dumps([item])) for path in paths]

        assert [404, 404, 200] == [each.status_code for each in told]
        assert {"code": 0, "msg": "OK"} == told[-1].json()
        assert ["delivered"] == [row["outcome"] for row in await web.rows("attempts")]
        (query,) = fake.queries
        values = orjson.loads(query["TemplateParam"])
        assert ["amount", "day"] == list(values) and "1234.56" in values["amount"].replace(",", "")
        assert ("SMS_1", "某某农商行", "13800138000") == tuple(
            query[name] for name in ("TemplateCode", "SignName", "PhoneNumbers")
        )


async def test_a_call_asks_us_what_to_say_and_its_key_is_answered_with_the_rest(
    data_dir: Path, shelf: Shelf, tmp_path: Path
) -> None:
    call = request_body(channel="call", dialing="ai_voice")
    async with cloud(twilio_calls.KIND) as fake, served(TWILIO_VOICE, data_dir, shelf, tmp_path, fake) as web:
        posted = (await web.post("/v1/contact-requests", call)).json()
        await web.dispatch()
        (form,) = fake.forms

        async def asked(address: str, **fields: str) -> Response:
            body = urlencode(fields).encode()
            return await web.http.post(address.removeprefix(PUBLIC), content=body, headers=signed(address, fields))

        first = await asked(form["Url"], CallSid="CA1", AnsweredBy="human")
        gather = ET.fromstring(first.content).find("Gather")
        assert gather is not None and "1,234.56" not in first.text and "<Recording" in first.text
        told = await asked(gather.attrib["action"], CallSid="CA1", Digits="1")
        named = await asked(form["StatusCallback"], CallSid="CA1", RecordingSid="RE1", RecordingStatus="completed")

        assert ["text/xml"] * 3 == [each.headers["content-type"].partition(";")[0] for each in (first, told, named)]
        assert "1,234.56" in told.text
        read = (await web.get(f"/v1/contact-requests/{posted['id']}")).json()
    assert ("completed", "conversation_right_party") == (read["state"], read["attempts"][0]["outcome"])
