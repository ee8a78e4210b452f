"""
Who may do what only one may do: claims of due requests, named leases, and the numbering of entries.

A claim is a lease and changes no state; when its holder dies it runs out, and another claims again.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, Connection, Text, bindparam, func, literal_column, not_, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from service.core.model import Instant, Priority

from .statement import Statement, among
from .tables import TABLES

_HIGHEST_FIRST = (Priority.high, Priority.normal, Priority.low)


def _claim(*, narrowed: bool) -> Statement:
    """The index is walked from the longest due; rows that another worker is just claiming are passed over."""
    requests, now = TABLES["requests"], bindparam("now", type_=BigInteger)
    due = (
        select(requests.c.id)
        .where(
            requests.c.priority == bindparam("priority", type_=Text),
            literal_column("send_at IS NOT NULL"),
            requests.c.send_at <= now,
            or_(requests.c.lease_until.is_(None), requests.c.lease_until <= now),
            *((not_(among(requests.c.channel, "without")),) if narrowed else ()),
        )
        .order_by(requests.c.send_at)
        .limit(bindparam("limit", type_=BigInteger))
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    claimed = update(requests).where(requests.c.id.in_(select(due.c.id)))
    leased = {"lease_owner": bindparam("owner", type_=Text), "lease_until": bindparam("until", type_=BigInteger)}
    return Statement(claimed.values(leased).returning(*requests.c))


_CLAIM = _claim(narrowed=False)
_CLAIM_NARROWED = _claim(narrowed=True)


def claim(
    connection: Connection, now: Instant, limit: int, owner: str, until: Instant, without: Iterable[str] = ()
) -> list[dict[str, Any]]:
    """Lease up to `limit` due requests to `owner`, none `without`: high priority first, then the longest due."""
    claimed: list[dict[str, Any]] = []
    given: dict[str, Any] = {"now": now, "owner": owner, "until": until}
    statement = _CLAIM
    if passed_over := list(without):
        statement, given["without"] = _CLAIM_NARROWED, passed_over
    for priority in _HIGHEST_FIRST:
        if room := limit - len(claimed):
            rows = statement.dicts(connection, priority=priority, limit=room, **given)
            claimed += sorted(rows, key=lambda row: (row["send_at"], row["id"]))
    return claimed


def _lease() -> Statement:
    leases = TABLES["leases"]
    given = {column.name: bindparam(column.name, type_=column.type) for column in leases.c}
    wanted = insert(leases).values(given)
    return Statement(
        wanted.on_conflict_do_update(
            index_elements=[leases.c.name],
            set_={"owner": wanted.excluded.owner, "until": wanted.excluded.until},
            where=or_(leases.c.owner == wanted.excluded.owner, leases.c.until <= bindparam("now", type_=BigInteger)),
        )
    )


_LEASE = _lease()


def lease(connection: Connection, name: str, owner: str, now: Instant, until: Instant) -> bool:
    """Take or prolong a lease if it is free, run out or one's own; until the commit nobody else can."""
    return _LEASE.run(connection, name=name, owner=owner, until=until, now=now).rowcount == 1


class written(FunctionElement[int]):  # noqa: N801
    """
    When a row was written, as the store knows it; ids tell the order only as far as clocks agree.

    PostgreSQL numbers a transaction at its first write. Who waited at the gate writes after whoever it waited for has
    committed, so that of two entries about one thing the later has the higher number; `age` counts back from now.
    """

    type = BigInteger()
    inherit_cache = True


@compiles(written)
def _by_transaction(element: written, compiler: SQLCompiler, **kwargs: Any) -> str:
    return "-age(entries.xmin)"


@compiles(written, "sqlite")
def _by_id(element: written, compiler: SQLCompiler, **kwargs: Any) -> str:
    """The one writer reads its clock within the transaction: its ids are in order."""
    return compiler.process(element.clauses, **kwargs)


def _number() -> Statement:
    """
    The next indexes for committed entries that have none. Whoever runs it holds the lease `numbering` in the same
    transaction, so that the highest index it sees is the highest there is.
    """
    entries = TABLES["entries"]
    when = written(entries.c.id)
    unnumbered = select(entries.c.id, when.label("written")).where(literal_column('"index" IS NULL'))
    first = unnumbered.order_by(when, entries.c.id).limit(bindparam("limit", type_=BigInteger)).subquery()
    numbered = select(func.coalesce(func.max(entries.c.index), literal_column("-1")))
    highest = numbered.where(entries.c.index.is_not(None)).scalar_subquery()
    place = func.row_number().over(order_by=(first.c.written, first.c.id))
    # Not a CTE: sqlite3 counts the rows of an UPDATE only if the statement begins with that word.
    fresh = select(first.c.id, (highest + place).label("place")).subquery("fresh")
    return Statement(update(entries).values(index=fresh.c.place).where(entries.c.id == fresh.c.id))


_NUMBER = _number()


def number_entries(connection: Connection, limit: int) -> int:
    """Give up to `limit` entries their index, in the order they were written in, without a gap from 0; count them."""
    return _NUMBER.run(connection, limit=limit).rowcount
