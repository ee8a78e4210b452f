"""An item that fails in the midst of others fails alone."""

from typing import Any

import pytest

from service.core.model import State
from service.flows.ports import Tx

from .bodies import text_to
from .front_door import PATH, Door, all_at_once

MANY = 24
POISONED = 13


@pytest.fixture
async def poisoned(door_over_either: Door) -> Door:
    """A door to which everybody is known, and one person's key has been damaged in the store."""
    door = door_over_either
    await all_at_once(*(door.post(PATH, text_to(n, f"known-{n}")) for n in range(MANY)))

    def damage(tx: Tx) -> None:
        (party,) = tx.parties([f"P-{POISONED}"]).values()
        broken = bytes([party["key_wrapped"][0] ^ 1]) + party["key_wrapped"][1:]
        tx.change("parties", {"party": party["party"]}, {"key_wrapped": broken})

    await door.house.gateway.store.write(damage)
    return door


async def test_among_concurrent_posts_the_one_that_fails_answers_500_and_stores_nothing(poisoned: Door) -> None:
    before = {table: len(await poisoned.rows(table)) for table in ("requests", "reservations", "entries", "decisions")}

    answers = await all_at_once(*(poisoned.post(PATH, text_to(n, f"again-{n}")) for n in range(MANY)))

    failed = answers.pop(POISONED)
    assert {202} == {answer.status_code for answer in answers}
    assert (500, "/problems/internal") == (failed.status_code, failed.json()["type"])
    assert failed.json()["incident"]
    assert [] == await poisoned.rows("requests", reference=f"again-{POISONED}")
    after = {table: len(await poisoned.rows(table)) for table in before}
    assert {table: count + MANY - 1 for table, count in before.items()} == after


async def test_in_a_batch_the_one_that_fails_is_told_apart(poisoned: Door) -> None:
    bodies: list[dict[str, Any]] = [text_to(n, f"again-{n}") for n in range(MANY)]

    answer = await poisoned.post(f"{PATH}/batch", {"requests": bodies})

    results = answer.json()["results"]
    assert list(range(MANY)) == [result["index"] for result in results]
    assert [n for n in range(MANY) if results[n]["status"] != 202] == [POISONED]
    assert 500 == results[POISONED]["status"] and results[POISONED]["incident"]


async def test_among_due_requests_the_one_that_fails_holds_up_no_other(poisoned: Door) -> None:
    """It waits, is tried again, and expires in the end; nobody is contacted for it."""
    first = await poisoned.dispatch()

    states = {row["reference"]: row["state"] for row in await poisoned.rows("requests")}
    assert (MANY, MANY - 1, 1) == (first.claimed, first.sent, len(first.failures))
    assert {"sent"} == {state for reference, state in states.items() if reference != f"known-{POISONED}"}
    assert State.queued == states[f"known-{POISONED}"]
    await poisoned.pass_time(90)
    (row,) = await poisoned.rows("requests", reference=f"known-{POISONED}")
    assert (State.queued, 0) == (row["state"], await poisoned.contacts(row["id"]))

    await poisoned.pass_time(60 * 86_400)
    (row,) = await poisoned.rows("requests", reference=f"known-{POISONED}")
    assert (State.expired, 0) == (row["state"], await poisoned.contacts(row["id"]))
