"""Rules drawn at random: every kind with parameters that fit it, and every rule that ships; and books of them."""

from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass, replace
from datetime import date
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from service.core.kinds import KINDS
from service.core.model import Confidence, Force, Outcome
from service.core.policy import Book, Pack
from service.core.rule import Explain, Flawed, Lifting, Range, Rule
from service.core.rules.content import Phrase
from service.core.rules.windows import HolidayHours, Hours
from tests.core.cases import shipped
from tests.core.situations import Chance

SHIPPED = tuple(rule for pack in shipped().packs for rule in pack.rules)
ORDINARY = tuple(kind for kind in KINDS if not issubclass(kind, Lifting))
SAID: dict[str, Any] = {
    "citation": "a test",
    "force": Force.house,
    "confidence": Confidence.primary,
    "explain": Explain(en="No.", zh="不。"),
}
NAMES = ("house/a", "house/b", "house/c", "house/d")
_CLOCKS = ("00:00", "01:30", "02:30", "08:00", "09:00", "12:00", "17:00", "20:00", "21:00", "22:00")
_DAYS = ("mon-sun", "mon-sun", "mon-fri", "sat,sun", "fri")
_CALENDARS = tuple(calendar.id for calendar in shipped().calendars)
_RARE = {"when", "unless", "zone", "zones", "also_zone", "effective_from", "effective_to", "severity"}


def drawn_hours(c: Chance) -> Hours:
    start, end = c.some(_CLOCKS, 2, 2)
    return Hours(days=c.of(_DAYS), from_=start, to=end)


def _holiday_hours(c: Chance) -> HolidayHours:
    return HolidayHours(calendar=c.of(_CALENDARS), open=c.of(((), (Hours(from_="10:00", to="16:00"),))))


_BY_TYPE: dict[Any, Callable[[Chance], Any]] = {
    bool: lambda c: c.once_in(2),
    int: lambda c: c.number(1, 60),
    Hours: drawn_hours,
    HolidayHours: _holiday_hours,
    Range: lambda c: Range(min=c.maybe((0, 16, 31)), max=c.maybe((45, 90))),
    Phrase: lambda c: c.of(
        (Phrase(name="bank", words=("Example Bank", "示例农商行")), Phrase(name="offer", words=("offer", "优惠")))
    ),
}
_BY_NAME: dict[str, Callable[[Chance], Any]] = {
    "limit": lambda c: c.number(1, 4),
    "days": lambda c: c.number(1, 9),
    "within_days": lambda c: c.number(1, 9),
    "max_days": lambda c: c.number(1, 9),
    "replies_within_days": lambda c: c.number(1, 9),
    "hours": lambda c: c.number(1, 72),
    "rolling_hours": lambda c: c.number(1, 90),
    "minutes": lambda c: c.number(1, 600),
    "zone": lambda c: c.of(("Asia/Shanghai", "America/New_York", "Australia/Lord_Howe")),
    "also_zone": lambda c: c.of(("America/Chicago", "Pacific/Chatham")),
    "effective_from": lambda c: c.of((date(2026, 3, 9), date(2026, 11, 2), date(2026, 11, 24))),
    "effective_to": lambda c: c.of((date(2026, 3, 9), date(2026, 11, 1), date(2026, 11, 25), date(2026, 12, 31))),
    "classes": lambda c: (),
    "register": lambda c: "in-dlt",
    "suffixes": lambda c: ("-S",),
    "product": lambda c: ("credit_card",),
    "jurisdiction": lambda c: c.of((("US",), ("CN",))),
    "words": lambda c: ("stop", "退订"),
    "required": lambda c: ("bank",),
    "reason": lambda c: "no",
    "url": lambda c: None,
    "outcomes": lambda c: c.some(Outcome, 1, 4),
    "counts": lambda c: c.some(Outcome, 3, 14),
    "after": lambda c: c.some(Outcome, 1, 4),
    "lifts": lambda c: c.some(NAMES, 1, 4),
}
_ONE_OF = {
    "Cap": ("days", "rolling_hours", "calendar", "lifetime"),
    "Interval": ("days", "hours", "minutes"),
    "Cooldown": ("days", "hours"),
    "ContactWindow": ("quiet", "open"),
    "Prerequisite": ("notice", "any_of"),
    "Exemption": ("consent", "by_request"),
}
"""Of these parameters a rule has exactly one."""


def _value(c: Chance, name: str, hint: Any) -> Any:
    options = [option for option in get_args(hint) if option is not NoneType]
    if get_origin(hint) in (Union, UnionType):
        return _value(c, name, c.of(options))
    if get_origin(hint) is Literal:
        if name == "after":
            return "first_contact"
        return c.of(options)
    if name in _BY_NAME and hint is not bool:
        return _BY_NAME[name](c)
    if get_origin(hint) is tuple:
        return tuple(dict.fromkeys(_value(c, name, options[0]) for _ in range(c.number(1, 3))))
    if hint in _BY_TYPE:
        return _BY_TYPE[hint](c)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return c.of(hint)
    if is_dataclass(hint):
        return _made(c, hint)
    assert name == "calendar", f"{name}: {hint}"
    return c.of(_CALENDARS)


def _made(c: Chance, made: Any, /, **said: Any) -> Any:
    """A dataclass: what has a default is given now and then, what excludes another never with it."""
    hints, single = get_type_hints(made), _ONE_OF.get(made.__name__, ())
    while True:
        given = {}
        for each in fields(made):
            if each.name in said or each.name in single:
                continue
            optional = each.default is not MISSING or each.default_factory is not MISSING
            if not optional or c.once_in(6 if each.name in _RARE else 3):
                given[each.name] = _value(c, each.name, hints[each.name])
        if single:
            name = c.of(single)
            given[name] = True if hints[name] is bool else _value(c, name, hints[name])
        try:
            return made(**given, **said)
        except Flawed:
            continue


def rule_of(c: Chance, kind: type[Rule], name: str = "house/a") -> Rule:
    """A rule of this kind."""
    word = get_args(get_type_hints(kind)["kind"])[0]
    rule: Rule = _made(c, kind, id=name, kind=word, **SAID)
    return rule


def drawn_rule(c: Chance, name: str, *kinds: type[Rule]) -> Rule:
    """A rule of any of the kinds, or one of these that ships."""
    kind = c.of(kinds)
    ships = [rule for rule in SHIPPED if isinstance(rule, kind)]
    return replace(c.of(ships), id=name) if ships and c.once_in(3) else rule_of(c, kind, name)


def everywhere(*rules: Rule) -> Book:
    """A book of these rules, which bind in every place."""
    pack = Pack(id="house", title=Explain(en="t", zh="t"), rules=rules)
    return Book(packs=(pack,), calendars=shipped().calendars, sha256="0" * 64, label="t", partial=True)
