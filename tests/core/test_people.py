"""Who may be contacted and who not: third persons, holds, refusals, replies; beyond what the packs' cases tell."""

from typing import Any

import pytest

from service.core.civil import parse_instant
from service.core.decide import Decision, decide
from service.core.facts import Consent, Contact, Hold, Suppression
from service.core.model import (
    DAY,
    HOUR,
    MINUTE,
    ActorRole,
    Asks,
    Channel,
    ConsentKind,
    Direction,
    Effect,
    HoldKind,
    Instant,
    Outcome,
    PartyRole,
    Purpose,
    SuppressionReason,
    SuppressionScope,
)
from tests.core.cases import DEBTOR, NOON, NUMBER, contact, facts, shipped, subject

FRIEND = subject(
    party="P-2",
    party_role=PartyRole.contact_person,
    purpose=Purpose.relay,
    address="+8613900139000",
    channel=Channel.sms,
)
LOST = [contact(NOON - n * DAY - HOUR, Outcome.ring_no_answer) for n in (1, 2, 3)]
OPT_OUT = Suppression(SuppressionScope.party, DEBTOR, Instant(NOON - HOUR), reason=SuppressionReason.opt_out)


def judged(*history: Contact, of: Any = FRIEND, at: int = NOON, **more: Any) -> Decision:
    return decide(shipped(), facts(*history, of=of, **more), Instant(at))


def test_a_lost_debtors_friend_may_be_asked() -> None:
    assert judged(*LOST).effect is Effect.allow


def test_without_a_known_debtor_the_gate_is_shut() -> None:
    assert judged(*LOST, debtor=None).reason == "third_party_not_open"


@pytest.mark.parametrize("other", ["P-0", "P-9"])
def test_another_debtor_of_the_account_who_was_reached_shuts_the_gate(other: str) -> None:
    reached = contact(NOON - MINUTE, party=other, address="+8613700137000")

    assert judged(*LOST, reached).reason == "third_party_not_open"
    assert judged(*LOST, reached._replace(account="A-2")).effect is Effect.allow


def test_another_debtor_who_does_not_answer_opens_nothing() -> None:
    assert judged(*(lost._replace(party="P-9") for lost in LOST)).reason == "third_party_not_open"


def test_a_missed_day_breaks_the_row_of_days_but_not_of_calls() -> None:
    """Calls on days one, three and four: no three days in a row, but the third call opens the gate a day later."""
    calls = [contact(NOON - n * DAY, Outcome.ring_no_answer) for n in (3, 1, 0)]

    assert judged(*calls).not_before == NOON + 20 * HOUR


@pytest.mark.parametrize("outcome", [Outcome.failed, Outcome.refused_by_provider, None])
def test_what_never_rang_neither_counts_nor_breaks_the_row(outcome: Outcome | None) -> None:
    silent = contact(NOON - DAY, outcome, id="silent")

    assert judged(*LOST, silent).effect is Effect.allow
    assert judged(*LOST[1:], silent).effect is Effect.deny


OTHER = "+8613700137000"


def dead(at: int, number: str = OTHER) -> Contact:
    return contact(at, Outcome.not_in_service, address=number)


def test_a_dead_number_opens_nothing_while_the_debtor_answers_at_another() -> None:
    met = contact(NOON - 2 * DAY)

    assert judged(dead(NOON - HOUR)).effect is Effect.allow
    assert judged(met, dead(NOON - HOUR)).reason == "third_party_not_open"
    wrote = met._replace(channel=Channel.sms, direction=Direction.inbound, outcome=Outcome.replied)
    assert judged(wrote, dead(NOON - HOUR)).reason == "third_party_not_open"
    by_mail = wrote._replace(channel=Channel.email, address="someone@example.com")
    assert judged(by_mail, dead(NOON - HOUR)).effect is Effect.allow


def test_failed_calls_make_a_row_at_one_number_alone() -> None:
    one, two, three = LOST
    elsewhere = two._replace(address=OTHER)

    assert judged(one, elsewhere, three).reason == "third_party_not_open"
    assert judged(one, elsewhere, two, three).reason == "third_party_not_open"
    assert judged(one, elsewhere, two, three, dead(NOON - HOUR)).effect is Effect.allow


def test_a_gate_that_is_open_is_not_shut_by_trying_another_number() -> None:
    assert judged(*LOST, contact(NOON - MINUTE, Outcome.ring_no_answer, address=OTHER)).effect is Effect.allow
    met = contact(NOON - MINUTE, address=OTHER)
    assert judged(*LOST, met).reason == "third_party_not_open"


def test_calls_of_which_no_number_is_told_count_as_one_numbers() -> None:
    nameless = [lost._replace(address=None) for lost in LOST]

    assert judged(*nameless).effect is Effect.allow
    assert judged(*nameless[:2], LOST[2]).reason == "third_party_not_open"


def test_calls_of_a_year_ago_open_nothing() -> None:
    """The facts of a what-if reach back as far as it says, those of another book further than this rule asks."""
    old = [lost._replace(at=Instant(lost.at - 365 * DAY)) for lost in LOST]

    assert judged(*old).reason == "third_party_not_open"


def test_the_gate_looks_back_thirty_days_to_the_second() -> None:
    dead = contact(NOON - 30 * DAY, Outcome.not_in_service)

    assert judged(dead).effect is Effect.allow
    assert judged(dead, at=NOON + 1).reason == "third_party_not_open"


def test_calls_to_a_number_that_was_not_the_debtors_tell_nothing() -> None:
    wrong = contact(NOON - HOUR, Outcome.wrong_number)

    assert judged(*LOST, wrong).effect is Effect.deny


def test_other_debtors_calls_tell_nothing() -> None:
    strangers = [item._replace(party="P-7") for item in LOST]

    assert judged(*strangers).effect is Effect.deny


def test_what_stops_the_debtor_stops_those_who_are_asked_about_him() -> None:
    hold = Hold(HoldKind.dispute, Instant(NOON - DAY), party=DEBTOR)

    assert judged(*LOST, holds=(hold,)).reason == "paused"


def test_a_guarantor_is_not_stopped_by_a_hold_on_the_debtors_person() -> None:
    hold = Hold(HoldKind.bankrupt, Instant(NOON - DAY), party=DEBTOR)
    guarantor = subject(party="P-3", party_role=PartyRole.guarantor, channel=Channel.sms)

    assert judged(of=guarantor, holds=(hold,)).effect is Effect.allow
    assert judged(of=guarantor, holds=(hold._replace(party=None, account="A-1"),)).effect is Effect.deny


@pytest.mark.parametrize("kind", [HoldKind.instalment_agreement, HoldKind.settled, HoldKind.cease, HoldKind.deceased])
def test_a_hold_on_the_debtors_person_stops_whoever_speaks_for_them(kind: HoldKind) -> None:
    hold = Hold(kind, Instant(NOON - DAY), party=DEBTOR)
    guardian = subject(party="P-9", party_role=PartyRole.representative)

    assert judged(of=guardian, holds=(hold,)).effect is Effect.deny


@pytest.mark.parametrize("kind", [HoldKind.represented, HoldKind.incapacity])
def test_whoever_speaks_for_the_debtor_is_spoken_to(kind: HoldKind) -> None:
    hold = Hold(kind, Instant(NOON - DAY), party=DEBTOR)

    assert judged(of=subject(party="P-9", party_role=PartyRole.representative), holds=(hold,)).effect is Effect.allow


def test_a_hold_on_some_account_stops_a_request_that_names_none() -> None:
    hold = Hold(HoldKind.dispute, Instant(NOON - DAY), account="A-1")

    assert judged(of=subject(channel=Channel.sms, account=None), holds=(hold,)).effect is Effect.deny


def confirmation(*history: Contact, at: int = NOON, **changed: Any) -> Decision:
    of = subject(channel=Channel.sms, purpose=Purpose.opt_out_confirmation)
    return judged(*history, of=of, at=at, suppressions=(OPT_OUT._replace(**changed),))


def test_a_place_held_for_a_confirmation_is_the_one_confirmation() -> None:
    held = contact(NOON + HOUR, None, channel=Channel.sms, purpose=Purpose.opt_out_confirmation)

    assert confirmation().effect is Effect.allow
    assert confirmation(held).effect is Effect.deny


def test_a_confirmation_that_never_left_may_be_sent_again() -> None:
    failed = contact(NOON - MINUTE, Outcome.failed, channel=Channel.sms, purpose=Purpose.opt_out_confirmation)

    assert confirmation(failed).effect is Effect.allow


def test_a_month_later_there_is_nothing_left_to_confirm() -> None:
    assert confirmation(at=NOON + 29 * DAY).effect is Effect.allow
    assert confirmation(at=NOON + 30 * DAY).effect is Effect.deny


def test_a_wrong_number_gets_no_confirmation() -> None:
    assert confirmation(reason=SuppressionReason.wrong_number).reason == "wrong_number"


def reply(*history: Contact, at: int = NOON) -> Decision:
    return judged(*history, of=subject(channel=Channel.sms), at=at, suppressions=(OPT_OUT,))


def test_each_later_message_earns_its_own_reply() -> None:
    def message(at: int) -> Contact:
        return contact(at, Outcome.replied, channel=Channel.sms, direction=Direction.inbound, id=f"in-{at}")

    def answer(at: int) -> Contact:
        return contact(at, Outcome.sent, channel=Channel.sms, id=f"out-{at}")

    first, second = message(NOON - 50 * MINUTE), message(NOON - 30 * MINUTE)
    assert reply().effect is Effect.deny
    assert reply(first).effect is Effect.allow
    assert reply(first, answer(NOON - 40 * MINUTE)).effect is Effect.deny
    assert reply(first, answer(NOON - 40 * MINUTE), second).effect is Effect.allow
    assert reply(first, second, answer(NOON - 20 * MINUTE)).effect is Effect.deny


def message(at: int, asks: Asks | None = None, **changed: Any) -> Contact:
    said = contact(at, Outcome.replied, channel=Channel.sms, direction=Direction.inbound, id=f"in-{at}", asks=asks)
    return said._replace(**changed)


@pytest.mark.parametrize("asks", [Asks.stop, Asks.wrong_number])
def test_who_turns_us_away_earns_no_answer_and_takes_back_what_was_earned(asks: Asks) -> None:
    asked, turned = message(NOON - 30 * MINUTE, Asks.free), message(NOON - 20 * MINUTE, asks)

    assert reply(asked).effect is Effect.allow
    assert reply(turned).effect is Effect.deny
    assert reply(asked, turned).effect is Effect.deny
    assert reply(asked, turned._replace(at=asked.at)).effect is Effect.deny
    assert reply(turned, message(NOON - 10 * MINUTE)).effect is Effect.allow


def test_a_wish_to_be_left_alone_is_confirmed_at_the_hour_it_came() -> None:
    """Regulation F: an answer at an inconvenient time, to whoever writes at one."""
    night = parse_instant("2026-11-23T22:10:00-05:00")
    of = subject(channel=Channel.sms, purpose=Purpose.opt_out_confirmation, actor_role=ActorRole.agency)
    where = {"zones": ("America/New_York",), "jurisdictions": ("US",)}

    def hours(asks: Asks, of: Any) -> Effect:
        known = facts(message(night - MINUTE, asks), of=of, **where)
        verdicts = decide(shipped().narrowed(["us-reg-f"]), known, night).verdicts
        return next(v.effect for v in verdicts if v.rule == "us-reg-f/contact-hours")

    collection = subject(channel=Channel.sms, actor_role=ActorRole.agency)
    assert (hours(Asks.free, collection), hours(Asks.stop, collection)) == (Effect.allow, Effect.defer)
    assert hours(Asks.stop, of) is Effect.allow


def test_a_text_that_says_wrong_number_reaches_nobody() -> None:
    wrong = contact(NOON - HOUR, Outcome.wrong_number)
    known = {"of": subject(channel=Channel.sms), "suppressions": ()}

    assert judged(wrong, message(NOON - MINUTE, Asks.free), **known).effect is Effect.allow
    assert judged(wrong, message(NOON - MINUTE, Asks.wrong_number), **known).reason == "wrong_number"
    assert judged(*LOST, message(NOON - MINUTE, Asks.wrong_number)).effect is Effect.allow


HERE_BARRED = OPT_OUT._replace(scope=SuppressionScope.address, value=NUMBER)


def test_a_message_from_one_number_opens_no_other_that_was_barred() -> None:
    def answered(wrote_from: str | None, *barred: Suppression) -> Effect:
        wrote = message(NOON - MINUTE, address=wrote_from)
        return judged(wrote, of=subject(channel=Channel.sms), suppressions=barred).effect

    assert answered(NUMBER, HERE_BARRED) is Effect.allow
    assert answered(OTHER, HERE_BARRED) is Effect.deny
    assert answered(None, HERE_BARRED) is Effect.deny
    assert answered(OTHER, OPT_OUT) is Effect.allow
    assert answered(OTHER, OPT_OUT, HERE_BARRED) is Effect.deny


@pytest.mark.parametrize("barred", [OPT_OUT, HERE_BARRED])
def test_whoever_opted_out_is_not_answered_with_advertising(barred: Suppression) -> None:
    agreed = Consent(DEBTOR, ConsentKind.marketing, Instant(0))

    def answered(**changed: Any) -> set[str]:
        of = subject(channel=Channel.sms, **changed)
        known = {"suppressions": (barred,), "consents": (agreed,)}
        return {v.rule for v in judged(message(NOON - MINUTE), of=of, **known).deciding}

    assert "house/suppression" not in answered()
    assert "house/suppression" in answered(purpose=Purpose.solicitation)
    assert "house/suppression" in answered(offer=True)


def test_a_call_that_was_answered_earns_no_other() -> None:
    spoke = contact(NOON - MINUTE, channel=Channel.call, direction=Direction.inbound)

    assert judged(spoke, of=subject(), suppressions=(OPT_OUT,)).effect is Effect.deny
