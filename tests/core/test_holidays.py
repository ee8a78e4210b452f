"""Holidays: where they begin and end, what holds on them, and what is answered beyond what is known."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.calendars import Calendar, CalendarDay, DayKind
from service.core.civil import format_instant, local_date, parse_instant
from service.core.decide import Decision, decide
from service.core.facts import Consent, Window
from service.core.model import DAY, HOUR, SECOND, ActorRole, Confidence, ConsentKind, Effect, Force, Instant
from service.core.opening import Holidays, Opening, first_open
from service.core.policy import Book, Explain, Pack
from service.core.rule import HORIZON, Rule
from service.core.rules.hours import ContactWindow
from service.core.rules.occasion import Occasion
from service.core.rules.windows import HolidayHours, Hours
from tests.core.cases import DEBTOR, facts, shipped, subject

SAID: dict[str, Any] = {
    "citation": "a test",
    "force": Force.house,
    "confidence": Confidence.primary,
    "explain": Explain(en="No.", zh="不。"),
}
ZONES = ("Asia/Shanghai", "America/New_York", "Europe/London", "Australia/Sydney", "Asia/Tokyo")


def day(on: date, kind: DayKind = DayKind.holiday, *classes: str) -> CalendarDay:
    return CalendarDay(on=on, kind=kind, classes=classes or ("public",), name=Explain(en="Feast", zh="节"))


def calendar(*days: CalendarDay, until: date = date(2026, 12, 31), since: date = date(2026, 1, 1)) -> Calendar:
    ordered = tuple(sorted(days, key=lambda each: each.on))
    return Calendar(id="c", title=Explain(en="c", zh="c"), known_from=since, confirmed_until=until, days=ordered)


FEASTS = calendar(
    day(date(2026, 11, 24)),
    day(date(2026, 11, 25), DayKind.holiday, "mourning"),
    day(date(2026, 11, 28), DayKind.workday),
)


def hours(holidays: HolidayHours, *, quiet: bool = False, **more: Any) -> ContactWindow:
    window = Hours(from_="21:00", to="08:00") if quiet else Hours(from_="08:00", to="21:00")
    side = {"quiet": (window,)} if quiet else {"open": (window,)}
    return ContactWindow(id="t/hours", kind="contact_window", holidays=holidays, **side, **{**SAID, **more})


def ask(rule: Rule, at: str, known: Calendar = FEASTS, zone: str = "Asia/Shanghai", **more: Any) -> Decision:
    pack = Pack(id="t", title=Explain(en="t", zh="t"), jurisdictions=("CN",), rules=(rule,))
    book = Book(packs=(pack,), calendars=(known,), sha256="0", label="t")
    return decide(book, facts(zones=(zone,), **more), parse_instant(at))


def opens(decision: Decision, zone: str = "Asia/Shanghai") -> str:
    assert decision.effect in (Effect.allow, Effect.defer), decision.reason
    return format_instant(decision.not_before or decision.at, zone)


@pytest.mark.parametrize("quiet", [False, True])
@pytest.mark.parametrize(
    ("at", "opening"),
    [
        ("2026-11-23T20:59:59+08:00", "2026-11-23T20:59:59+08:00"),
        ("2026-11-23T21:00:00+08:00", "2026-11-24T10:00:00+08:00"),
        ("2026-11-24T09:59:59+08:00", "2026-11-24T10:00:00+08:00"),
        ("2026-11-24T11:59:59+08:00", "2026-11-24T11:59:59+08:00"),
        ("2026-11-24T12:00:00+08:00", "2026-11-25T10:00:00+08:00"),
        ("2026-11-25T12:00:00+08:00", "2026-11-26T08:00:00+08:00"),
        ("2026-11-28T08:00:00+08:00", "2026-11-28T08:00:00+08:00"),
    ],
)
def test_on_a_holiday_its_own_hours_hold(quiet: bool, at: str, opening: str) -> None:
    own = HolidayHours(calendar="c", open=(Hours(from_="10:00", to="12:00"),))

    assert opens(ask(hours(own, quiet=quiet), at)) == opening


def test_a_holiday_without_hours_is_closed_from_midnight_to_midnight() -> None:
    night = ContactWindow(
        id="t/hours",
        kind="contact_window",
        open=(Hours(from_="22:00", to="02:00"),),
        holidays=HolidayHours(calendar="c"),
        **SAID,
    )

    assert opens(ask(night, "2026-11-23T23:59:59+08:00")) == "2026-11-23T23:59:59+08:00"
    assert opens(ask(night, "2026-11-24T00:00:00+08:00")) == "2026-11-26T22:00:00+08:00"


def test_only_the_classes_that_are_named_are_holidays() -> None:
    closed = HolidayHours(calendar="c", classes=("mourning",))

    assert opens(ask(hours(closed), "2026-11-24T10:00:00+08:00")) == "2026-11-24T10:00:00+08:00"
    assert opens(ask(hours(closed), "2026-11-25T10:00:00+08:00")) == "2026-11-26T08:00:00+08:00"


@pytest.mark.parametrize(
    ("zone", "last", "first"),
    [
        # The last second before and the first after, by each zone's own midnight; some of them when clocks change.
        ("America/New_York", "2026-11-23T23:59:59-05:00", "2026-11-25T00:00:00-05:00"),
        ("Australia/Sydney", "2026-10-03T23:59:59+10:00", "2026-10-05T00:00:00+11:00"),
        ("Europe/London", "2026-10-24T23:59:59+01:00", "2026-10-26T00:00:00+00:00"),
        # Havana's midnight comes twice: the holiday lasts until the second.
        ("America/Havana", "2025-10-31T23:59:59-04:00", "2025-11-02T00:00:00-05:00"),
    ],
)
@pytest.mark.parametrize(
    "hours",
    [{"windows": [Window(127, 0, 86_400)], "quiet": False}, {"windows": [Window(127, 43_200, 43_260)], "quiet": True}],
)
def test_a_holiday_is_a_civil_day_of_the_zone(zone: str, last: str, first: str, hours: dict[str, Any]) -> None:
    holiday = local_date(zone, Instant(parse_instant(last) + SECOND))
    known = calendar(day(holiday), since=date(2025, 1, 1))
    always = Opening(**hours, holidays=Holidays(known, (), ()))

    def next_open(at: str, later: int = 0) -> str | None:
        found = first_open((zone,), always.spans, Instant(parse_instant(at) + later), 0, HORIZON)
        return None if found is None else format_instant(found, zone)

    assert next_open(last) == last
    assert next_open(last, SECOND) == first
    assert next_open(first, -SECOND) == first
    assert next_open(first) == first


def test_beyond_what_is_confirmed_the_answer_is_no_and_not_before_lies_never_there() -> None:
    closed = HolidayHours(calendar="c")
    last = ask(hours(closed), "2026-12-31T20:59:59+08:00")
    late, beyond = ask(hours(closed), "2026-12-31T21:00:00+08:00"), ask(hours(closed), "2027-01-01T12:00:00+08:00")

    assert last.effect is Effect.allow
    assert [(each.effect, each.reason, each.not_before) for each in (late, beyond)] == [
        (Effect.deny, "calendar_unconfirmed", None)
    ] * 2


def test_before_the_first_year_nothing_is_known_either() -> None:
    early = ask(hours(HolidayHours(calendar="c")), "2025-12-31T12:00:00+08:00")

    assert (early.effect, early.reason) == (Effect.deny, "calendar_unconfirmed")


def test_a_rule_without_its_calendar_refuses() -> None:
    other = Calendar(
        id="other",
        title=Explain(en="o", zh="o"),
        known_from=date(2026, 1, 1),
        confirmed_until=date(2026, 12, 31),
        days=(),
    )

    assert ask(hours(HolidayHours(calendar="c")), "2026-11-26T12:00:00+08:00", other).reason == "rule_error"


def test_an_agreed_time_is_agreed_on_holidays_too() -> None:
    agreed = Consent(DEBTOR, ConsentKind.contact_time, granted_at=Instant(0), window=Window(127, 10 * 3600, 12 * 3600))
    rule = hours(HolidayHours(calendar="c"), yields_to_consent=True)

    assert opens(ask(rule, "2026-11-24T09:00:00+08:00", consents=(agreed,))) == "2026-11-24T10:00:00+08:00"
    assert ask(rule, "2027-03-01T11:00:00+08:00", consents=(agreed,)).effect is Effect.allow


def test_a_refusal_on_a_holiday_names_it() -> None:
    said = ask(hours(HolidayHours(calendar="c")), "2026-11-24T10:00:00+08:00")

    assert said.verdicts[0].figures == {"holiday": "2026-11-24 Feast"}
    assert ask(hours(HolidayHours(calendar="c")), "2026-11-26T22:00:00+08:00").verdicts[0].figures == {}


@pytest.mark.parametrize(
    ("at", "opening"),
    [
        ("2026-11-23T23:59:59+08:00", "2026-11-23T23:59:59+08:00"),
        ("2026-11-24T00:00:00+08:00", "2026-11-26T00:00:00+08:00"),
        ("2026-11-26T00:00:00+08:00", "2026-11-26T00:00:00+08:00"),
    ],
)
def test_on_an_occasion_nobody_is_contacted(at: str, opening: str) -> None:
    said = ask(Occasion(id="t/feast", kind="occasion", calendar="c", **SAID), at)

    assert opens(said) == opening
    assert said.reason == ("" if at == opening else "occasion")


def test_an_occasion_of_one_class_lets_the_others_pass() -> None:
    rule = Occasion(id="t/feast", kind="occasion", calendar="c", classes=("mourning",), **SAID)

    assert opens(ask(rule, "2026-11-24T10:00:00+08:00")) == "2026-11-24T10:00:00+08:00"
    assert opens(ask(rule, "2026-11-25T10:00:00+08:00")) == "2026-11-26T00:00:00+08:00"
    assert ask(rule, "2027-01-01T10:00:00+08:00").reason == "calendar_unconfirmed"


quarters = st.integers(0, 95).map(lambda quarter: quarter * 900)
windows = st.builds(Window, st.integers(1, 127), quarters, quarters).filter(lambda w: w.start != w.end)
by_day = st.builds(Window, st.just(127), quarters, st.integers(1, 96).map(lambda quarter: quarter * 900)).filter(
    lambda w: w.start < w.end
)
instants = st.integers(1_775_000_000, 1_795_000_000).map(lambda second: Instant(second * SECOND))
feasts = st.sets(st.integers(0, 364).map(lambda n: date(2026, 1, 1) + timedelta(days=n)), max_size=40).map(
    lambda dates: calendar(*map(day, dates))
)


def opening(known: Calendar, open_: Window, *own: Window, quiet: bool = False) -> Opening:
    return Opening([open_], quiet=quiet, holidays=Holidays(known, (), own))


def is_open(rule: Opening, zone: str, at: int) -> bool:
    return any(start <= at < end for start, end in rule.spans(zone, at // DAY))


@given(known=feasts, usual=windows, own=by_day, zone=st.sampled_from(ZONES), at=instants, quiet=st.booleans())
def test_no_instant_is_open_outside_the_hours_of_its_day(
    known: Calendar, usual: Window, own: Window, zone: str, at: Instant, quiet: bool
) -> None:
    holiday = known.holiday(local_date(zone, at)) is not None
    rules = Opening([own], quiet=False) if holiday else Opening([usual], quiet=quiet)

    if is_open(opening(known, usual, own, quiet=quiet), zone, at):
        assert is_open(rules, zone, at)
    elif usual.start < usual.end or quiet:  # what begins on a holiday does not reach into the next day
        assert not is_open(rules, zone, at)


@given(known=feasts, usual=windows, zone=st.sampled_from(ZONES), at=instants, hold=st.integers(0, 3600))
def test_asked_again_at_the_first_opening_it_is_open(
    known: Calendar, usual: Window, zone: str, at: Instant, hold: int
) -> None:
    rule = opening(known, usual)
    found = first_open((zone,), rule.spans, at, hold * SECOND, HORIZON)

    if found is not None:
        assert first_open((zone,), rule.spans, found, hold * SECOND, HORIZON) == found
        assert known.holiday(local_date(zone, found)) is None
        assert found == at or first_open((zone,), rule.spans, Instant(found - SECOND), hold * SECOND, HORIZON) == found


@given(
    known=feasts,
    quiet=windows,
    wider=st.tuples(st.integers(0, 127), st.integers(0, 8), st.integers(0, 8)),
    zone=st.sampled_from(ZONES),
    at=instants,
    more=st.sets(st.integers(0, 364).map(lambda n: date(2026, 1, 1) + timedelta(days=n)), max_size=5),
)
def test_more_quiet_hours_and_more_holidays_never_allow_more(
    known: Calendar, quiet: Window, wider: tuple[int, int, int], zone: str, at: Instant, more: set[date]
) -> None:
    days, earlier, later = wider
    length = (quiet.end - quiet.start) % 86_400
    room = (86_400 - 900 - length) // 900
    earlier, later = min(earlier, room), min(later, room - min(earlier, room))
    widened = Window(quiet.days | days, (quiet.start - earlier * 900) % 86_400, (quiet.end + later * 900) % 86_400)
    fuller = calendar(*known.days, *(day(on) for on in more if known.holiday(on) is None))
    # A window that starts before midnight instead of after it belongs to the day before: let it hold on all days.
    widened = widened._replace(days=127) if widened.start > quiet.start else widened

    if is_open(opening(fuller, widened, quiet=True), zone, at):
        assert is_open(opening(known, quiet, quiet=True), zone, at)


@given(known=feasts, usual=windows, own=by_day, zone=st.sampled_from(ZONES), at=instants)
def test_what_is_laid_out_does_not_depend_on_where_one_stands(
    known: Calendar, usual: Window, own: Window, zone: str, at: Instant
) -> None:
    rule, fresh = opening(known, usual, own), opening(known, usual, own)
    for step in range(-3, 3):
        rule.spans(zone, at // DAY + step)

    assert [is_open(rule, zone, at + n * HOUR) for n in range(24)] == [
        is_open(fresh, zone, at + n * HOUR) for n in range(24)
    ]


PLACES = {
    "AU": ("Australia/Sydney", "Australia/Perth"),
    "CA-QC": ("America/Toronto",),
    "ID": ("Asia/Jakarta", "Asia/Jayapura"),
    "TH": ("Asia/Bangkok",),
}


@given(place=st.sampled_from(sorted(PLACES)), second=st.integers(1_767_500_000, 1_798_000_000), hold=st.integers(0, 90))
def test_where_a_law_knows_holidays_not_before_asked_again_allows(place: str, second: int, hold: int) -> None:
    book = shipped().narrowed([place.lower()])
    known = facts(of=subject(actor_role=ActorRole.agency), zones=PLACES[place], jurisdictions=(place,), preferences=())
    at = Instant(second * SECOND)
    said = decide(book, known, at, hold * SECOND)

    if said.not_before is None:
        assert said.effect is Effect.allow or said.reason == "calendar_unconfirmed"
        return
    assert decide(book, known, said.not_before, hold * SECOND).effect is Effect.allow
    for earlier in (said.not_before - SECOND, (at + said.not_before) // 2):
        assert at > earlier or decide(book, known, Instant(earlier), hold * SECOND).effect is Effect.defer
    assert all(book.calendar[place.lower()].knows(local_date(zone, said.not_before)) for zone in PLACES[place])
