"""What Asterisk says, what we keep of it, and what is made of that: pure, and forgiving of anything that may come."""

import orjson
import pytest

from service.channels.voice.ari import listed
from service.channels.voice.ari_events import Heard, hear
from service.channels.voice.causes import Gone, ending, known
from service.channels.voice.conversation import Plan, Talk
from service.channels.voice.phrases import Sound
from service.channels.voice.steps import Answered, Detected, Finished, Pressed, Rang, Taping
from service.channels.voice.told import Ended, identified, orphaned, read_receipt
from service.core.errors import Invalid
from service.core.model import Fate, Outcome
from tests.channels.dispatches import AT

RUNG = Talk(Plan(), rang=True)
SILENT = Talk(Plan())


@pytest.mark.parametrize(
    ("talk", "gone", "outcome", "fate"),
    [
        (RUNG, Gone(17, 486), Outcome.not_connected_busy, None),
        (RUNG, Gone(21, 603), Outcome.not_connected_busy, None),
        (SILENT, Gone(1, 404), Outcome.not_in_service, Fate.invalid_recipient),
        (SILENT, Gone(22), Outcome.not_in_service, Fate.invalid_recipient),
        # The same cause: it rang out, or nobody is there.
        (RUNG, Gone(19, 480), Outcome.ring_no_answer, None),
        (SILENT, Gone(19, 480), Outcome.undelivered, None),
        # The network failed: before it rang, or after.
        (SILENT, Gone(34, 503), Outcome.failed, None),
        (RUNG, Gone(38, 500), Outcome.ring_no_answer, None),
        (SILENT, Gone(111, 799), Outcome.failed, None),
        (RUNG, Gone(), Outcome.unknown, None),
    ],
)
def test_a_call_that_nobody_took_is_told_by_its_cause_and_its_ringing(
    talk: Talk, gone: Gone, outcome: Outcome, fate: Fate | None
) -> None:
    assert ending(talk, gone) == (outcome, fate)


def test_a_cause_that_no_table_has_is_noticed() -> None:
    assert known(Gone(16)) and known(Gone(None, 486)) and not known(Gone(111, 799))


def event(kind: str, **more: object) -> bytes:
    return orjson.dumps({"type": kind, "channel": {"id": "app.a1", "state": "Ringing"}} | more)


@pytest.mark.parametrize(
    ("raw", "heard"),
    [
        (event("ChannelStateChange"), Rang()),
        (event("StasisStart", args=["call"]), Answered()),
        (event("StasisStart", args=["detected", "MACHINE"]), Detected(True)),
        (event("StasisStart", args=["detected", "NOTSURE"]), Detected(False)),
        (event("ChannelDtmfReceived", digit="1"), Pressed("1")),
        (event("ChannelDestroyed", cause=17, tech_cause=486), Gone(17, 486)),
        # Asterisk 16 does not tell the SIP answer.
        (event("ChannelDestroyed", cause=17), Gone(17)),
        (event("ChannelVarset"), None),
    ],
)
def test_events_are_read(raw: bytes, heard: object) -> None:
    assert hear(raw) == Heard("app.a1", heard)


def test_the_end_of_a_sound_and_the_tape_find_their_channel() -> None:
    playback = {"id": "app.a1:3:question", "target_uri": "channel:app.a1", "state": "done"}
    tape = {"name": "app.a1", "target_uri": "channel:app.a1.tape"}

    finished = Heard("app.a1", Finished(Sound.question, True), playback="app.a1:3:question")
    assert hear(orjson.dumps({"type": "PlaybackFinished", "playback": playback})) == finished
    assert hear(orjson.dumps({"type": "RecordingStarted", "recording": tape})) == Heard("app.a1", Taping(True))
    started = {"type": "StasisStart", "channel": {"id": "app.a1.tape"}, "args": ["tape"]}
    assert hear(orjson.dumps(started)) == Heard("app.a1", None, tape_starts=True)


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b'{"type": 5}', b'{"channel": {"id": 5}}', b'{"channel": "x"}'])
def test_what_is_no_event_is_passed_over(raw: bytes) -> None:
    assert hear(raw) is None


def test_what_was_kept_is_read_again() -> None:
    talk = Talk(Plan(), rang=True, answered=True, key="1", told=True)
    ended = Ended.of("a1", AT, talk, Gone(16), 42, "app.a1")

    receipt = read_receipt("trunk", "app", orjson.dumps(ended.words()))

    assert (receipt.event, receipt.outcome, receipt.duration_s) == ("a1:ended", Outcome.conversation_right_party, 42)
    assert (receipt.provider_ref, receipt.text, receipt.at) == ("app.a1", "app.a1", AT)
    first = read_receipt("trunk", "app", orjson.dumps(identified("a1", AT)))
    assert (first.event, first.outcome) == ("a1:identified", Outcome.conversation_right_party)


@pytest.mark.parametrize(
    ("state", "outcome"),
    [("Up", Outcome.abandoned), ("Ringing", Outcome.ring_no_answer), ("Down", Outcome.unknown)],
)
def test_a_channel_that_nobody_talks_on_was_a_contact_if_it_rang(state: str, outcome: Outcome) -> None:
    assert read_receipt("trunk", "app", orjson.dumps(orphaned("a1", AT, state))).outcome is outcome


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b"5", b'{"event":"ended","attempt":"a1","at":1}'])
def test_what_no_call_tells_is_invalid(raw: bytes) -> None:
    with pytest.raises(Invalid):
        read_receipt("trunk", "app", raw)


def test_a_list_of_channels_is_read_and_nothing_else_is() -> None:
    assert listed(b'[{"id":"app.a1","state":"Up"},{"id":5},7]') == [("app.a1", "Up")]
    assert [listed(raw) for raw in (b"", b"{}", b"5")] == [None, None, None]
