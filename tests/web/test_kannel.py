"""The whole gateway over a real Kannel, in front of a real message centre, which reports to its real door."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import pytest_asyncio

from service.core.model import Fate, Outcome, State
from service.core.segments import is_gsm
from service.flows.providers import Secret
from service.wiring import Shelf
from tests.channels.kannel.accounts import ABROAD, MAINLAND, adapter, saying
from tests.channels.kannel.lab import MAX_MESSAGES, NUMBER
from tests.channels.lines.smsc import fetched
from tests.loopback import read_request, speaking

from .chain import Chain, chained, served, until

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chain(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Chain]:
    async with chained(fetched(tmp_path_factory.mktemp("smsc"))) as running:
        yield running


ALPHABET = "".join(each for each in map(chr, range(0x20, 0x2100)) if is_gsm(each)) + "\n"

TEXTS = [
    ("【示例银行】张三，请还款", MAINLAND, 8, 1),
    ("A" * 100, MAINLAND, 8, 2),
    # Kannel tears the pair apart; joined, the text is whole.
    ("好" * 66 + "😀" + "款" * 66, ABROAD, 8, 2),
    (ALPHABET, ABROAD, 0, 1),
    ("A" * 152 + "€" + "B" * 7, ABROAD, 0, 2),
    ("Łódź", ABROAD, 8, 1),
]


async def test_every_text_arrives_whole_and_what_kannel_would_drop_is_refused(
    chain: Chain, data_dir: Path, shelf: Shelf
) -> None:
    async with served(chain, data_dir, shelf) as here:
        for n, (text, to, coding, parts) in enumerate(TEXTS):
            before = len(await here.taken())
            result = await here.hand_over(saying(text, to, f"a_text{n}"))
            await here.smsc.until("message", before + parts)
            messages = here.smsc.all("message")[before:]
            read = "".join(each["text"] for each in messages).encode("utf-16", "surrogatepass").decode("utf-16")

            assert (Fate.accepted, text) == (result.fate, read)
            assert {(to[1:], NUMBER, coding, True)} == {
                (each["to"], each["from"], each["coding"], bool(each["validity"])) for each in messages
            }
            if parts > 1:
                heads = [bytes.fromhex(each["udh"]) for each in messages]
                assert [(parts, n) for n in range(1, parts + 1)] == [(head[-2], head[-1]) for head in heads]
        refused = await here.hand_over(saying("款" * (67 * MAX_MESSAGES + 1), MAINLAND, "a_long"))

    assert (Fate.rejected_content, "too_long") == (refused.fate, refused.detail)


async def test_a_delivery_is_reported_once_in_whatever_order_and_names_nobody(
    chain: Chain, data_dir: Path, shelf: Shelf
) -> None:
    async with served(chain, data_dir, shelf) as here:
        attempt = await here.sent()
        taken = await here.standing()
        await here.report("DELIVRD")
        await here.told(2)
        delivered = await here.standing()
        calls = [call for call in here.calls if attempt["id"] in call]
        again = [await here.web.http.get(call) for call in [*reversed(calls)] * 2]
        receipts = await here.web.rows("receipts")
        later = await here.standing()
        path, _, query = calls[-1].partition("?")
        forged = await here.web.http.get(f"{path}?{query.replace('mark=a_', 'mark=a_0')}")
        guessed = await here.web.http.get(f"{path[:-1]}?{query}")

    assert [(State.sent, Outcome.sent), (State.completed, Outcome.delivered)] == [taken, delivered]
    assert [(200, b"")] * 4 == [(each.status_code, each.content) for each in again]
    assert (delivered, 2) == (later, len(receipts))
    assert (401, 404) == (forged.status_code, guessed.status_code)
    assert not [word for call in here.calls for word in (MAINLAND[1:], MAINLAND[3:], "Zhang") if word in call]


@pytest.mark.parametrize(
    ("stat", "error", "bars"), [("UNDELIV", "000", []), ("REJECTD", "032", [("sms", "invalid_address")])]
)
async def test_what_was_not_delivered_has_failed_and_an_error_that_was_agreed_is_heeded(
    chain: Chain, data_dir: Path, shelf: Shelf, stat: str, error: str, bars: list[tuple[str, str]]
) -> None:
    async with served(chain, data_dir, shelf) as here:
        await here.sent()
        await here.report(stat, error)
        await here.told(2)

        assert (State.failed, Outcome.undelivered) == await here.standing()
        assert bars == await here.bars()


async def test_a_refusal_that_comes_only_by_a_report_bars_a_number_that_does_not_exist(
    chain: Chain, data_dir: Path, shelf: Shelf
) -> None:
    async with served(chain, data_dir, shelf) as here:
        attempt = await here.sent()
        async with here.refusing(0x0B):
            # Kannel keeps the reason to itself where it has cut the text, so the same attempt says less here.
            result = await here.hand_over(saying("【示例银行】请还款", MAINLAND, attempt["id"]))
            await here.told(2)

        assert Fate.accepted is result.fate
        assert (State.failed, Outcome.undelivered) == await here.standing()
        assert [("sms", "invalid_address")] == await here.bars()
        assert "house/suppression" in await here.refused()


async def test_a_long_text_that_is_refused_late_has_failed(chain: Chain, data_dir: Path, shelf: Shelf) -> None:
    async with served(chain, data_dir, shelf) as here:
        async with here.refusing(0x0B):
            await here.sent()

        assert (State.failed, Outcome.undelivered) == await here.standing()
        assert [] == await here.bars()


async def test_an_answer_that_was_lost_is_made_up_for_by_the_report(chain: Chain, data_dir: Path, shelf: Shelf) -> None:
    async def hand_on_and_hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard = await read_request(reader)
        head = [f"POST {heard.path} HTTP/1.1", *(f"{name}: {value}" for name, value in heard.headers.items()), "", ""]
        answers, kannel = await asyncio.open_connection("127.0.0.1", urlsplit(chain.url).port)
        kannel.write("\r\n".join(head).encode() + heard.body)
        taken.append(await answers.readline())
        kannel.close()

    taken: list[bytes] = []
    async with speaking(hand_on_and_hang_up) as url, served(chain._replace(url=url), data_dir, shelf) as here:
        await here.sent()
        await here.report("DELIVRD")
        await here.told(2)

        assert (State.completed, Outcome.delivered) == await here.standing()
    assert [b"HTTP/1.1 202 Accepted\r\n"] == taken


async def test_a_stop_that_somebody_writes_back_bars_the_number_and_is_not_answered(
    chain: Chain, data_dir: Path, shelf: Shelf
) -> None:
    async with served(chain, data_dir, shelf) as here:
        await here.sent()
        before = len(await here.taken())
        reply = {"source_addr": MAINLAND[1:], "source_addr_ton": 1, "source_addr_npi": 1, "destination_addr": NUMBER}
        await here.smsc.tell(deliver={**reply, "short_message": "退订", "data_coding": 8})
        await until(lambda: here.counted("suppressions", 1))
        await here.hand_over(saying("the next", attempt="a_next"))
        next_out = await here.smsc.until("message", before + 1)

        assert [("sms", "opt_out")] == await here.bars()
        assert "house/suppression" in await here.refused()
        assert "the next" == next_out["text"]
        assert not [call for call in here.calls if MAINLAND[1:] in call]


async def test_a_password_that_is_not_ours_is_no_fault_of_the_message(chain: Chain) -> None:
    async with adapter(chain.url, password=Secret(b"another-password")) as kannel:
        result = await kannel.send(saying("hi"))

    assert (Fate.provider_unavailable, "authorization_failed") == (result.fate, result.detail)
