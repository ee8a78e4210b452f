"""What Twilio tells of a call: how far it has come, who picked up, and what became of its recording."""

from urllib.parse import urlencode

import pytest

from service.channels.clouds.twilio_calls import KIND
from service.channels.clouds.twilio_calls_told import read_receipt
from service.core.errors import Invalid
from service.core.model import Channel, Fate, Outcome
from service.flows.providers import Callback
from tests.channels.clouds.accounts import ATTEMPT, adapter, ask, asked
from tests.channels.clouds.recorder import recording
from tests.channels.clouds.test_twilio import by_library
from tests.channels.clouds.test_twilio_calls import SID
from tests.channels.dispatches import AT

RECORDING = "RE" + "2" * 32


@pytest.mark.parametrize(
    ("fields", "outcome", "fate"),
    [
        ({"CallStatus": "ringing"}, Outcome.sent, None),
        ({"CallStatus": "completed", "AnsweredBy": "human"}, Outcome.answered_dropped, None),
        ({"CallStatus": "completed", "AnsweredBy": "machine_end_beep"}, Outcome.voicemail_no_message, None),
        ({"CallStatus": "completed", "AnsweredBy": "machine_of_tomorrow"}, Outcome.voicemail_no_message, None),
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


def test_a_machine_that_was_left_a_message_is_reported_so() -> None:
    body = urlencode({"CallSid": SID, "CallStatus": "completed", "AnsweredBy": "machine_end_beep"}).encode()
    receipt = read_receipt("cloud", Callback(body, query=(("attempt", ATTEMPT), ("leaves", "1"))), AT)

    assert Outcome.voicemail_message is receipt.outcome


def test_a_report_keeps_the_providers_own_time() -> None:
    told = {"CallSid": SID, "CallStatus": "completed", "Timestamp": "Mon, 24 Nov 2025 02:00:07 +0000"}
    receipt = read_receipt("cloud", Callback(urlencode(told).encode()), AT)
    without = read_receipt("cloud", Callback(urlencode(told | {"Timestamp": "soon"}).encode()), AT)

    assert (AT + 7_000_000, AT) == (receipt.at, without.at)
    assert without.event == receipt.event


@pytest.mark.parametrize(("status", "text"), [("completed", RECORDING), ("absent", "absent"), ("failed", "failed")])
async def test_a_recording_is_kept_by_its_name_and_its_lack_raises_an_alarm(
    status: str, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    told = {"CallSid": SID, "RecordingSid": RECORDING, "RecordingStatus": status}
    async with adapter(KIND, "http://127.0.0.1:1") as there:
        (receipt,) = there.read(Callback(urlencode(told).encode(), query=(("attempt", ATTEMPT),))).receipts
        with pytest.raises(Invalid):
            there.read(Callback(urlencode({"RecordingStatus": status}).encode()))

    assert (text, ATTEMPT, SID, Outcome.unknown) == (
        receipt.text,
        receipt.attempt,
        receipt.provider_ref,
        receipt.outcome,
    )
    assert ("call.not_recorded" in capsys.readouterr().out) is (status != "completed")


async def test_a_lost_answer_is_found_by_the_time_of_the_call() -> None:
    one = {"sid": SID, "status": "busy", "direction": "outbound-api", "date_created": "Mon, 24 Nov 2025 02:00:01 +0000"}
    with recording((200, {"calls": [one]})) as there:
        found = await ask(KIND, there.url, asked(Channel.call, to="+13125550100"))
        by_library(there.url).calls.list(to="+13125550100", page_size=100, limit=100)

    ours, theirs = there.heard
    assert (theirs.method, theirs.path, theirs.query) == (ours.method, ours.path, ours.query)
    assert (Outcome.not_connected_busy, SID) == (found.outcome, found.provider_ref)
