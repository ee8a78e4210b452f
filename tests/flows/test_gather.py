"""How much of the past a request is handed: what its own law reads, whatever its company needs."""

from dataclasses import replace
from typing import Any

from service.core.civil import parse_instant
from service.core.facts import Contact
from service.core.model import (
    DAY,
    ActorRole,
    Channel,
    Confidence,
    Direction,
    Force,
    Instant,
    Outcome,
    PartyRole,
    Purpose,
)
from service.core.policy import Book, Pack
from service.core.rule import Explain, Rule, When
from service.core.rules.cap import Cap
from service.core.rules.counting import Per
from service.flows.gather import Sought, gather
from service.flows.interactions import Interaction, record_interactions
from service.flows.places import Zones
from service.flows.ports import Tx
from tests.core.cases import SUBJECT

from .world import AGENCY, World

FRIEND = PartyRole.contact_person
NOW = parse_instant("2026-11-23T10:00:00+08:00")
RINGS = Outcome.ring_no_answer
MET = Outcome.conversation_right_party


def cap(**changed: Any) -> Cap:
    given: dict[str, Any] = {"id": "t/cap", "kind": "cap", "limit": 9, "per": (Per.party,), "counts": (MET,), **changed}
    said = {"citation": "a test", "force": Force.house, "confidence": Confidence.primary}
    return Cap(**given, **said, explain=Explain(en="No.", zh="不。"))


def book(**rules: Rule) -> Book:
    title = Explain(en="t", zh="t")
    packs = tuple(
        Pack(id=f"law-{n.lower()}", title=title, jurisdictions=(n,), rules=(rule,)) for n, rule in rules.items()
    )
    return Book(packs=packs, sha256="0" * 64, label="t")


LAWS = book(
    CN=cap(days=3),
    KR=cap(id="t/long", days=60),
    US=cap(id="t/ever", lifetime=True, when=When(party_role=(PartyRole.contact_person,))),
)


async def lived(world: World, *days_ago: tuple[int, Outcome]) -> str:
    """The party's pseudonym, after contacts so many days ago."""
    made = Contact(
        at=NOW,
        channel=Channel.call,
        direction=Direction.outbound,
        outcome=MET,
        party="P-1",
        party_role=PartyRole.contact_person,
        account="A-1",
        purpose=Purpose.collection,
    )
    items = [Interaction(made._replace(at=Instant(NOW - days * DAY), outcome=outcome)) for days, outcome in days_ago]
    world.clock.now = NOW
    results = await world.store.write(lambda tx: record_interactions(world.kit, tx, AGENCY, items))
    assert [result.error for result in results] == [None] * len(items)
    found: dict[str, Any] = await world.store.write(lambda tx: dict(tx.parties(["P-1"])))
    return str(found["P-1"]["party"])


async def ages(world: World, party: str, asked: dict[str, PartyRole]) -> dict[str, list[int]]:
    """By country, how many days ago the contacts were that the facts of a request from there tell of."""

    def read(tx: Tx) -> dict[str, list[int]]:
        sought = [Sought(party, "A-1", None, (country,), role) for country, role in asked.items()]
        gathered = gather(tx, LAWS, NOW, sought)
        told = {}
        for country, role in asked.items():
            subject = replace(
                SUBJECT, party=party, party_role=role, account="A-1", address=None, actor_role=ActorRole.agency
            )
            facts = gathered.facts(subject, Zones(("Asia/Shanghai",)), (country,), listed=False, no_route=None)
            told[country] = [(NOW - item.at) // DAY for item in facts.history]
        return told

    return await world.store.write(read)


async def test_each_request_is_handed_what_its_own_law_reads(both: World) -> None:
    party = await lived(await both.start(), (2, MET), (30, MET), (100, MET), (900, MET))

    assert await ages(both, party, {"CN": FRIEND}) == {"CN": [2]}
    assert await ages(both, party, {"CN": FRIEND, "KR": FRIEND}) == {"CN": [2], "KR": [30, 2]}


async def test_a_lifetime_is_read_where_it_binds_and_only_what_it_counts(both: World) -> None:
    party = await lived(await both.start(), (2, MET), (100, RINGS), (900, MET))

    assert await ages(both, party, {"US": FRIEND, "CN": FRIEND}) == {"US": [900, 2], "CN": [2]}
    assert await ages(both, party, {"US": PartyRole.debtor}) == {"US": []}
