"""A first contact raises what the law demands after it; a notice ends it, and a missed one is told once."""

from dataclasses import replace

import orjson
import pytest

from service.core.civil import format_instant, parse_instant
from service.core.facts import Contact, Notice
from service.core.model import DAY, ActorRole, Channel, Direction, Instant, NoticeKind, Outcome, PartyRole, Purpose
from service.core.request import Client
from service.flows.interactions import Interaction, record_interactions
from service.flows.notices import record_notice
from service.flows.overdue import remind

from .world import World, request

AGENCY = Client(id="agency", actor_role=ActorRole.agency, scopes=frozenset())
MONDAY = parse_instant("2026-11-23T09:00:00-05:00")
NEW_YORK = "+12125550100"
OVERDUE = parse_instant("2026-11-29T00:00:00-05:00")


def called(**changes: object) -> Interaction:
    made = Contact(
        at=MONDAY,
        channel=Channel.call,
        direction=Direction.outbound,
        outcome=Outcome.conversation_right_party,
        duration_s=90,
        party="P-1",
        party_role=PartyRole.debtor,
        account="A-1",
        address=NEW_YORK,
        address_kind=request().address.kind,  # type: ignore[union-attr]
        purpose=Purpose.collection,
    )
    return Interaction(made._replace(**changes))  # type: ignore[arg-type]


async def record(world: World, *items: Interaction, client: Client = AGENCY) -> None:
    world.clock.now = max([world.clock(), *(item.contact.at for item in items)])
    results = await world.store.write(lambda tx: record_interactions(world.kit, tx, client, items))
    assert [result.error for result in results] == [None] * len(items)


async def notify(world: World, at: Instant) -> None:
    said = Notice("A-1", NoticeKind.validation, at)
    await world.store.write(lambda tx: record_notice(world.kit, tx, AGENCY, said))


@pytest.fixture
async def started(both: World) -> World:
    return await both.start()


async def test_the_first_conversation_raises_an_obligation_once(started: World) -> None:
    await record(started, called(), called(at=Instant(MONDAY + 60_000_000)))
    await record(started, called(channel=Channel.sms, outcome=Outcome.delivered, at=Instant(MONDAY + DAY)))

    row = await started.row("obligations")
    assert (row["account"], row["rule"], row["notice"]) == ("A-1", "us-reg-f/validation-notice", "validation")
    assert (row["raised_at"], row["due_at"], row["state"]) == (MONDAY, OVERDUE, "open")


@pytest.mark.parametrize(
    ("changes", "client"),
    [
        ({"outcome": Outcome.ring_no_answer}, AGENCY),
        ({"party_role": PartyRole.contact_person, "purpose": Purpose.locate}, AGENCY),
        ({}, replace(AGENCY, id="bank", actor_role=ActorRole.first_party)),
        ({"address": "+8613800138000"}, AGENCY),
        ({"account": None}, AGENCY),
    ],
    ids=["nobody answered", "somebody else", "the lender itself", "in China", "no account"],
)
async def test_what_is_no_first_contact_under_that_law_raises_none(
    started: World, changes: dict[str, object], client: Client
) -> None:
    await record(started, called(**changes), client=client)

    assert await started.rows("obligations") == []


async def test_a_notice_ends_it(started: World) -> None:
    await record(started, called())
    await notify(started, Instant(MONDAY + DAY))
    started.clock.set(format_instant(OVERDUE))

    assert await remind(started.kit, started.store) == {"open": 0, "overdue": 0}
    row = await started.row("obligations")
    assert (row["state"], row["satisfied_at"]) == ("done", MONDAY + DAY)
    assert await started.rows("entries", kind="obligation.overdue") == []


async def test_a_notice_that_went_out_before_leaves_nothing_to_do(started: World) -> None:
    started.clock.set(format_instant(MONDAY))
    await notify(started, Instant(MONDAY - DAY))
    await record(started, called())

    assert await started.rows("obligations") == []


async def test_a_missed_one_is_told_once_and_by_number(started: World) -> None:
    await record(started, called())
    started.clock.set(format_instant(Instant(OVERDUE - 1_000_000)))
    assert await remind(started.kit, started.store) == {"open": 1, "overdue": 0}
    started.clock.set(format_instant(OVERDUE))

    for _ in range(2):
        assert await remind(started.kit, started.store) == {"open": 0, "overdue": 1}

    entry = await started.row("entries", kind="obligation.overdue")
    body = orjson.loads(entry["body"])
    assert (entry["account"], entry["rules"]) == ("A-1", "|us-reg-f/validation-notice|")
    assert (body["notice_kind"], body["due_at"]) == ("validation", OVERDUE)
    await notify(started, OVERDUE)
    assert (await started.row("obligations"))["state"] == "done"


async def test_the_next_contact_is_refused_when_the_first_is_long_past(started: World) -> None:
    """The history that a decision reads need not reach back to the first contact: the obligation does."""
    await record(started, called())
    started.clock.set("2027-01-20T12:00:00-05:00")
    party = replace(request().party, id="P-1", jurisdictions=("US",), time_zones=("America/New_York",))
    address = replace(request().address, value=NEW_YORK)  # type: ignore[type-var]
    account = replace(request().account, id="A-1")  # type: ignore[type-var]

    answer = await started.one(request(party=party, address=address, account=account), client=AGENCY)

    assert answer.decision is not None
    said = {verdict.rule: verdict for verdict in answer.decision.verdicts}["us-reg-f/validation-notice"]
    assert (said.effect.name, said.figures) == ("deny", {"due": "2026-11-28"})
