"""Gates: stages, consents that age, holds of a law's own length, representation, workplaces, texts that say no more."""

from typing import Any

import pytest

from service.core.case import Case
from service.core.civil import parse_instant
from service.core.facts import Consent, Contact, Facts, Hold, Notice, RegistryCheck, Suppression
from service.core.model import (
    DAY,
    HOUR,
    AddressKind,
    Asks,
    Channel,
    Confidence,
    ConsentKind,
    Direction,
    Force,
    HoldKind,
    Instant,
    NoticeKind,
    Outcome,
    PartyRole,
    Registry,
    SuppressionReason,
    SuppressionScope,
)
from service.core.policy import Book, Pack, When
from service.core.replies import asked, stop_words
from service.core.rule import Explain, Range, Verdict
from service.core.rules.consent import ConsentRule
from service.core.rules.content import Phrase
from service.core.rules.hold import HoldRule
from service.core.rules.prerequisite import Prerequisite
from service.core.rules.representation import Representation
from service.core.rules.stage import Stage
from service.core.rules.standing import ChannelRule
from service.core.rules.suppression import SuppressionRule
from service.core.rules.whitelist import ContentWhitelist
from service.core.rules.workplace import Unreachable, Workplace
from tests.core.cases import DEBTOR, NOON, NUMBER, contact, facts, subject

BY_TEXT = When(channel=(Channel.sms,))
SAID: dict[str, Any] = {
    "id": "law/rule",
    "citation": "a law",
    "url": "https://example.com",
    "force": Force.law,
    "confidence": Confidence.primary,
    "explain": Explain(en="No.", zh="不。"),
}


def says(rule: Any, known: Facts, at: int = NOON) -> Verdict:
    verdict: Verdict = rule.judge(Case(known), Instant(at))
    return verdict


def allows(rule: Any, known: Facts, at: int = NOON) -> bool:
    return says(rule, known, at).effect.name == "allow"


@pytest.mark.parametrize(("days", "allowed"), [(14, False), (15, True), (90, True), (91, False), (None, False)])
def test_a_debt_is_contacted_about_at_its_stage(days: int | None, allowed: bool) -> None:
    rule = Stage(**SAID, kind="stage", min_days_past_due=15, max_days_past_due=90)

    assert allows(rule, facts(of=subject(days_past_due=days))) is allowed


def test_debts_of_one_stage_have_one_shape() -> None:
    rules = tuple(
        Stage(**{**SAID, "id": f"law/{n}"}, kind="stage", min_days_past_due=0, when=When(days_past_due=days))
        for n, days in enumerate((Range(min=16), Range(max=90)))
    )
    book = Book(packs=(Pack(id="law", title=SAID["explain"], jurisdictions=("CN",), rules=rules),), sha256="", label="")

    alike = [book.days_alike(days) for days in (0, 15, 16, 90, 91, 4000)]

    assert len(set(alike)) == 3
    assert (alike[0] == alike[1], alike[2] == alike[3], alike[4] == alike[5]) == (True, True, True)
    assert book.days_alike(None) is None


def agreed(days_ago: int, **more: Any) -> Consent:
    return Consent(DEBTOR, ConsentKind.channel, Instant(NOON - days_ago * DAY), channel=Channel.call, **more)


def test_a_consent_ages_to_the_second() -> None:
    rule = ConsentRule(**SAID, kind="consent", consent=ConsentKind.channel, max_age_days=60)

    assert allows(rule, facts(consents=(agreed(60),)))
    assert not allows(rule, facts(consents=(agreed(60),)), NOON + 1)


def test_a_message_or_a_clean_check_renews_an_old_consent() -> None:
    rule = ConsentRule(
        **SAID,
        kind="consent",
        consent=ConsentKind.channel,
        max_age_days=60,
        renewed_by=("inbound", "registry"),
        registry=Registry.us_rnd,
    )
    old = (agreed(400),)
    wrote = contact(NOON - DAY, Outcome.replied, direction=Direction.inbound)
    clean = RegistryCheck(Registry.us_rnd, NUMBER, listed=False, checked_at=Instant(NOON - DAY))

    assert not allows(rule, facts(consents=old))
    assert allows(rule, facts(wrote, consents=old))
    assert not allows(rule, facts(wrote._replace(address="+8613900139000"), consents=old))
    assert allows(rule, facts(consents=old, registry_checks=(clean,)))
    assert not allows(rule, facts(consents=old, registry_checks=(clean._replace(listed=True),)))
    assert not allows(rule, facts(wrote, registry_checks=(clean,)))


def test_a_consent_may_have_to_name_its_client_and_its_address() -> None:
    named = ConsentRule(**SAID, kind="consent", consent=ConsentKind.channel, given_to_client=True, address=True)

    assert allows(named, facts(consents=(agreed(1, address=NUMBER, given_to="bank"),)))
    assert not allows(named, facts(consents=(agreed(1, address=NUMBER),)))
    assert not allows(named, facts(consents=(agreed(1, given_to="first_party"),)))


def test_a_consent_that_must_be_proved_says_where_it_is_recorded() -> None:
    proved = ConsentRule(**SAID, kind="consent", consent=ConsentKind.channel, evidence=True)

    assert not allows(proved, facts(consents=(agreed(1),)))
    assert not allows(proved, facts(consents=(agreed(1, evidence=""),)))
    assert allows(proved, facts(consents=(agreed(1, evidence="form 17"),)))


def test_another_kind_of_consent_or_one_to_another_channel_may_do() -> None:
    rule = ConsentRule(
        **SAID,
        kind="consent",
        consent=ConsentKind.channel,
        or_consents=(ConsentKind.direct_contact,),
        channels=(Channel.sms,),
    )

    assert allows(rule, facts(consents=(agreed(1)._replace(channel=Channel.sms),)))
    assert allows(rule, facts(consents=(agreed(1)._replace(kind=ConsentKind.direct_contact),)))
    assert not allows(rule, facts(consents=(agreed(1)._replace(channel=Channel.email),)))


def test_a_hold_without_an_end_lasts_as_long_as_the_law_says() -> None:
    rule = HoldRule(**SAID, kind="hold", holds=(HoldKind.breathing_space,), length_days=60)
    began = parse_instant("2026-09-24T10:00:00+08:00")
    held = facts(holds=(Hold(HoldKind.breathing_space, began, account="A-1"),))
    over = parse_instant("2026-11-24T00:00:00+08:00")

    assert says(rule, held, over - 1).until == over
    assert allows(rule, held, over)
    endless = HoldRule(**SAID, kind="hold", holds=(HoldKind.breathing_space,))
    assert not allows(endless, held, over + 1000 * DAY)


def test_a_hold_may_leave_some_hours_of_grace() -> None:
    rule = HoldRule(**SAID, kind="hold", holds=(HoldKind.represented,), grace_hours=72)
    held = facts(holds=(Hold(HoldKind.represented, Instant(NOON - 72 * HOUR), account="A-1"),))

    assert allows(rule, held, NOON - 1)
    assert not allows(rule, held)


def test_whoever_is_represented_is_spoken_to_through_the_representative() -> None:
    rule = Representation(**SAID, kind="representation", after_inbound=True)
    hold = Hold(HoldKind.represented, Instant(NOON - 30 * DAY), party=DEBTOR)
    lawyer = subject(party="P-9", party_role=PartyRole.representative)
    wrote = contact(NOON - DAY, Outcome.replied, direction=Direction.inbound, channel=Channel.sms)
    texted = subject(channel=Channel.sms)

    assert not allows(rule, facts(holds=(hold,)))
    assert rule.terms["to"] == "representative"
    assert allows(rule, facts(of=lawyer, holds=(hold,)))
    assert allows(rule, facts(wrote, of=texted, holds=(hold,)))
    answered = contact(NOON - HOUR, Outcome.sent, channel=Channel.sms)
    assert not allows(rule, facts(wrote, answered, of=texted, holds=(hold,)))


def missed(days_ago: int, **more: Any) -> Contact:
    return contact(NOON - days_ago * DAY, Outcome.ring_no_answer, **more)


def test_a_workplace_is_the_last_resort() -> None:
    after = Unreachable(outcomes=(Outcome.ring_no_answer,), attempts=2, days=7)
    rule = Workplace(**SAID, kind="workplace", permitted="only_unreachable_elsewhere", unreachable_after=after)
    at_work = subject(address="+861065550000", address_kind=AddressKind.work)

    assert allows(rule, facts())
    assert not allows(rule, facts(missed(1), of=at_work))
    assert allows(rule, facts(missed(1), missed(2), of=at_work))
    assert not allows(rule, facts(missed(1), missed(8), of=at_work))
    assert not allows(rule, facts(missed(3), missed(2), contact(NOON - DAY), of=at_work))
    assert not allows(rule, facts(missed(1), missed(2, address_kind=AddressKind.work), of=at_work))


def test_a_workplace_is_left_alone_when_asked_and_opened_by_consent() -> None:
    at_work = subject(address="+861065550000", address_kind=AddressKind.work)
    wish = Suppression(
        SuppressionScope.address, "+861065550000", Instant(NOON), reason=SuppressionReason.opt_out, channel=Channel.sms
    )
    asked_not = Workplace(**SAID, kind="workplace", permitted="unless_asked_not")
    never = Workplace(**SAID, kind="workplace", permitted="never", consent=ConsentKind.workplace)
    agreed_to = Consent(DEBTOR, ConsentKind.workplace, Instant(NOON - DAY))

    assert allows(asked_not, facts(of=at_work, suppressions=(wish,)), NOON - 1)
    assert not allows(asked_not, facts(of=at_work, suppressions=(wish,)))
    assert not allows(never, facts(of=at_work))
    assert allows(never, facts(of=at_work, consents=(agreed_to,)))


def test_a_channel_may_be_closed_to_some_kinds_of_address() -> None:
    rule = ChannelRule(**SAID, kind="channel", forbidden_kinds=(AddressKind.employer_email,))
    mail = subject(channel=Channel.email, address="p@example.com", address_kind=AddressKind.email)

    assert allows(rule, facts(of=mail))
    assert not allows(rule, facts(of=subject(address="p@corp.example", address_kind=AddressKind.employer_email)))
    assert not allows(rule, facts(of=subject(address="p@corp.example", address_kind=None)))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Hello, this is Acme. Please call Ann Lee back at +1 212 555 0100.", ""),
        ("Hello, this is ACME.  Please call Ann Lee back at +1 212 555 0100!", ""),
        ("Hello, this is Acme. Please call Ann Lee back at +1 212 555 0100 about your debt.", "content_not_permitted"),
        ("Hello, this is Acme. Please call back at +1 212 555 0100.", "content_missing"),
        ("This is Acme Debt Collectors. Please call Ann Lee back at +1 212 555 0100.", "content_not_permitted"),
    ],
)
def test_a_limited_text_says_what_is_permitted_and_not_a_word_more(text: str, reason: str) -> None:
    rule = ContentWhitelist(
        **SAID,
        kind="content_whitelist",
        elements=(
            Phrase(name="salutation", words=("hello", "good day")),
            Phrase(name="business", words=("this is",), institution="anywhere"),
            Phrase(name="request", latin_patterns=("please call .{0,30}?back at",)),
            Phrase(name="person", words=("Ann Lee",)),
            Phrase(name="number", patterns=(r"\+[0-9 ]{7,16}",)),
        ),
        required=("business", "request", "person", "number"),
    )

    assert says(rule, facts(of=subject(text=text, institution=("Acme",)))).reason == reason


def test_a_law_may_name_words_of_its_own_by_which_one_opts_out() -> None:
    rule = SuppressionRule(**SAID, kind="suppression", words=("leave off", "No more"), when=BY_TEXT)
    pack = Pack(id="law", title=SAID["explain"], jurisdictions=("CA-QC",), rules=(rule,))
    book = Book(packs=(pack,), sha256="", label="")

    words = stop_words(book, ("CA-QC",), Channel.sms, NOON)

    assert asked("Leave off!", words) is Asks.stop
    assert asked("NO MORE, please", words) is Asks.stop
    assert Asks.free is asked("leave off")
    assert stop_words(book, ("CA-ON",), Channel.sms, NOON) == frozenset()
    assert stop_words(book, ("CA-QC",), Channel.email, NOON) == frozenset()


def test_a_wait_after_a_notice_counts_whole_days_in_every_zone() -> None:
    rule = Prerequisite(**SAID, kind="prerequisite", any_of=(NoticeKind.validation, NoticeKind.assignment), wait_days=6)
    sent = Notice("A-1", NoticeKind.assignment, parse_instant("2026-11-16T23:30:00+08:00"))
    opens = parse_instant("2026-11-23T00:00:00+08:00")

    assert says(rule, facts()).reason == "notice_missing"
    assert says(rule, facts(notices=(sent,)), opens - 1).until == opens
    assert allows(rule, facts(notices=(sent,)), opens)
    east = facts(notices=(sent,), zones=("Asia/Shanghai", "Asia/Tokyo"))
    assert says(rule, east, opens).until == parse_instant("2026-11-24T00:00:00+09:00")
