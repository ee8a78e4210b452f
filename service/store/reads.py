"""
The officer's questions, read-only, over numbered entries alone.

Indexes are dense and given in commit-safe order, so a page once read never changes and a cursor
never misses an entry.
"""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select

from service.core.model import HOUR, Instant
from service.flows.ports import RECEIVED, EntryFilter

from .tables import EntryRow

_ENTRIES = EntryRow.__table__  # type: ignore[attr-defined]
_EQUAL = ("kind", "client", "request", "party", "account", "address", "channel", "effect", "state", "actor")


def head(connection: Connection) -> int:
    """The highest index given; -1 before the first."""
    # The condition is that of the index; without it the whole table would be read.
    numbered = _ENTRIES.c.index.is_not(None)
    highest: int | None = connection.execute(select(func.max(_ENTRIES.c.index)).where(numbered)).scalar()
    return -1 if highest is None else highest


def entries(
    connection: Connection, wanted: EntryFilter, after: int, limit: int, until: int | None
) -> list[dict[str, Any]]:
    """Numbered entries that match, by index, from the one after `after` up to `until`."""
    query: Select[Any] = select(_ENTRIES).where(_ENTRIES.c.index > after, *_conditions(wanted))
    if until is not None:
        query = query.where(_ENTRIES.c.index <= until)
    found = connection.execute(query.order_by(_ENTRIES.c.index).limit(limit))
    names = tuple(found.keys())
    return [dict(zip(names, row, strict=True)) for row in found.all()]


def bounds(connection: Connection, since: Instant | None, until: Instant | None) -> tuple[int, int | None]:
    """
    The indexes after which, and up to which, whatever was written from `since` to `until` stands.

    Wider than need be: indexes are given in the order of commits, and an entry is committed seconds after
    the instant that it and its id bear. An hour is more than any transaction lasts.
    """
    numbered = select(_ENTRIES.c.index).where(_ENTRIES.c.index.is_not(None))
    before = numbered.where(_ENTRIES.c.id < _first_id((since or 0) - HOUR)).order_by(_ENTRIES.c.id.desc()).limit(1)
    beyond = numbered.where(_ENTRIES.c.id >= _first_id((until or 0) + HOUR)).order_by(_ENTRIES.c.id).limit(1)
    after: int | None = connection.execute(before).scalar() if since is not None else None
    upto: int | None = connection.execute(beyond).scalar() if until is not None else None
    return -1 if after is None else after, upto


def _conditions(wanted: EntryFilter) -> list[ColumnElement[bool]]:
    given = wanted._asdict()
    conditions = [_ENTRIES.c[name] == given[name] for name in _EQUAL if given[name] is not None]
    if wanted.rule is not None:
        # `rules` is `|a|b|`; a rule id has no wildcard character but `_`, which is escaped.
        conditions.append(_ENTRIES.c.rules.contains(f"|{wanted.rule}|", autoescape=True))
    if wanted.moved:
        state = and_(_ENTRIES.c.request.is_not(None), _ENTRIES.c.state.is_not(None))
        conditions.append(or_(state, _ENTRIES.c.kind == RECEIVED))
    if wanted.decided:
        conditions += [_ENTRIES.c.request.is_not(None), _ENTRIES.c.effect.is_not(None)]
    if wanted.since is not None:
        conditions.append(_ENTRIES.c.at >= wanted.since)
    if wanted.until is not None:
        conditions.append(_ENTRIES.c.at < wanted.until)
    return conditions


def _first_id(at: int) -> str:
    """No id of an entry written at or after `at` is less; `flows.kit.Ids` makes them, of 14 digits."""
    return f"e_{min(max(at, 0), 16**14 - 1):014x}"
