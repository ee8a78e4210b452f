"""The simulated provider by itself: one attempt, one contact; what it tells, when, and by what chance."""

from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pytest

from service.channels.simulated import build
from service.core.model import AddressKind, Channel
from service.simulator.magic import LATE_S, MAGIC, magic_number, magic_of
from service.simulator.moods import Moods
from service.simulator.provider import MESSAGES_MAX, Provider
from service.simulator.schedule import Schedule
from service.vault.addresses import Numbers
from tests.channels.dispatches import AT, a_dispatch


def message(attempt: str = "a1", channel: Channel = Channel.sms, **more: Any) -> bytes:
    return build(a_dispatch(channel, attempt=attempt, **more)).body


def told(provider: Provider, seconds: float) -> list[tuple[str, str]]:
    """Move time and give what would be told: the path, and the status or the text."""
    provider.schedule.advance(seconds)
    due = []
    while batch := provider.schedule.take_due(50):
        due += batch
    return [(each.path, each.event.get("status") or each.event["text"]) for each in due]


def test_the_same_attempt_is_one_contact_and_the_answer_is_the_same() -> None:
    provider = Provider(longest_s=None)
    first, again = provider.take(message()), provider.take(message())

    assert (first.status, again.status) == (202, 200)
    assert again.body == {**first.body, "replayed": True}
    assert provider.contacts_made == 1
    assert provider.look_up("a1").body["posts"] == 2


def test_an_attempt_that_comes_again_as_another_message_is_refused() -> None:
    provider = Provider(longest_s=None)
    provider.take(message())
    reply = provider.take(message(to="+8613900139000"))

    assert (reply.status, reply.body["code"]) == (409, "id_reused")
    assert [contact.to for contact in provider.contacts] == ["+8613800138000"]


def test_contacts_and_attempts_outlive_the_process_if_there_is_a_journal(tmp_path: Path) -> None:
    journal = tmp_path / "contacts.jsonl"
    before = Provider(longest_s=None, journal=journal)
    before.take(message("a1"))
    before.take(message("a2", to=magic_number("refuse")))
    with journal.open("ab") as file:
        file.write(b'{"attempt":"a3","requ')

    after = Provider(longest_s=None, journal=journal)
    reply = after.take(message("a1"))

    assert list(after.contacts) == list(before.contacts)
    assert (reply.status, after.contacts_made) == (200, 1)
    assert after.look_up("a2").body == {"code": "unknown_message"}


def test_what_is_remembered_is_bounded() -> None:
    provider = Provider(longest_s=None)
    for n in range(20):
        provider.take(message(f"a{n}"))

    assert provider.contacts.maxlen == MESSAGES_MAX
    assert provider.contacts_made == 20


@pytest.mark.parametrize(
    ("word", "channel", "expected"),
    [
        ("delivered", Channel.sms, ["delivered"]),
        ("delivered", Channel.letter, ["posted", "delivered"]),
        ("read", Channel.wechat, ["delivered", "read"]),
        ("stop", Channel.sms, ["delivered", "退订"]),
        ("stop", Channel.call, ["answered"]),
        ("busy", Channel.call, ["busy"]),
        ("busy", Channel.sms, ["delivered"]),
        ("wrong-number", Channel.call, ["wrong_number"]),
        ("wrong-number", Channel.sms, ["delivered", "打错了，我不认识这个人"]),
        ("not-in-service", Channel.sms, ["undelivered"]),
        ("undelivered", Channel.letter, ["posted", "returned"]),
        ("lost-receipt", Channel.sms, []),
        ("lost-receipt", Channel.call, []),
        ("duplicate", Channel.sms, ["delivered", "delivered"]),
        ("out-of-order", Channel.sms, ["read", "delivered"]),
        ("out-of-order", Channel.call, ["answered", "ringing"]),
        ("out-of-order", Channel.letter, ["delivered", "posted"]),
        ("lie-delivered", Channel.email, ["delivered", "undelivered"]),
        ("refuse", Channel.sms, []),
        ("refuse", Channel.letter, ["rejected"]),
        ("hang-lost", Channel.sms, []),
        ("drop", Channel.letter, ["posted", "delivered"]),
    ],
)
def test_a_magic_recipient_makes_it_tell(word: str, channel: Channel, expected: list[str]) -> None:
    provider = Provider(longest_s=None)
    if channel is Channel.letter:
        letter = {"file": "a1.pdf", "sha256": "0" * 64}
        raw = orjson.dumps(orjson.loads(message(channel=channel, name=f"magic-{word}")) | letter)
    else:
        to = {Channel.wechat: f"magic-{word}", Channel.email: f"magic-{word}-001@example.com"}
        raw = message(channel=channel, to=to.get(channel) or magic_number(word))
    provider.take(raw)

    assert expected == [said for _, said in told(provider, 40 * 86_400)]


def test_nothing_is_told_before_its_time() -> None:
    provider = Provider(longest_s=None)
    provider.take(message())

    assert (told(provider, 1.9), told(provider, 0.1)) == ([], [("receipts", "delivered")])


@pytest.mark.parametrize("channel", [Channel.call, Channel.sms, Channel.wechat, Channel.email])
def test_a_late_receipt_comes_after_the_gateway_stopped_waiting(channel: Channel) -> None:
    provider = Provider(longest_s=None)
    to = {Channel.wechat: "magic-late", Channel.email: "magic-late@example.com"}
    provider.take(message(channel=channel, to=to.get(channel) or magic_number("late")))

    assert told(provider, LATE_S[channel] - 1) == []
    assert len(told(provider, 1)) == 1


def test_a_conversation_lasts_as_long_as_its_attempt_will_have_it() -> None:
    def duration(attempt: str) -> int:
        provider = Provider(longest_s=None)
        provider.take(message(attempt, Channel.call))
        provider.schedule.advance(86_400)
        (due,) = provider.schedule.take_due(50)
        assert due.event["at_us"] == AT + (8 + due.event["duration_s"]) * 1_000_000
        return int(due.event["duration_s"])

    durations = [duration(f"a{n}") for n in range(40)]

    assert durations == [duration(f"a{n}") for n in range(40)]
    assert 25 <= min(durations) < max(durations) <= 185


def test_squeezed_delays_stay_below_the_longest_and_in_their_order() -> None:
    schedule = Schedule(1000.0)
    for after_s in (3 * 86_400, 2, 2 * 86_400, 4):
        schedule.plan(after_s, "receipts", {"after": after_s})
    assert 0 < (schedule.next_s() or 0) <= 2

    schedule.advance(1000)

    assert [due.event["after"] for due in schedule.take_due(50)] == [2, 4, 2 * 86_400, 3 * 86_400]


def test_chance_is_drawn_from_the_seed_and_the_attempt_alone() -> None:
    def moods(seed: int) -> list[str]:
        mood = Moods(seed=seed, odds={"hang": 0.25, "refuse": 0.25})
        return [mood.choose(f"a{n}", "+8613800138000").word for n in range(400)]

    assert moods(1) == moods(1) != moods(2)
    assert {"hang", "refuse", "delivered"} == set(moods(1))
    assert all(60 < count for count in Counter(moods(1)).values())


def test_an_order_goes_before_magic_and_magic_before_the_rule() -> None:
    mood = Moods()
    mood.set({"next": ["drop"], "default": "late"})
    magic = magic_number("busy")

    assert [mood.choose("a1", magic).word for _ in range(2)] == ["drop", "busy"]
    assert mood.choose("a1", "+8613800138000").word == "late"
    mood.reset()
    assert mood.choose("a1", "+8613800138000").word == "delivered"


@pytest.mark.parametrize(
    "told", [{"next": ["nothing"]}, {"odds": {"hang": 2}}, {"odds": {"hang": -1}}, {"mood": 1}, {"default": 7}]
)
def test_a_mood_that_is_none_changes_nothing(told: dict[str, Any]) -> None:
    mood = Moods()
    with pytest.raises(ValueError):
        mood.set({"next": ["drop"]} | told)

    assert mood.choose("a1").word == "delivered"


def test_every_magic_recipient_is_an_address_that_the_gateway_takes() -> None:
    numbers = Numbers()
    for word in MAGIC:
        phone, email, openid = magic_number(word), f"magic-{word}-001@example.com", f"magic-{word}"

        assert phone == numbers.normalise(AddressKind.mobile, phone)
        assert email == numbers.normalise(AddressKind.email, email)
        assert openid == numbers.normalise(AddressKind.wechat_openid, openid)
        assert {word} == {(found := magic_of(each)) and found.word for each in (phone, email, openid)}


def test_no_two_behaviours_share_a_number() -> None:
    assert len({behaviour.number for behaviour in MAGIC.values()}) == len(MAGIC)


@pytest.mark.parametrize(
    "name",
    ["+8613800138000", "+8619900019900", "magic-nothing", "magic", "张三", "notmagic-stop", "magic-stop-x@example.com"],
)
def test_anybody_else_is_no_magic(name: str) -> None:
    assert magic_of(name) is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"id": ""}, "id"),
        ({"id": 7}, "id"),
        ({"channel": "visit"}, "channel"),
        ({"text": ""}, "text"),
        ({"text": "x" * 20_001}, "text"),
        ({"to": None}, "to"),
        ({"to": {"kind": "mobile"}}, "value"),
        ({"at_us": "now"}, "at_us"),
    ],
)
def test_a_message_that_is_none_is_refused_and_names_the_field(change: dict[str, Any], field: str) -> None:
    provider = Provider(longest_s=None)
    reply = provider.take(orjson.dumps(orjson.loads(message()) | change))

    assert (reply.status, reply.body) == (422, {"status": "refused", "code": "malformed", "field": field})
    assert provider.contacts_made == 0
