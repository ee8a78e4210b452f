"""The laws that no book may break, whatever its rules and whatever the facts; drawn by `situations` and `rulebook`."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from service.core.civil import parse_instant
from service.core.decide import GATEWAY, Decision, decide
from service.core.facts import Consent, Facts, Hold
from service.core.kinds import KINDS
from service.core.model import HOUR, SECOND, ConsentKind, Effect, HoldKind, Instant, NoticeKind, Outcome, PartyRole
from service.core.policy import Book
from service.core.rule import HORIZON, Range, Rule, Verdict, When
from service.core.rules.cap import Cap
from service.core.rules.cooldown import Cooldown
from service.core.rules.counting import Per
from service.core.rules.exemption import Exemption
from service.core.rules.hold import HoldRule
from service.core.rules.hours import ContactWindow
from service.core.rules.interval import Interval
from service.core.rules.occasion import Occasion
from service.core.rules.preference import PreferenceRule
from service.core.rules.prerequisite import Prerequisite
from service.core.rules.reply import ReplyOnce
from service.core.rules.third_party_gate import ThirdPartyGate
from service.core.rules.windows import Hours
from tests.core.cases import DEBTOR, contact, facts, shipped, subject
from tests.core.rulebook import NAMES, ORDINARY, SAID, drawn_rule, everywhere
from tests.core.situations import BASES, Chance, drawn_facts, eased, prepared

LIFTING = (Exemption, ReplyOnce)
TIMELY = (ContactWindow, Cap, Interval, Cooldown, PreferenceRule, Occasion, Prerequisite, ThirdPartyGate)
"""The kinds that defer."""

chances = st.integers(0, 2**32 - 1).map(Chance)
law = settings(database=None, phases=[Phase.explicit, Phase.generate])
"""What is drawn from a seed cannot be made smaller; the seed of what fails is shown."""


class Asked(NamedTuple):
    """A question to a book; `hold` is how long the answer must stay true."""

    book: Book
    known: Facts
    at: Instant
    hold: int = 0

    def answer(self) -> Decision:
        return decide(self.book, self.known, self.at, self.hold)

    def effect_at(self, at: int) -> Effect:
        return decide(self.book, self.known, Instant(at), self.hold).effect


def waiting(c: Chance, *rules: Rule, ahead: int = 0) -> Asked:
    """A question to these rules, at an instant when something must wait if one is soon found."""
    base = c.of(BASES)
    return _soon_waiting(c, everywhere(*rules), eased(drawn_facts(c, base, ahead=ahead)), base)


def waiting_by_law(c: Chance, *, ahead: int = 0) -> Asked:
    """The same to the rules that ship, of somebody who has all that they ask for."""
    base = c.of(BASES)
    return _soon_waiting(c, shipped(), prepared(c, eased(drawn_facts(c, base, ahead=ahead)), base), base)


def _soon_waiting(c: Chance, book: Book, known: Facts, base: Instant) -> Asked:
    hold = c.of((0, 0, 90 * SECOND))
    for _ in range(4):
        asked = Asked(book, known, c.when(base, 0, 2), hold)
        if asked.answer().effect is Effect.defer:
            break
    return asked


def timely_rules(c: Chance) -> list[Rule]:
    lifting = [drawn_rule(c, NAMES[3], *LIFTING)] if c.once_in(2) else []
    return [drawn_rule(c, name, *TIMELY) for name in NAMES[: c.number(1, 3)]] + lifting


# The first instant ----------------------------------------------------------------------------------------------------


def dates_of(asked: Asked) -> Iterator[int]:
    """The instants at which something that the facts or the rules say begins or ends."""
    yield from (item.at for item in asked.known.history)
    for consent in asked.known.consents:
        yield from (consent.granted_at, consent.expires_at or 0)
    yield from (notice.sent_at for notice in asked.known.notices)
    yield from (verdict.until or 0 for verdict in asked.answer().verdicts)
    for rule in (rule for pack in asked.book.packs for rule in pack.rules):
        for zone in rule.zones_among(asked.known.zones, asked.known.further_zones):
            yield from rule.term(zone)


STOPS_MAX = 40


def stops_of(asked: Asked, end: int) -> set[int]:
    """Every instant before `end` at which some rule would say otherwise, and those at which one would then."""
    found: set[int] = set()
    ask = [asked.at]
    while ask and len(found) < STOPS_MAX:
        untils = {verdict.until or 0 for verdict in asked._replace(at=ask.pop(0)).answer().verdicts}
        later = {Instant(until) for until in untils if asked.at < until < end} - found
        found |= later
        ask += sorted(later)
    return found


def earlier(c: Chance, asked: Asked, end: int) -> list[int]:
    """Instants from the question on and before `end`: where something turns, on the hour, and anywhere."""
    anywhere = [asked.at + c.number(0, end - asked.at) for _ in range(12)]
    found = {end - 1, end - SECOND, *anywhere, *(at // HOUR * HOUR for at in anywhere)}
    found |= {date + step for date in {*dates_of(asked), *stops_of(asked, end)} for step in (-1, 0, 1)}
    return sorted(at for at in found if asked.at <= at < end)


def allowed_otherwise(c: Chance, asked: Asked) -> list[int]:
    """Instants that contradict the answer: allowed before its `not_before`, or the `not_before` that is not."""
    decision = asked.answer()
    if decision.effect is Effect.deny:
        if any(v.effect is Effect.deny and not _never(v, asked) for v in decision.verdicts):
            return []
        end = asked.at + HORIZON
    elif decision.not_before is None:
        return [] if decision.effect is Effect.allow else [asked.at]
    else:
        end = decision.not_before
        if asked.effect_at(end) is not Effect.allow:
            return [end]
    return [at for at in earlier(c, asked, end) if asked.effect_at(at) is Effect.allow]


def _never(verdict: Verdict, asked: Asked) -> bool:
    """True if it says that there is no such instant: the judge, or a rule that nothing lifts."""
    lifted = any(rule.lifts_others for pack in asked.book.packs for rule in pack.rules)
    return verdict.reason == "no_common_window" and (verdict.kind == GATEWAY or not lifted)


@settings(law, max_examples=500)
@given(c=chances)
def test_not_before_is_the_earliest_instant_that_is_allowed(c: Chance) -> None:
    assert allowed_otherwise(c, waiting(c, *timely_rules(c))) == []


@settings(law, max_examples=250)
@given(c=chances)
def test_it_is_the_earliest_where_facts_are_dated_later_too(c: Chance) -> None:
    assert allowed_otherwise(c, waiting(c, *timely_rules(c), ahead=6)) == []


@settings(law, max_examples=80)
@given(c=chances)
def test_it_is_the_earliest_under_the_rules_that_ship(c: Chance) -> None:
    assert allowed_otherwise(c, waiting_by_law(c, ahead=c.of((0, 0, 6)))) == []


NIGHT = parse_instant("2026-11-23T22:00:00+08:00")
MORNING = parse_instant("2026-11-24T08:00:00+08:00")


def daytime(name: str, from_: str = "08:00", **more: object) -> ContactWindow:
    return ContactWindow(id=name, kind="contact_window", open=(Hours(from_=from_, to="21:00"),), **{**SAID, **more})


def test_a_rule_that_goes_out_of_force_keeps_nobody_waiting() -> None:
    midnight = parse_instant("2026-11-24T00:00:00+08:00")
    rule = daytime("house/a", effective_to=date(2026, 11, 23))

    assert decide(everywhere(rule), facts(), NIGHT).not_before == midnight


def test_a_rule_that_never_opens_keeps_nobody_waiting_beyond_its_end() -> None:
    """Noon in Shanghai is the evening before in Honolulu, until the rule is over there as well."""
    both = facts(zones=("Asia/Shanghai", "Pacific/Honolulu"))
    hours = (Hours(from_="12:00", to="13:00"),)
    never = ContactWindow(id="house/a", kind="contact_window", open=hours, **SAID)

    assert decide(everywhere(never), both, NIGHT).reason == "no_common_window"
    ends = replace(never, effective_to=date(2026, 11, 25))
    assert decide(everywhere(ends), both, NIGHT).not_before == parse_instant("2026-11-26T00:00:00-10:00")


def test_a_consent_that_begins_later_lifts_from_then_on() -> None:
    lift = Exemption(id="house/b", kind="exemption", lifts=("house/a",), consent=ConsentKind.workplace, **SAID)
    consent = Consent(DEBTOR, ConsentKind.workplace, Instant(NIGHT + HOUR))

    assert decide(everywhere(daytime("house/a"), lift), facts(consents=(consent,)), NIGHT).not_before == NIGHT + HOUR


def test_a_consent_that_no_rule_waits_for_is_no_stop_at_which_one_could_be_refused() -> None:
    """At one in the morning a dispute stands that will be over at seven; the hours open at eight."""
    dispute = Hold(HoldKind.dispute, Instant(NIGHT + HOUR), account="A-1", until=Instant(MORNING - HOUR))
    lift = Exemption(id="house/c", kind="exemption", lifts=("house/a",), consent=ConsentKind.workplace, **SAID)
    book = everywhere(daytime("house/a"), HoldRule(id="house/b", kind="hold", holds=(HoldKind.dispute,), **SAID), lift)
    one = Instant(NIGHT + 3 * HOUR)

    def at_one(kind: ConsentKind, party: str = DEBTOR) -> Decision:
        return decide(book, facts(holds=(dispute,), consents=(Consent(party, kind, one),)), NIGHT)

    assert at_one(ConsentKind.marketing).not_before == MORNING
    assert at_one(ConsentKind.workplace, "P-2").not_before == MORNING
    assert at_one(ConsentKind.workplace).effect is Effect.deny


def test_an_offer_to_pay_opens_the_gate_from_then_on() -> None:
    gate = ThirdPartyGate(
        id="house/a", kind="third_party_gate", failed_calls=1, failed_days=9, effective_seconds=6, **SAID
    )
    offer = Consent("P-2", ConsentKind.third_party, Instant(NIGHT + HOUR))
    vain = contact(NIGHT - HOUR, Outcome.ring_no_answer)
    known = facts(vain, of=subject(party="P-2", party_role=PartyRole.contact_person), consents=(offer,))

    assert decide(everywhere(gate), known, NIGHT).not_before == NIGHT + HOUR


# Another rule ---------------------------------------------------------------------------------------------------------


def is_no_more_lenient(after: Decision, before: Decision) -> bool:
    if after.effect is before.effect is Effect.defer:
        return (after.not_before or 0) >= (before.not_before or 0)
    return after.effect >= before.effect


@settings(law, max_examples=700)
@given(c=chances)
def test_another_rule_of_any_kind_that_lifts_nothing_never_makes_a_decision_more_lenient(c: Chance) -> None:
    base = c.of(BASES)
    known, at = drawn_facts(c, base, ahead=c.of((0, 5))), c.when(base, 0, 2)
    known = eased(known) if c.once_in(2) else known
    rules = [drawn_rule(c, name, *TIMELY, *c.some(KINDS, 0, 4)) for name in NAMES[: c.number(1, 3)]]
    another = drawn_rule(c, NAMES[3], *c.of((ORDINARY, TIMELY)))

    assert is_no_more_lenient(decide(everywhere(*rules, another), known, at), decide(everywhere(*rules), known, at))


def test_a_rule_that_waits_longer_hides_no_refusal_on_the_way() -> None:
    """At eight, when the hours open, a dispute stands that will be over at nine; another rule waits until ten."""
    dispute = Hold(HoldKind.dispute, Instant(MORNING - HOUR), account="A-1", until=Instant(MORNING + HOUR))
    stop = HoldRule(id="house/b", kind="hold", holds=(HoldKind.dispute,), **SAID)
    rules = (daytime("house/a"), stop)

    assert decide(everywhere(*rules), facts(holds=(dispute,)), NIGHT).effect is Effect.deny
    longer = decide(everywhere(*rules, daytime("house/c", "10:00")), facts(holds=(dispute,)), NIGHT)
    assert longer.effect is Effect.deny
    assert longer.deciding[-1].rule == "house/b"


def test_a_rule_that_reads_the_age_of_a_debt_makes_it_no_better_known_to_another() -> None:
    """`days_past_due: {}` asks that the age be known; it is, whether or not another rule draws a line."""
    known, excused = facts(of=subject(days_past_due=12)), When(days_past_due=Range())
    rule = Prerequisite(id="house/a", kind="prerequisite", unless=excused, notice=NoticeKind.outsourcing, **SAID)
    stage = daytime("house/b", when=When(days_past_due=Range(min=31)))

    assert decide(everywhere(rule), known, NIGHT).effect is Effect.allow
    assert decide(everywhere(rule, stage), known, NIGHT).effect is Effect.allow


def test_a_rule_that_is_asked_later_than_another_waits_for_the_end_of_its_term_and_no_longer() -> None:
    """The hours end with the day; a place held tomorrow keeps the other rule waiting until the day after."""
    held = contact(MORNING, None)
    per_day = Cap(id="house/b", kind="cap", limit=1, days=1, per=(Per.party,), counts=(Outcome.sent,), **SAID)
    book = everywhere(daytime("house/a", effective_to=date(2026, 11, 23)), per_day)

    assert decide(book, facts(held), NIGHT).not_before == parse_instant("2026-11-25T00:00:00+08:00")
