"""
Tell the gateway the bank's book and let the day begin: facts, history, batches, single requests, reports.

Everything goes in through the API with the keys of the clients that would tell it. What was told on an
earlier run is told again without harm, but for the past week, which belongs to the first day alone.
"""

import asyncio
from collections.abc import Callable, Iterable
from datetime import date
from typing import NamedTuple

from service.core.civil import format_instant
from service.core.errors import Misconfigured
from service.flows.ports import Clock

from .bank import ZONE, Borrower
from .day import Body, Day, reports
from .door import Door
from .past import AGENCY_TOLD, Days, Fact, history, profiles, standing
from .stories import BANK, Told, stories

SETTLED_S = 30.0
"""How long receipts are waited for; the simulator tells all within five seconds of the hand-over."""

PAUSE_S = 0.2

Bars = Callable[[str, int], Callable[[], None]]
"""Begins a bar, by its name in `Words`, of so many steps; gives what counts one."""


class Posted(NamedTuple):
    """A story, and the answer to its request."""

    told: Told
    status: int
    answer: Body


class Run(NamedTuple):
    """What was posted: the batches' answers, and each story with its own."""

    batch: list[Body]
    stories: list[Posted]


async def tell_the_book(doors: dict[str, Door], book: list[Borrower], first: date, today: date, bar: Bars) -> None:
    """The facts, then the history."""
    door = doors[BANK]
    await _all(door, list(profiles(book)), bar("borrowers", 2 * len(book)))
    facts = list(standing(book, Days(first)))
    await _all(door, facts, bar("standing", len(facts)))
    past = list(history(book, Days(today), ordinary=today == first))
    step = bar("past", len(past))
    for start in range(0, len(past), 500):
        for result in await door.lines("/v1/interactions", past[start : start + 500]):
            _expect(result, 200, 201)
            step()


async def run_the_day(doors: dict[str, Door], day: Day, clock: Clock, bar: Bars) -> Run:
    """Post the batches and the single requests, and do what people do under their permits."""
    single = list(stories(day))
    ours, theirs = day.batch(), day.agency_batch()
    step = bar("posting", len(ours) + len(theirs) + len(single))
    posted = []
    for told in single:
        status, answer = await doors[told.client].ask(told.body)
        posted.append(Posted(told, status, answer))
        step()
    batch = []
    for door, bodies in ((doors[BANK], ours), (doors[AGENCY_TOLD], theirs)):
        for result in await door.lines("/v1/contact-requests/batch", bodies):
            batch.append(_expect(result, 200, 202, 403))
            step()
    for each in posted:
        await _done(doors[each.told.client], each, format_instant(clock(), ZONE))
    permits = [answer for answer in batch if "permit" in answer]
    for request, report in reports(permits, format_instant(clock(), ZONE)):
        await doors[AGENCY_TOLD].tell("POST", f"/v1/contact-requests/{request}/outcome", report)
    return Run(batch, posted)


async def settled(door: Door, run: Run, bar: Bars) -> dict[str, Body]:
    """
    Wait until what was sent has its receipts, then give every request of this run as it stands, by id.

    What waits for its hour or for a person's report is left to wait.
    """
    answers = [*run.batch, *(each.answer for each in run.stories)]
    wanted = {answer["id"] for answer in answers}
    moving = {answer["id"] for answer in answers if "permit" not in answer}
    step = bar("settling", len(moving))
    for _ in range(int(SETTLED_S / PAUSE_S)):
        under_way = {row["id"] for row in await _listed(door, "&state=queued&state=dispatching&state=sent")}
        for _ in moving - under_way:
            step()
        moving &= under_way
        if not moving:
            break
        await asyncio.sleep(PAUSE_S)
    return {row["id"]: row for row in await _listed(door, "") if row["id"] in wanted}


async def _all(door: Door, facts: Iterable[Fact], step: Callable[[], None]) -> None:
    """Many at once; the door lets as many through as are sensible."""

    async def tell(fact: Fact) -> None:
        await door.tell(*fact)
        step()

    async with asyncio.TaskGroup() as group:
        for fact in facts:
            group.create_task(tell(fact))


async def _done(door: Door, posted: Posted, now: str) -> None:
    """What a person does next: reports the contact made under the permit, or cancels."""
    request = posted.answer["id"]
    if posted.told.cancelled:
        await door.tell("POST", f"/v1/contact-requests/{request}/cancel", None)
    elif posted.told.report is not None and "permit" in posted.answer:
        await door.tell("POST", f"/v1/contact-requests/{request}/outcome", {**posted.told.report, "started_at": now})


async def _listed(door: Door, narrowed: str) -> list[Body]:
    """Every request there is, page after page."""
    rows: list[Body] = []
    after = ""
    while True:
        page = await door.get(f"/v1/contact-requests?limit=200{narrowed}{after}")
        rows += page["items"]
        if page["next"] is None:
            return rows
        after = f"&after={page['next']}"


def _expect(result: Body, *statuses: int) -> Body:
    if result["status"] not in statuses:
        raise Misconfigured(f"an item was answered {result['status']}: {result}")
    return result
