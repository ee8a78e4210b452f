"""The laws of hours: nothing is allowed outside a window, as clocks on the wall tell it; and less room is less."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings

from service.core.civil import parse_instant
from service.core.decide import decide
from service.core.facts import Consent, Facts, Window
from service.core.model import ConsentKind, Effect, PreferenceKind
from service.core.policy import Book
from service.core.rule import Rule
from service.core.rules.hours import ContactWindow
from service.core.rules.occasion import Occasion
from service.core.rules.preference import PreferenceRule
from service.core.rules.windows import Hours
from tests.core.cases import DEBTOR, shipped
from tests.core.rulebook import NAMES, SAID, drawn_hours, drawn_rule, everywhere
from tests.core.situations import BASES, Chance, drawn_facts, eased
from tests.core.test_laws import Asked, chances, is_no_more_lenient, law, timely_rules

SECOND = 1_000_000
DAY = 86_400 * SECOND
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OF_HOURS = (ContactWindow, PreferenceRule, Occasion)
HOLIDAYS = {
    calendar.id: {day.on: set(day.classes) for day in calendar.days if day.kind == "holiday"}
    for calendar in shipped().calendars
}
KNOWN = {calendar.id: (calendar.known_from, calendar.confirmed_until) for calendar in shipped().calendars}


class Wall:
    """What a clock on the wall and a calendar beside it show."""

    def __init__(self, zone: str, at: int) -> None:
        local = (EPOCH + timedelta(microseconds=at)).astimezone(ZoneInfo(zone))
        self.today = local.date()
        self.passed = (local.hour * 3600 + local.minute * 60 + local.second) * SECOND + local.microsecond

    def within(self, window: Window, *, start: int = 0, end: int = 0, but_on: Iterable[date] = ()) -> bool:
        """True in the window of today or yesterday, its ends moved by some microseconds; none begins on some dates."""
        crossing = DAY if window.start > window.end else 0
        for passed, day in ((self.passed, self.today), (self.passed + DAY, self.today - timedelta(days=1))):
            if not window.days >> day.weekday() & 1 or day in but_on:
                continue
            if window.start * SECOND + start <= passed < window.end * SECOND + crossing + end:
                return True
        return False


def is_open(rule: Rule, known: Facts, zone: str, at: int) -> bool:
    wall = Wall(zone, at)
    if isinstance(rule, ContactWindow):
        return _agreed(rule, known, wall, at) or _in_hours(rule, wall)
    if isinstance(rule, Occasion):
        return _knows(rule.calendar, wall) and wall.today not in _holidays(rule.calendar, rule.classes)
    mine = [p for p in known.preferences if p.party == DEBTOR and p.channel in (known.subject.channel, None)]
    only = [p.window for p in mine if p.kind == PreferenceKind.only]
    never = any(wall.within(p.window) for p in mine if p.kind == PreferenceKind.prohibited)
    return not never and (not only or any(wall.within(window) for window in only))


def _in_hours(rule: ContactWindow, wall: Wall) -> bool:
    free: set[date] = set()
    if rule.holidays is not None:
        if not _knows(rule.holidays.calendar, wall):
            return False
        free = _holidays(rule.holidays.calendar, rule.holidays.classes)
        if wall.today in free:
            own = [hours.window for hours in rule.holidays.open]
            return any(_permits(rule, window, wall, ()) for window in own)
    if rule.open:
        return any(_permits(rule, hours.window, wall, free) for hours in rule.open)
    start, end = int(rule.start == "exclusive"), SECOND if rule.end == "inclusive" else 0
    return not any(wall.within(hours.window, start=start, end=end) for hours in rule.quiet)


def _permits(rule: ContactWindow, window: Window, wall: Wall, free: Iterable[date]) -> bool:
    start, end = SECOND if rule.start == "exclusive" else 0, int(rule.end == "inclusive")
    return wall.within(window, start=start, end=end, but_on=free)


def _agreed(rule: ContactWindow, known: Facts, wall: Wall, at: int) -> bool:
    def speaks(consent: Consent) -> bool:
        who = known.subject
        return (
            (consent.party, consent.kind) == (DEBTOR, ConsentKind.contact_time)
            and consent.channel in (who.channel, None)
            and consent.address in (who.address, None)
            and consent.given_to in (who.client, who.actor_role, None)
            and consent.granted_at <= at < (consent.expires_at or at + 1)
        )

    stand = [c.window for c in known.consents if speaks(c) and c.window is not None]
    return rule.yields_to_consent and any(wall.within(window) for window in stand)


def _knows(calendar: str, wall: Wall) -> bool:
    first, last = KNOWN[calendar]
    return first <= wall.today <= last


def _holidays(calendar: str, classes: tuple[str, ...]) -> set[date]:
    return {on for on, told in HOLIDAYS[calendar].items() if not classes or told & set(classes)}


def is_open_throughout(asked: Asked) -> bool:
    """True if the wall clocks of all zones of every rule of hours that was asked show that it is open."""
    rules = {rule.id: rule for pack in asked.book.packs for rule in pack.rules}
    held = [rules[v.rule] for v in asked.answer().verdicts if "lifted_by" not in v.figures]
    return all(
        is_open(rule, asked.known, zone, at)
        for rule in held
        if isinstance(rule, OF_HOURS)
        for zone in rule.zones_among(asked.known.zones, asked.known.further_zones)
        for at in (asked.at, asked.at + asked.hold)
    )


HOURS_THAT_SHIP = tuple(rule for pack in shipped().packs for rule in pack.rules if isinstance(rule, OF_HOURS))


@settings(law, max_examples=600)
@given(c=chances)
def test_no_allowed_instant_lies_outside_a_window(c: Chance) -> None:
    base = c.of(BASES)
    rules = [drawn_rule(c, name, *OF_HOURS, ContactWindow) for name in NAMES[: c.number(1, 3)]]
    known, hold = eased(drawn_facts(c, base, ahead=c.of((0, 6)))), c.of((0, 0, 90 * SECOND))
    asked = Asked(everywhere(*rules), known, c.when(base, 0, 2), hold)
    decision = asked.answer()

    if decision.effect is Effect.defer and decision.not_before is not None:
        asked = asked._replace(at=decision.not_before)
    if decision.effect <= Effect.defer:
        assert is_open_throughout(asked)


@settings(law, max_examples=200)
@given(c=chances)
def test_what_ships_allows_no_instant_outside_its_windows(c: Chance) -> None:
    base = c.of(BASES)
    hours = shipped_hours()
    asked = Asked(hours, eased(drawn_facts(c, base)), c.when(base, 0, 2))
    decision = asked.answer()

    if decision.effect is Effect.defer and decision.not_before is not None:
        asked = asked._replace(at=decision.not_before)
    if decision.effect <= Effect.defer:
        assert is_open_throughout(asked)


def shipped_hours() -> Book:
    """The rules of hours that ship and those that lift, each in its pack."""
    packs = [
        replace(p, rules=tuple(r for r in p.rules if isinstance(r, OF_HOURS) or r.lifts_others))
        for p in shipped().packs
    ]
    return replace(shipped(), packs=tuple(packs), _selections={}, _reaches={}, partial=True)


# Less room ------------------------------------------------------------------------------------------------------------


def narrower(c: Chance, rule: ContactWindow) -> ContactWindow:
    """The same with longer quiet hours, or shorter open ones."""
    ways = [replace(rule, yields_to_consent=False, given_to_client=False), replace(rule, reason="less")]
    if rule.quiet:
        ways += [
            replace(rule, quiet=(*rule.quiet, drawn_hours(c))),
            replace(rule, quiet=tuple(_longer(hours) for hours in rule.quiet)),
            replace(rule, end="inclusive"),
            replace(rule, start="inclusive"),
        ]
    else:
        ways += [
            replace(rule, open=rule.open[:1]),
            replace(rule, open=tuple(_shorter(hours) for hours in rule.open)),
            replace(rule, end="exclusive"),
            replace(rule, start="exclusive"),
        ]
    if rule.holidays is not None:
        ways.append(replace(rule, holidays=replace(rule.holidays, open=())))
    return c.of(ways)


def _longer(hours: Hours) -> Hours:
    """Half an hour more at the end, if the day has it."""
    hour = int(hours.to[:2])
    later = f"{hour:02}:{int(hours.to[3:]) + 30 if int(hours.to[3:]) < 30 else 59}"
    return hours if hour == 24 or later == hours.from_ or hours.to < hours.from_ <= later else replace(hours, to=later)


def _shorter(hours: Hours) -> Hours:
    """Half an hour less at the beginning, if the window is that long."""
    later = f"{hours.from_[:3]}{int(hours.from_[3:]) + 30 if int(hours.from_[3:]) < 30 else 59}"
    return hours if hours.from_ < hours.to <= later else replace(hours, from_=later)


@settings(law, max_examples=500)
@given(c=chances)
def test_longer_quiet_hours_and_shorter_open_ones_never_allow_more(c: Chance) -> None:
    base = c.of(BASES)
    known, at = eased(drawn_facts(c, base)), c.when(base, 0, 2)
    rule, others = drawn_rule(c, "house/e", ContactWindow), timely_rules(c)
    assert isinstance(rule, ContactWindow)
    wide, narrow = everywhere(rule, *others), everywhere(narrower(c, rule), *others)

    for moment in (at, c.when(base, 0, 2), c.when(base, 0, 2)):
        assert is_no_more_lenient(decide(narrow, known, moment), decide(wide, known, moment))


def test_the_oracle_knows_closed_from_open() -> None:
    """So that the law above is not kept by an oracle that always nods."""
    hours = (Hours(from_="08:00", to="21:00"),)
    rule = ContactWindow(id="house/a", kind="contact_window", open=hours, end="inclusive", **SAID)
    known = eased(drawn_facts(Chance(1), BASES[0]))
    known = replace(known, consents=())
    told = {
        hour: parse_instant(f"2026-11-23T{hour}+08:00") for hour in ("07:59:59", "08:00:00", "21:00:00", "21:00:01")
    }

    assert [is_open(rule, known, "Asia/Shanghai", at) for at in told.values()] == [False, True, True, False]
