"""Facts are kept once, sealed where they are personal, and each change leaves its entry."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from service.core.civil import parse_instant, parse_window
from service.core.errors import Invalid, NotFound
from service.core.facts import Consent, Hold, Notice, Preference, RegistryCheck, Suppression
from service.core.model import (
    BlockScope,
    Channel,
    ConsentKind,
    HoldKind,
    Instant,
    NoticeKind,
    PartyRole,
    PreferenceKind,
    Registry,
    SuppressionReason,
    SuppressionScope,
)
from service.flows.accounts import Standing, parties_of, set_account
from service.flows.blocks import lift_block, place_block
from service.flows.consents import consent_told, grant_consent, withdraw_consent
from service.flows.holds import place_hold, release_hold
from service.flows.kit import Kit
from service.flows.notices import record_notice
from service.flows.parties import Profile, set_party
from service.flows.ports import Tx
from service.flows.preferences import add_preference, delete_preference
from service.flows.registry_checks import record_check
from service.flows.suppressions import find_suppressions, lift_suppression, suppress

from .world import BANK, World

AT = parse_instant("2026-11-23T09:00:00+08:00")
LATER = parse_instant("2026-12-23T09:00:00+08:00")
NUMBER = "+8613800138000"
WINDOW = parse_window("mon-sun", "22:00", "23:00")

Act = Callable[[Kit, Tx], Any]

ACTS: dict[str, tuple[str, Act]] = {
    "party.set": (
        "parties",
        lambda kit, tx: set_party(kit, tx, BANK, "P-1", Profile(("Asia/Shanghai",), ("CN",), "zh-CN")),
    ),
    "account.set": (
        "accounts",
        lambda kit, tx: set_account(kit, tx, BANK, "LN-1", Standing(parties={"P-1": PartyRole.debtor})),
    ),
    "consent.granted": (
        "consents",
        lambda kit, tx: grant_consent(
            kit, tx, BANK, Consent("P-1", ConsentKind.channel, AT, address=NUMBER, evidence="e")
        ),
    ),
    "preference.added": (
        "preferences",
        lambda kit, tx: add_preference(kit, tx, BANK, Preference("P-1", PreferenceKind.only, WINDOW)),
    ),
    "hold.placed": ("holds", lambda kit, tx: place_hold(kit, tx, BANK, Hold(HoldKind.cease, AT, party="P-1"))),
    "notice.recorded": (
        "notices",
        lambda kit, tx: record_notice(kit, tx, BANK, Notice("LN-1", NoticeKind.outsourcing, AT)),
    ),
    "registry_check.recorded": (
        "registry_checks",
        lambda kit, tx: record_check(kit, tx, BANK, RegistryCheck(Registry.sg_dnc, "+6581234567", True, AT)),
    ),
    "suppression.added": (
        "suppressions",
        lambda kit, tx: suppress(
            kit, tx, BANK, Suppression(SuppressionScope.address, NUMBER, AT, "P-1", reason=SuppressionReason.opt_out)
        ),
    ),
    "block.placed": ("blocks", lambda kit, tx: place_block(kit, tx, BANK, BlockScope.channel, "sms", "storm")),
}


@pytest.mark.parametrize("kind", ACTS)
async def test_a_fact_told_twice_is_one_fact_with_one_entry(world: World, kind: str) -> None:
    table, act = ACTS[kind]
    before = len(await world.rows(table))

    for _ in range(2):
        await world.store.write(lambda tx: act(world.kit, tx))
        world.clock.forward(1)

    assert len(await world.rows(table)) == before + 1
    entries = await world.rows("entries", kind=kind)
    assert [entry["actor"] for entry in entries] == ["bank"]
    assert orjson.loads(entries[0]["body"])["local"].endswith("+08:00")


async def test_a_fact_and_its_entry_are_stored_together_or_not_at_all(world: World) -> None:
    def fail_after(tx: Tx) -> None:
        place_hold(world.kit, tx, BANK, Hold(HoldKind.cease, AT, party="P-1"))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await world.store.write(fail_after)

    assert await world.rows("holds") == []
    assert await world.rows("parties", id="P-1") == []
    assert await world.rows("entries", kind="hold.placed") == []


async def test_nothing_personal_of_a_fact_stands_in_the_clear(world: World) -> None:
    for _, act in ACTS.values():
        await world.store.write(lambda tx, act=act: act(world.kit, tx))

    for table in ("parties", "consents", "suppressions", "registry_checks", "entries", "attempts"):
        for row in await world.rows(table):
            for column, value in row.items():
                said = value if isinstance(value, bytes) else str(value).encode()
                assert b"13800138000" not in said and b"81234567" not in said, f"{table}.{column}"


async def test_a_consent_opens_again_into_the_words_it_was_told_in(world: World) -> None:
    said = Consent(
        "P-1", ConsentKind.contact_time, AT, Channel.call, NUMBER, WINDOW, LATER, None, "agency", "录音 17 号"
    )

    kept = await world.store.write(lambda tx: grant_consent(world.kit, tx, BANK, said))

    assert await world.store.read(lambda tx: consent_told(world.kit, tx, "P-1", kept.row)) == said


async def test_the_same_consent_with_other_evidence_is_another(world: World) -> None:
    for evidence in ("recording 1", "recording 2"):
        said = Consent("P-1", ConsentKind.channel, AT, Channel.wechat, evidence=evidence)
        await world.store.write(lambda tx, said=said: grant_consent(world.kit, tx, BANK, said))

    assert len(await world.rows("consents")) == 2


async def test_decisions_know_that_a_consent_is_recorded_somewhere_and_not_where(world: World) -> None:
    for channel, evidence in ((Channel.wechat, "recording 1"), (Channel.sms, None)):
        said = Consent("P-1", ConsentKind.channel, AT, channel, evidence=evidence)
        kept = await world.store.write(lambda tx, said=said: grant_consent(world.kit, tx, BANK, said))

    standing = await world.store.read(lambda tx: tx.standing([kept.row["party"]], [], []))

    assert {consent.channel: consent.evidence for consent in standing.consents} == {
        Channel.wechat: "recorded",
        Channel.sms: None,
    }


async def test_what_is_taken_back_twice_is_taken_back_once(world: World) -> None:
    kit = world.kit
    consent = await world.store.write(ACTS["consent.granted"][1].__get__(kit))
    hold = await world.store.write(ACTS["hold.placed"][1].__get__(kit))
    preference = await world.store.write(ACTS["preference.added"][1].__get__(kit))
    suppression = await world.store.write(ACTS["suppression.added"][1].__get__(kit))
    block = await world.store.write(ACTS["block.placed"][1].__get__(kit))

    for _ in range(2):
        await world.store.write(lambda tx: withdraw_consent(kit, tx, BANK, "P-1", consent.row["id"]))
        await world.store.write(lambda tx: release_hold(kit, tx, BANK, hold.row["id"], party="P-1"))
        await world.store.write(lambda tx: delete_preference(kit, tx, BANK, "P-1", preference.row["id"]))
        await world.store.write(lambda tx: lift_suppression(kit, tx, BANK, suppression.row["id"]))
        await world.store.write(lambda tx: lift_block(kit, tx, BANK, block.row["id"]))
        world.clock.forward(60_000_000)

    for kind in ("consent.withdrawn", "hold.released", "preference.deleted", "suppression.lifted", "block.lifted"):
        assert len(await world.rows("entries", kind=kind)) == 1, kind
    assert (await world.row("consents"))["withdrawn_at"] == parse_instant("2026-11-23T10:00:00+08:00")


async def test_what_was_released_can_be_placed_again(world: World) -> None:
    place = ACTS["hold.placed"][1].__get__(world.kit)
    first = await world.store.write(place)
    await world.store.write(lambda tx: release_hold(world.kit, tx, BANK, first.row["id"], party="P-1"))

    again = await world.store.write(place)

    assert again.new and again.row["id"] != first.row["id"]


async def test_a_hold_of_another_party_is_not_found(world: World) -> None:
    kept = await world.store.write(ACTS["hold.placed"][1].__get__(world.kit))
    await world.store.write(lambda tx: set_party(world.kit, tx, BANK, "P-2", Profile()))

    for wrong in ({"party": "P-2"}, {"party": "P-3"}, {"account": "LN-1"}):
        with pytest.raises(NotFound):
            await world.store.write(lambda tx, wrong=wrong: release_hold(world.kit, tx, BANK, kept.row["id"], **wrong))


async def test_a_block_of_what_does_not_exist_is_refused(world: World) -> None:
    for scope, value in ((BlockScope.client, "nobody"), (BlockScope.channel, "smoke")):
        with pytest.raises(Invalid):
            await world.store.write(lambda tx, s=scope, v=value: place_block(world.kit, tx, BANK, s, v, None))


@pytest.mark.parametrize(
    ("act", "field"),
    [
        (lambda kit, tx: place_hold(kit, tx, BANK, Hold(HoldKind.cease, AT, party="P", until=AT)), "until"),
        (lambda kit, tx: grant_consent(kit, tx, BANK, Consent("P", ConsentKind.contact_time, AT)), "window"),
        (
            lambda kit, tx: grant_consent(kit, tx, BANK, Consent("P", ConsentKind.sharing, AT, expires_at=AT)),
            "expires_at",
        ),
        (
            lambda kit, tx: suppress(
                kit, tx, BANK, Suppression(SuppressionScope.account, "L", AT, "P", reason=SuppressionReason.opt_out)
            ),
            "party_id",
        ),
        (
            lambda kit, tx: suppress(
                kit,
                tx,
                BANK,
                Suppression(SuppressionScope.party, "P", AT, until=Instant(AT - 1), reason=SuppressionReason.opt_out),
            ),
            "until",
        ),
    ],
)
async def test_a_fact_that_contradicts_itself_is_refused_by_field(world: World, act: Act, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        await world.store.write(lambda tx: act(world.kit, tx))

    assert refused.value.field == field
    assert await world.rows("parties") == []


async def test_suppressions_are_found_by_address_party_and_account(world: World) -> None:
    for scope, value, party in (
        (SuppressionScope.address, NUMBER, "P-1"),
        (SuppressionScope.party, "P-1", None),
        (SuppressionScope.account, "LN-1", None),
    ):
        said = Suppression(scope, value, AT, party, reason=SuppressionReason.complaint)
        await world.store.write(lambda tx, said=said: suppress(world.kit, tx, BANK, said))

    async def found(**by: str) -> list[tuple[str, str | None]]:
        named = {"address": None, "party": None, "account": None, **by}
        rows = await world.store.read(lambda tx: find_suppressions(world.kit, tx, **named))
        return [(row.scope, row.value) for row in rows]

    assert await found(address=NUMBER) == [("address", None)]
    assert await found(party="P-1") == [("address", None), ("party", "P-1")]
    assert await found(account="LN-1") == [("account", "LN-1")]
    assert await found(party="nobody") == []


async def test_an_account_keeps_its_list_where_a_later_put_gives_none(world: World) -> None:
    await world.store.write(
        lambda tx: set_account(world.kit, tx, BANK, "LN-1", Standing(parties={"P-1": PartyRole.debtor}))
    )

    row = await world.store.write(lambda tx: set_account(world.kit, tx, BANK, "LN-1", Standing(days_past_due=3)))

    assert row["days_past_due"] == 3 and row["product"] is None
    assert await world.store.read(lambda tx: parties_of(tx, row)) == [("P-1", PartyRole.debtor)]
