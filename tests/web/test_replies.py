"""What a party answers: an event of the client whose request it answers, and words that are read at the door."""

from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from service.channels.clouds import twilio_messages
from service.web.entries_shown import EventPageShown
from service.web.facts_shown import ReplyShown
from service.wiring import Shelf
from tests.channels.clouds.accounts import PUBLIC
from tests.channels.clouds.fakes import cloud

from .front import Web, request_body
from .test_clouds import TWILIO_SMS, served, signed

INBOUND = f"{PUBLIC}/v1/inbound/twilio"
FREE = "下周三发工资就还，谢谢"


async def answered(web: Web, text: str, number: int = 1) -> None:
    fields = {"MessageSid": f"SM{number}", "From": "+8613800138000", "To": "+14155550100", "Body": text}
    path, content = urlsplit(INBOUND).path, urlencode(fields).encode()
    told = await web.http.post(path, content=content, headers=signed(INBOUND, fields))
    assert 200 == told.status_code


async def received(web: Web, key: str | None = None) -> list[dict[str, Any]]:
    await web.number()
    page = (await web.get("/v1/events", key=key)).json()
    EventPageShown.model_validate(page)
    return [each for each in page["items"] if each["kind"] == "interaction.received"]


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("ＳＴＯＰ", "stop"),
        ("Stop calling me", "stop"),
        ("我要投诉", "complaint"),
        ("打错了", "wrong_number"),
        ("Please call me back", "call_back"),
        (FREE, "free"),
    ],
)
async def test_an_answer_is_an_event_of_the_client_whose_request_it_answers(
    data_dir: Path, shelf: Shelf, tmp_path: Path, text: str, asks: str
) -> None:
    async with cloud(twilio_messages.KIND) as fake, served(TWILIO_SMS, data_dir, shelf, tmp_path, fake) as web:
        posted = (await web.post("/v1/contact-requests", request_body(reference="mine"))).json()
        other = await web.key("other")
        await web.dispatch()

        await answered(web, text)
        await answered(web, text)

        (event,) = await received(web)
        assert (posted["id"], "mine", None) == tuple(event[name] for name in ("request", "reference", "state"))
        assert ("replied", asks) == (event["outcome"], event["interaction"]["asks"])
        assert text not in str(event)
        assert [] == await received(web, other)


async def test_the_words_are_read_by_the_client_itself_and_by_who_may_see_personal_data(
    data_dir: Path, shelf: Shelf, tmp_path: Path
) -> None:
    async with cloud(twilio_messages.KIND) as fake, served(TWILIO_SMS, data_dir, shelf, tmp_path, fake) as web:
        own = await web.key("own", "contact:write", "contact:read")
        scopes = {"other": ("contact:read",), "officer": ("audit:read",), "unmasked": ("audit:read", "pii:read")}
        keys = {name: await web.key(name, *given) for name, given in scopes.items()}
        await web.post("/v1/contact-requests", request_body(), key=own)
        await web.dispatch()
        await answered(web, FREE)
        (event,) = await received(web, own)
        path = f"/v1/interactions/{event['interaction']['id']}"

        read = {name: await web.get(path, key=key) for name, key in {"own": own, **keys}.items()}

        assert {"own": 200, "other": 404, "officer": 200, "unmasked": 200} == {
            name: each.status_code for name, each in read.items()
        }
        told = {name: ReplyShown.model_validate(each.json()).text for name, each in read.items() if name != "other"}
        assert {"own": FREE, "officer": None, "unmasked": FREE} == told
        kinds = [row["kind"] for row in await web.rows("entries") if row["kind"].startswith("interaction.")]
        assert ["received", "unmasked", "read", "unmasked"] == [kind.removeprefix("interaction.") for kind in kinds]
        assert 404 == (await web.get("/v1/interactions/a_nothing", key=own)).status_code
        assert 404 == (await web.get(f"/v1/interactions/{next(iter(fake.taken))}", key=own)).status_code
