"""
kill -9 at any point of accept and dispatch: nothing acknowledged is lost, nobody is contacted twice.

Clients post without pause while a provider hangs, drops and errs; gateways are killed at a moment drawn from a seed
that is printed, and started again. Whether people were contacted is the simulator's word, not the gateway's.
"""

import asyncio
import random
from collections import Counter
from typing import Any

import orjson
import pytest

from service.core.lifecycle import WAITING
from service.core.model import Outcome, State

from .callers import Callers
from .conftest import Fleets
from .fleet import Fleet

TEN = "2026-11-23T10:00:00+08:00"

MOODS: tuple[dict[str, float], ...] = (
    {},
    {"hang": 0.05, "drop": 0.05},
    {"error_after": 0.05, "error_before": 0.05, "hang_untaken": 0.03},
    {"fail_once": 0.1, "half_answer": 0.05},
)

REACHED = {State.sent, State.completed, State.unknown}
"""Once every attempt is settled: somebody was contacted. In every other final state nobody was."""


async def die(fleet: Fleet, callers: Callers, chance: random.Random, victims: list[int]) -> str:
    """Kill the victims: once so many more answers were given, or so many more people contacted."""
    pause_s = chance.random() * 0.03
    if chance.random() < 0.5:
        count, what = chance.randrange(1, 150), "answers"
        enough = len(callers.told) + count
        while len(callers.told) < enough:
            await asyncio.sleep(0)
    else:
        count, what = chance.randrange(1, 80), "contacts"
        enough = await fleet.contact_count() + count
        while await fleet.contact_count() < enough:
            await asyncio.sleep(0.002)
    await asyncio.sleep(pause_s)
    for victim in victims:
        fleet.gateways[victim].kill()
    callers.stop()
    for victim in victims:
        assert -9 == await fleet.gateways[victim].ended()
    return f"gateways {victims} killed {1000 * pause_s:.0f} ms after {count} {what}"


async def one_round(fleet: Fleet, callers: Callers, seed: str) -> None:
    """Post, die, and look; start again, and post once more what was not answered."""
    chance = random.Random(seed)
    await fleet.misbehave(chance.randrange(2**31), **chance.choice(MOODS))
    everybody = list(range(len(fleet.gateways)))
    victims = chance.choice([[n] for n in everybody] + [everybody])
    posting = asyncio.create_task(callers.post_until_stopped(seed, everybody))
    moment = await die(fleet, callers, chance, victims)
    await posting
    print(f"seed {seed}: {moment}; {len(callers.untold)} of {len(callers.told) + len(callers.untold)} unanswered")

    await assert_no_contact_lacks_an_intent(fleet)
    for victim in victims:
        await fleet.start_gateway(victim)
    await callers.post_untold_again(chance.choice(everybody))


async def assert_no_contact_lacks_an_intent(fleet: Fleet) -> None:
    contacts = await fleet.contacts()
    entries = [orjson.loads(row["body"]) for row in await fleet.rows("entries") if row["kind"] == "attempt.intended"]
    intents = {(entry["intent"], entry["request"]) for entry in entries}

    assert {(contact["attempt"], contact["request"]) for contact in contacts} <= intents


async def settled(fleet: Fleet) -> None:
    """Wait until all work is done: the provider was asked about every attempt that nobody knew of."""
    await fleet.until(lambda states: not states & {*WAITING, State.dispatching})
    await fleet.until_rows("attempts", lambda row: row["outcome"] not in (None, Outcome.unknown))
    await fleet.until_rows("entries", lambda row: row["index"] is not None)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_whatever_a_kill_interrupts_nothing_is_lost_and_nobody_is_contacted_twice(
    kind: str, fleet_over: Fleets, fault_rounds: int
) -> None:
    async with fleet_over(kind, 2) as fleet:
        fleet.clock.run(TEN)
        await fleet.start()
        callers = Callers(fleet)

        for _ in range(fault_rounds):
            await one_round(fleet, callers, f"{random.SystemRandom().randrange(2**32):08x}")
        await settled(fleet)

        requests = {row["reference"]: row for row in await fleet.rows("requests")}
        assert {} == callers.untold
        assert callers.told.keys() == requests.keys()
        assert all(requests[reference]["id"] == name for reference, (_, name) in callers.told.items())
        refused = {reference for reference, (status, _) in callers.told.items() if status == 403}
        assert all(requests[reference]["state"] == State.refused for reference in refused)
        assert_states_are_true(list(requests.values()), await fleet.contacted())
        assert_places_are_true(list(requests.values()), await fleet.rows("reservations"))
        assert max(Counter(contact["to"] for contact in await fleet.contacts()).values()) <= 2
        await assert_no_contact_lacks_an_intent(fleet)
        standing, entries = await fleet.at_rest()
        assert_entries_are_whole(entries, standing)
        waiting = {Outcome.sent, Outcome.unknown}
        assert [] == [row for row in await fleet.rows("attempts") if row["due_at"] and row["outcome"] not in waiting]


def assert_states_are_true(requests: list[dict[str, Any]], contacted: Counter[str]) -> None:
    """What the gateway says of each request agrees with whom the simulator reached for."""
    wrong = [
        (row["id"], row["state"], contacted[row["id"]])
        for row in requests
        if contacted[row["id"]] != (row["state"] in REACHED)
    ]

    assert [] == wrong
    assert contacted.keys() <= {row["id"] for row in requests}


def assert_places_are_true(requests: list[dict[str, Any]], places: list[dict[str, Any]]) -> None:
    held = {row["request"]: row["state"] for row in places}

    assert {row["id"]: "kept" for row in requests if row["state"] in REACHED} == {
        request: state for request, state in held.items() if state != "released"
    }


def assert_entries_are_whole(entries: list[dict[str, Any]], requests: Any) -> None:
    """Indexes without a gap, and for each request the entry of how it stands."""
    last = {row["request"]: row["state"] for row in sorted(entries, key=lambda row: row["index"]) if row["state"]}

    assert list(range(len(entries))) == sorted(row["index"] for row in entries)
    assert {row["id"]: row["state"] for row in requests} == {name: state for name, state in last.items() if name}
