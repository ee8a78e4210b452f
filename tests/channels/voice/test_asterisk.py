"""
Calls by a real Asterisk to a real telephone: rung, answered, heard in Mandarin, a key pressed, a cause mapped.

Asterisk and espeak-ng come from Debian's packages (`lab`), the telephone is opensip.
"""

import asyncio
import wave
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from service.channels.adapter import Site
from service.channels.answers import accepted
from service.channels.voice import ari
from service.channels.voice.account import Params
from service.channels.voice.asterisk import KIND, Asterisk
from service.channels.voice.live import Pace
from service.channels.voice.originate import build
from service.channels.voice.phrases import spoken
from service.channels.wire import Answer, Wire
from service.core.model import Channel, Fate, Outcome
from service.core.policy import Flawed
from service.core.rendering import Message, Part, Reveals, Statement
from service.flows.ports import Asked, Dispatch, Receipt
from service.flows.providers import ProviderAccount, Secret
from tests.channels.dispatches import AT, a_dispatch
from tests.channels.lines.gateway import Gateway, bound
from tests.channels.voice import tones
from tests.channels.voice.lab import PASSWORD, USER, Server, asterisk
from tests.channels.voice.phone import RINGS, Phone, phone

QUICK = Pace(key_s=0.3, call_s=60, again_s=0.05)
RIGHT, BUSY, DECLINED, NOBODY, AWAY, SILENT = (f"861380013800{n}" for n in range(6))


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with asterisk() as running:
        yield running


def a_call(attempt: str, number: str = RIGHT) -> Dispatch:
    """One that is recorded, and says so; short, for every word of it is spoken in real time."""
    parts = (
        Part("opening", "", "您好，这里是示例银行，通话录音。"),
        Part("verification", "", "请问您是张三本人吗？"),
        Part("body", "", "您的账户还有一百元没有还上。"),
        Part("closing", "", "再见。"),
    )
    states = frozenset({Statement.recording, Statement.verification})
    text = "\n".join(part.text for part in parts)
    message = Message(
        Channel.call, "zh-CN", "overdue-reminder", "0" * 64, Reveals.debt, states, None, text, parts, None, "d"
    )
    made = a_dispatch(Channel.call, attempt=attempt, to=f"+{number}")
    return made._replace(message=message, values={"hotline": "4001234567"})


class Desk:
    """One process: an adapter, and what it told the store."""

    def __init__(self, adapter: Asterisk, gateway: Gateway) -> None:
        self.adapter = adapter
        self.gateway = gateway

    def receipts(self) -> list[Receipt]:
        return [receipt for told in self.gateway.callbacks for receipt in self.adapter.read(told).receipts]

    async def asks(self, callee: Phone, number: str, attempt: str) -> None:
        """Wait until the opening is over and the question has begun."""
        params = self.adapter._params
        opening = Path(params.sounds) / params.app / attempt / "opening.wav"
        enough = opening.stat().st_size + 16000
        await until(lambda: len(callee.heard.get(number, b"")) > enough)

    async def ended(self, attempt: str) -> Receipt:
        def found() -> list[Receipt]:
            return [r for r in self.receipts() if r.attempt == attempt and not r.event.endswith("identified")]

        async with asyncio.timeout(25):
            while not found():
                await asyncio.sleep(0.02)
        return found()[0]


@asynccontextmanager
async def desk(server: Server, callee: Phone, *, app: str, wait: bool = True, **more: Any) -> AsyncIterator[Desk]:
    said = Params(
        url=server.url,
        app=app,
        user=USER,
        password=Secret(PASSWORD.encode()),
        dial=f"PJSIP/trunk/sip:{{number}}@127.0.0.1:{callee.port}",
        caller_id="05710000000",
        sounds=str(server.folder / "sounds"),
        speak=server.root.speaks(),
    )
    account = ProviderAccount("trunk", KIND, replace(said, **more), frozenset({Channel.call}), records=True)
    gateway = Gateway()
    site = Site(account, lambda: AT, 10, None, Path(), own=gateway.own, hear=gateway.hear)
    adapter = Asterisk(site, QUICK, renew_s=0.05)
    await adapter.start()
    try:
        await bound(adapter, wait)
        yield Desk(adapter, gateway)
    finally:
        await adapter.close()


async def until(true: Any) -> None:
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.02)


async def test_the_person_meant_presses_1_and_hears_the_message_which_is_recorded(server: Server) -> None:
    async with phone() as callee, desk(server, callee, app="right") as here:
        result = await here.adapter.send(a_call("a1"))
        assert result == accepted("right.a1")
        await here.asks(callee, RIGHT, "a1")
        assert here.receipts() == []  # nothing of the message yet, for nobody has said who they are
        await callee.press(RIGHT, "1")
        ended = await here.ended("a1")
    first = here.receipts()[0]
    assert (first.event, first.outcome) == ("a1:identified", Outcome.conversation_right_party)
    assert (ended.outcome, ended.text, ended.fate) == (Outcome.conversation_right_party, "right.a1", None)
    assert 0.02 < callee.loudness(RIGHT) < 0.5
    with wave.open(str(server.recordings / "right.a1.wav")) as tape:
        seconds = tape.getnframes() / tape.getframerate()
    # The tape begins after the opening, which had told of it.
    assert 1 < seconds < len(callee.heard[RIGHT]) / 16000
    assert not (server.folder / "sounds" / "right" / "a1").exists()


async def test_a_call_that_nobody_takes_is_told_by_its_cause(server: Server) -> None:
    expected = {
        BUSY: (Outcome.not_connected_busy, None),
        DECLINED: (Outcome.not_connected_busy, None),
        NOBODY: (Outcome.not_in_service, Fate.invalid_recipient),
        AWAY: (Outcome.ring_no_answer, None),
        SILENT: (Outcome.ring_no_answer, None),
    }
    async with phone() as callee, desk(server, callee, app="causes", ring_s=5) as here:
        callee.refuses = {BUSY: 486, DECLINED: 603, NOBODY: 404, AWAY: 480, SILENT: RINGS}
        results = await asyncio.gather(*(here.adapter.send(a_call(number, number)) for number in expected))
        assert {result.fate for result in results} == {Fate.accepted}
        told = await asyncio.gather(*(here.ended(number) for number in expected))
    assert {receipt.attempt: (receipt.outcome, receipt.fate) for receipt in told} == expected
    assert {receipt.duration_s for receipt in told} == {None}


async def test_the_same_attempt_twice_rings_once(server: Server) -> None:
    async with phone() as callee, desk(server, callee, app="once") as here:
        callee.refuses = {SILENT: RINGS}
        call = a_call("a1", SILENT)
        assert (await here.adapter.send(call)).fate is Fate.accepted
        assert (await here.adapter.send(call)).fate is Fate.accepted
        # And where our own process does not know it any more, Asterisk does.
        wire = Wire(server.url, 5)
        params = here.adapter._params
        access = ari.Access("once", USER, Secret(PASSWORD.encode()))
        answer = await wire.call(ari.originate(access, build(call, params)))
        await wire.close()
        assert isinstance(answer, Answer) and answer.status == 409
        asked = await here.adapter.ask(Asked("a1", Channel.call, AT))
        assert asked is not None and asked.awaits
        await until(lambda: callee.rang)
        await hung_up(here)
        await here.ended("a1")
        # And once it is over.
        assert (await here.adapter.send(call)).fate is Fate.accepted
        assert callee.rang == [SILENT]
    assert await _asked_later(server, "a1") is None


async def hung_up(here: Desk) -> None:
    """As an operator at Asterisk's console would."""
    await here.adapter._means.done(ari.hang_up(here.adapter._access, "once.a1"))


async def _asked_later(server: Server, attempt: str) -> Any:
    """What is known of a call that is over."""
    async with phone() as callee, desk(server, callee, app="once") as here:
        return await here.adapter.ask(Asked(attempt, Channel.call, AT))


async def test_a_way_out_that_asterisk_does_not_have_is_surely_not_taken(server: Server) -> None:
    async with phone() as callee, desk(server, callee, app="nowhere", dial="PJSIP/{number}@nowhere") as here:
        result = await here.adapter.send(a_call("a1"))
    assert (result.fate, result.detail) == (Fate.provider_unavailable, "no_way_out")


async def test_whoever_is_not_meant_hears_nothing_of_the_message(server: Server) -> None:
    expected = {
        BUSY: ("2", Outcome.wrong_number, None),
        DECLINED: ("3", Outcome.conversation_third_party, None),
        NOBODY: ("9", Outcome.answered_dropped, Fate.opted_out),
    }
    async with phone() as callee, desk(server, callee, app="strangers") as here:
        await asyncio.gather(*(here.adapter.send(a_call(number, number)) for number in expected))
        for number, (key, _, _) in expected.items():
            await here.asks(callee, number, number)
            await callee.press(number, key)
        told = await asyncio.gather(*(here.ended(number) for number in expected))
    assert {r.attempt: (r.outcome, r.fate) for r in told} == {n: e[1:] for n, e in expected.items()}
    assert [r.event for r in here.receipts() if r.event.endswith("identified")] == []


async def test_a_machine_hears_the_opening_and_the_request_to_call_back_and_no_word_more(server: Server) -> None:
    plan: dict[str, Any] = {"detect": "listen", "leave_message": True, "speak": tones.VOICE}
    async with phone() as callee, desk(server, callee, app="machines", **plan) as here:
        callee.talks.add(RIGHT)
        await here.adapter.send(a_call("a1"))
        ended = await here.ended("a1")
    vocabulary = list(spoken(a_call("a1").message, "4001234567").values())
    words = [sentence for text in vocabulary for sentence in tones.sentences(text)]
    assert len(set(words)) == len(set(map(tones.code, words)))
    assert ended.outcome is Outcome.voicemail_message
    assert [
        "您好，这里是示例银行，通话录音",
        "我们有事需要与本人联系，方便时请致电4001234567",
        "再见",
    ] == tones.read(bytes(callee.heard[RIGHT]), vocabulary)


async def test_calls_of_a_process_that_lost_its_lease_are_hung_up_by_the_next(server: Server) -> None:
    async with phone() as callee, desk(server, callee, app="handover") as old:
        await old.adapter.send(a_call("a1"))
        await until(lambda: len(callee.heard.get(RIGHT, b"")) > 16000)
        old.gateway.owned = False
        await bound(old.adapter, False)
        async with desk(server, callee, app="handover") as new:
            ended = await new.ended("a1")
            assert ended.outcome is Outcome.abandoned
            await asyncio.wait_for(callee.calls[RIGHT].wait_ended(), 5)
    assert old.receipts() == []


async def test_whoever_talks_while_the_events_are_lost_is_told_goodbye(server: Server) -> None:
    async with phone() as callee, desk(server, callee, app="gap") as here:
        await here.adapter.send(a_call("a1"))
        await here.asks(callee, RIGHT, "a1")
        here.gateway.trouble = True
        link = here.adapter._keeper._link
        assert link is not None
        link._socket.transport.abort()
        await bound(here.adapter, False)
        await callee.press(RIGHT, "1")  # which nobody hears
        await bound(here.adapter)
        await asyncio.wait_for(callee.calls[RIGHT].wait_ended(), 10)
        assert here.receipts() == []
        here.gateway.trouble = False
        ended = await here.ended("a1")
    assert ended.outcome is Outcome.answered_dropped
    assert [r.event for r in here.receipts()] == ["a1:ended"]


async def test_the_calls_of_a_process_that_stops_end_with_a_goodbye(server: Server) -> None:
    async with phone() as callee:
        async with desk(server, callee, app="stops") as here:
            callee.refuses = {SILENT: RINGS}
            await asyncio.gather(*(here.adapter.send(a_call(number, number)) for number in (RIGHT, SILENT)))
            await here.asks(callee, RIGHT, RIGHT)
            await until(lambda: SILENT in callee.rang)
        assert {r.attempt: r.outcome for r in here.receipts()} == {
            RIGHT: Outcome.answered_dropped,
            SILENT: Outcome.ring_no_answer,
        }


async def test_without_speech_without_a_link_and_without_a_notice_nothing_rings(server: Server) -> None:
    async with phone() as callee:
        async with desk(server, callee, app="mute", speak=("no-such-command",)) as here:
            assert (await here.adapter.send(a_call("a1"))).detail == "speechless"
            call = a_call("a2")
            unsaid = call._replace(message=call.message._replace(states=frozenset()))
            assert (await here.adapter.send(unsaid)).fate is Fate.rejected_content
        async with desk(server, callee, app="dumb", wait=False, password=Secret(b"a wrong one")) as here:
            result = await here.adapter.send(a_call("a3"))
            assert (result.fate, result.detail) == (Fate.retryable, "line_down")
        assert callee.rang == []
        assert not list((server.folder / "sounds" / "mute").glob("a*"))


@pytest.mark.parametrize(
    ("said", "flaw"),
    [
        ({"app": "a/b"}, "app"),
        ({"dial": "PJSIP/trunk"}, "dial"),
        ({"sounds": "here"}, "sounds"),
        ({"speak": ()}, "speak"),
        ({"leave_message": True}, "leave_message"),
        ({"ring_s": 1}, "ring_s"),
    ],
)
def test_an_account_that_cannot_be_is_refused(said: dict[str, Any], flaw: str) -> None:
    good = {"url": "http://a", "app": "a", "user": "u", "password": Secret(b"p"), "dial": "{number}", "caller_id": "1"}
    with pytest.raises(Flawed) as caught:
        Params(**{**good, "sounds": "/s", **said})
    assert [flaw] == [name for name, _ in caught.value.flaws]
