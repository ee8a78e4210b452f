"""When a contact would be allowed in the days to come: held against the judge, asked at every instant that matters."""

from dataclasses import replace

from hypothesis import given, settings

from service.core.civil import parse_instant
from service.core.decide import decide
from service.core.facts import Consent, Contact, Facts, Hold, Subject
from service.core.model import (
    HOUR,
    ActorRole,
    Channel,
    ConsentKind,
    Direction,
    Effect,
    HoldKind,
    Instant,
    PartyRole,
    Purpose,
)
from service.core.policy import Book
from service.flows.windows import AHEAD, Window, windows
from tests.core.cases import shipped
from tests.core.situations import BASES, Chance, drawn_facts, eased
from tests.core.test_laws import chances, law

MONDAY = parse_instant("2026-11-30T10:00:00-05:00")
WEDNESDAY = parse_instant("2026-12-02T00:00:00-05:00")
HOUSE = shipped().narrowed(["house"])
LETTER = Subject(
    channel=Channel.letter,
    purpose=Purpose.collection,
    party="P",
    party_role=PartyRole.debtor,
    actor_role=ActorRole.first_party,
    account="A",
)


def facts(subject: Subject = LETTER, *, jurisdiction: str = "US", **more: object) -> Facts:
    return Facts(subject=subject, zones=("America/New_York",), jurisdictions=(jurisdiction,), **more)


def allowed(book: Book, known: Facts, at: int) -> bool:
    return decide(book, known, Instant(at)).effect is Effect.allow


def inside(found: list[Window], at: int) -> bool:
    return any(start <= at < end for start, end in found)


def test_a_window_ends_where_a_hold_is_dated_to_begin() -> None:
    known = facts(holds=(Hold(HoldKind.dispute, WEDNESDAY, account="A"),))

    assert windows(HOUSE, known, MONDAY) == [(MONDAY, WEDNESDAY)]


def test_a_window_begins_where_a_hold_is_dated_to_end() -> None:
    known = facts(holds=(Hold(HoldKind.dispute, Instant(0), account="A", until=WEDNESDAY),))

    assert windows(HOUSE, known, MONDAY) == [(WEDNESDAY, MONDAY + AHEAD)]


def test_a_window_ends_with_the_consent_it_stands_on() -> None:
    noon = parse_instant("2026-12-01T12:00:00-05:00")
    consent = Consent("P", ConsentKind.channel, Instant(0), channel=Channel.wechat, expires_at=noon)
    found = windows(HOUSE, facts(replace(LETTER, channel=Channel.wechat), consents=(consent,)), MONDAY)

    assert (parse_instant("2026-12-01T08:00:00-05:00"), noon) == found[-1]


def test_a_window_ends_where_places_that_are_held_fill_a_cap() -> None:
    held = tuple(
        Contact(Instant(MONDAY + (26 + n) * HOUR), Channel.sms, Direction.outbound, None, party="P", id=str(n))
        for n in range(3)
    )
    texts = replace(LETTER, channel=Channel.sms, purpose=Purpose.solicitation)
    florida, known = shipped().narrowed(["us-fl"]), facts(texts, jurisdiction="US-FL", history=held)
    found = windows(florida, known, MONDAY)

    hours = range(MONDAY + HOUR // 2, MONDAY + AHEAD, HOUR)
    assert found != []
    assert [inside(found, at) for at in hours] == [allowed(florida, known, at) for at in hours]


def test_a_window_ends_where_a_law_comes_into_force() -> None:
    eve, first = parse_instant("2026-08-31T12:00:00-04:00"), parse_instant("2026-09-01T00:00:00-04:00")
    city, texts = shipped().narrowed(["us-nyc"]), replace(LETTER, channel=Channel.sms, actor_role=ActorRole.agency)
    found = windows(city, facts(texts, jurisdiction="US-NYC"), eve)

    assert found[0] == (eve, first)


@settings(law, max_examples=25)
@given(chances)
def test_the_windows_hold_whatever_the_judge_allows_and_nothing_else(c: Chance) -> None:
    """Asked every three hours, and at the first and the last second of each window."""
    base = c.of(BASES)
    drawn = drawn_facts(c, base, ahead=5)
    known = replace(eased(drawn), holds=drawn.holds) if c.once_in(2) else eased(drawn)
    found = windows(shipped(), known, base)

    for at in range(base, base + AHEAD, 3 * HOUR):
        assert inside(found, at) == allowed(shipped(), known, at), at - base
    for start, end in found:
        assert allowed(shipped(), known, start)
        assert end == start or allowed(shipped(), known, end - 1)
        assert start == base or not allowed(shipped(), known, start - 1)
