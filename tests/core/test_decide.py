"""The judge: what it refuses itself, how it follows deferrals, and the laws that no book may break."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.case import Case
from service.core.civil import parse_instant
from service.core.decide import Decision, decide
from service.core.facts import Block, Consent, Contact, Facts, Hold, Preference, Suppression, Window
from service.core.model import (
    DAY,
    HOUR,
    MINUTE,
    AddressKind,
    BlockScope,
    Channel,
    Confidence,
    ConsentKind,
    Direction,
    Effect,
    Force,
    HoldKind,
    Instant,
    Outcome,
    PartyRole,
    PreferenceKind,
    Purpose,
    SuppressionReason,
    SuppressionScope,
)
from service.core.policy import Book, Pack
from service.core.rule import HORIZON, Explain, Lifting, Rule, Verdict, When
from service.core.rules.cap import Cap
from service.core.rules.counting import Per
from service.core.rules.hours import ContactWindow
from service.core.rules.reply import ReplyOnce
from service.core.rules.windows import Hours
from service.core.stored import facts_bytes, facts_from
from tests.core.cases import DEBTOR, NOON, NUMBER, SUBJECT, contact, facts, shipped, subject

SAID: dict[str, Any] = {
    "citation": "a test",
    "force": Force.house,
    "confidence": Confidence.primary,
    "explain": Explain(en="No.", zh="不。"),
}
NIGHT = parse_instant("2026-11-23T22:00:00+08:00")
MORNING = parse_instant("2026-11-24T08:00:00+08:00")


class Broken(Rule):
    def judge(self, case: Case, at: Instant) -> Verdict:
        raise RuntimeError("Zhang San, 13800138000")


class BrokenLifting(Lifting):
    def lifts_at(self, case: Case, at: Instant) -> bool:
        raise RuntimeError


def book(*rules: Rule, jurisdictions: tuple[str, ...] = ("CN",)) -> Book:
    pack = Pack(id="t", title=Explain(en="t", zh="t"), jurisdictions=jurisdictions, rules=rules)
    return Book(packs=(pack,), sha256="0", label="t")


def hours(name: str, from_: str, to: str, **more: Any) -> ContactWindow:
    window = Hours(from_=from_, to=to)
    return ContactWindow(id=f"t/{name}", kind="contact_window", open=(window,), **{**SAID, **more})


def reasons(decision: Decision) -> list[str]:
    return [verdict.reason for verdict in decision.deciding]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"zones": ()}, "no_zone"),
        ({"jurisdictions": ()}, "no_jurisdiction"),
        ({"jurisdictions": ("IS",)}, "no_policy"),
        ({"jurisdictions": ("CN", "IS")}, "no_policy"),
        ({"route": False}, "no_route"),
        ({"blocks": (Block(BlockScope.channel, "call", NOON),)}, "blocked"),
        ({"listed_role": PartyRole.guarantor}, "role_mismatch"),
        ({"listed_role": PartyRole.unknown}, "role_mismatch"),
    ],
)
def test_the_gateway_refuses_on_its_own_grounds(changed: dict[str, Any], reason: str) -> None:
    decision = decide(shipped(), facts(**changed), NOON)

    assert decision.effect is Effect.deny
    assert decision.reason == reason


def test_packs_that_are_named_need_not_speak_for_the_country() -> None:
    asked = facts(jurisdictions=("US",), zones=("America/New_York",))
    decision = decide(shipped().narrowed(["cn-collection"]), asked, NOON)

    assert decision.effect is Effect.allow
    assert [tuple(row) for row in decision.not_applied] == [("cn-collection/*", "jurisdiction")]


def test_a_region_is_bound_by_its_country() -> None:
    assert decide(shipped(), facts(jurisdictions=("CN-33",)), NOON).effect is Effect.allow
    assert decide(shipped(), facts(jurisdictions=("CN-33",)), NIGHT).effect is Effect.defer


def test_a_deferral_is_followed_to_an_instant_at_which_all_allow() -> None:
    both = book(hours("a", "08:00", "12:00"), hours("b", "10:00", "20:00"))

    decision = decide(both, facts(), NOON)

    assert decision.effect is Effect.defer
    assert decision.not_before == parse_instant("2026-11-24T10:00:00+08:00")
    said = [(verdict.rule, verdict.effect) for verdict in decision.verdicts]
    assert said == [("t/a", Effect.defer), ("t/b", Effect.allow), ("t/b", Effect.defer)]


def test_hours_that_never_meet_are_refused() -> None:
    decision = decide(book(hours("a", "08:00", "12:00"), hours("b", "12:00", "20:00")), facts(), NOON)

    assert decision.effect is Effect.deny
    assert "no_common_window" in reasons(decision)


def test_what_is_free_only_beyond_the_horizon_is_refused() -> None:
    """Each of the next 40 days has its SMS places taken."""
    held = [
        contact(NOON + day * DAY + n, None, channel=Channel.sms, id=f"{day}-{n}") for day in range(40) for n in (1, 2)
    ]
    decision = decide(shipped(), facts(*held, of=subject(channel=Channel.sms)), NOON)

    assert HORIZON == 35 * DAY
    assert decision.effect is Effect.deny
    assert decision.reason == "no_common_window"


def test_a_deny_on_the_way_denies() -> None:
    hold = Hold(HoldKind.dispute, Instant(MORNING - HOUR), account="A-1", until=Instant(MORNING + DAY))
    decision = decide(shipped(), facts(holds=(hold,)), NIGHT)

    assert decision.effect is Effect.deny
    assert "paused" in reasons(decision)
    assert "quiet_hours" in reasons(decision)


def test_an_instant_not_before_the_expiry_is_refused_and_kept() -> None:
    late = decide(shipped(), facts(), NIGHT, expires_at=MORNING)
    in_time = decide(shipped(), facts(), NIGHT, expires_at=Instant(MORNING + 1))

    assert (late.effect, late.reason, late.not_before) == (Effect.deny, "expires_first", MORNING)
    assert (in_time.effect, in_time.not_before) == (Effect.defer, MORNING)


def test_a_rule_that_errs_denies_and_tells_nothing_of_the_facts() -> None:
    decision = decide(book(Broken(id="t/broken", kind="broken", **SAID)), facts(), NOON)

    assert decision.effect is Effect.deny
    assert decision.reason == "rule_error"
    assert decision.verdicts[0].figures == {"error": "RuntimeError"}


def test_a_lifting_rule_that_errs_lifts_nothing() -> None:
    broken = BrokenLifting(id="t/lift", kind="lift", lifts=("t/a",), **SAID)

    assert decide(book(hours("a", "08:00", "12:00"), broken), facts(), NOON).effect is Effect.defer


def test_what_is_lifted_says_by_what() -> None:
    lift = ReplyOnce(id="t/reply", kind="reply_once", lifts=("t/a",), **SAID)
    inbound = contact(NOON - MINUTE, Outcome.replied, channel=Channel.sms, direction=Direction.inbound)

    decision = decide(book(hours("a", "08:00", "10:00"), lift), facts(inbound, of=subject(channel=Channel.sms)), NOON)

    assert decision.effect is Effect.allow
    assert decision.verdicts[0].figures == {"lifted_by": "t/reply"}


def test_a_rule_is_in_force_by_date_in_the_zone_it_reads() -> None:
    dated = book(hours("a", "08:00", "10:00", effective_from=date(2026, 11, 23), effective_to=date(2026, 11, 23)))

    def effect(at: str) -> Effect:
        return decide(dated, facts(), parse_instant(at)).effect

    assert effect("2026-11-22T23:59:59+08:00") is Effect.allow
    assert effect("2026-11-23T00:00:00+08:00") is Effect.defer
    assert effect("2026-11-23T23:59:59+08:00") is Effect.defer
    assert effect("2026-11-24T00:00:00+08:00") is Effect.allow
    before = decide(dated, facts(), parse_instant("2026-11-22T23:59:59+08:00"))
    assert [tuple(row) for row in before.not_applied] == [("t/a", "not_in_force")]


def test_an_exception_for_one_purpose_excepts_no_offer() -> None:
    """A complaint is answered at any hour, but not with an advertisement in the answer."""
    asked = subject(channel=Channel.email, address_kind=AddressKind.email, purpose=Purpose.complaint_response)
    asked = replace(asked, text="Example Bank is sorry.")

    assert decide(shipped(), facts(of=asked), NIGHT).effect is Effect.allow
    mixed = decide(shipped(), facts(of=replace(asked, text="Example Bank: a special offer!")), NIGHT)
    assert mixed.effect is Effect.deny
    assert "house/quiet-hours" in [verdict.rule for verdict in mixed.deciding]


def test_a_template_that_offers_something_is_a_solicitation_whatever_its_words() -> None:
    decision = decide(shipped(), facts(of=subject(channel=Channel.sms, text="【示例农商行】您好。", offer=True)), NOON)

    assert "house/marketing-consent" in [verdict.rule for verdict in decision.deciding]


def test_an_unknown_product_is_bound_by_a_rule_for_any() -> None:
    only_cards = book(hours("a", "08:00", "10:00", when=When(product=("credit_card",))))

    assert decide(only_cards, facts(of=subject(product=None)), NOON).effect is Effect.defer
    assert decide(only_cards, facts(of=subject(product="mortgage")), NOON).effect is Effect.allow


def test_the_book_says_how_far_back_history_is_needed_under_each_law() -> None:
    yearly = Cap(id="t/year", kind="cap", limit=9, per=(Per.party,), counts=(Outcome.sent,), days=365, **SAID)
    both = Book(packs=(*shipped().packs, *book(yearly, jurisdictions=("NZ",)).packs), sha256="", label="")

    assert both.reach(("CN",)).lookback == 30 * DAY
    assert both.reach(("NZ",)).lookback == 366 * DAY


# Laws -----------------------------------------------------------------------------------------------------------------

instants = st.integers(-20 * 24 * 60, 2 * 24 * 60).map(lambda minute: Instant(NOON + minute * MINUTE))
items = st.builds(
    contact,
    instants,
    st.one_of(st.none(), st.sampled_from(Outcome)),
    channel=st.sampled_from(Channel),
    direction=st.just(Direction.outbound),
    party=st.sampled_from([DEBTOR, "P-2"]),
    address=st.sampled_from([NUMBER, "+8613700137000", None]),
    purpose=st.sampled_from([Purpose.collection, Purpose.service_notice, Purpose.opt_out_confirmation, None]),
    duration_s=st.sampled_from([None, 3, 60]),
)
inbound = st.builds(
    contact,
    instants,
    st.sampled_from([Outcome.replied, Outcome.conversation_right_party]),
    channel=st.sampled_from([Channel.sms, Channel.call]),
    direction=st.just(Direction.inbound),
)
windows = st.sampled_from([Window(127, 22 * 3600, 23 * 3600), Window(31, 9 * 3600, 17 * 3600), Window(32, 0, 86_400)])
consents = st.builds(
    Consent,
    st.sampled_from([DEBTOR, "P-2"]),
    st.sampled_from([ConsentKind.contact_time, ConsentKind.channel, ConsentKind.third_party]),
    instants,
    channel=st.sampled_from([None, Channel.wechat, Channel.call]),
    window=st.one_of(st.none(), windows),
    address=st.none(),
    expires_at=st.one_of(st.none(), instants),
    withdrawn_at=st.one_of(st.none(), instants),
    given_to=st.sampled_from([None, "bank", "agency-a"]),
    evidence=st.none(),
)
suppressions = st.builds(
    Suppression,
    st.just(SuppressionScope.party),
    st.sampled_from([DEBTOR, "P-2"]),
    instants,
    party=st.none(),
    purpose=st.none(),
    channel=st.sampled_from([None, Channel.sms]),
    reason=st.sampled_from([None, SuppressionReason.opt_out]),
    until=st.one_of(st.none(), instants),
)
holds = st.builds(
    Hold,
    st.sampled_from(HoldKind),
    instants,
    account=st.sampled_from(["A-1", "A-2"]),
    party=st.none(),
    until=st.one_of(st.none(), instants),
    allowed_purposes=st.sampled_from([(), (Purpose.service_notice,), (Purpose.collection,)]),
)
preferences = st.builds(
    Preference, st.just(DEBTOR), st.sampled_from(PreferenceKind), windows, channel=st.sampled_from([None, Channel.call])
)
subjects = st.builds(
    subject,
    channel=st.sampled_from([Channel.call, Channel.sms, Channel.wechat, Channel.letter, Channel.email]),
    purpose=st.sampled_from(Purpose),
    party_role=st.sampled_from([PartyRole.debtor, PartyRole.contact_person, PartyRole.guarantor]),
    text=st.sampled_from([None, "【示例农商行】请尽快还款。", "【示例农商行】限时优惠"]),
)


@st.composite
def situations(draw: st.DrawFn) -> Facts:
    history: list[Contact] = draw(st.lists(st.one_of(items, inbound), max_size=12))
    return facts(
        *[item._replace(id=f"{place:02}") for place, item in enumerate(history)],
        of=draw(subjects),
        zones=draw(st.sampled_from([("Asia/Shanghai",), ("America/New_York", "Asia/Shanghai")])),
        consents=tuple(draw(st.lists(consents, max_size=3))),
        suppressions=tuple(draw(st.lists(suppressions, max_size=2))) if draw(st.booleans()) else (),
        holds=tuple(draw(st.lists(holds, max_size=2))) if draw(st.booleans()) else (),
        preferences=tuple(draw(st.lists(preferences, max_size=2))),
    )


asked_at = st.integers(0, 2 * 24 * 60).map(lambda minute: Instant(NOON + minute * MINUTE))


@given(known=situations(), at=asked_at)
def test_not_before_asked_again_allows(known: Facts, at: Instant) -> None:
    decision = decide(shipped(), known, at)

    if decision.effect is Effect.defer:
        assert decision.not_before is not None
        again = decide(shipped(), known, decision.not_before)
        assert again.effect is Effect.allow
    else:
        assert decision.not_before is None


@given(known=situations(), at=asked_at)
def test_nothing_between_is_allowed_before_not_before(known: Facts, at: Instant) -> None:
    """Messages yet to come could earn a reply earlier; nobody knows of such, so they are left out."""
    known = replace(known, history=tuple(i for i in known.history if i.outcome is None or i.at <= at))
    decision = decide(shipped(), known, at)

    if decision.effect is Effect.defer and decision.not_before is not None:
        for part in (3, 7, 50):
            earlier = Instant(at + (decision.not_before - at) * part // 100)
            assert decide(shipped(), known, earlier).effect is not Effect.allow


@given(known=situations(), at=asked_at, dropped=st.integers(0, 60))
def test_adding_a_rule_never_makes_a_decision_more_lenient(known: Facts, at: Instant, dropped: int) -> None:
    whole = shipped()
    rules = [rule for pack in whole.packs for rule in pack.rules]
    one = rules[dropped % len(rules)]
    if one.lifts_others or one.detects_offers:
        return
    packs = tuple(replace(pack, rules=tuple(rule for rule in pack.rules if rule is not one)) for pack in whole.packs)
    without = decide(Book(packs=packs, sha256="0", label="t"), known, at)
    with_it = decide(whole, known, at)

    assert with_it.effect >= without.effect
    if with_it.effect is without.effect is Effect.defer:
        assert (with_it.not_before or 0) >= (without.not_before or 0)


@given(known=situations(), at=asked_at, shuffled=st.randoms(use_true_random=False))
def test_the_order_of_the_facts_does_not_matter(known: Facts, at: Instant, shuffled: Any) -> None:
    def mixed(rows: tuple[Any, ...]) -> tuple[Any, ...]:
        rows_now = list(rows)
        shuffled.shuffle(rows_now)
        return tuple(rows_now)

    names = ("consents", "suppressions", "holds", "preferences")
    other = replace(known, **{name: mixed(getattr(known, name)) for name in names})

    assert decide(shipped(), other, at) == decide(shipped(), known, at)


@given(known=situations(), at=asked_at, hold=st.integers(0, 300))
def test_what_holds_for_a_while_holds_for_less(known: Facts, at: Instant, hold: int) -> None:
    long = decide(shipped(), known, at, hold * 1_000_000)

    if long.effect is Effect.allow:
        assert decide(shipped(), known, at, hold * 500_000).effect is Effect.allow
        assert decide(shipped(), known, at).effect is Effect.allow


@given(known=situations(), at=asked_at)
def test_facts_written_and_read_back_decide_the_same(known: Facts, at: Instant) -> None:
    assert decide(shipped(), facts_from(facts_bytes(known)), at) == decide(shipped(), known, at)


def test_the_subject_of_the_tests_is_allowed_at_noon() -> None:
    assert decide(shipped(), facts(of=SUBJECT), NOON).effect is Effect.allow
