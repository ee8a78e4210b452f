"""Letters handed to a print-and-mail house by HTTP, and what it says of them."""

import email.policy
import hashlib
from base64 import b64decode
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import orjson
import pytest

from service.channels.adapter import Site
from service.channels.answers import accepted, not_taken, refused, unsure
from service.channels.press.print_http import KIND, PrintHttp, build, read_receipt
from service.channels.press.print_http_account import Form, Params
from service.channels.signature import sign
from service.core.errors import Invalid, NotFound, Unauthenticated
from service.core.model import Channel, Fate, Outcome
from service.core.policy import Flawed
from service.flows.ports import Asked, SendResult
from service.flows.providers import Callback, ProviderAccount, Secret, Url
from tests.channels.clouds.recorder import Recorder, recording
from tests.channels.dispatches import AT, a_dispatch

PDF = b"%PDF-1.7 <</Type/Pages/Count 2>>\r\n\xff\x00--"
SECRET = Secret(b"the house and the bank")
LETTER = a_dispatch(Channel.letter)
ASKED = Asked("a1", Channel.letter, AT)


def params(url: str = "http://house.example", **more: Any) -> Params:
    return Params(**{"url": Url(url), "token": Secret(b"token-of-the-bank"), "secret": SECRET, **more})


def adapter(url: str, **more: Any) -> PrintHttp:
    account = ProviderAccount("press", KIND, params(url, **more), frozenset({Channel.letter}))
    return PrintHttp(Site(account, lambda: AT, 5, lambda *_: PDF, Path()))


async def sent(house: Recorder, **more: Any) -> SendResult:
    press = adapter(house.url, **more)
    try:
        return await press.send(LETTER)
    finally:
        await press.close()


async def asked(house: Recorder, **more: Any) -> SendResult | None:
    press = adapter(house.url, **more)
    try:
        return await press.ask(ASKED)
    finally:
        await press.close()


async def test_a_letter_goes_out_as_json() -> None:
    with recording((201, {"id": "L-1", "status": "queued"})) as house:
        result = await sent(house)

    [heard] = house.heard
    assert accepted("L-1") == result
    assert ("POST", "/letters") == (heard.method, heard.path)
    assert ("a1", "Bearer token-of-the-bank") == (heard.headers["idempotency-key"], heard.headers["authorization"])
    assert PDF == b64decode(heard.json.pop("file"))
    assert {"reference": "a1", "service": "registered", "pages": 2, "sha256": hashlib.sha256(PDF).hexdigest()} == {
        name: value for name, value in heard.json.items() if name != "file"
    }


async def test_a_letter_goes_out_as_a_form_that_another_reader_understands() -> None:
    with recording((200, {"no": 17})) as house:
        more = {"path": "/v2/jobs", "reference_field": "ref", "file_field": "document", "id_field": "no"}
        result = await sent(house, form=Form.multipart, **more)

    [heard] = house.heard
    head = f"Content-Type: {heard.headers['content-type']}\r\n\r\n".encode()
    message = BytesParser(policy=email.policy.HTTP).parsebytes(head + heard.body)
    parts = {
        part.get_param("name", header="content-disposition"): part.get_payload(decode=True)
        for part in message.iter_parts()
    }
    assert accepted("17") == result
    assert "/v2/jobs" == heard.path
    assert (b"a1", b"registered", PDF) == (parts["ref"], parts["service"], parts["document"])


def test_the_address_goes_nowhere_but_onto_the_letter() -> None:
    request = build(params(), LETTER, PDF)

    assert LETTER.to.name is not None
    assert LETTER.to.name.encode() not in request.body
    assert "测试路".encode() not in request.body


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        ((200, {"id": "L-1", "status": "delivered"}), accepted("L-1", outcome=Outcome.delivered, awaits=False)),
        ((200, {"id": "L-1", "status": "mailed"}), accepted("L-1")),
        (
            (200, {"id": "L-1", "status": "failed"}),
            SendResult(Fate.permanent, Outcome.failed, "L-1", detail="not_printed"),
        ),
        ((200, {"message": "queued"}), unsure("unreadable")),
        ((200, b"<html>"), unsure("unreadable")),
        ((500, {"id": "L-1"}), unsure("http_500")),
        ((422, {"error": "no"}), refused("http_422")),
        ((401, {}), not_taken("http_401", Fate.provider_unavailable)),
        ((429, {}), not_taken("http_429", Fate.throttled_account)),
    ],
)
async def test_what_the_house_answers_is_what_became_of_the_letter(answer: Any, result: SendResult) -> None:
    with recording(answer) as house:
        assert result == await sent(house, statuses={"mailed": "posted"})


async def test_a_house_that_tells_nothing_is_not_waited_for() -> None:
    with recording((200, {"id": "L-1"})) as house:
        assert accepted("L-1", awaits=False) == await sent(house, secret=None)


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        ((200, {"id": "L-1", "status": "posted"}), accepted("L-1")),
        ((200, {"id": "L-1", "status": "returned"}), accepted("L-1", outcome=Outcome.returned, awaits=False)),
        ((404, {"error": "no such letter"}), not_taken("never_taken")),
        ((404, b"<html>"), None),
        ((405, b""), None),
        ((500, {"id": "L-1"}), None),
    ],
)
async def test_a_lost_answer_is_asked_for_by_the_reference(answer: Any, result: SendResult | None) -> None:
    with recording(answer) as house:
        assert result == await asked(house, status_path="/v2/jobs/by-reference/{reference}")

    assert ["/v2/jobs/by-reference/a1"] == [heard.path for heard in house.heard]


async def test_a_house_that_is_away_was_not_reached() -> None:
    press = adapter("http://127.0.0.1:9")

    assert not_taken("unreachable") == await press.send(LETTER)
    assert await press.ask(ASKED) is None
    await press.close()


def event(**more: Any) -> dict[str, Any]:
    return {"event": "e1", "reference": "a1", "id": "L-1", "status": "posted", "at": "2025-11-24T18:00:00Z", **more}


def body(*events: dict[str, Any]) -> bytes:
    return orjson.dumps({"events": events})


def test_what_became_of_letters_is_read() -> None:
    said = body(event(tracking="XA1"), event(event="e2", reference=None, status="wrong_address"))
    posted, returned = read_receipt("press", params(statuses={"wrong_address": "returned"}), said).receipts

    assert ("e1", "a1", "L-1", Outcome.sent, "posted XA1") == (
        posted.event,
        posted.attempt,
        posted.provider_ref,
        posted.outcome,
        posted.text,
    )
    assert (None, "L-1", Outcome.returned) == (returned.attempt, returned.provider_ref, returned.outcome)


def test_a_house_that_counts_its_letters_says_so_in_its_callbacks_too() -> None:
    (receipt,) = read_receipt("press", params(), body(event(reference=None, id=4711))).receipts

    assert (None, "4711") == (receipt.attempt, receipt.provider_ref)


@pytest.mark.parametrize(
    "spoilt", [event(status="?"), event(at="today"), event(reference=None, id=None), event(status=None)]
)
def test_what_cannot_be_read_is_left_over_and_spoils_no_other(spoilt: dict[str, Any]) -> None:
    told = read_receipt("press", params(), body(spoilt, event(), spoilt))

    assert ["a1"] == [receipt.attempt for receipt in told.receipts]
    assert told.left is not None and (2, [spoilt, spoilt]) == (told.left.items, orjson.loads(told.left.body)["events"])
    assert told.left.why.startswith("events.0")


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", body()])
def test_a_body_that_holds_no_events_is_refused(raw: bytes) -> None:
    with pytest.raises(Invalid):
        read_receipt("press", params(), raw)


def test_only_the_house_is_believed() -> None:
    said = body(event())
    press = adapter("http://house.example")
    press.check(Callback(said, headers=dict(sign(SECRET, AT, said))))
    with pytest.raises(Unauthenticated):
        press.check(Callback(said, headers=dict(sign(b"somebody else's secret", AT, said))))
    with pytest.raises(NotFound):
        adapter("http://house.example", secret=None).check(Callback(said))

    assert 1 == len(press.read(Callback(said)).receipts)


def test_an_account_that_cannot_be_is_refused() -> None:
    with pytest.raises(Flawed) as caught:
        params(statuses={"mailed": "gone"}, status_path="/letters")

    assert ["statuses.mailed", "status_path"] == [path for path, _ in caught.value.flaws]
