"""Calls by Twilio: the request beside its own library's, what each who picks up hears, and what became of a call."""

from urllib.parse import parse_qsl, urlencode, urlsplit
from xml.etree import ElementTree as ET

import pytest
from twilio.twiml.voice_response import VoiceResponse

from service.channels.clouds import twiml
from service.channels.clouds.spoken import in_private, phrases, question
from service.channels.clouds.twilio_calls import KIND, build
from service.channels.clouds.twilio_calls_account import Params
from service.channels.clouds.twilio_talk import read_call
from service.channels.clouds.twiml import Script
from service.core.errors import Invalid
from service.core.model import Channel, Fate, Outcome
from service.core.rendering import Part, Statement
from service.core.rule import Flawed
from service.flows.ports import Dispatch, Told
from service.flows.providers import Callback
from tests.channels.clouds.accounts import ATTEMPT, PUBLIC, SECRET, TWILIO, account, adapter, dispatch, send
from tests.channels.clouds.recorder import recording
from tests.channels.clouds.test_twilio import REPORT_TO, by_library
from tests.channels.dispatches import AT

TOKEN = bytes(SECRET)
SID = "CA" + "1" * 32
OPENING = "您好，这里是示例银行。本次通话将全程录音。"
DEBT = "您尾号1234的账户尚有1,234.50元没有还上。"
HOTLINE = "95000"
TOLD = frozenset({Statement.institution, Statement.recording})


def a_call(body: str = DEBT, *, opening: str = OPENING, states: frozenset[Statement] = TOLD) -> Dispatch:
    plain = dispatch(Channel.call, to="+13125550100")
    parts = (
        Part("opening", "", opening),
        Part("verification", "", "请问您是张三本人吗？"),
        Part("body", "", body),
        Part("options", "", "如有困难请告诉我。"),
        Part("closing", "", "再见。"),
    )
    message = plain.message._replace(parts=parts, states=states)
    return plain._replace(message=message, values={**plain.values, "hotline": HOTLINE})


def form(call: Dispatch, **more: object) -> dict[str, str]:
    request = build(call, account(KIND, **more), b"n" * 12)
    assert request is not None
    return dict(parse_qsl(request.body.decode()))


def asks(address: str, attempt: str = ATTEMPT, **fields: str) -> Told:
    """What we answer to the provider that asks what to say."""
    query = parse_qsl(urlsplit(address).query)
    words = tuple((name, attempt if name == "attempt" else value) for name, value in query)
    return read_call(account(KIND), Callback(urlencode({"CallSid": SID, **fields}).encode(), query=words), AT)


def heard(told: Told) -> list[str | None]:
    """What is spoken, in its order."""
    assert told.reply is not None and "text/xml" == told.reply.content_type
    return [say.text for say in ET.fromstring(told.reply.body).iter("Say")]


def document(told: Told) -> str:
    assert told.reply is not None
    return told.reply.body.decode()


async def test_a_call_reaches_the_wire_as_the_library_sends_it() -> None:
    with recording((201, {"sid": SID, "status": "queued"})) as there:
        result = await send(KIND, there.url, a_call())
        (ours,) = there.heard
        by_library(there.url).calls.create(
            to="+13125550100",
            from_="+14155550100",
            url=dict(ours.form)["Url"],
            method="POST",
            timeout=30,
            status_callback=REPORT_TO,
            status_callback_method="POST",
            status_callback_event=["initiated", "ringing", "answered", "completed"],
            machine_detection="DetectMessageEnd",
        )

    _, theirs = there.heard
    assert (theirs.method, theirs.path) == (ours.method, ours.path)
    assert sorted(theirs.form) == sorted(ours.form)
    assert theirs.headers["authorization"] == ours.headers["authorization"]
    assert (Fate.accepted, Outcome.sent, SID, True) == result[:4]


@pytest.mark.parametrize("recorded", [True, False])
def test_what_a_person_hears_first_is_what_the_librarys_own_builder_writes(recorded: bool) -> None:
    call = a_call()._replace(recording=recorded)
    address = form(call)["Url"]
    response = VoiceResponse()
    response.say(OPENING, language="zh-CN")
    if recorded:
        response.start().recording(
            recording_status_callback=REPORT_TO, recording_status_callback_event="completed absent"
        )
    gather = response.gather(input="dtmf", num_digits=1, timeout=8, action=address, method="POST")
    for text in question(call.message):
        gather.say(text, language="zh-CN")
    response.say(phrases("zh-CN").goodbye, language="zh-CN")

    assert ET.canonicalize(str(response)) == ET.canonicalize(document(asks(address, AnsweredBy="human")))


def test_a_recording_begins_when_the_opening_that_tells_of_it_is_over() -> None:
    response = ET.fromstring(document(asks(form(a_call())["Url"])))

    assert ["Say", "Start", "Gather", "Say"] == [each.tag for each in response]
    assert OPENING == response[0].text
    assert "Record" not in form(a_call())


async def test_a_call_that_does_not_tell_of_its_recording_is_never_made() -> None:
    with recording() as there:
        result = await send(KIND, there.url, a_call(states=frozenset({Statement.institution})))

    assert (Fate.rejected_content, "recording_not_announced") == (result.fate, result.detail)
    assert [] == there.heard


async def test_a_call_that_needs_no_recording_is_made_without_one() -> None:
    call = a_call(states=frozenset())._replace(recording=False)
    with recording((201, {"sid": SID, "status": "queued"})) as there:
        await send(KIND, there.url, call)

    (made,) = there.heard
    assert "Recording" not in document(asks(dict(made.form)["Url"]))


def test_whoever_picks_up_hears_nothing_of_the_debt_before_the_key() -> None:
    address = form(a_call())["Url"]
    said = document(asks(address, AnsweredBy="unknown"))

    assert "1,234.50" not in said and "1,234.50" not in address
    assert "张三" in said
    assert address.startswith(f"{PUBLIC}/v1/receipts/cloud?attempt={ATTEMPT}&script=")


@pytest.mark.parametrize(
    "answered_by",
    ["machine_start", "machine_end_beep", "machine_end_silence", "machine_end_other", "machine_of_tomorrow"],
)
def test_a_machine_hears_who_called_and_that_we_ask_to_be_called_back_and_nothing_else(answered_by: str) -> None:
    told = asks(form(a_call(), leave_message=True)["Url"], AnsweredBy=answered_by)

    opening, request = heard(told)
    assert OPENING == opening
    assert request is not None and HOTLINE in request
    said = document(told)
    assert [] == [word for word in ("张三", "按1", "1,234.50", "Gather", "Recording") if word in said]
    assert () == tuple(told.receipts)


@pytest.mark.parametrize(
    ("call", "leaves", "answered_by"),
    [
        (a_call(), False, "machine_end_beep"),
        (a_call(), True, "fax"),
        (a_call(opening="张三您好，这里是示例银行。"), True, "machine_end_beep"),
        (a_call(states=frozenset({Statement.recording})), True, "machine_end_beep"),
        (a_call()._replace(values={}), True, "machine_end_beep"),
    ],
    ids=["not asked for", "a fax", "the opening names the person", "or not the institution", "no number to call"],
)
def test_a_machine_hears_nothing_where_there_is_nothing_to_leave(
    call: Dispatch, leaves: bool, answered_by: str
) -> None:
    told = asks(form(call, leave_message=leaves)["Url"], AnsweredBy=answered_by)

    assert ([], "Hangup") == (heard(told), ET.fromstring(document(told))[0].tag)


def test_the_address_of_reports_says_whether_a_machine_would_hear_a_message() -> None:
    silent, leaving = form(a_call()), form(a_call(), leave_message=True)

    assert REPORT_TO == silent["StatusCallback"]
    assert f"{REPORT_TO}&leaves=1" == leaving["StatusCallback"]


def test_a_message_is_left_only_where_machines_are_recognised() -> None:
    with pytest.raises(Flawed):
        Params(**{**TWILIO, "leave_message": True, "detect_machines": False})


def test_the_person_meant_hears_the_rest_after_the_key() -> None:
    call = a_call()
    told = asks(form(call)["Url"], Digits="1")

    assert list(in_private(call.message)) == heard(told)
    (receipt,) = told.receipts
    assert (Outcome.conversation_right_party, ATTEMPT, SID) == (receipt.outcome, receipt.attempt, receipt.provider_ref)


def test_somebody_else_is_told_that_we_are_sorry_and_nothing_more() -> None:
    told = asks(form(a_call())["Url"], Digits="2")

    assert [phrases("zh-CN").denied] == heard(told)
    assert [Outcome.wrong_number] == [receipt.outcome for receipt in told.receipts]


@pytest.mark.parametrize("key", ["", "9", "#"])
def test_any_other_key_ends_the_call_politely(key: str) -> None:
    told = asks(form(a_call())["Url"], Digits=key)

    assert () == tuple(told.receipts)
    assert [phrases("zh-CN").goodbye] == heard(told)


def test_a_script_opens_for_its_own_attempt_and_with_our_token_alone() -> None:
    script = Script("zh-CN", OPENING, ("?",), (DEBT,), ("!",), True)
    sealed = twiml.seal(TOKEN, ATTEMPT, script, b"n" * 12)

    assert script == twiml.unseal(TOKEN, ATTEMPT, sealed)
    assert DEBT not in repr(script)
    for token, attempt, given in (
        (b"another token of it", ATTEMPT, sealed),
        (TOKEN, "a_another", sealed),
        (TOKEN, ATTEMPT, sealed[:-4]),
        (TOKEN, ATTEMPT, "!"),
        (TOKEN, ATTEMPT, ""),
    ):
        with pytest.raises(Invalid):
            twiml.unseal(token, attempt, given)


def test_a_script_of_another_version_is_not_guessed_at() -> None:
    sealed = twiml.seal(TOKEN, ATTEMPT, ("zh-CN", DEBT), b"n" * 12)  # type: ignore[arg-type]

    with pytest.raises(Invalid):
        twiml.unseal(TOKEN, ATTEMPT, sealed)


async def test_a_script_that_the_provider_would_cut_is_never_sent() -> None:
    long = "".join(chr(0x4E00 + n * 7 % 20_000) for n in range(2_500))
    with recording() as there:
        result = await send(KIND, there.url, a_call(long))

    assert "script_too_long" == result.detail
    assert [] == there.heard


async def test_questions_keys_and_reports_come_to_the_same_door() -> None:
    query = tuple(parse_qsl(urlsplit(form(a_call())["Url"]).query))
    async with adapter(KIND, "http://127.0.0.1:1") as there:
        for fields in ({"CallSid": SID, "AnsweredBy": "human"}, {"CallSid": SID, "Digits": "1"}):
            assert there.read(Callback(urlencode(fields).encode(), query=query)).reply is not None
        body = urlencode({"CallSid": SID, "CallStatus": "what"}).encode()
        assert there.read(Callback(body)).reply is None
