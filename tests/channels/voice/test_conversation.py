"""The script of a call, step by step: the message is told to nobody but the person who has said who they are."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from service.channels.voice.causes import Gone, ending
from service.channels.voice.conversation import Plan, Stage, Talk, after
from service.channels.voice.phrases import Sound
from service.channels.voice.steps import (
    Answered,
    Deed,
    Detect,
    Detected,
    Disturbed,
    Event,
    Finished,
    HangUp,
    Keep,
    Listen,
    Pressed,
    Rang,
    Say,
    Silence,
    Stored,
    Tape,
    Taping,
)
from service.core.model import Fate, Outcome

HEARD = (Rang(), Answered(), Finished(Sound.opening, True))
ASKED = (*HEARD, Finished(Sound.question, True))
TOLD = (Pressed("1"), Stored(True), Finished(Sound.private, True))


def play(*events: Event, **plan: Any) -> tuple[Talk, list[Deed]]:
    talk, done = Talk(Plan(**plan)), []
    for event in events:
        talk, deeds = after(talk, event)
        done += deeds
    return talk, done


def outcome(talk: Talk) -> Outcome:
    return ending(talk, Gone(16, None)).outcome


def test_the_message_comes_after_the_key_and_the_store() -> None:
    talk, done = play(*ASKED, *TOLD)

    said = [Say(Sound.opening), Say(Sound.question), Listen(), Keep(), Say(Sound.private), HangUp()]
    assert done == said
    assert talk.told and outcome(talk) is Outcome.conversation_right_party


def test_a_key_before_the_opening_was_heard_counts_for_nothing() -> None:
    talk, done = play(Answered(), Pressed("1"), Pressed("2"))

    assert done == [Say(Sound.opening)] and talk.key is None


def test_a_key_during_the_question_is_enough() -> None:
    assert play(*HEARD, Pressed("1"))[1][-1] == Keep()


def test_recording_begins_when_its_notice_was_heard_and_the_message_waits_for_it() -> None:
    talk, done = play(*HEARD, record=True)
    assert done == [Say(Sound.opening), Tape(), Say(Sound.question)]

    talk, done = play(*HEARD, Pressed("1"), Stored(True), record=True)
    assert done[-1] == Keep()  # it does not run yet
    assert after(talk, Taping(True))[1] == (Say(Sound.private),)
    assert after(talk, Taping(False))[1] == (Say(Sound.goodbye),)


def test_what_the_store_does_not_know_is_not_told() -> None:
    talk, done = play(*ASKED, Pressed("1"), Stored(False))

    assert done[-1] == Say(Sound.goodbye)
    # The right person was there all the same.
    assert outcome(talk) is Outcome.conversation_right_party


def test_without_a_key_the_question_is_asked_again_and_then_comes_a_goodbye() -> None:
    talk, done = play(*ASKED, Silence(), Finished(Sound.question, True), Silence(), Finished(Sound.goodbye, True))

    assert done[3:] == [Say(Sound.question), Listen(), Say(Sound.goodbye), HangUp()]
    assert outcome(talk) is Outcome.answered_dropped


def test_other_keys_end_the_call_politely() -> None:
    for key, sound, expected in (
        ("2", Sound.wrong, Outcome.wrong_number),
        ("3", Sound.third, Outcome.conversation_third_party),
    ):
        talk, done = play(*ASKED, Pressed(key), Finished(sound, True))
        assert done[-2:] == [Say(sound), HangUp()]
        assert outcome(talk) is expected


def test_9_stops_the_calls_at_any_time() -> None:
    for so_far in (HEARD[:2], HEARD, ASKED, (*ASKED, *TOLD[:2])):
        talk, done = play(*so_far, Pressed("9"))
        assert done[-1] == Say(Sound.stopped)
        assert ending(talk, Gone(16)).fate is Fate.opted_out


def test_a_machine_hears_the_limited_message_or_nothing() -> None:
    talk, done = play(Answered(), Detected(True), detect=True)
    assert done == [Detect(), HangUp()] and outcome(talk) is Outcome.voicemail_no_message

    talk, done = play(Answered(), Detected(True), Finished(Sound.limited, True), detect=True, leave_message=True)
    assert done == [Detect(), Say(Sound.limited), HangUp()] and outcome(talk) is Outcome.voicemail_message

    talk, _ = play(Answered(), Detected(True), Finished(Sound.limited, False), detect=True, leave_message=True)
    assert outcome(talk) is Outcome.voicemail_no_message


def test_a_gap_in_what_we_heard_ends_in_a_goodbye_and_never_in_the_message() -> None:
    for so_far in (HEARD[:2], HEARD, ASKED, (*ASKED, *TOLD[:1]), (*ASKED, *TOLD[:2])):
        assert play(*so_far, Disturbed())[1][-1] == Say(Sound.goodbye)
    assert play(Rang(), Disturbed())[1] == [HangUp()]


EVENTS = st.one_of(
    st.sampled_from([Rang(), Answered(), Silence(), Disturbed()]),
    st.builds(Detected, st.booleans()),
    st.builds(Finished, st.sampled_from(Sound), st.booleans()),
    st.builds(Pressed, st.sampled_from("1239#")),
    st.builds(Taping, st.booleans()),
    st.builds(Stored, st.booleans()),
)
PLANS = st.builds(Plan, st.booleans(), st.booleans(), st.booleans())


@given(PLANS, st.lists(EVENTS, max_size=30))
def test_whatever_happens_nobody_hears_the_message_who_has_not_said_who_they_are(
    plan: Plan, events: list[Event]
) -> None:
    talk = Talk(plan)
    for event in events:
        before = talk
        talk, deeds = after(talk, event)
        if Say(Sound.private) in deeds:
            assert talk.key == "1" and talk.kept and not talk.stopped and not talk.machine
            assert talk.taped or not plan.record
        if before.stage is Stage.over:
            assert [deed for deed in deeds if not isinstance(deed, HangUp)] == []
