"""
What another book would change: packs and rules that come and go, and each parameter that has another value.

It compares what the books say, not how their files are written. What a change would have done to
people is asked of `flows.replay`.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, TypeVar

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
    """From `old` to `new`; `parameters` are those of neither pack nor rule."""

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


_OF_NO_PACK = ("packs", "sha256", "label", "partial")


def difference(old: Book, new: Book) -> Difference:
    """Compare two books, pack by pack and rule by rule."""
    before, after = _by_id(old.packs), _by_id(new.packs)
    kept = [(before[name], after[name]) for name in before if name in after]
    return Difference(
        old=old,
        new=new,
        parameters=_parameters(flat(old, without=_OF_NO_PACK), flat(new, without=_OF_NO_PACK)),
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


def _by_id(items: Iterable[T]) -> dict[str, T]:
    return {item.id: item for item in items}


def _only(here: Mapping[str, T], there: Mapping[str, T]) -> tuple[T, ...]:
    return tuple(item for name, item in here.items() if name not in there)


def _parameters(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Parameter, ...]:
    names = [*old, *(name for name in new if name not in old)]
    return tuple(Parameter(name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name))
