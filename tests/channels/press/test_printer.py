"""Letters on a real CUPS scheduler, by IPP."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from service.channels.adapter import Site
from service.channels.answers import accepted, not_taken
from service.channels.press.printer import KIND, Printer
from service.channels.press.printer_account import Params
from service.core.model import HOUR, Channel, Fate, Instant, Outcome
from service.flows.ports import Asked, Envelope, Receipt, SendResult
from service.flows.providers import Callback, ProviderAccount, Url
from tests.channels.dispatches import AT, a_dispatch
from tests.channels.press.cups import Cups, cups, unpacked

PDF = b"%PDF-1.7 a letter"


@pytest.fixture(scope="module")
def packages() -> Iterator[Path]:
    with unpacked() as root:
        yield root


@pytest.fixture(scope="module")
def real(packages: Path) -> Iterator[Cups]:
    with cups(packages) as running:
        yield running


Desks = Callable[[str], "Desk"]


@dataclass
class Desk:
    """A printer's adapter, and what it told."""

    printer: Printer = field(init=False)
    url: str
    now: Instant = AT
    heard: list[Callback] = field(default_factory=list)

    def __post_init__(self) -> None:
        account = ProviderAccount("press", KIND, Params(url=Url(self.url)), frozenset({Channel.letter}))

        async def hear(callback: Callback) -> None:
            self.heard.append(callback)

        self.printer = Printer(Site(account, lambda: self.now, 10, lambda *_: PDF, Path(), hear=hear))

    async def print(self, attempt: str) -> SendResult:
        return await self.printer.send(a_dispatch(Channel.letter, attempt=attempt))

    async def ask(self, attempt: str, ref: str | None = None) -> SendResult | None:
        return await self.printer.ask(Asked(attempt, Channel.letter, AT, provider_ref=ref))

    async def end_of(self, job: str | None) -> Receipt:
        """Look until the job of that name or number has ended; the printer has ended others, and may while we look."""
        async with asyncio.timeout(60):
            while not (found := self.told_of(job)):
                await self.printer.look()
                await asyncio.sleep(0.05)
        return found[0]

    def told_of(self, job: str | None) -> list[Receipt]:
        told = [receipt for callback in self.heard for receipt in self.printer.read(callback).receipts]
        return [each for each in told if job in (each.attempt, each.provider_ref)]


@pytest.fixture
async def desk_at() -> AsyncIterator[Desks]:
    """Desks at queues, closed whatever becomes of the test."""
    desks: list[Desk] = []

    def desk_at(url: str) -> Desk:
        desks.append(Desk(url))
        return desks[-1]

    yield desk_at
    for desk in desks:
        await desk.printer.close()


async def test_a_letter_is_printed_under_the_name_of_its_attempt(real: Cups, desk_at: Desks) -> None:
    desk = desk_at(real.queue("letters"))
    result = await desk.print("a_printed")
    receipt = await desk.end_of("a_printed")

    assert (Fate.accepted, Outcome.sent, True) == (result.fate, result.outcome, result.awaits)
    assert PDF == (real.kept / "a_printed.pdf").read_bytes()
    assert (Outcome.sent, "printed") == (receipt.outcome, receipt.text)
    await real.let_go(result.provider_ref)
    assert accepted(result.provider_ref) == await desk.ask("a_printed")


async def test_a_letter_whose_printer_jams_has_failed(real: Cups, desk_at: Desks) -> None:
    desk = desk_at(real.queue("jammed"))
    result = await desk.print("a_jammed")
    receipt = await desk.end_of("a_jammed")

    assert ("a_jammed", Outcome.failed) == (receipt.attempt, receipt.outcome)
    told = await desk.ask("a_jammed")
    assert told == SendResult(Fate.permanent, Outcome.failed, result.provider_ref, detail="job_aborted")


async def test_the_end_of_a_job_is_told_once(real: Cups, desk_at: Desks) -> None:
    desk = desk_at(real.queue("jammed"))
    await desk.print("a_once")
    told = await desk.end_of("a_once")
    await desk.printer.look()
    another = desk_at(real.queue("jammed"))

    assert [told] == desk.told_of("a_once")
    assert told.event == (await another.end_of("a_once")).event


@pytest.mark.parametrize(("queue", "why"), [("closed", "not_accepting_jobs"), ("nowhere", "no_such_printer")])
async def test_a_printer_that_takes_nothing_is_left_out(real: Cups, desk_at: Desks, queue: str, why: str) -> None:
    desk = desk_at(real.queue(queue))

    assert not_taken(why, Fate.provider_unavailable) == await desk.print("a_closed")


async def test_a_letter_that_never_came_is_known_not_to_have_come_for_a_while(real: Cups, desk_at: Desks) -> None:
    desk = desk_at(real.queue("letters"))

    assert not_taken("never_taken") == await desk.ask("a_never")
    desk.now = Instant(AT + HOUR)
    assert await desk.ask("a_never") is None


async def test_a_printer_that_hides_the_names_of_jobs_is_not_taken_to_have_none(packages: Path, desk_at: Desks) -> None:
    with cups(packages, names_hidden=True) as hiding:
        desk = desk_at(hiding.queue("letters"))
        result = await desk.print("a_hidden")
        receipt = await desk.end_of(result.provider_ref)

        assert await desk.ask("a_hidden") is None
        assert accepted(result.provider_ref) == await desk.ask("a_hidden", result.provider_ref)
        assert (None, result.provider_ref) == (receipt.attempt, receipt.provider_ref)


async def test_a_printer_that_is_away_was_not_reached(desk_at: Desks) -> None:
    desk = desk_at("http://127.0.0.1:9/printers/letters")

    assert not_taken("unreachable") == await desk.print("a_away")
    assert await desk.ask("a_away") is None


def test_its_envelope_is_the_one_that_the_account_says() -> None:
    assert Envelope.gb_dl == Params(url=Url("http://x"), envelope=Envelope.gb_dl).envelope
