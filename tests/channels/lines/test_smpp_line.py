"""An SMPP line against a message centre that nobody here wrote: npm `smpp`, on loopback."""

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from service.channels.lines.smpp_statuses import STATUSES
from service.core.model import Channel, Fate, Outcome
from service.flows.ports import Asked
from tests.channels.dispatches import AT
from tests.channels.lines.gateway import Gateway, bound, told
from tests.channels.lines.smpp_lines import ABROAD, line_to, saying
from tests.channels.lines.smsc import centre, fetched
from tests.channels.lines.test_smpp import TEXT
from tests.peers import Talker


@pytest.fixture(scope="session")
def node_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fetched(tmp_path_factory.mktemp("smsc"))


@pytest.fixture
async def smsc(node_folder: Path) -> AsyncIterator[Talker]:
    async with centre(node_folder) as peer:
        yield peer


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


@pytest.mark.parametrize(
    ("text", "to", "coding", "parts"),
    [
        ("Please call us, [ref] 10 €", ABROAD, 0, 1),
        ("A" * 152 + "€" + "B" * 7, ABROAD, 0, 2),
        ("【示例银行】请还款", "+8613800138000", 8, 1),
        ("好" * 66 + "😀" + "款" * 66, ABROAD, 8, 3),
        ("A" * 100, "+8613800138000", 8, 2),
    ],
)
async def test_the_centre_reads_what_was_meant(
    text: str, to: str, coding: int, parts: int, smsc: Talker, gateway: Gateway
) -> None:
    async with line_to(smsc, gateway) as line:
        result = await line.send(saying(text, to))
        await smsc.until("message", parts)

    messages = smsc.all("message")
    assert text == "".join(message["text"] for message in messages)
    assert [(to[1:], coding)] * parts == [(message["to"], message["coding"]) for message in messages]
    assert [0] * (parts - 1) + [1] == [message["receipt"] for message in messages]
    assert (Fate.accepted, f"m{parts}") == (result.fate, result.provider_ref)


async def test_receipts_in_both_forms_and_a_reply_are_told_and_acknowledged(smsc: Talker, gateway: Gateway) -> None:
    async with line_to(smsc, gateway) as line:
        result = await line.send(saying("hi"))
        common = {"source_addr": ABROAD[1:], "source_addr_ton": 1, "destination_addr": "106900001234"}
        text = TEXT.replace(b"0123456789", b"m1") % b"ACCEPTD"
        await smsc.tell(deliver={**common, "esm_class": 4, "short_message": text.decode()})
        parameters = {"receipted_message_id": "m1", "message_state": 2}
        await smsc.tell(deliver={**common, "esm_class": 4, "short_message": "", **parameters})
        await smsc.tell(deliver={**common, "short_message": "退订", "data_coding": 8})
        await smsc.until("acknowledged", 3)
        receipts, inbound = told(line, gateway)

    assert "m1" == result.provider_ref
    assert [("m1", Outcome.sent), ("m1", Outcome.delivered)] == [(each.provider_ref, each.outcome) for each in receipts]
    assert [(ABROAD, "退订")] == [(each.sender and each.sender.address, each.text) for each in inbound]
    assert [0, 0, 0] == [each["status"] for each in smsc.all("acknowledged")]


async def test_what_was_not_stored_is_to_be_brought_again(smsc: Talker, gateway: Gateway) -> None:
    async with line_to(smsc, gateway):
        gateway.trouble = True
        await smsc.tell(deliver={"source_addr": "447700900123", "destination_addr": "1069", "short_message": "STOP"})
        refused = await smsc.until("acknowledged")

    assert 0x64 == refused["status"]


@pytest.mark.parametrize(("status", "fate"), [(0x58, Fate.throttled_account), (0x0B, Fate.invalid_recipient)])
async def test_a_refusal_is_told_by_its_table(status: int, fate: Fate, smsc: Talker, gateway: Gateway) -> None:
    async with line_to(smsc, gateway) as line:
        await smsc.tell(mood={"status": status})
        result = await line.send(saying("hi"))

    assert (fate, f"smpp_{status:#x}") == (result.fate, result.detail)


async def test_the_centre_dies_in_the_middle_of_a_window_and_nothing_is_sent_again(
    smsc: Talker, gateway: Gateway
) -> None:
    async with line_to(smsc, gateway, window=8) as line:
        await smsc.tell(mood={"hold": True})
        sends = [asyncio.create_task(line.send(saying("hi", attempt=f"a{n}"))) for n in range(10)]
        await smsc.until("message", 8)
        await smsc.tell(kill=True)
        results = await asyncio.gather(*sends)
        await smsc.tell(mood={"hold": False})
        await smsc.until("bound", 2)
        await bound(line)
        after = await line.send(saying("hi", attempt="a99"))
        await smsc.until("message", 9)

    fates = [result.fate for result in results]
    assert (8, 2) == (fates.count(Fate.ambiguous), fates.count(Fate.retryable))
    assert Fate.accepted is after.fate
    assert 9 == len(smsc.all("message"))


async def test_the_centre_can_be_asked_what_became_of_a_message(smsc: Talker, gateway: Gateway) -> None:
    async with line_to(smsc, gateway) as line:
        await smsc.tell(id="m1", state=2)
        await smsc.tell(id="m2", state=1)
        await smsc.tell(enquire=True)
        await smsc.until("alive")
        answers = [await line.ask(Asked("a1", Channel.sms, AT, provider_ref=ref)) for ref in ("m1", "m2", "m3", None)]

    outcomes = [answer and (answer.outcome, answer.awaits) for answer in answers]
    assert [(Outcome.delivered, False), (Outcome.sent, True), None, None] == outcomes


async def test_the_session_ends_in_good_manners_on_both_sides(smsc: Talker, gateway: Gateway) -> None:
    async with line_to(smsc, gateway):
        await smsc.tell(bye=True)
        await smsc.until("bye")
        await smsc.until("bound", 2)
    await smsc.until("unbound")

    assert [True, True] == [each["ok"] for each in smsc.all("bound")]


def test_every_status_that_the_package_lists_has_its_meaning(node_folder: Path) -> None:
    command = ["node", "-e", "console.log(JSON.stringify(require('smpp').errors))"]
    listed = json.loads(subprocess.run(command, cwd=node_folder, capture_output=True, check=True, timeout=30).stdout)

    assert len(listed) > 50
    assert {name: value for name, value in listed.items() if value not in STATUSES} == {}
