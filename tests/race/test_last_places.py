"""Many want the last places under a cap: exactly as many get them as there are, across processes."""

import asyncio
from collections import Counter
from typing import Any

import httpx
import pytest

from service.core.civil import local_date
from service.core.model import Instant

from .bodies import call_to, text_to
from .conftest import Fleets
from .fleet import Fleet

TEN = "2026-11-23T10:00:00+08:00"
AT_ONCE = 200

pytestmark = pytest.mark.parametrize("kind", ["sqlite", "postgres"])


async def post_all(fleet: Fleet, bodies: list[dict[str, Any]]) -> list[httpx.Response]:
    """All at once, shared among the gateways."""
    count = len(fleet.gateways)
    return await asyncio.gather(*(fleet.post(n % count, body) for n, body in enumerate(bodies)))


def days_of(rows: list[dict[str, Any]]) -> Counter[Any]:
    """How many places are held on each local day."""
    return Counter(local_date("Asia/Shanghai", Instant(row["at"])) for row in rows if row["state"] != "released")


async def test_of_two_hundred_who_want_three_calls_today_exactly_three_are_permitted(
    kind: str, fleet_over: Fleets
) -> None:
    async with fleet_over(kind, 2) as fleet:
        fleet.clock.stand(TEN)
        await fleet.start()

        answers = await post_all(fleet, [call_to(1, f"c-{n}", if_blocked="refuse") for n in range(AT_ONCE)])

        assert {202: 3, 403: 197} == Counter(answer.status_code for answer in answers)
        assert 3 == sum("permit" in answer.json() for answer in answers)
        assert 3 == len(await fleet.rows("permits"))
        assert [3] == list(days_of(await fleet.rows("reservations")).values())


async def test_two_hundred_calls_that_may_wait_are_planned_three_a_day(kind: str, fleet_over: Fleets) -> None:
    async with fleet_over(kind, 2) as fleet:
        fleet.clock.stand(TEN)
        await fleet.start()

        answers = await post_all(fleet, [call_to(1, f"c-{n}") for n in range(AT_ONCE)])

        days = days_of(await fleet.rows("reservations"))
        assert {202, 403} == {answer.status_code for answer in answers}
        assert sum(answer.status_code == 202 for answer in answers) == sum(days.values())
        assert {3} == set(days.values()) and len(days) > 30


async def test_of_two_hundred_texts_two_go_out_today(kind: str, fleet_over: Fleets) -> None:
    """By the count of the provider, and whichever process dispatches."""
    async with fleet_over(kind, 2) as fleet:
        fleet.clock.stand(TEN)
        await fleet.start()

        bodies = [text_to(1, f"t-{n}", if_blocked="refuse") for n in range(AT_ONCE)]
        answers = await post_all(fleet, bodies)
        await fleet.until(lambda states: not states & {"queued", "dispatching"})

        assert {202: 2, 403: 198} == Counter(answer.status_code for answer in answers)
        assert [1, 1] == list((await fleet.contacted()).values())


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
