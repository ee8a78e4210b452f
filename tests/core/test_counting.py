"""What counts and what does not: cool-downs, exemptions, exclusions, weeks, months and lifetimes."""

from dataclasses import replace
from typing import Any

import pytest

from service.core.case import Case
from service.core.civil import parse_instant
from service.core.decide import decide
from service.core.facts import Consent, Contact, Facts
from service.core.model import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    AddressKind,
    Asks,
    Channel,
    Confidence,
    ConsentKind,
    Direction,
    Effect,
    Force,
    Instant,
    Outcome,
    PartyRole,
    Purpose,
)
from service.core.policy import Book, Pack
from service.core.rule import Explain, Flawed, Rule, Verdict, When
from service.core.rules.cap import Cap
from service.core.rules.cooldown import Cooldown
from service.core.rules.counting import Per
from service.core.rules.exemption import ByRequest, Exemption
from service.core.rules.interval import Interval
from service.core.rules.token import Token
from service.core.rules.uncounted import NotCounted
from tests.core.cases import DEBTOR, NOON, contact, facts, subject

MET = Outcome.conversation_right_party
SAID: dict[str, Any] = {
    "citation": "a test",
    "force": Force.house,
    "confidence": Confidence.primary,
    "explain": Explain(en="No.", zh="不。"),
}
MIDNIGHT = parse_instant("2026-11-23T00:00:00+08:00")
CALLS = When(channel=(Channel.call,))


def cap(**changed: Any) -> Cap:
    return Cap(**{**SAID, "id": "t/cap", "kind": "cap", "limit": 1, "per": (Per.party,), "counts": (MET,), **changed})


def cooldown(**changed: Any) -> Cooldown:
    given = {"id": "t/cool", "kind": "cooldown", "after": (MET,), "days": 7, "per": (Per.party,), **changed}
    return Cooldown(**{**SAID, "when": CALLS, **given})


def interval(**changed: Any) -> Interval:
    return Interval(**{**SAID, "id": "t/gap", "kind": "interval", "per": (Per.party,), "counts": (MET,), **changed})


def exemption(**changed: Any) -> Exemption:
    return Exemption(**{**SAID, "id": "t/exempt", "kind": "exemption", "lifts": ("t/cool",), **changed})


def judged(rule: Rule, *history: Contact, at: int = NOON, **more: Any) -> Verdict:
    return rule.judge(Case(facts(*history, **more)), Instant(at))


def agreed(at: int, **changed: Any) -> Consent:
    return Consent(DEBTOR, ConsentKind.direct_contact, Instant(at), channel=Channel.call)._replace(**changed)


def inbound(at: int, outcome: Outcome = Outcome.replied, **changed: Any) -> Contact:
    return contact(at, outcome, direction=Direction.inbound, channel=Channel.sms, **changed)


# Windows --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("starts", "until"), [("mon", "2026-11-30T00:00:00+08:00"), ("sun", "2026-11-29T00:00:00+08:00")]
)
def test_a_week_of_the_calendar_begins_on_its_day(starts: str, until: str) -> None:
    """2026-11-23 is a Monday."""
    week = cap(calendar="week", week_starts=starts)

    assert judged(week, contact(NOON - HOUR)).until == parse_instant(until)
    assert judged(week, contact(parse_instant("2026-11-21T23:59:59+08:00"))).effect is Effect.allow
    sunday = contact(parse_instant("2026-11-22T00:00:00+08:00"))
    assert judged(week, sunday).effect is (Effect.allow if starts == "mon" else Effect.defer)


def test_a_month_of_the_calendar_renews_on_its_first_day() -> None:
    month = cap(calendar="month")

    assert judged(month, contact(parse_instant("2026-11-01T00:00:00+08:00"))).until == parse_instant(
        "2026-12-01T00:00:00+08:00"
    )
    assert judged(month, contact(parse_instant("2026-10-31T23:59:59+08:00"))).effect is Effect.allow
    assert month.lookback == 32 * DAY


def test_a_full_next_month_is_passed_over() -> None:
    december = parse_instant("2026-12-15T12:00:00+08:00")

    assert judged(cap(calendar="month"), contact(NOON), contact(december, None)).until == parse_instant(
        "2027-01-01T00:00:00+08:00"
    )


def test_a_lifetime_never_renews() -> None:
    once = cap(lifetime=True)

    assert judged(once, contact(NOON - 4000 * DAY)).effect is Effect.deny
    assert judged(once, contact(NOON + 3 * DAY, None)).effect is Effect.deny
    assert judged(once, contact(NOON - DAY, party="P-2")).remaining == 1


def test_a_cap_that_only_advises_stops_nothing() -> None:
    told = judged(cap(days=1, severity="advise"), contact(NOON - HOUR))

    assert (told.effect, told.reason, told.remaining, told.figures["count"]) == (Effect.advise, "cap", 0, 1)
    assert told.counted == (f"a-{NOON - HOUR}",)


@pytest.mark.parametrize(("given", "length"), [({"minutes": 5}, 5 * MINUTE), ({"hours": 2}, 2 * HOUR)])
def test_an_interval_may_be_shorter_than_a_day(given: dict[str, int], length: int) -> None:
    assert judged(interval(**given), contact(NOON - length)).effect is Effect.allow
    assert judged(interval(**given), contact(NOON - length + SECOND)).until == NOON + SECOND
    advised = judged(interval(**given, severity="advise"), contact(NOON - length + SECOND))
    assert (advised.effect, advised.until) == (Effect.advise, None)


# What counts ----------------------------------------------------------------------------------------------------------


def test_other_media_than_those_that_are_bound_may_count() -> None:
    both = cap(days=1, when=CALLS, counts_channels=(Channel.call, Channel.sms))

    assert judged(both, contact(NOON - HOUR, channel=Channel.sms)).effect is Effect.defer
    assert judged(cap(days=1, when=CALLS), contact(NOON - HOUR, channel=Channel.sms)).effect is Effect.allow


def test_what_came_in_counts_where_the_rule_says_so() -> None:
    came = contact(NOON - HOUR, direction=Direction.inbound)

    assert judged(cap(days=1), came).effect is Effect.allow
    assert judged(cap(days=1, counts_directions=(Direction.inbound,)), came).effect is Effect.defer


def test_other_purposes_roles_and_kinds_than_those_that_are_bound_may_count() -> None:
    bound = When(purpose=(Purpose.collection,), party_role=(PartyRole.debtor,), address_kind=(AddressKind.mobile,))
    wide = cap(
        days=1,
        when=bound,
        counts_purposes=(Purpose.collection, Purpose.relay),
        counts_party_roles=(PartyRole.debtor, PartyRole.guarantor),
        counts_address_kinds=(AddressKind.mobile, AddressKind.work),
    )
    other = contact(NOON - HOUR, purpose=Purpose.relay, party_role=PartyRole.guarantor, address_kind=AddressKind.work)

    assert judged(cap(days=1, when=bound), other).effect is Effect.allow
    assert judged(wide, other).effect is Effect.defer


def test_a_place_is_a_workplace_whatever_its_number() -> None:
    at_work = subject(address="+1", address_kind=AddressKind.work)
    once = cap(days=7, per=(Per.party, Per.place))

    assert judged(once, contact(NOON - DAY, address="+2", address_kind=AddressKind.work), of=at_work).remaining == 0
    assert judged(once, contact(NOON - DAY, place="work", address_kind=None), of=at_work).remaining == 0
    assert judged(once, contact(NOON - DAY, address_kind=AddressKind.home), of=at_work).remaining == 1
    assert once.needs == "address"


def test_the_first_few_of_a_sort_are_not_counted_and_the_rest_are() -> None:
    visits = cap(
        days=7,
        limit=1,
        counts=(Outcome.visited_met, Outcome.visited_absent),
        not_counted=(NotCounted(outcomes=(Outcome.visited_absent,), limit=2, days=7),),
    )
    absent = [contact(NOON - n * DAY, Outcome.visited_absent, channel=Channel.visit) for n in (3, 2, 1)]

    assert judged(visits, *absent[:2]).remaining == 1
    assert judged(visits, *absent).effect is Effect.defer
    eight_days_on = contact(NOON - 8 * DAY, Outcome.visited_absent, channel=Channel.visit)
    assert judged(visits, eight_days_on, *absent[1:]).remaining == 1


def test_a_held_place_counts_though_it_may_come_to_be_of_that_sort() -> None:
    notices = cap(days=1, not_counted=(NotCounted(purposes=(Purpose.service_notice,), limit=1),))

    assert judged(notices, contact(NOON - HOUR, purpose=Purpose.service_notice)).remaining == 1
    assert judged(notices, contact(NOON - HOUR, None, purpose=Purpose.service_notice)).effect is Effect.defer


def test_a_request_of_that_sort_passes_a_full_cap_once() -> None:
    notices = cap(days=7, not_counted=(NotCounted(purposes=(Purpose.service_notice,), limit=1),))
    notice = subject(purpose=Purpose.service_notice)
    calls = [contact(NOON - DAY), contact(NOON - HOUR, purpose=Purpose.service_notice)]

    assert judged(notices, calls[0], of=notice).effect is Effect.allow
    assert judged(notices, *calls, of=notice).until == MIDNIGHT + DAY
    assert judged(notices, *calls).until == MIDNIGHT + 6 * DAY


def test_contacts_under_a_temporary_consent_are_not_counted() -> None:
    weekly = cap(days=7, not_counted_with_consent=Token(consent=ConsentKind.direct_contact, days=7))
    ring = contact(NOON - HOUR, Outcome.unknown)
    free = {"consents": (agreed(NOON - DAY),)}

    assert judged(weekly, contact(NOON - HOUR), at=NOON + DAY, **free).effect is Effect.allow
    assert judged(weekly, contact(NOON - HOUR)).effect is Effect.defer
    assert judged(weekly, contact(NOON - 2 * DAY), at=NOON + 5 * DAY, **free).effect is Effect.allow
    assert judged(weekly, contact(NOON - HOUR), ring, at=NOON, **free).effect is Effect.allow
    after = contact(NOON, Outcome.unknown)
    assert judged(weekly, contact(NOON - HOUR), after, at=NOON + HOUR, **free).effect is Effect.defer


def test_an_answer_to_an_enquiry_of_the_same_day_is_not_counted() -> None:
    daily = cap(days=1, replies_not_counted=True, replies_to="anything")
    asked, answered = inbound(NOON - 2 * HOUR), contact(NOON - HOUR)

    assert judged(daily, asked, answered).remaining == 1
    assert judged(daily, answered).effect is Effect.defer
    assert judged(daily, inbound(MIDNIGHT - 1), answered).effect is Effect.defer
    assert judged(daily, asked, answered, contact(NOON - 1)).effect is Effect.defer
    assert judged(daily, contact(NOON - 3 * HOUR), asked).effect is Effect.allow
    assert judged(daily, contact(NOON - 3 * HOUR), inbound(NOON - HOUR, party="P-2")).effect is Effect.defer


def test_an_answer_that_counts_as_one_only_where_it_was_completed_holds_a_place_until_then() -> None:
    weekly = cap(counts=(MET, Outcome.voicemail_message), days=7, replies_not_counted=True, reply_outcomes=(MET,))
    asked, before = inbound(NOON - 2 * HOUR, asks=Asks.call_back), contact(NOON - DAY)

    assert judged(weekly, asked, contact(NOON - HOUR)).remaining == 1
    assert judged(weekly, asked, contact(NOON - HOUR, Outcome.voicemail_message)).effect is Effect.defer
    assert judged(weekly, before, asked).effect is Effect.defer
    assert judged(replace(weekly, reply_outcomes=()), before, asked).effect is Effect.allow


@pytest.mark.parametrize(
    ("asks", "channel", "left"),
    [
        (Asks.call_back, Channel.call, 1),
        (Asks.reply, Channel.call, 0),
        (Asks.reply, Channel.email, 1),
        (Asks.call_back, Channel.email, 1),
        (Asks.free, Channel.email, 0),
        (None, Channel.call, 0),
    ],
)
def test_only_what_was_asked_for_is_an_answer(asks: Asks | None, channel: Channel, left: int) -> None:
    daily = cap(days=1, when=When(), replies_not_counted=True, counts=(MET, Outcome.delivered))
    answered = contact(NOON - HOUR, Outcome.delivered if channel is Channel.email else MET, channel=channel)

    verdict = judged(daily, inbound(NOON - 2 * HOUR, asks=asks), answered)

    assert (verdict.effect, verdict.remaining) == (Effect.allow if left else Effect.defer, left)


def test_who_turns_us_away_waits_for_no_answer() -> None:
    daily = cap(days=1, replies_not_counted=True, replies_to="anything")
    made = contact(NOON - HOUR), inbound(NOON - 3 * HOUR, asks=Asks.call_back)

    assert judged(daily, *made).remaining == 1
    assert judged(daily, *made, inbound(NOON - 2 * HOUR, asks=Asks.stop)).effect is Effect.defer


# Cool-downs -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("direction", Direction)
def test_a_conversation_that_either_side_began_frees_the_same_weekday(direction: Direction) -> None:
    """Thursday at three in the afternoon frees the next Thursday, 153 hours later and not 168."""
    thursday = contact(parse_instant("2026-08-13T15:00:00+08:00"), direction=direction)
    free = parse_instant("2026-08-20T00:00:00+08:00")

    assert judged(cooldown(), thursday, at=free - 1).until == free
    assert judged(cooldown(), thursday, at=free).effect is Effect.allow


def test_a_cooldown_may_be_of_hours_and_of_one_side_alone() -> None:
    hourly = cooldown(days=None, hours=72, directions=(Direction.outbound,))

    assert judged(hourly, contact(NOON - 72 * HOUR + 1)).until == NOON + 1
    assert judged(hourly, contact(NOON - 72 * HOUR)).effect is Effect.allow
    assert judged(hourly, contact(NOON - HOUR, direction=Direction.inbound)).effect is Effect.allow


def test_an_unknown_call_starts_it_and_a_held_place_does_not() -> None:
    assert judged(cooldown(), contact(NOON - HOUR, Outcome.unknown)).effect is Effect.defer
    assert judged(cooldown(), contact(NOON - HOUR, None)).effect is Effect.allow
    assert judged(cooldown(), contact(NOON - HOUR, Outcome.ring_no_answer)).effect is Effect.allow


def test_the_cooldown_lasts_until_it_is_over_in_every_zone() -> None:
    call = contact(parse_instant("2026-08-14T01:00:00+08:00"))
    both = judged(cooldown(), call, zones=("Asia/Shanghai", "America/New_York"), at=call.at + DAY)

    assert both.until == parse_instant("2026-08-21T00:00:00+08:00")


def test_a_later_conversation_prolongs_it() -> None:
    verdict = judged(cooldown(), contact(NOON - 2 * DAY), contact(NOON + 3 * DAY))

    assert verdict.until == MIDNIGHT + 10 * DAY
    assert verdict.counted == (f"a-{NOON - 2 * DAY}",)


# Exemptions -----------------------------------------------------------------------------------------------------------


def lifted(rule: Exemption, *history: Contact, at: int = NOON, **more: Any) -> bool:
    return rule.lifts_at(Case(facts(*history, **more)), Instant(at))


WEEK = exemption(consent=ConsentKind.direct_contact, max_days=7, ends_on=(MET,))


def test_a_consent_lifts_for_its_days_the_first_being_its_own() -> None:
    given = {"consents": (agreed(NOON),)}

    assert not lifted(WEEK, at=NOON - 1, **given)
    assert lifted(WEEK, at=NOON, **given)
    assert lifted(WEEK, at=MIDNIGHT + 7 * DAY - 1, **given)
    assert not lifted(WEEK, at=MIDNIGHT + 7 * DAY, **given)


@pytest.mark.parametrize(
    "changed",
    [
        {"expires_at": Instant(NOON + HOUR)},
        {"withdrawn_at": Instant(NOON + HOUR)},
        {"channel": Channel.sms},
        {"party": "P-2"},
        {"address": "+86"},
        {"given_to": "agency-a"},
    ],
    ids=str,
)
def test_a_consent_that_ended_or_speaks_of_another_lifts_nothing(changed: dict[str, Any]) -> None:
    assert not lifted(WEEK, at=NOON + HOUR, consents=(agreed(NOON)._replace(**changed),))


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("outcome", [MET, Outcome.unknown])
def test_a_conversation_ends_a_consent(outcome: Outcome, direction: Direction) -> None:
    after = contact(NOON + HOUR, outcome, direction=direction)

    assert lifted(WEEK, after, at=NOON + HOUR - 1, consents=(agreed(NOON),))
    assert not lifted(WEEK, after, at=NOON + 2 * HOUR, consents=(agreed(NOON),))
    assert lifted(WEEK, contact(NOON - MINUTE, outcome), at=NOON + 2 * HOUR, consents=(agreed(NOON),))


def test_a_consent_that_must_be_given_to_the_client_names_it() -> None:
    direct = replace(WEEK, given_to_client=True)

    assert not lifted(direct, at=NOON, consents=(agreed(NOON),))
    assert lifted(direct, at=NOON, consents=(agreed(NOON, given_to="first_party"),))
    assert not lifted(direct, at=NOON, consents=(agreed(NOON, given_to="agency-b"),))


def test_a_consent_to_a_channel_names_it() -> None:
    visits = exemption(consent=ConsentKind.channel)
    named = agreed(NOON, kind=ConsentKind.channel)

    assert lifted(visits, at=NOON, consents=(named,))
    assert not lifted(visits, at=NOON, consents=(named._replace(channel=None),))


def test_a_request_is_good_for_one_contact() -> None:
    asked = exemption(by_request=ByRequest(within_days=2))
    wish = inbound(NOON - DAY, asks=Asks.call_back)

    assert lifted(asked, wish)
    assert not lifted(asked, inbound(NOON - DAY))
    assert not lifted(asked, wish, at=MIDNIGHT + DAY)
    assert not lifted(asked, wish, contact(NOON - HOUR, Outcome.ring_no_answer))
    assert lifted(asked, wish, contact(NOON - HOUR, Outcome.failed))
    assert not lifted(asked, wish, contact(NOON - HOUR, None))


@pytest.mark.parametrize("outcome", [MET, Outcome.voicemail_message])
def test_whoever_rang_asks_for_a_call_only_where_somebody_says_so(outcome: Outcome) -> None:
    asked = exemption(by_request=ByRequest(within_days=2))
    rang = contact(NOON - HOUR, outcome, direction=Direction.inbound)

    assert not lifted(asked, rang)
    assert not lifted(asked, rang._replace(asks=Asks.reply))
    assert lifted(asked, rang._replace(asks=Asks.call_back))


def test_an_exemption_lifts_the_rule_that_it_names() -> None:
    pack = Pack(id="t", title=Explain(en="t", zh="t"), jurisdictions=("CN",), rules=(cooldown(), WEEK))
    book = Book(packs=(pack,), sha256="0" * 64, label="t")
    known: Facts = facts(contact(NOON - DAY), consents=(agreed(NOON),))

    decision = decide(book, known, NOON)

    assert decision.effect is Effect.allow
    assert decision.verdicts[0].figures == {"lifted_by": "t/exempt"}
    assert decide(book, known, Instant(NOON - 1)).effect is Effect.defer


# Histories ------------------------------------------------------------------------------------------------------------


def test_a_rule_says_how_far_back_it_reads() -> None:
    assert cooldown().lookback == 8 * DAY
    assert WEEK.lookback == 8 * DAY
    assert cap(days=7, not_counted=(NotCounted(purposes=(Purpose.relay,), limit=1, days=3),)).lookback == 12 * DAY
    assert exemption(by_request=ByRequest(within_days=2)).lookback == 3 * DAY


def test_a_lifetime_cap_keeps_of_old_what_it_counts_and_no_more() -> None:
    once = cap(lifetime=True, when=CALLS)
    old = contact(NOON - 900 * DAY)

    assert once.endless
    assert once.keeps(old, subject())
    for other in (
        old._replace(outcome=Outcome.ring_no_answer),
        old._replace(channel=Channel.sms),
        old._replace(direction=Direction.inbound),
        old._replace(party="P-2"),
    ):
        assert not once.keeps(other, subject())


@pytest.mark.parametrize(
    ("make", "path"),
    [
        (lambda: cap(days=1, lifetime=True), "days"),
        (cap, "days"),
        (lambda: cap(days=1, week_starts="sun"), "week_starts"),
        (lambda: cap(days=1, counts_directions=()), "counts_directions"),
        (interval, "days"),
        (lambda: interval(days=1, hours=1), "days"),
        (lambda: interval(minutes=0), "minutes"),
        (lambda: cooldown(hours=1), "days"),
        (lambda: cooldown(days=None, hours=0), "hours"),
        (lambda: cooldown(after=()), "after"),
        (exemption, "consent"),
        (lambda: exemption(consent=ConsentKind.direct_contact, ends_on=(MET,)), "max_days"),
        (lambda: exemption(consent=ConsentKind.direct_contact, max_days=0), "max_days"),
        (lambda: exemption(by_request=ByRequest(within_days=1), given_to_client=True), "given_to_client"),
        (lambda: cap(days=1, reply_outcomes=(MET,)), "reply_outcomes"),
        (lambda: NotCounted(limit=1), "outcomes"),
        (lambda: NotCounted(limit=1, days=0, purposes=(Purpose.relay,)), "days"),
        (lambda: Token(consent=ConsentKind.direct_contact, days=0), "days"),
        (lambda: ByRequest(within_days=0), "within_days"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(make: Any, path: str) -> None:
    with pytest.raises(Flawed) as refused:
        make()

    assert path in [where for where, _ in refused.value.flaws]
