"""What the store knows about parties, accounts and addresses, as decisions see it."""

from typing import Any

from service.core.facts import (
    Block,
    Consent,
    Contact,
    Hold,
    Notice,
    Preference,
    RegistryCheck,
    Suppression,
    Window,
)
from service.core.model import (
    ActorRole,
    AddressKind,
    Asks,
    BlockScope,
    Channel,
    ConsentKind,
    Dialing,
    Direction,
    HoldKind,
    Instant,
    NoticeKind,
    Outcome,
    PartyRole,
    PreferenceKind,
    Purpose,
    Registry,
    SuppressionReason,
    SuppressionScope,
)
from service.flows.ports import Standing, Store

from .rows import a_reservation, an_attempt

DETAILS = {
    "party_role": "guarantor",
    "account": "account-1",
    "product": "card",
    "address": "address-1",
    "address_kind": "mobile",
    "purpose": "collection",
    "client": "client-1",
    "actor_role": "agency",
    "dialing": "manual",
    "place": "home",
}


async def put(store: Store, **tables: list[dict[str, Any]]) -> None:
    def body(tx: Any) -> None:
        for table, rows in tables.items():
            tx.add(table, rows)

    await store.write(body)


async def found(store: Store, parties: str = "", accounts: str = "", addresses: str = "", since: int = 0) -> list[str]:
    history = await store.read(
        lambda tx: tx.history(parties.split(), accounts.split(), addresses.split(), Instant(since))
    )
    return sorted(contact.id for contact in history)


async def test_a_place_counts_while_it_is_held_and_its_attempt_once_there_is_an_outcome(store: Store) -> None:
    places = [a_reservation(f"r-{state}", state=state) for state in ("held", "kept", "released")]
    attempts = [an_attempt("a-under-way", outcome=None, request="r-held"), an_attempt("a-known", request="r-kept")]
    await put(store, reservations=places, attempts=attempts)

    assert await found(store, "party-1") == ["a-known", "r-held"]

    await store.write(lambda tx: tx.change("attempts", {"id": "a-under-way"}, {"outcome": "unknown"}))
    await store.write(lambda tx: tx.change("reservations", {"request": "r-held"}, {"state": "kept"}))

    assert await found(store, "party-1") == ["a-known", "a-under-way"]


async def test_history_comes_as_contacts_whose_words_are_the_closed_sets(store: Store) -> None:
    attempt = an_attempt("a", at=5, channel="call", outcome="ring_no_answer", duration_s=3, asks="call_back", **DETAILS)
    await put(store, reservations=[a_reservation("r", at=7, **DETAILS)], attempts=[attempt])

    history = await store.read(lambda tx: tx.history(["party-1"], [], [], Instant(0)))

    alike = {
        "party": "party-1", "party_role": PartyRole.guarantor, "account": "account-1", "product": "card",
        "address": "address-1", "address_kind": AddressKind.mobile, "purpose": Purpose.collection,
        "client": "client-1", "actor_role": ActorRole.agency, "dialing": Dialing.manual, "place": "home",
    }  # fmt: skip
    past = Contact(
        Instant(5), Channel.call, Direction.outbound, Outcome.ring_no_answer, 3, id="a", asks=Asks.call_back, **alike  # type: ignore[arg-type]
    )  # fmt: skip
    held = Contact(Instant(7), Channel.sms, Direction.outbound, None, None, id="r", **alike)  # type: ignore[arg-type]
    assert sorted(history, key=lambda contact: contact.at) == [past, held]
    assert all(contact.channel in set(Channel) and type(contact.channel) is Channel for contact in history)
    assert type(next(contact for contact in history if contact.id == "a").outcome) is Outcome


async def test_history_is_found_by_party_account_or_address_and_each_row_once(store: Store) -> None:
    attempts = [
        an_attempt("by-party", party="p"),
        an_attempt("by-account", party="x", account="a"),
        an_attempt("by-address", party=None, address="m"),
        an_attempt("by-all", party="p", account="a", address="m"),
        an_attempt("by-none", party="x", account="x", address="x"),
    ]
    await put(store, attempts=attempts, reservations=[a_reservation("place", party="p", account="a", address="m")])

    assert await found(store, "p q") == ["by-all", "by-party", "place"]
    assert await found(store, "", "a") == ["by-account", "by-all", "place"]
    assert await found(store, "", "", "m n") == ["by-address", "by-all", "place"]
    assert await found(store, "p", "a", "m") == ["by-account", "by-address", "by-all", "by-party", "place"]
    assert await found(store) == []


async def test_history_begins_at_the_instant_asked_for(store: Store) -> None:
    rows = {"attempts": [an_attempt("a9", at=9), an_attempt("a10", at=10)], "reservations": [a_reservation("r9", at=9)]}
    await put(store, **rows, permits=[])

    assert await found(store, "party-1", since=10) == ["a10"]
    assert await found(store, "party-1", since=9) == ["a10", "a9", "r9"]


async def test_history_of_ten_thousand_names_is_one_question(store: Store) -> None:
    await put(store, attempts=[an_attempt("a", party="p9999")])

    assert await found(store, " ".join(f"p{n}" for n in range(10_000))) == ["a"]


async def test_nothing_recorded_is_nothing_found(store: Store) -> None:
    assert await store.read(lambda tx: tx.standing(["p"], ["a"], ["m"])) == Standing([], [], [], [], [], [], [])
    assert await store.read(lambda tx: tx.blocks()) == []


async def test_a_withdrawn_consent_is_told_with_the_instant_of_withdrawal(store: Store) -> None:
    base = {"party": "p", "granted_at": 1}
    given = {"channel": "call", "address": "m", "window": "[31,72000,79200]", "expires_at": 9, "given_to": "lender"}
    rows = [
        {"id": "1", "kind": "channel", "withdrawn_at": 5, **base},
        {"id": "2", "kind": "contact_time", **base, **given},
        {"id": "3", "kind": "channel", "party": "other", "granted_at": 1},
    ]
    await put(store, consents=rows)

    standing = await store.read(lambda tx: tx.standing(["p"], [], []))

    window = Window(31, 72000, 79200)
    assert sorted(standing.consents, key=lambda consent: consent.kind) == [
        Consent("p", ConsentKind.channel, Instant(1), withdrawn_at=Instant(5)),
        Consent("p", ConsentKind.contact_time, Instant(1), Channel.call, "m", window, Instant(9), given_to="lender"),
    ]


async def test_a_suppression_stands_in_its_own_scope_until_it_is_lifted(store: Store) -> None:
    def row(id_: str, scope: str, value: str, **more: Any) -> dict[str, Any]:
        return {"id": id_, "scope": scope, "value": value, "reason": "opt_out", "since": 1, **more}

    rows = [
        row("1", "address", "m", party="p", channel="sms", purpose="collection", until=9),
        row("2", "party", "p"),
        row("3", "account", "a"),
        row("4", "address", "m", lifted_at=5),
        row("5", "account", "p"),
        row("6", "party", "m"),
    ]
    await put(store, suppressions=rows)

    standing = await store.read(lambda tx: tx.standing(["p"], ["a"], ["m"]))

    opt_out = SuppressionReason.opt_out
    assert sorted(standing.suppressions, key=lambda suppression: suppression.scope) == [
        Suppression(SuppressionScope.account, "a", Instant(1), reason=opt_out),
        Suppression(
            SuppressionScope.address, "m", Instant(1), "p", Channel.sms, Purpose.collection, opt_out, Instant(9)
        ),
        Suppression(SuppressionScope.party, "p", Instant(1), reason=opt_out),
    ]


async def test_holds_preferences_and_blocks_stand_until_they_are_ended(store: Store) -> None:
    hold = {"since": 1, "allowed_purposes": "[]"}
    holds = [
        {"id": "1", "kind": "dispute", "account": "a", **hold, "until": 7, "allowed_purposes": '["service_notice"]'},
        {"id": "2", "kind": "deceased", "party": "p", **hold},
        {"id": "3", "kind": "cease", "party": "p", **hold, "released_at": 5},
        {"id": "4", "kind": "cease", "party": "other", **hold},
    ]
    preference = {"party": "p", "kind": "prohibited", "window": "[127,0,3600]", "created_at": 1}
    preferences = [{"id": "1", "channel": "call", **preference}, {"id": "2", **preference, "deleted_at": 3}]
    block = {"scope": "channel", "value": "sms", "since": 2}
    await put(
        store, holds=holds, preferences=preferences, blocks=[{"id": "1", **block}, {"id": "2", **block, "lifted_at": 4}]
    )

    standing = await store.read(lambda tx: tx.standing(["p"], ["a"], []))

    assert sorted(standing.holds, key=lambda each: each.kind) == [
        Hold(HoldKind.deceased, Instant(1), party="p"),
        Hold(HoldKind.dispute, Instant(1), "a", until=Instant(7), allowed_purposes=(Purpose.service_notice,)),
    ]
    assert standing.preferences == [
        Preference("p", PreferenceKind.prohibited, Window(127, 0, 3600), Channel.call),
    ]
    assert await store.read(lambda tx: tx.blocks()) == [Block(BlockScope.channel, "sms", Instant(2), "1")]


async def test_of_a_registry_the_latest_check_of_an_address_speaks(store: Store) -> None:
    def row(id_: str, registry: str, address: str, listed: int, checked_at: int) -> dict[str, Any]:
        return {"id": id_, "registry_id": registry, "address": address, "listed": listed, "checked_at": checked_at}

    checks = [
        row("1", "us-dnc", "m", 1, 9),
        row("2", "us-dnc", "m", 0, 5),
        row("3", "sg-dnc", "m", 0, 5),
        row("4", "us-dnc", "other", 1, 9),
    ]
    notices = [{"id": "1", "account": "a", "kind": "outsourcing", "sent_at": 3}]
    await put(store, registry_checks=checks, notices=notices)

    standing = await store.read(lambda tx: tx.standing([], ["a"], ["m"]))

    assert sorted(standing.registry_checks) == [
        RegistryCheck(Registry.sg_dnc, "m", False, Instant(5)),
        RegistryCheck(Registry.us_dnc, "m", True, Instant(9)),
    ]
    assert standing.notices == [Notice("a", NoticeKind.outsourcing, Instant(3))]


async def test_parties_and_accounts_are_found_by_the_lenders_ids_and_by_pseudonym(store: Store) -> None:
    party = {"time_zones": "[]", "jurisdictions": "[]", "created_at": 1, "key_wrapped": b"key"}
    await put(
        store,
        parties=[{"party": "p", "id": "lender-1", **party}, {"party": "q", "id": "lender-2", **party}],
        accounts=[{"id": "a", "product": "card", "created_at": 1}],
        account_parties=[{"account": "a", "party": "p", "role": "debtor"}],
    )

    by_id = await store.read(lambda tx: tx.parties(["lender-1", "nobody"]))
    by_name = await store.read(lambda tx: tx.parties_named(["q", "nobody"]))
    accounts = await store.read(lambda tx: tx.accounts(["a", "b"]))
    kin = await store.read(lambda tx: tx.account_parties(["a", "b"]))

    assert {id_: (row["party"], row["key_wrapped"]) for id_, row in by_id.items()} == {"lender-1": ("p", b"key")}
    assert {name: row["id"] for name, row in by_name.items()} == {"q": "lender-2"}
    assert {id_: row["product"] for id_, row in accounts.items()} == {"a": "card"}
    assert [dict(row) for row in kin] == [{"account": "a", "party": "p", "role": "debtor"}]
