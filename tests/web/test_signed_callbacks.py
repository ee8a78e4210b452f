"""A provider that signs its callbacks, at the real door: reported to the address that was told."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from twilio.request_validator import RequestValidator

from service.channels.clouds import twilio_messages
from service.wiring import Shelf, open_house
from tests.channels.clouds.accounts import PUBLIC, SECRET, TWILIO
from tests.channels.clouds.fakes import Fake, cloud, serial

from .conftest import MORNING, settings_for
from .front import HandClock, Web, request_body

ROUTES = """
providers:
  twilio:
    kind: twilio_sms
    account_sid: {account_sid}
    auth_token_file: twilio.secret
    public_url: {public_url}
    from_number: "+14155550100"
    url: {url}
routes:
  sms: twilio
"""


@asynccontextmanager
async def at_twilio(data_dir: Path, shelf: Shelf, folder: Path, fake: Fake) -> AsyncIterator[Web]:
    (folder / "twilio.secret").write_bytes(SECRET)
    routes = folder / "routes.yaml"
    routes.write_text(ROUTES.format(account_sid=TWILIO["account_sid"], public_url=PUBLIC, url=fake.url))
    clock = HandClock(MORNING)
    more = {
        "GATEWAY_PROVIDERS": str(routes),
        "GATEWAY_INSTITUTION": "某某农商银行",
        "GATEWAY_HOTLINE": "021-55550100",
        "GATEWAY_SMS_SIGNATURE": "某某农商行",
    }
    async with (
        open_house(settings_for(data_dir, **more), clock=clock, shelf=shelf) as house,
        Web(house, clock) as front,
    ):
        yield front


def signed(address: str, fields: dict[str, str], token: bytes = SECRET) -> dict[str, str]:
    signature = RequestValidator(token.decode()).compute_signature(address, fields)
    return {"x-twilio-signature": signature, "content-type": "application/x-www-form-urlencoded"}


async def test_a_report_is_let_in_for_its_signature_and_moves_the_request_on(
    data_dir: Path, shelf: Shelf, tmp_path: Path
) -> None:
    async with cloud(twilio_messages.KIND) as fake, at_twilio(data_dir, shelf, tmp_path, fake) as web:
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
    async with cloud(twilio_messages.KIND) as fake, at_twilio(data_dir, shelf, tmp_path, fake) as web:
        await web.post("/v1/contact-requests", request_body())
        await web.dispatch()
        address = f"{PUBLIC}/v1/inbound/twilio"
        fields = {"MessageSid": "SM9", "From": "+8613800138000", "To": "+14155550100", "Body": word}

        told = await web.http.post(
            urlsplit(address).path, content=urlencode(fields).encode(), headers=signed(address, fields)
        )

        assert 200 == told.status_code
        assert [("sms", "opt_out")] == [(row["channel"], row["reason"]) for row in await web.rows("suppressions")]
