"""What came in and what another system did counts as if it had been ours; each is taken once."""

import sqlite3
from typing import Any

import orjson
import pytest

from service.core.civil import parse_instant
from service.core.errors import Conflict, Gone, Invalid
from service.core.facts import Contact, Suppression
from service.core.model import (
    MINUTE,
    ActorRole,
    Asks,
    Channel,
    Direction,
    Instant,
    Outcome,
    PartyRole,
    State,
    SuppressionReason,
    SuppressionScope,
)
from service.flows.interactions import GROUP_MAX, Interaction, Recorded, record_interactions
from service.flows.suppressions import suppress
from service.store import statement

from .world import BANK, World, permit_call, request

NINE = parse_instant("2026-11-23T09:00:00+08:00")
NUMBER = "+8613800138000"


def contact(**changes: Any) -> Contact:
    """A conversation of ninety seconds with the debtor of the contract's example, by an agency."""
    made = Contact(
        at=NINE,
        channel=Channel.call,
        direction=Direction.outbound,
        outcome=Outcome.conversation_right_party,
        duration_s=90,
        party="P-10086",
        party_role=PartyRole.debtor,
        account="LN-7788",
        address=NUMBER,
    )
    return made._replace(**changes)


async def record(world: World, *items: Interaction) -> list[Recorded]:
    return await world.store.write(lambda tx: record_interactions(world.kit, tx, BANK, items))


async def test_calls_of_another_system_use_up_the_places_of_the_day(world: World) -> None:
    calls = [Interaction(contact(at=Instant(NINE + n * MINUTE))) for n in range(3)]

    await record(world, *calls)

    answer = await world.one(permit_call())
    assert answer.request is not None and answer.request["state"] == State.scheduled


async def test_an_interaction_makes_its_party_and_account_and_tells_who_the_debtor_is(world: World) -> None:
    await record(world, Interaction(contact()))

    party = await world.row("parties", id="P-10086")
    assert (await world.row("account_parties", account="LN-7788"))["party"] == party["party"]
    attempt = await world.row("attempts")
    assert (attempt["source"], attempt["client"], attempt["actor_role"]) == ("interaction", "bank", "first_party")
    assert (await world.row("entries", kind="interaction.recorded"))["party"] == party["party"]


async def test_a_contact_carries_the_role_of_the_client_that_made_it(world: World) -> None:
    row = {
        "id": "agency-a",
        "name": "Agency A",
        "actor_role": ActorRole.agency,
        "scopes": "",
        "key_sha256": "0" * 64,
        "created_at": 0,
        "revoked_at": None,
    }
    await world.store.write(lambda tx: tx.add("clients", [row]))

    await record(world, Interaction(contact(client="agency-a")), Interaction(contact(client="somebody")))

    made_by = {row["client"]: row["actor_role"] for row in await world.rows("attempts")}
    assert made_by == {"agency-a": "agency", "somebody": None}


async def test_address_and_note_are_sealed(world: World) -> None:
    await record(world, Interaction(contact(), note="rang back from the office"))

    for table in ("attempts", "entries", "parties"):
        for row in await world.rows(table):
            for column, value in row.items():
                said = value if isinstance(value, bytes) else str(value).encode()
                assert b"13800138000" not in said and b"office" not in said, f"{table}.{column}"
    attempt, party = await world.row("attempts"), await world.row("parties")
    key = world.kit.vault.unwrap(party["key_wrapped"], party["party"])
    opened = orjson.loads(key.open(attempt["sealed"], f"attempts/sealed/{attempt['id']}"))
    assert opened == {"address": NUMBER, "note": "rang back from the office"}


async def test_a_wrong_number_bars_the_address_for_the_party_at_once_and_once(world: World) -> None:
    wrong = Interaction(contact(outcome=Outcome.wrong_number))

    await record(world, wrong, wrong)
    await record(world, wrong)

    suppression = await world.row("suppressions")
    assert (suppression["scope"], suppression["reason"]) == ("address", "wrong_number")
    assert suppression["party"] == (await world.row("parties"))["party"]
    answer = await world.one(request())
    assert answer.request is not None and answer.request["state"] == State.refused


async def test_the_same_reference_stands_and_another_body_under_it_is_a_conflict(world: World) -> None:
    first = Interaction(contact(), "r-1", "mark-1")
    other = Interaction(contact(duration_s=1), "r-1", "mark-2")

    [taken] = await record(world, first)
    again, conflict = await record(world, first, other)

    assert (again.id, again.replayed) == (taken.id, True)
    assert isinstance(conflict.error, Conflict) and conflict.error.code == "reference-conflict"
    assert len(await world.rows("attempts")) == 1


async def test_a_reference_twice_in_one_group_is_one_interaction(world: World) -> None:
    item = Interaction(contact(), "r-1", "mark-1")

    first, second, conflict = await record(world, item, item, Interaction(contact(), "r-1", "mark-2"))

    assert first.id == second.id and second.replayed and not first.replayed
    assert isinstance(conflict.error, Conflict)
    assert len(await world.rows("attempts")) == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"channel": Channel.sms, "outcome": Outcome.conversation_right_party}, "outcome"),
        ({"direction": Direction.inbound, "outcome": Outcome.ring_no_answer}, "outcome"),
        ({"channel": Channel.sms, "direction": Direction.inbound, "outcome": Outcome.delivered}, "outcome"),
        ({"outcome": Outcome.visited_met}, "outcome"),
        ({"at": parse_instant("2026-11-23T10:06:00+08:00")}, "at"),
    ],
)
async def test_what_cannot_have_happened_is_refused_and_leaves_nothing_behind(
    world: World, changes: dict[str, Any], field: str
) -> None:
    good, bad = await record(
        world, Interaction(contact(party="P-2", account=None)), Interaction(contact(**changes, party="P-3"))
    )

    assert good.error is None
    assert isinstance(bad.error, Invalid) and bad.error.field == field
    assert [row["id"] for row in await world.rows("parties")] == ["P-2"]
    assert await world.rows("accounts") == []


async def test_an_inbound_message_earns_one_reply_in_spite_of_an_opt_out(world: World) -> None:
    said = Suppression(SuppressionScope.address, NUMBER, Instant(NINE - MINUTE), reason=SuppressionReason.opt_out)
    await world.store.write(lambda tx: suppress(world.kit, tx, BANK, said))
    barred = (await world.one(request("before"))).request
    inbound = contact(channel=Channel.sms, direction=Direction.inbound, outcome=Outcome.replied, duration_s=None)

    await record(world, Interaction(inbound))

    answers = await world.post(request("reply"), request("more"))
    states = [answer.request["state"] for answer in answers if answer.request]
    assert barred is not None and barred["state"] == State.refused
    assert states == [State.queued, State.refused]


def wrote(asks: Asks | None, **changes: Any) -> Interaction:
    inbound = contact(channel=Channel.sms, direction=Direction.inbound, outcome=Outcome.replied, duration_s=None)
    return Interaction(inbound._replace(asks=asks, **changes))


async def barred(world: World) -> list[tuple[Any, ...]]:
    rows = await world.rows("suppressions")
    return [(row["scope"], row["channel"], row["reason"], row["since"]) for row in rows]


async def test_a_wish_to_stop_that_another_system_heard_bars_at_once(world: World) -> None:
    await record(world, wrote(Asks.stop), wrote(Asks.stop, at=Instant(NINE + MINUTE)))

    assert await barred(world) == [("address", "sms", "opt_out", NINE)]
    assert (await world.one(request("r-1"))).request["state"] == State.refused  # type: ignore[index]


async def test_a_wish_to_stop_without_an_address_bars_the_medium_for_the_party(world: World) -> None:
    await record(world, wrote(Asks.stop, address=None))

    assert await barred(world) == [("party", "sms", "opt_out", NINE)]


async def test_a_third_person_who_wishes_so_is_left_in_peace_altogether(world: World) -> None:
    await record(world, wrote(Asks.stop, party="P-9", party_role=PartyRole.contact_person))

    assert {each[:3] for each in await barred(world)} == {
        ("party", None, "refused_by_third_party"),
        ("address", None, "refused_by_third_party"),
    }


@pytest.mark.parametrize("asks", [Asks.call_back, Asks.reply, Asks.complaint, Asks.free, None])
async def test_a_wish_that_asks_for_something_bars_nothing(world: World, asks: Asks | None) -> None:
    await record(world, wrote(asks))

    assert await barred(world) == []
    assert (await world.row("attempts"))["asks"] == asks


async def test_an_erased_party_hurts_its_own_item_alone(world: World) -> None:
    await record(world, Interaction(contact(party="P-1", account=None)))
    erased = {"key_wrapped": None, "erased_at": world.clock.now}
    await world.store.write(lambda tx: tx.change("parties", {"id": "P-1"}, erased))

    gone, good = await record(world, Interaction(contact(party="P-1")), Interaction(contact(party="P-2", account=None)))

    assert isinstance(gone.error, Gone)
    assert good.id is not None
    assert await world.rows("accounts") == []


class Overheard:
    """The store's driver, with somebody listening."""

    def __init__(self, driver: sqlite3.Connection, said: list[str]) -> None:
        self._driver = driver
        self._said = said

    def execute(self, sql: str, parameters: Any) -> sqlite3.Cursor:
        self._said.append(sql)
        return self._driver.execute(sql, parameters)

    def executemany(self, sql: str, rows: Any) -> sqlite3.Cursor:
        self._said.append(sql)
        return self._driver.executemany(sql, rows)


async def test_a_group_takes_a_few_statements_however_many_its_items(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    driver_of = statement.driver_of
    monkeypatch.setattr(statement, "driver_of", lambda connection: Overheard(driver_of(connection), said))
    items = [
        Interaction(
            contact(party=f"P-{n}", account=f"LN-{n}", address=f"+86138001{n:05}", outcome=Outcome.wrong_number),
            f"r-{n}",
            f"mark-{n}",
        )
        for n in range(GROUP_MAX)
    ]

    results = await record(world, *items)

    assert all(result.error is None for result in results)
    assert len(await world.rows("suppressions")) == GROUP_MAX
    assert 5 <= len(said) <= 16
