"""Letters from the message to the print house."""

from pathlib import Path

import pytest

from service.channels import print_house
from service.channels.answers import accepted, not_taken
from service.channels.delivery import Delivery
from service.channels.routes import Routes, simulator_account
from service.core.errors import Invalid
from service.core.model import Channel, Fate, Instant, Outcome
from service.core.rendering import Message, Part
from service.files.typeset import LetterSetter
from service.flows.ports import Asked, Envelope, Recipient, SendResult, Typesetter
from service.flows.providers import ProviderAccount, Secret
from service.simulator.provider import Provider
from service.simulator.server import start_simulator
from tests.channels.dispatches import AT, a_dispatch

SECRET = b"print house and us"
LETTER = a_dispatch(Channel.letter)
ASKED = Asked("a1", Channel.letter, AT)


def set_plainly(message: Message, recipient: Recipient, at: Instant, envelope: Envelope = Envelope.din_b) -> bytes:
    return b"%PDF <</Type/Pages/Count 1>>" + message.body.encode()


def delivery(spool: Path, typeset: Typesetter = set_plainly, secret: bytes | None = SECRET) -> Delivery:
    params = print_house.Params(secret=secret and Secret(secret))
    account = ProviderAccount("print-house", print_house.KIND, params, frozenset({Channel.letter}))
    return Delivery(Routes([account]), typeset=typeset, spool_dir=spool, send_timeout_s=30, clock=lambda: AT)


async def test_a_letter_is_sent_by_being_spooled(tmp_path: Path) -> None:
    result = await delivery(tmp_path).send("print-house", LETTER)

    assert accepted() == result
    assert len(list(tmp_path.rglob("a1.pdf"))) == 1


async def test_a_print_house_that_reports_nothing_is_not_waited_for(tmp_path: Path) -> None:
    result = await delivery(tmp_path, secret=None).send("print-house", LETTER)

    assert accepted(awaits=False) == result


async def test_asking_for_a_letter_looks_into_the_manifest(tmp_path: Path) -> None:
    channels = delivery(tmp_path)
    before = await channels.ask("print-house", ASKED)
    await channels.send("print-house", LETTER)

    assert before == not_taken("never_taken")
    assert await channels.ask("print-house", ASKED) == accepted()


async def test_a_letter_that_cannot_be_set_reached_nobody_and_is_not_tried_again(tmp_path: Path) -> None:
    def refuse(message: Message, recipient: Recipient, at: Instant, envelope: Envelope = Envelope.din_b) -> bytes:
        raise Invalid("address", "no country")

    result = await delivery(tmp_path, refuse).send("print-house", LETTER)

    assert SendResult(Fate.permanent, Outcome.failed, detail="typesetting_failed") == result
    assert list(tmp_path.iterdir()) == []


async def test_a_spool_that_cannot_be_written_reached_nobody_and_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    result = await delivery(tmp_path / "file").send("print-house", LETTER)

    assert not_taken("spool_failed") == result


async def test_a_manifest_that_somebody_edited_is_no_answer_and_takes_no_letter(tmp_path: Path) -> None:
    channels = delivery(tmp_path)
    await channels.send("print-house", LETTER)
    next(tmp_path.rglob("manifest.jsonl")).write_text("edited\n")

    assert await channels.ask("print-house", ASKED) is None
    assert await delivery(tmp_path).send("print-house", LETTER) == not_taken("spool_failed")


async def test_the_simulated_print_house_hears_of_the_letter_once(tmp_path: Path) -> None:
    provider = Provider(longest_s=None)
    async with await start_simulator(provider, secret=SECRET) as simulator:
        routes = Routes([simulator_account(simulator.url, SECRET)])
        channels = Delivery(routes, typeset=set_plainly, spool_dir=tmp_path, send_timeout_s=30, clock=lambda: AT)
        results = [await channels.send("simulator", LETTER) for _ in range(2)]
        await channels.close()

    assert results == [accepted()] * 2
    assert [(contact.attempt, contact.channel) for contact in provider.contacts] == [("a1", "letter")]
    assert '"simulated":true' in next(tmp_path.rglob("manifest.jsonl")).read_text()


async def test_a_print_house_that_is_away_does_not_undo_the_hand_over(tmp_path: Path) -> None:
    async with await start_simulator(Provider(), secret=SECRET) as simulator:
        url = simulator.url
    routes = Routes([simulator_account(url, SECRET)])
    channels = Delivery(routes, typeset=set_plainly, spool_dir=tmp_path, send_timeout_s=30, clock=lambda: AT)

    assert await channels.send("simulator", LETTER) == accepted()
    await channels.close()


@pytest.mark.parametrize("sheets", [1, 3])
async def test_the_manifest_counts_the_pages_of_a_real_letter(tmp_path: Path, sheets: int) -> None:
    message = LETTER.message
    parts = (
        Part("opening", "", "字" * (1 + 1500 * (sheets - 1))),
        Part("closing", "", "此致"),
        Part("seal", "", "示例银行\n（盖章）"),
    )
    letter = LETTER._replace(message=message._replace(parts=parts))

    await delivery(tmp_path, LetterSetter("Asia/Shanghai")).send("print-house", letter)

    assert f'"pages":{sheets}' in next(tmp_path.rglob("manifest.jsonl")).read_text()
