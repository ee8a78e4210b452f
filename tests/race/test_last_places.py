"""Many want the last places under a cap: exactly as many get them as there are, across processes."""

import asyncio
from collections import Counter
from datetime import date
from typing import Any

import httpx
import pytest

from service.core.civil import local_date
from service.core.model import Instant, State

from .bodies import call_to, text_to
from .conftest import Fleets
from .fleet import Fleet

TEN = "2026-11-23T10:00:00+08:00"
AT_ONCE = 200
REFUSED, WAITING, TEXTS = 1, 2, 3
"""Debtors."""

pytestmark = pytest.mark.parametrize("kind", ["sqlite", "postgres"])


async def post_all(fleet: Fleet, bodies: list[dict[str, Any]]) -> list[httpx.Response]:
    """All at once, shared among the gateways."""
    count = len(fleet.gateways)
    return await asyncio.gather(*(fleet.post(n % count, body) for n, body in enumerate(bodies)))


async def days_of(fleet: Fleet, person: int) -> Counter[date]:
    """How many places are held for a person on each local day."""
    (party,) = [row["party"] for row in await fleet.rows("parties") if row["id"] == f"P-{person}"]
    held = [row for row in await fleet.rows("reservations") if row["party"] == party and row["state"] != "released"]
    return Counter(local_date("Asia/Shanghai", Instant(row["at"])) for row in held)


async def test_of_many_hundreds_who_want_the_last_places_exactly_as_many_get_them(
    kind: str, fleet_over: Fleets
) -> None:
    """
    Two hundred calls to one debtor or refused: three are permitted. Two hundred that may wait: three on each day. Two
    hundred texts or refused: two go out, by the provider's count. All six hundred come at once, to all processes.
    """
    async with fleet_over(kind, 2) as fleet:
        fleet.clock.stand(TEN)
        await fleet.start()
        refused = [call_to(REFUSED, f"refused-{n}", if_blocked="refuse") for n in range(AT_ONCE)]
        waiting = [call_to(WAITING, f"waiting-{n}") for n in range(AT_ONCE)]
        texts = [text_to(TEXTS, f"text-{n}", if_blocked="refuse") for n in range(AT_ONCE)]

        answers = await post_all(
            fleet, [body for bodies in zip(refused, waiting, texts, strict=True) for body in bodies]
        )
        calls, planned, sent = answers[0::3], answers[1::3], answers[2::3]
        await fleet.until(lambda states: State.queued not in states)
        await fleet.until_rows("requests", lambda row: row["channel"] == "call" or row["state"] != State.dispatching)

        assert {202: 3, 403: AT_ONCE - 3} == Counter(answer.status_code for answer in calls)
        assert 3 == sum("permit" in answer.json() for answer in calls)
        assert [3] == list((await days_of(fleet, REFUSED)).values())
        days = await days_of(fleet, WAITING)
        assert {202: sum(days.values()), 403: AT_ONCE - sum(days.values())} == Counter(
            answer.status_code for answer in planned
        )
        assert {3} == set(days.values()) and len(days) > 30
        assert {202: 2, 403: AT_ONCE - 2} == Counter(answer.status_code for answer in sent)
        assert {answer.json()["id"]: 1 for answer in sent if answer.status_code == 202} == await fleet.contacted()
        assert 6 == len(await fleet.rows("permits"))


async def test_what_falls_due_at_once_is_sent_once_by_whoever_claims_it(kind: str, fleet_over: Fleets) -> None:
    async with fleet_over(kind, 2) as fleet:
        fleet.clock.stand(TEN)
        await fleet.start()
        bodies = [text_to(n, f"t-{n}", send_after="2026-11-23T10:05:00+08:00") for n in range(120)]
        answers = await post_all(fleet, bodies)
        assert {202} == {answer.status_code for answer in answers}

        fleet.clock.stand("2026-11-23T10:05:00+08:00")
        await fleet.until(lambda states: not states & {"queued", "scheduled", "dispatching"})

        assert dict.fromkeys((answer.json()["id"] for answer in answers), 1) == await fleet.contacted()
