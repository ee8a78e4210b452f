"""What the simulator tells the gateway: signed, readable by the adapter, again until it is taken."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from service.channels.signature import check
from service.channels.simulated import build
from service.channels.simulated_told import read_inbound, read_receipt
from service.channels.wire import Answer, Wire, WireRequest
from service.core.model import SECOND, Instant, Outcome
from service.simulator.magic import MAGIC, magic_number
from service.simulator.provider import Provider
from service.simulator.server import start_simulator
from tests.channels.dispatches import AT, a_dispatch
from tests.loopback import Heard, Receiver, receiving

SECRET = b"simulator and us"


class Levers:
    """The simulator's HTTP as a test pulls it."""

    def __init__(self, url: str) -> None:
        self._wire = Wire(url, 30)

    async def pull(self, method: str, path: str, **told: Any) -> tuple[int, Any]:
        answer = await self._wire.call(WireRequest(method, path, json.dumps(told).encode() if told else b""))
        assert isinstance(answer, Answer)
        return answer.status, json.loads(answer.body)

    async def send(self, attempt: str = "a1", **more: Any) -> int:
        answer = await self._wire.call(build(a_dispatch(attempt=attempt, **more)))
        assert isinstance(answer, Answer)
        return answer.status

    async def close(self) -> None:
        await self._wire.close()


@asynccontextmanager
async def simulating(receiver: Receiver, *, longest_s: float | None) -> AsyncIterator[Levers]:
    provider = Provider(longest_s=longest_s)
    async with await start_simulator(provider, secret=SECRET, gateway_url=receiver.url) as simulator:
        levers = Levers(simulator.url)
        yield levers
        await levers.close()


def authentic(heard: Heard) -> Heard:
    check(SECRET, heard.headers, heard.body, AT)
    return heard


@pytest.mark.parametrize("word", [word for word, each in MAGIC.items() if each.manner == "plain" and not each.refusal])
async def test_all_that_is_told_is_signed_and_readable(word: str) -> None:
    async with receiving() as receiver, simulating(receiver, longest_s=None) as levers:
        await levers.send(to=magic_number(word))
        _, answer = await levers.pull("POST", "/advance")

    receipts, replies = [], []
    for heard in map(authentic, receiver.heard):
        if heard.path == "/v1/receipts/simulator":
            receipts += read_receipt("simulator", heard.body).receipts
        else:
            replies += read_inbound("simulator", heard.body).inbound

    behaviour = MAGIC[word]
    assert answer == {"told": len(receipts) + len(replies), "waiting": 0}
    assert len(receipts) == len(behaviour.messages) * (1 + behaviour.twice)
    assert len({receipt.event for receipt in receipts}) == len(behaviour.messages)
    assert [(reply.text, reply.attempt, reply.sender and reply.sender.address) for reply in replies] == (
        [(behaviour.reply, "a1", magic_number(word))] if behaviour.reply else []
    )


async def test_time_moves_by_hand_and_a_receipt_is_dated_when_it_happened() -> None:
    async with receiving() as receiver, simulating(receiver, longest_s=None) as levers:
        await levers.send()
        early = await levers.pull("POST", "/advance", seconds=1)
        due = await levers.pull("POST", "/advance", seconds=1)

    (receipt,) = read_receipt("simulator", authentic(receiver.heard[0]).body).receipts
    assert (early[1], due[1]) == ({"told": 0, "waiting": 1}, {"told": 1, "waiting": 0})
    assert (receipt.outcome, receipt.at) == (Outcome.delivered, AT + 2 * SECOND)


async def test_with_time_running_everything_is_told_by_itself_and_nothing_from_the_future() -> None:
    async with receiving() as receiver, simulating(receiver, longest_s=0.01) as levers:
        await levers.send(to=magic_number("stop"))
        await receiver.wait_for(2)
        told = {heard.path: authentic(heard).body for heard in receiver.heard}

    (receipt,) = read_receipt("simulator", told["/v1/receipts/simulator"]).receipts
    (reply,) = read_inbound("simulator", told["/v1/inbound/simulator"]).inbound
    assert AT <= receipt.at <= reply.at
    assert (receipt.outcome, reply.text) == (Outcome.delivered, "退订")


async def test_a_gateway_that_was_away_hears_everything_later() -> None:
    async with receiving(500, 503) as receiver, simulating(receiver, longest_s=0.01) as levers:
        await levers.send()
        await receiver.wait_for(3)

    told = [[receipt.event for receipt in read_receipt("simulator", heard.body).receipts] for heard in receiver.heard]
    assert told == [told[0]] * 3


async def test_whoever_asks_hears_what_was_told_last() -> None:
    async with receiving() as receiver, simulating(receiver, longest_s=None) as levers:
        await levers.send(to=magic_number("undelivered"))
        before = await levers.pull("GET", "/messages/a1")
        await levers.pull("POST", "/advance")
        after = await levers.pull("GET", "/messages/a1")

    assert (before[1]["status"], after[1]["status"]) == ("accepted", "undelivered")


async def test_a_person_may_write_of_their_own_accord() -> None:
    async with receiving() as receiver, simulating(receiver, longest_s=None) as levers:
        sender = {"kind": "mobile", "value": "+8613800138000"}
        wrong = [
            await levers.pull("POST", "/inbound", channel="letter", **{"from": sender}),
            await levers.pull("POST", "/inbound", channel="sms", at_us="now", **{"from": sender}),
            await levers.pull("POST", "/advance", seconds=-1),
        ]
        taken = await levers.pull("POST", "/inbound", channel="sms", text="你好", at_us=AT, **{"from": sender})
        await levers.pull("POST", "/advance")

    (inbound,) = read_inbound("simulator", receiver.heard[0].body).inbound
    assert [status for status, _ in (*wrong, taken)] == [422, 422, 422, 202]
    assert (inbound.text, inbound.attempt, inbound.at, inbound.outcome) == ("你好", None, AT, Outcome.replied)


async def test_the_simulator_counts_contacts_by_recipient_and_by_request() -> None:
    async with receiving() as receiver, simulating(receiver, longest_s=None) as levers:
        for attempt, request in (("a1", "r1"), ("a1", "r1"), ("a2", "r1"), ("a3", "r2")):
            await levers.send(attempt, request=request)
        _, all_of_them = await levers.pull("GET", "/contacts")
        _, of_one = await levers.pull("GET", "/contacts?request=r2")
        _, health = await levers.pull("GET", "/healthz")

    assert all_of_them["total"] == 3
    assert all_of_them["by_recipient"] == {"+8613800138000": 3}
    assert all_of_them["by_request"] == {"r1": 2, "r2": 1}
    assert [contact["attempt"] for contact in of_one["contacts"]] == ["a3"]
    assert health == {"contacts": 3, "waiting": 3}


async def test_behaviour_is_ordered_over_http_and_taken_back() -> None:
    async with receiving() as receiver, simulating(receiver, longest_s=None) as levers:
        wrong = await levers.pull("POST", "/behaviour", next=["nothing"])
        await levers.pull("POST", "/behaviour", default="refuse", next=["throttled"])
        statuses = [await levers.send(f"a{n}") for n in range(2)]
        await levers.pull("DELETE", "/behaviour")
        statuses.append(await levers.send("a2"))

    assert wrong[0] == 422
    assert statuses == [429, 422, 202]


async def test_the_gateway_can_be_named_once_it_listens() -> None:
    async with receiving() as receiver, await start_simulator(Provider(longest_s=0.01), secret=SECRET) as simulator:
        levers = Levers(simulator.url)
        await levers.send()
        assert await levers.pull("POST", "/callback", url=receiver.url) == (200, {})
        await receiver.wait_for(1)
        await levers.close()

    assert [heard.path for heard in receiver.heard] == ["/v1/receipts/simulator"]


async def test_a_clock_that_is_handed_in_dates_what_is_signed() -> None:
    later = Instant(AT + 100 * SECOND)
    async with receiving() as receiver:
        provider = Provider(clock=lambda: later, longest_s=None)
        async with await start_simulator(provider, secret=SECRET, gateway_url=receiver.url) as simulator:
            levers = Levers(simulator.url)
            await levers.send()
            await levers.pull("POST", "/advance")
            await levers.close()

    assert receiver.heard[0].headers["provider-timestamp"] == str(later // SECOND)


async def test_alone_it_survives_sudden_death_with_its_count(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "service.simulator", "--by-hand", "--state", str(tmp_path / "contacts.jsonl")]
    for expected in (202, 200):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            levers = Levers(process.stdout.readline().strip())
            status = await levers.send()
            _, counted = await levers.pull("GET", "/contacts")
            await levers.close()
            os.kill(process.pid, signal.SIGKILL)

        assert (status, counted["by_request"]) == (expected, {"r1": 1})


def test_alone_it_ends_when_asked_and_refuses_odds_that_are_none(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "service.simulator"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("http://127.0.0.1:")
        process.terminate()
    refused = subprocess.run([*command, "--odds", "hang=much"], capture_output=True, check=False)

    assert (process.returncode, refused.returncode) == (0, 2)
