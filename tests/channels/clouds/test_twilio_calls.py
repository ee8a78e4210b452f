"""Calls by Twilio: the request beside its own library's, the two halves of the script, and what became of a call."""

from urllib.parse import parse_qsl, urlencode, urlsplit
from xml.etree import ElementTree as ET

import pytest
from twilio.twiml.voice_response import VoiceResponse

from service.channels.clouds import twiml
from service.channels.clouds.spoken import in_private, in_public, phrases
from service.channels.clouds.twilio_calls import KIND, build, read_key, read_receipt
from service.core.errors import Invalid
from service.core.model import Channel, Fate, Outcome
from service.core.rendering import Part
from service.flows.ports import Dispatch
from service.flows.providers import Callback
from tests.channels.clouds.accounts import ATTEMPT, PUBLIC, SECRET, account, adapter, ask, asked, dispatch, send
from tests.channels.clouds.recorder import recording
from tests.channels.clouds.test_twilio import REPORT_TO, by_library
from tests.channels.dispatches import AT

TOKEN = bytes(SECRET)
SID = "CA" + "1" * 32
DEBT = "您尾号1234的账户尚有1,234.50元没有还上。"


def a_call(body: str = DEBT) -> Dispatch:
    plain = dispatch(Channel.call, to="+13125550100")
    parts = (
        Part("opening", "", "您好，这里是示例银行。"),
        Part("verification", "", "请问您是张三本人吗？"),
        Part("body", "", body),
        Part("options", "", "如有困难请告诉我。"),
        Part("closing", "", "再见。"),
    )
    return plain._replace(message=plain.message._replace(parts=parts))


def script(call: Dispatch) -> str:
    request = build(call, account(KIND), b"n" * 12)
    assert request is not None
    return dict(parse_qsl(request.body.decode()))["Twiml"]


def key_address(written: str) -> str:
    found = ET.fromstring(written.encode()).find("Gather")
    assert found is not None
    return found.attrib["action"]


def pressed(written: str, key: str, attempt: str = ATTEMPT) -> Callback:
    query = tuple(
        (name, attempt if name == "attempt" else value)
        for name, value in parse_qsl(urlsplit(key_address(written)).query)
    )
    return Callback(urlencode({"CallSid": SID, "Digits": key}).encode(), query=query)


async def test_a_call_reaches_the_wire_as_the_library_sends_it() -> None:
    with recording((201, {"sid": SID, "status": "queued"})) as there:
        result = await send(KIND, there.url, a_call())
        (ours,) = there.heard
        by_library(there.url).calls.create(
            to="+13125550100",
            from_="+14155550100",
            twiml=dict(ours.form)["Twiml"],
            timeout=30,
            status_callback=REPORT_TO,
            status_callback_method="POST",
            status_callback_event=["initiated", "ringing", "answered", "completed"],
            machine_detection="DetectMessageEnd",
            record=True,
        )

    _, theirs = there.heard
    assert (theirs.method, theirs.path) == (ours.method, ours.path)
    assert sorted(_folded(theirs.form)) == sorted(_folded(ours.form))
    assert theirs.headers["authorization"] == ours.headers["authorization"]
    assert (Fate.accepted, Outcome.sent, SID, True) == result[:4]


def _folded(form: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Truth is spelled `True` by the library, `true` by the documentation; the provider takes both."""
    return [(name, value.lower() if name == "Record" else value) for name, value in form]


def test_the_first_half_is_what_the_librarys_own_builder_writes() -> None:
    message = a_call().message
    written = script(a_call())
    response = VoiceResponse()
    gather = response.gather(input="dtmf", num_digits=1, timeout=8, action=key_address(written), method="POST")
    for text in in_public(message):
        gather.say(text, language="zh-CN")
    response.say(phrases("zh-CN").goodbye, language="zh-CN")

    assert ET.canonicalize(str(response)) == ET.canonicalize(written)


def test_whoever_picks_up_hears_nothing_of_the_debt_before_the_key() -> None:
    written = script(a_call())

    assert "1,234.50" not in written
    assert "张三" in written
    assert key_address(written).startswith(f"{PUBLIC}/v1/receipts/cloud?attempt={ATTEMPT}&script=")


def test_the_person_meant_hears_the_rest_after_the_key() -> None:
    call = a_call()
    told = read_key("cloud", TOKEN, pressed(script(call), "1"), AT)

    assert told.reply is not None and "text/xml" == told.reply.content_type
    said = [say.text for say in ET.fromstring(told.reply.body).iter("Say")]
    assert list(in_private(call.message)) == said
    (receipt,) = told.receipts
    assert (Outcome.conversation_right_party, ATTEMPT, SID) == (receipt.outcome, receipt.attempt, receipt.provider_ref)


def test_somebody_else_is_told_that_we_are_sorry_and_nothing_more() -> None:
    told = read_key("cloud", TOKEN, pressed(script(a_call()), "2"), AT)

    assert told.reply is not None and phrases("zh-CN").denied in told.reply.body.decode()
    assert DEBT not in told.reply.body.decode()
    assert [Outcome.wrong_number] == [receipt.outcome for receipt in told.receipts]


@pytest.mark.parametrize("key", ["", "9", "#"])
def test_any_other_key_ends_the_call_politely(key: str) -> None:
    told = read_key("cloud", TOKEN, pressed(script(a_call()), key), AT)

    assert () == tuple(told.receipts)
    assert told.reply is not None and phrases("zh-CN").goodbye in told.reply.body.decode()


def test_the_second_half_opens_for_its_own_attempt_and_with_our_token_alone() -> None:
    sealed = twiml.seal(TOKEN, ATTEMPT, "zh-CN", [DEBT], b"n" * 12)

    assert ("zh-CN", [DEBT]) == twiml.unseal(TOKEN, ATTEMPT, sealed)
    for token, attempt, given in (
        (b"another token of it", ATTEMPT, sealed),
        (TOKEN, "a_another", sealed),
        (TOKEN, ATTEMPT, sealed[:-4]),
        (TOKEN, ATTEMPT, "!"),
        (TOKEN, ATTEMPT, ""),
    ):
        with pytest.raises(Invalid):
            twiml.unseal(token, attempt, given)


async def test_a_script_that_the_provider_would_cut_is_never_sent() -> None:
    long = "".join(chr(0x4E00 + n * 7 % 20_000) for n in range(2_500))
    with recording() as there:
        result = await send(KIND, there.url, a_call(long))

    assert "script_too_long" == result.detail
    assert [] == there.heard


@pytest.mark.parametrize(
    ("fields", "outcome", "fate"),
    [
        ({"CallStatus": "ringing"}, Outcome.sent, None),
        ({"CallStatus": "completed", "AnsweredBy": "human"}, Outcome.answered_dropped, None),
        ({"CallStatus": "completed", "AnsweredBy": "machine_end_beep"}, Outcome.voicemail_message, None),
        ({"CallStatus": "completed", "AnsweredBy": "fax"}, Outcome.voicemail_no_message, None),
        ({"CallStatus": "completed"}, Outcome.answered_dropped, None),
        ({"CallStatus": "busy"}, Outcome.not_connected_busy, None),
        ({"CallStatus": "no-answer"}, Outcome.ring_no_answer, None),
        ({"CallStatus": "failed", "SipResponseCode": "404"}, Outcome.not_in_service, Fate.invalid_recipient),
        ({"CallStatus": "failed", "SipResponseCode": "503"}, Outcome.failed, None),
        ({"CallStatus": "something"}, Outcome.unknown, None),
    ],
)
def test_a_report_has_the_outcome_that_its_words_ask_for(fields: dict, outcome: Outcome, fate: Fate | None) -> None:
    body = urlencode({"CallSid": SID, "CallDuration": "20", **fields}).encode()
    receipt = read_receipt("cloud", Callback(body, query=(("attempt", ATTEMPT),)), AT)

    assert (outcome, fate, ATTEMPT, SID, 20) == (
        receipt.outcome,
        receipt.fate,
        receipt.attempt,
        receipt.provider_ref,
        receipt.duration_s,
    )


def test_a_report_keeps_the_name_of_the_recording_and_the_providers_own_time() -> None:
    told = {
        "CallSid": SID,
        "CallStatus": "completed",
        "RecordingSid": "RE1",
        "Timestamp": "Mon, 24 Nov 2025 02:00:07 +0000",
    }
    receipt = read_receipt("cloud", Callback(urlencode(told).encode()), AT)
    without = read_receipt("cloud", Callback(urlencode(told | {"Timestamp": "soon"}).encode()), AT)

    assert ("RE1", AT + 7_000_000, AT) == (receipt.text, receipt.at, without.at)
    assert without.event == receipt.event


async def test_a_lost_answer_is_found_by_the_time_of_the_call() -> None:
    one = {"sid": SID, "status": "busy", "direction": "outbound-api", "date_created": "Mon, 24 Nov 2025 02:00:01 +0000"}
    with recording((200, {"calls": [one]})) as there:
        found = await ask(KIND, there.url, asked(Channel.call, to="+13125550100"))
        by_library(there.url).calls.list(to="+13125550100", page_size=100, limit=100)

    ours, theirs = there.heard
    assert (theirs.method, theirs.path, theirs.query) == (ours.method, ours.path, ours.query)
    assert (Outcome.not_connected_busy, SID) == (found.outcome, found.provider_ref)


async def test_a_key_and_a_report_come_to_the_same_door() -> None:
    async with adapter(KIND, "http://127.0.0.1:1") as there:
        assert there.read(pressed(script(a_call()), "1")).reply is not None
        body = urlencode({"CallSid": SID, "CallStatus": "what"}).encode()
        assert there.read(Callback(body)).reply is None
