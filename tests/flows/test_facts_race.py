"""Facts told at the same time by several, on both stores: one party, one fact, one entry."""

import asyncio

from service.core.civil import parse_instant
from service.core.facts import Contact, Hold
from service.core.model import Channel, Direction, HoldKind, Outcome, PartyRole
from service.flows.accounts import Standing, set_account
from service.flows.holds import place_hold
from service.flows.interactions import Interaction, record_interactions

from .world import BANK, World

AT = parse_instant("2026-11-23T09:00:00+08:00")


async def test_a_hold_told_by_eight_at_once_is_one_hold(both: World) -> None:
    hold = Hold(HoldKind.cease, AT, party="P-1")

    kept = await asyncio.gather(*(both.store.write(lambda tx: place_hold(both.kit, tx, BANK, hold)) for _ in range(8)))

    assert len({each.row["id"] for each in kept}) == 1
    assert sum(each.new for each in kept) == 1
    assert len(await both.rows("parties")) == len(await both.rows("entries", kind="hold.placed")) == 1


async def test_references_told_at_once_by_several_are_recorded_once(both: World) -> None:
    items = [
        Interaction(
            Contact(
                at=AT,
                channel=Channel.call,
                direction=Direction.outbound,
                outcome=Outcome.wrong_number,
                party=f"P-{number % 7}",
                party_role=PartyRole.debtor,
                account=f"LN-{number % 3}",
                address=f"+8613800138{number % 5:03}",
            ),
            f"r-{number}",
            f"mark-{number}",
        )
        for number in range(60)
    ]

    told = await asyncio.gather(
        *(
            both.store.write(lambda tx, n=n: record_interactions(both.kit, tx, BANK, items[n:] + items[:n]))
            for n in range(4)
        )
    )

    assert {result.error for results in told for result in results} == {None}
    assert len(await both.rows("attempts")) == len(await both.rows("entries", kind="interaction.recorded")) == 60
    assert len(await both.rows("parties")) == 7
    assert len(await both.rows("suppressions")) == len({(n % 7, n % 5) for n in range(60)})


async def test_lists_of_an_account_replace_each_other_whole(both: World) -> None:
    lists = [{f"P-{n}": PartyRole.debtor, f"P-{n + 1}": PartyRole.guarantor} for n in range(6)]

    await asyncio.gather(
        *(
            both.store.write(lambda tx, each=each: set_account(both.kit, tx, BANK, "LN-1", Standing(parties=each)))
            for each in lists
        )
    )

    roles = [row["role"] for row in await both.rows("account_parties", account="LN-1")]
    assert (roles.count("debtor"), roles.count("guarantor")) == (1, 1)
