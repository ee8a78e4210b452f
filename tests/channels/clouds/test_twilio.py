"""Text messages by Twilio: the request beside its own library's, its signature, its answers and its callbacks."""

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from service.channels.clouds import twilio
from service.channels.clouds.twilio_messages import KIND, Params, read_inbound, read_receipt
from service.core.errors import Invalid, Unauthenticated
from service.core.model import Channel, Fate, Outcome
from service.core.rule import Flawed
from service.flows.providers import Callback, Door
from tests.channels.clouds.accounts import ATTEMPT, PUBLIC, SECRET, TWILIO, adapter, ask, asked, dispatch, send
from tests.channels.clouds.recorder import recording
from tests.channels.dispatches import AT

ACCOUNT = str(TWILIO["account_sid"])
TOKEN = bytes(SECRET)
SID = "SM" + "1" * 32
REPORT_TO = f"{PUBLIC}/v1/receipts/cloud?attempt={ATTEMPT}"
BODY = dispatch().message.body
MADE = {"sid": SID, "status": "queued", "error_code": None}


class Redirected(TwilioHttpClient):
    """The library's own client, with the recorder in the place of the provider."""

    def __init__(self, url: str) -> None:
        super().__init__(pool_connections=False)
        self._url = url

    def request(self, method, url, *args, **kwargs):
        return super().request(method, url.replace("https://api.twilio.com", self._url), *args, **kwargs)


def by_library(url: str) -> Client:
    return Client(ACCOUNT, TOKEN.decode(), http_client=Redirected(url))


async def test_a_message_reaches_the_wire_as_the_library_sends_it() -> None:
    with recording((201, MADE)) as there:
        by_library(there.url).messages.create(
            to="+13125550100", from_="+14155550100", body=BODY, status_callback=REPORT_TO
        )
        result = await send(KIND, there.url, dispatch(to="+13125550100"))

    theirs, ours = there.heard
    assert (theirs.method, theirs.path, sorted(theirs.form)) == (ours.method, ours.path, sorted(ours.form))
    for name in ("authorization", "content-type"):
        assert theirs.headers[name] == ours.headers[name]
    assert (Fate.accepted, Outcome.sent, SID, True) == result[:4]


async def test_a_question_reaches_the_wire_as_the_library_sends_it() -> None:
    found, listed = {**MADE, "status": "delivered"}, {"messages": []}
    with recording((200, found), (200, found), (200, listed)) as there:
        by_library(there.url).messages(SID).fetch()
        known = await ask(KIND, there.url, asked(ref=SID))
        by_library(there.url).messages.list(to="+13125550100", page_size=100, limit=100)
        unknown = await ask(KIND, there.url, asked(to="+13125550100"))

    for theirs, ours in (there.heard[:2], there.heard[2:]):
        assert (theirs.method, theirs.path, theirs.query) == (ours.method, ours.path, ours.query)
        assert theirs.headers["authorization"] == ours.headers["authorization"]
    assert Outcome.delivered is known.outcome
    assert unknown is None


def made(date: str, **more: object) -> dict:
    return {"sid": SID, "status": "sent", "direction": "outbound-api", "date_created": date, "error_code": None} | more


NOW, LATER, BEFORE = (f"Mon, 24 Nov 2025 {at} +0000" for at in ("02:00:01", "02:05:00", "01:00:00"))


@pytest.mark.parametrize(
    ("listed", "found"),
    [
        ([made(NOW)], True),
        ([made(NOW), made(BEFORE), made(LATER)], True),
        ([made(NOW), made(NOW)], False),
        ([made(BEFORE), made("soon"), made(NOW, direction="inbound")], False),
        ([], False),
    ],
)
async def test_a_lost_answer_is_found_where_one_message_alone_can_be_it(listed: list, found: bool) -> None:
    with recording((200, {"messages": listed})) as there:
        result = await ask(KIND, there.url, asked())

    assert (SID if found else None) == (result and result.provider_ref)


@pytest.mark.parametrize(
    ("status", "said", "fate"),
    [
        (400, {"code": 21610, "message": "m", "status": 400}, Fate.opted_out),
        (400, {"code": 21211, "status": 400}, Fate.invalid_recipient),
        (429, {"code": 20429, "status": 429}, Fate.throttled_account),
        (401, {"code": 20003, "status": 401}, Fate.provider_unavailable),
        (400, {"code": 99999, "status": 400}, Fate.permanent),
        (500, {"code": 20500, "status": 500}, Fate.ambiguous),
        (201, {}, Fate.ambiguous),
        (200, b"<html>", Fate.ambiguous),
    ],
)
async def test_an_answer_has_the_fate_that_its_code_asks_for(status: int, said: object, fate: Fate) -> None:
    with recording((status, said)) as there:
        result = await send(KIND, there.url, dispatch())

    assert fate is result.fate


def test_the_published_example_is_signed_as_published() -> None:
    fields = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }

    assert "RSOYDt4T1cUTdK1PDd93/VVr8B8=" == twilio.sign(
        b"12345", "https://mycompany.com/myapp.php?foo=1&bar=2", fields.items()
    )


@given(st.dictionaries(st.text(min_size=1, max_size=8), st.text(max_size=20), max_size=6))
def test_a_callback_is_signed_as_the_library_signs_it(fields: dict[str, str]) -> None:
    assert RequestValidator("12345").compute_signature(REPORT_TO, fields) == twilio.sign(
        b"12345", REPORT_TO, fields.items()
    )


def callback(fields: dict[str, str], door: Door = Door.receipts, query: tuple = (("attempt", ATTEMPT),)) -> Callback:
    path = f"/v1/{door}/cloud"
    address = f"{PUBLIC}{path}" + (f"?{urlencode(query)}" if query else "")
    signature = RequestValidator(TOKEN.decode()).compute_signature(address, fields)
    return Callback(urlencode(fields).encode(), "POST", path, query, {"x-twilio-signature": signature}, door)


async def test_a_callback_is_let_in_if_the_library_would_let_it_in() -> None:
    good = callback({"MessageSid": SID, "MessageStatus": "delivered"})
    with_port = RequestValidator(TOKEN.decode()).compute_signature(
        REPORT_TO.replace(".example", ".example:443"), {"MessageSid": SID, "MessageStatus": "delivered"}
    )
    async with adapter(KIND, "http://127.0.0.1:1") as there:
        there.check(good)
        there.check(good._replace(headers={"x-twilio-signature": with_port}))
        for bad in (
            good._replace(body=b"MessageSid=other&MessageStatus=delivered"),
            good._replace(query=(("attempt", "a_other"),)),
            good._replace(path="/v1/receipts/another"),
            good._replace(headers={}),
            good._replace(headers={"x-twilio-signature": "ünknown"}),
        ):
            with pytest.raises(Unauthenticated):
                there.check(bad)


@pytest.mark.parametrize(
    ("status", "code", "outcome", "fate"),
    [
        ("queued", "", Outcome.sent, None),
        ("delivered", "", Outcome.delivered, None),
        ("read", "", Outcome.read, None),
        ("undelivered", "30003", Outcome.undelivered, None),
        ("undelivered", "30005", Outcome.undelivered, Fate.invalid_recipient),
        ("failed", "21610", Outcome.undelivered, Fate.opted_out),
        ("undelivered", "39999", Outcome.undelivered, None),
        ("something", "", Outcome.unknown, None),
    ],
)
def test_a_report_names_the_attempt_that_it_is_about(
    status: str, code: str, outcome: Outcome, fate: Fate | None
) -> None:
    receipt = read_receipt("cloud", callback({"MessageSid": SID, "MessageStatus": status, "ErrorCode": code}), AT)

    assert (outcome, fate, ATTEMPT, SID) == (receipt.outcome, receipt.fate, receipt.attempt, receipt.provider_ref)
    assert f"{SID}:{status}" == receipt.event


@pytest.mark.parametrize(("body", "stop", "text"), [("hi", "", "hi"), ("ARRET", "STOP", "STOP"), ("", "", None)])
def test_a_reply_says_stop_in_whatever_word_the_provider_took_for_it(body: str, stop: str, text: str | None) -> None:
    fields = {"MessageSid": SID, "From": "+13125550100", "To": "+14155550100", "Body": body, "OptOutType": stop}
    reply = read_inbound("cloud", callback(fields, Door.inbound, ()), AT)

    assert (SID, "+13125550100", text, Channel.sms) == (
        reply.event,
        reply.sender and reply.sender.address,
        reply.text,
        reply.channel,
    )


@pytest.mark.parametrize("raw", [b"", b"no form", b"MessageSid=", b"\xff=1"])
def test_a_body_that_is_no_report_is_refused(raw: bytes) -> None:
    with pytest.raises(Invalid):
        read_receipt("cloud", Callback(raw), AT)


@pytest.mark.parametrize("more", [{}, {"from_number": "+1", "messaging_service_sid": "MG1"}])
def test_a_message_comes_from_one_number_or_one_service(more: dict) -> None:
    with pytest.raises(Flawed):
        Params(account_sid=ACCOUNT, auth_token=SECRET, public_url=PUBLIC, **more)


async def test_a_report_and_a_reply_are_answered_with_an_empty_script() -> None:
    async with adapter(KIND, "http://127.0.0.1:1") as there:
        unknown = callback({"MessageSid": SID, "MessageStatus": "failed", "ErrorCode": "39999"})
        assert 1 == len(there.read(unknown).receipts)
        said = callback({"MessageSid": SID, "From": "+13125550100", "Body": "hi"}, Door.inbound, ())
        assert 1 == len(there.read(said).inbound)
        assert ("text/xml", b"<Response/>") == (there.reply.content_type, there.reply.body)
