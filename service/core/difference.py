"""
What another book would change: packs and rules that come and go, and each parameter that has another value.

It compares what the books say, not how their files are written. What a change would have done to
people is asked of `flows.replay`.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, TypeVar

from .calendars import Calendar
from .plain import flat
from .policy import Book, Pack, Rule

T = TypeVar("T", Pack, Rule)


class Parameter(NamedTuple):
    """One value that is another; None where it is absent. `name` is dotted, as in `when.channel`."""

    name: str
    old: Any
    new: Any


class RuleChanged(NamedTuple):
    id: str
    kind: str
    parameters: tuple[Parameter, ...]


class PackChanged(NamedTuple):
    """`parameters`: of its head, such as its jurisdictions."""

    id: str
    parameters: tuple[Parameter, ...]
    added: tuple[Rule, ...]
    removed: tuple[Rule, ...]
    changed: tuple[RuleChanged, ...]


class Difference(NamedTuple):
    """From `old` to `new`; `parameters` are those of calendars, each day that is otherwise among them."""

    old: Book
    new: Book
    parameters: tuple[Parameter, ...]
    added: tuple[Pack, ...]
    removed: tuple[Pack, ...]
    changed: tuple[PackChanged, ...]

    @property
    def none(self) -> bool:
        """True if the two say the same."""
        return not (self.parameters or self.added or self.removed or self.changed)


def difference(old: Book, new: Book) -> Difference:
    """Compare two books, pack by pack and rule by rule."""
    before, after = _by_id(old.packs), _by_id(new.packs)
    kept = [(before[name], after[name]) for name in before if name in after]
    return Difference(
        old=old,
        new=new,
        parameters=_calendars(old, new),
        added=_only(after, before),
        removed=_only(before, after),
        changed=tuple(_pack(was, now) for was, now in kept if was != now),
    )


def _pack(was: Pack, now: Pack) -> PackChanged:
    before, after = _by_id(was.rules), _by_id(now.rules)
    kept = [(before[name], after[name]) for name in before if name in after]
    return PackChanged(
        id=now.id,
        parameters=_parameters(flat(was, without=("rules",)), flat(now, without=("rules",))),
        added=_only(after, before),
        removed=_only(before, after),
        changed=tuple(
            RuleChanged(one.id, one.kind, _parameters(flat(each), flat(one))) for each, one in kept if each != one
        ),
    )


def _calendars(old: Book, new: Book) -> tuple[Parameter, ...]:
    """Calendars that come and go in a line, and what is otherwise in those that both have."""
    found: list[Parameter] = []
    for name in sorted(old.calendar.keys() | new.calendar.keys()):
        was, now = old.calendar.get(name), new.calendar.get(name)
        if was is None or now is None:
            found.append(Parameter(f"calendars.{name}", _until(was), _until(now)))
        elif was != now:
            found += _parameters(_days(was), _days(now))
    return tuple(found)


def _until(calendar: Calendar | None) -> str | None:
    return f"confirmed until {calendar.confirmed_until}" if calendar else None


def _days(calendar: Calendar) -> dict[str, Any]:
    head = flat(calendar, without=("id", "days"))
    days = {day.on.isoformat(): [day.kind.value, *day.classes, day.name.en] for day in calendar.days}
    return {f"calendars.{calendar.id}.{name}": value for name, value in (head | days).items()}


def _by_id(items: Iterable[T]) -> dict[str, T]:
    return {item.id: item for item in items}


def _only(here: Mapping[str, T], there: Mapping[str, T]) -> tuple[T, ...]:
    return tuple(item for name, item in here.items() if name not in there)


def _parameters(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Parameter, ...]:
    names = [*old, *(name for name in new if name not in old)]
    return tuple(Parameter(name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name))
