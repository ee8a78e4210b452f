"""
A provider that misbehaves in every way at once: nobody is contacted twice, nothing is lost, every state is explained.

The simulator's own count is the measure. FAULT_REQUESTS says how many requests go through (make faults).
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import orjson

from service.core.lifecycle import WAITING
from service.core.model import Outcome, State
from service.simulator.magic import MAGIC
from tests.web.front import request_body

from .front_door import PATH, Door

WELL = 0.4
"""The share that meets no fault."""

NOT_A_FAULT = {"stop", "complaint", "replied", "wrong-number"}
"""What these do is done by people, and asks for no more contact."""

FAULTS = sorted(set(MAGIC) - NOT_A_FAULT - {"delivered"})

WAVE = 500
"""Posted at once. With so many faults the breaker is open for long, and all that waits is judged anew each minute."""
STEP_S, STEPS_MAX = 60, 2000
"""Minute by minute while anybody waits: for a try, a breaker to heal, a throttled account to have rested."""

DAYS_S = (*[7200] * 12, *[43_200] * 8)
"""Then hours for questions, and days until no receipt is awaited any more."""


def bodies(count: int) -> Iterator[dict[str, Any]]:
    """Reminders, each to a person with a debt and a number of their own."""
    example = request_body()
    for n in range(count):
        yield request_body(
            reference=f"r-{n}",
            party={**example["party"], "id": f"P-{n}"},
            account={**example["account"], "id": f"LN-{n}"},
            address={**example["address"], "value": f"+86138{n:08}"},
        )


async def live(door: Door, count: int) -> None:
    """Post wave after wave, each once nobody of the last waits any more; then let days pass."""
    asked = list(bodies(count))
    for at in range(0, count, WAVE):
        answer = await door.post(f"{PATH}/batch", {"requests": asked[at : at + WAVE]})
        assert {202} == {each["status"] for each in answer.json()["results"]}
        steps = 0
        while await waiting(door) and (steps := steps + 1) < STEPS_MAX:
            await pass_time(door, STEP_S)
    for seconds in DAYS_S:
        await pass_time(door, seconds)


async def pass_time(door: Door, seconds: int) -> None:
    await door.pass_time(seconds)
    while (await door.dispatch()).claimed:
        continue


async def waiting(door: Door) -> bool:
    counted = await door.house.gateway.store.read(lambda tx: tx.counts("requests", {"state": list(WAITING)}, "state"))
    return any(counted.values())


async def test_nobody_is_contacted_twice_nothing_is_lost_and_every_state_is_explained(
    door_over_either: Door, fault_requests: int
) -> None:
    door = door_over_either
    assert door.house.simulator is not None
    provider = door.house.simulator.provider
    provider.moods.set({"odds": dict.fromkeys(FAULTS, (1 - WELL) / len(FAULTS)), "seed": 7})

    await live(door, fault_requests)

    contacted = Counter(contact.request for contact in provider.contacts)
    people = Counter(contact.to for contact in provider.contacts)
    requests = {row["id"]: row["state"] for row in await door.rows("requests")}
    assert fault_requests == len(requests)
    assert {1} == set(contacted.values()) == set(people.values())
    reached = {State.completed, State.failed}
    assert set(requests.values()) <= reached, Counter(requests.values())
    attempts = await door.rows("attempts")
    last = {row["request"]: row["outcome"] for row in sorted(attempts, key=lambda row: row["intent_at"])}
    # Who was reached, and nobody else, is so in our books: sent, whatever became of it later.
    nobody = {Outcome.failed, Outcome.refused_by_provider}
    assert {name for name, outcome in last.items() if outcome not in nobody} == set(contacted)
    assert {row["outcome"] for row in attempts} & {None, Outcome.unknown} == set()
    entries = sorted(await door.rows("entries"), key=lambda row: row["id"])
    told = {row["request"]: row for row in entries if row["request"] and row["state"]}
    assert requests == {name: row["state"] for name, row in told.items()}
    assert all({"outcome", "detail"} & orjson.loads(row["body"]).keys() for row in told.values())
    assert {"taken"} == {row["state"] for row in await door.rows("heard")}
