"""The demonstration from end to end: open the house, tell the book, run the day, show what came of it, keep serving."""

import asyncio
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from service.core.civil import local_date
from service.settings import Settings

from .bank import ZONE, borrowers
from .clock import DemoClock
from .day import Body, Day
from .door import Door
from .house import key_file, prepare, serving, settings_for, url_of
from .page import Page
from .seed import PAUSE_S, Bars, Posted, Run, run_the_day, settled, tell_the_book
from .show import Links, Proof, closing, opening, report
from .stories import BANK
from .words import LANGUAGES, Words

ENDING_S = 3.0
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

PROVED = ("sms", "evening", "told-of-debt")
"""The stories whose entries are shown: one sent, one put off, one refused. One is invited to read the last."""


class Wanted(NamedTuple):
    """What the command line asks for."""

    borrowers: int
    folder: Path
    language: str
    keep_serving: bool


class Result(NamedTuple):
    """What was posted, what became of it, and the entries of a few."""

    run: Run
    found: dict[str, Body]
    proofs: list[Proof]


async def demo(given: Settings, wanted: Wanted, console: Console) -> None:
    """Run the demonstration, and serve until a signal comes."""
    words = LANGUAGES[wanted.language]
    settings = settings_for(given, wanted.folder)
    if settings.port != given.port:
        console.print(words.port_taken.format(wanted=given.port, port=settings.port), style="yellow")
    clock, keys = await prepare(settings)
    page = Page(clock, words.title, wanted.language)
    async with serving(settings, clock, page.before) as task:
        showing = asyncio.create_task(_show(settings, clock, keys, page, wanted, console))
        await asyncio.wait({task, showing}, return_when=asyncio.FIRST_COMPLETED)
        if showing.done() and showing.exception() is not None:
            # The door shuts before the house is closed: a call that meets that is no fault.
            await asyncio.wait({task}, timeout=ENDING_S)
        if task.done():
            showing.cancel()
            await asyncio.wait({showing})
        else:
            await showing
            if wanted.keep_serving:
                await task
    console.print(words.end.format(folder=wanted.folder))


async def _show(
    settings: Settings, clock: DemoClock, keys: dict[str, str], page: Page, wanted: Wanted, console: Console
) -> None:
    """Everything between the open door and the invitation to go on."""
    words = LANGUAGES[wanted.language]
    start = opening(words, settings.institution, wanted.borrowers, clock.start)
    console.print(start)
    doors = {client: Door(url_of(settings), key, wanted.language) for client, key in keys.items()}
    try:
        with _progress(console) as progress:
            result = await run(doors, settings.data_dir, clock, wanted.borrowers, _bars(words, progress))
    finally:
        for door in doors.values():
            await door.close()
    tables = report(words, result.run, result.found, result.proofs, wanted.language)
    links = Links(
        url_of(settings), keys[BANK], str(key_file(settings, BANK)), str(settings.spool_dir), str(wanted.folder)
    )
    end = closing(words, links, result.proofs[-1].posted)
    # The last lines hold a key, which is shown to this machine alone.
    page.show(start, *tables, *(end if settings.host in LOOPBACK else ()))
    for each in (*tables, *(end if wanted.keep_serving else ())):
        console.print(each, soft_wrap=isinstance(each, Text))


async def run(doors: dict[str, Door], folder: Path, clock: DemoClock, count: int, bar: Bars) -> Result:
    """Tell the book and run the day of the clock; what became of it once it has settled."""
    today = local_date(ZONE, clock.start)
    first = _first_day(folder, today)
    book = borrowers(count, days=(today - first).days)
    await tell_the_book(doors, book, first, today, bar)
    posted = await run_the_day(doors, Day(book, today, (today - first).days), clock, bar)
    found = await settled(doors[BANK], posted, bar)
    proved = [each for each in posted.stories if _name(each) in PROVED]
    return Result(posted, found, [Proof(each, await _entries(doors[BANK], each)) for each in proved])


async def _entries(door: Door, posted: Posted) -> list[Body]:
    """The entries of a request, once its last has been given its index."""
    last = "receipt.applied" if _name(posted) == PROVED[0] else ""
    while True:
        page = await door.tell("POST", "/v1/audit/entries/search", {"request": posted.answer["id"]})
        if any(last in each["kind"] for each in page["items"]):
            return list(page["items"])
        await asyncio.sleep(PAUSE_S)


def _first_day(folder: Path, today: date) -> date:
    """The day on which this folder was first run: what stood before then is dated by it."""
    file = folder / "first-day"
    if not file.exists():
        file.write_text(f"{today.isoformat()}\n")
    return date.fromisoformat(file.read_text().strip())


def _name(posted: Posted) -> str:
    """What a story is called in its reference, after the date."""
    return str(posted.told.body["reference"]).partition("-")[2]


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console)


def _bars(words: Words, progress: Progress) -> Bars:
    """A bar for each step, one after the other."""

    def begin(name: str, total: int) -> Callable[[], None]:
        task = progress.add_task(getattr(words, name), total=total)
        return lambda: progress.advance(task)

    return begin
