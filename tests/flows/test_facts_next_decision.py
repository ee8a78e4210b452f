"""Each fact, once told, speaks in the very next decision, and no longer once it is taken back."""

from dataclasses import replace

import pytest

from service.core.civil import parse_instant, parse_window
from service.core.errors import Gone
from service.core.facts import Consent, Hold, Preference, Suppression
from service.core.model import (
    BlockScope,
    Channel,
    ConsentKind,
    HoldKind,
    Instant,
    PartyRole,
    PreferenceKind,
    Purpose,
    State,
    SuppressionReason,
    SuppressionScope,
)
from service.core.request import Account, Party
from service.flows.accounts import Standing, set_account
from service.flows.blocks import lift_block, place_block, standing_blocks
from service.flows.consents import grant_consent, withdraw_consent
from service.flows.holds import place_hold, release_hold
from service.flows.parties import Profile, set_party
from service.flows.preferences import add_preference, delete_preference
from service.flows.suppressions import lift_suppression, suppress

from .world import BANK, World, permit_call, request

MORNING = parse_instant("2026-11-23T09:00:00+08:00")
NUMBER = "+8613800138000"
NIGHT = parse_window("mon-sun", "22:00", "23:30")


async def state_of(world: World, reference: str, **changes: object) -> State:
    answer = await world.one(request(reference, **changes))
    assert answer.request is not None, answer.error
    return State(answer.request["state"])


async def test_a_hold_on_the_account_refuses_and_its_release_allows(world: World) -> None:
    hold = Hold(HoldKind.dispute, MORNING, account="LN-7788")

    kept = await world.store.write(lambda tx: place_hold(world.kit, tx, BANK, hold))

    assert await state_of(world, "held") == State.refused
    await world.store.write(lambda tx: release_hold(world.kit, tx, BANK, kept.row["id"], account="LN-7788"))
    assert await state_of(world, "released") == State.queued


async def test_a_hold_on_a_party_not_seen_yet_is_not_lost(world: World) -> None:
    hold = Hold(HoldKind.deceased, MORNING, party="P-10086")

    await world.store.write(lambda tx: place_hold(world.kit, tx, BANK, hold))

    assert await state_of(world, "first") == State.refused


async def test_a_hold_dated_later_does_not_bind_yet(world: World) -> None:
    hold = Hold(HoldKind.dispute, Instant(world.clock.now + 1), account="LN-7788")

    await world.store.write(lambda tx: place_hold(world.kit, tx, BANK, hold))

    assert await state_of(world, "now") == State.queued
    world.clock.forward(1)
    assert await state_of(world, "then") == State.refused


@pytest.mark.parametrize(
    ("scope", "value", "party"),
    [
        (SuppressionScope.address, NUMBER, None),
        (SuppressionScope.address, NUMBER, "P-10086"),
        (SuppressionScope.party, "P-10086", None),
        (SuppressionScope.party, "P-10086", "P-10086"),
        (SuppressionScope.account, "LN-7788", None),
    ],
)
async def test_a_suppression_refuses_until_it_is_lifted(
    world: World, scope: SuppressionScope, value: str, party: str | None
) -> None:
    said = Suppression(scope, value, MORNING, party=party, reason=SuppressionReason.opt_out)

    kept = await world.store.write(lambda tx: suppress(world.kit, tx, BANK, said))

    assert await state_of(world, "barred") == State.refused
    await world.store.write(lambda tx: lift_suppression(world.kit, tx, BANK, kept.row["id"]))
    assert await state_of(world, "lifted") == State.queued


async def test_an_address_barred_for_another_party_alone_does_not_bar_this_one(world: World) -> None:
    said = Suppression(SuppressionScope.address, NUMBER, MORNING, party="P-2", reason=SuppressionReason.wrong_number)

    await world.store.write(lambda tx: suppress(world.kit, tx, BANK, said))

    assert await state_of(world, "mine") == State.queued
    theirs = replace(request().party, id="P-2")
    assert await state_of(world, "theirs", party=theirs, account=None) == State.refused


async def test_a_suppression_of_one_channel_leaves_the_others(world: World) -> None:
    said = Suppression(
        SuppressionScope.party, "P-10086", MORNING, channel=Channel.sms, reason=SuppressionReason.opt_out
    )

    await world.store.write(lambda tx: suppress(world.kit, tx, BANK, said))

    assert await state_of(world, "sms") == State.refused
    call = await world.one(permit_call())
    assert call.request is not None and call.request["state"] == State.dispatching


async def test_a_preference_defers_and_its_deletion_allows(world: World) -> None:
    said = Preference("P-10086", PreferenceKind.prohibited, parse_window("mon-sun", "09:30", "12:00"))

    kept = await world.store.write(lambda tx: add_preference(world.kit, tx, BANK, said))

    assert await state_of(world, "prohibited") == State.scheduled
    await world.store.write(lambda tx: delete_preference(world.kit, tx, BANK, "P-10086", kept.row["id"]))
    assert await state_of(world, "deleted") == State.queued


async def test_a_consent_to_night_calls_opens_the_night_until_it_is_withdrawn(world: World) -> None:
    said = Consent("P-10086", ConsentKind.contact_time, MORNING, window=NIGHT, evidence="录音 2026-11-23")
    world.clock.set("2026-11-23T22:30:00+08:00")
    assert await state_of(world, "without") == State.scheduled

    kept = await world.store.write(lambda tx: grant_consent(world.kit, tx, BANK, said))

    assert await state_of(world, "with") == State.queued
    await world.store.write(lambda tx: withdraw_consent(world.kit, tx, BANK, "P-10086", kept.row["id"]))
    assert await state_of(world, "withdrawn") == State.scheduled


@pytest.mark.parametrize(
    ("scope", "value"),
    [(BlockScope.channel, "sms"), (BlockScope.jurisdiction, "CN"), (BlockScope.party, "P-10086")],
)
async def test_a_block_refuses_new_requests_until_it_is_lifted(world: World, scope: BlockScope, value: str) -> None:
    kept = await world.store.write(lambda tx: place_block(world.kit, tx, BANK, scope, value, None))

    assert await state_of(world, "blocked") == State.refused
    assert [told.value for told in await world.store.read(standing_blocks)] == [value]
    await world.store.write(lambda tx: lift_block(world.kit, tx, BANK, kept.row["id"]))
    assert await state_of(world, "lifted") == State.queued


async def test_the_list_of_an_accounts_parties_refuses_another_role_and_whom_it_does_not_name(world: World) -> None:
    said = Standing(product="credit_card", days_past_due=12, parties={"P-10086": PartyRole.guarantor})

    await world.store.write(lambda tx: set_account(world.kit, tx, BANK, "LN-7788", said))

    assert await state_of(world, "other role") == State.refused
    guarantor = replace(request().party, role=PartyRole.guarantor)
    assert (await world.one(request("listed", party=guarantor))).error is None
    stranger = Party(id="P-3", role=PartyRole.debtor, jurisdictions=("CN",))
    assert await state_of(world, "not named", party=stranger) == State.refused


async def test_a_later_list_replaces_the_one_before(world: World) -> None:
    first = Standing(parties={"P-10086": PartyRole.guarantor, "P-2": PartyRole.debtor})
    second = Standing(parties={"P-10086": PartyRole.debtor})

    for said in (first, second):
        await world.store.write(lambda tx, said=said: set_account(world.kit, tx, BANK, "LN-7788", said))

    assert await state_of(world, "debtor now") == State.queued
    dropped = Party(id="P-2", role=PartyRole.debtor, jurisdictions=("CN",))
    assert await state_of(world, "dropped", party=dropped) == State.refused


async def test_zones_set_for_a_party_count_beside_those_of_the_request(world: World) -> None:
    """Ten in Shanghai is two at night in London."""
    await world.store.write(lambda tx: set_party(world.kit, tx, BANK, "P-10086", Profile(("Europe/London",))))

    assert await state_of(world, "both") == State.scheduled


async def test_nothing_can_be_told_of_an_erased_party(world: World) -> None:
    await world.one(request())
    erased = {"key_wrapped": None, "erased_at": world.clock.now}
    await world.store.write(lambda tx: tx.change("parties", {"id": "P-10086"}, erased))

    for act in (
        lambda tx: set_party(world.kit, tx, BANK, "P-10086", Profile()),
        lambda tx: place_hold(world.kit, tx, BANK, Hold(HoldKind.cease, MORNING, party="P-10086")),
        lambda tx: grant_consent(world.kit, tx, BANK, Consent("P-10086", ConsentKind.channel, MORNING)),
        lambda tx: set_account(world.kit, tx, BANK, "LN-7788", Standing(parties={"P-10086": PartyRole.debtor})),
    ):
        with pytest.raises(Gone):
            await world.store.write(act)
    assert await world.rows("holds") == []
    assert (await world.row("accounts", id="LN-7788"))["listed_at"] is None


async def test_what_was_told_of_an_account_stands_where_a_request_is_silent(world: World) -> None:
    said = Standing(product="credit_card", days_past_due=45, creditor="示例农村商业银行")

    await world.store.write(lambda tx: set_account(world.kit, tx, BANK, "LN-7788", said))

    answer = await world.one(request(account=Account(id="LN-7788")))
    assert answer.request is not None
    assert (await world.row("reservations", request=answer.request["id"]))["product"] == "credit_card"


async def test_a_service_notice_passes_a_hold_that_allows_it(world: World) -> None:
    hold = Hold(HoldKind.instalment_agreement, MORNING, account="LN-7788", allowed_purposes=(Purpose.service_notice,))
    plan = {"total_owed": "6000.00", "instalment_amount": "500.00", "currency": "CNY", "instalments": 12}
    plan |= {"first_due_on": "2026-12-10", "final_due_on": "2027-11-10"}

    await world.store.write(lambda tx: place_hold(world.kit, tx, BANK, hold))

    assert await state_of(world, "collection") == State.refused
    notice = {"purpose": Purpose.service_notice, "template": "repayment-plan", "variables": plan}
    assert await state_of(world, "notice", **notice) == State.queued
