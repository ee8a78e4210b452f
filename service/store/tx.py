"""
`Tx`: the meant operations inside one transaction, the same body for both stores (decision 0005).

It runs over a synchronous Core connection: SQLite's in the writer thread, PostgreSQL's under
`run_sync`. It begins and ends nothing itself. What the two stores do differently is the gate, which the
single writer of SQLite makes needless and `store.postgres` overrides.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import BigInteger, Connection, Table, and_, asc, bindparam, func, literal_column, select, update

from service.core.errors import NotFound
from service.core.facts import Block, Contact
from service.core.model import Instant
from service.flows.ports import EntryFilter, Row, Standing

from . import known, reads, work
from .statement import Statement, among, check_columns, insert_rows
from .tables import TABLES

R = TypeVar("R")


class Tx:
    """One open transaction. All or nothing, and not to be used after the body has returned."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def gate(self, keys: Iterable[str]) -> None:
        """Let nobody else decide about these keys until this transaction ends: the single writer sees to it."""

    def apart(self, body: Callable[[], R]) -> R | Exception:
        """Run `body` under a savepoint; what it raises undoes its own work alone, and is returned."""
        self.connection.exec_driver_sql("SAVEPOINT apart")
        try:
            result = body()
        except Exception as failure:
            if not self.survives(failure):
                raise
            self.connection.exec_driver_sql("ROLLBACK TO SAVEPOINT apart")
            self.connection.exec_driver_sql("RELEASE SAVEPOINT apart")
            return failure
        self.connection.exec_driver_sql("RELEASE SAVEPOINT apart")
        return result

    def survives(self, failure: Exception) -> bool:
        """Whether the transaction can go on after `failure`, once the savepoint is rolled back."""
        raise NotImplementedError

    # --- the book

    def book_in_force(self, now: Instant) -> str | None:
        """The digest of the book that two principals made active and whose date has come, the latest of them."""
        return _BOOK_IN_FORCE.run(self.connection, now=now).scalar()

    def book_text(self, sha256: str) -> bytes:
        text: bytes | None = _BOOK_TEXT.run(self.connection, sha256=sha256).scalar()
        if text is None:
            raise NotFound("no book of this digest is stored")
        return text

    # --- who and what

    def references(self, pairs: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Row]:
        """The requests already known by (client, reference)."""
        named: dict[str, list[str]] = {}
        for client, reference in pairs:
            named.setdefault(client, []).append(reference)
        return {
            (client, row["reference"]): row
            for client, references in named.items()
            for row in _REFERENCES.dicts(self.connection, client=client, references=references)
        }

    def parties(self, ids: Sequence[str]) -> dict[str, Row]:
        """Parties by the lender's id."""
        return {row["id"]: row for row in _PARTIES.dicts(self.connection, ids=list(ids))}

    def parties_named(self, pseudonyms: Sequence[str]) -> dict[str, Row]:
        return {row["party"]: row for row in _PARTIES_NAMED.dicts(self.connection, ids=list(pseudonyms))}

    def accounts(self, ids: Sequence[str]) -> dict[str, Row]:
        return {row["id"]: row for row in _ACCOUNTS.dicts(self.connection, ids=list(ids))}

    def account_parties(self, accounts: Sequence[str]) -> list[Row]:
        return [*_ACCOUNT_PARTIES.dicts(self.connection, ids=list(accounts))]

    # --- facts

    def history(
        self, parties: Sequence[str], accounts: Sequence[str], addresses: Sequence[str], since: Instant
    ) -> list[Contact]:
        """Held places and attempts with an outcome, of any of these, at or after `since`; each once, in no order."""
        return known.history(self.connection, parties, accounts, addresses, since)

    def standing(self, parties: Sequence[str], accounts: Sequence[str], addresses: Sequence[str]) -> Standing:
        return known.standing(self.connection, parties, accounts, addresses)

    def blocks(self) -> Sequence[Block]:
        return known.blocks(self.connection)

    # --- rows

    def add(self, table: str, rows: Sequence[Row]) -> None:
        """Insert all rows; they may name different columns, never one that does not exist."""
        insert_rows(self.connection, TABLES[table], rows, missing_only=False)

    def add_missing(self, table: str, rows: Sequence[Row]) -> None:
        """Insert the rows that clash with none that is there."""
        insert_rows(self.connection, TABLES[table], rows, missing_only=True)

    def change(self, table: str, where: Row, values: Row) -> int:
        """Set `values` in the rows where every column equals, is None, or is among a list; count them."""
        statement = _change(table, _shape(where), tuple(values))
        given = {f"new_{name}": value for name, value in values.items()}
        return statement.run(self.connection, **_bound(where), **given).rowcount

    def rows(
        self,
        table: str,
        where: Row,
        *,
        order: Sequence[str] = (),
        limit: int | None = None,
        after: tuple[str, Any] | None = None,
    ) -> list[dict[str, Any]]:
        """The rows where every column equals, is None, or is among a list; with `after`, beyond (column, value)."""
        statement = _rows(table, _shape(where), tuple(order), limit is not None, after and after[0])
        bound = _bound(where)
        if limit is not None:
            bound["row_limit"] = limit
        if after is not None:
            bound["after"] = after[1]
        return statement.dicts(self.connection, **bound)

    def counts(self, table: str, where: Row, by: str) -> dict[str, int]:
        """How many rows, among those `where` describes, have each value of a column."""
        return dict(_counts(table, _shape(where), by).tuples(self.connection, **_bound(where)))

    def due(self, table: str, column: str, now: Instant, where: Row, *, limit: int) -> list[dict[str, Any]]:
        """The rows, among those `where` describes, whose instant in `column` has come; the longest due first."""
        statement = _due(table, column, _shape(where))
        return statement.dicts(self.connection, **_bound(where), due_at_latest=now, row_limit=limit)

    # --- work

    def claim(
        self, now: Instant, limit: int, owner: str, lease_until: Instant, without: Iterable[str] = ()
    ) -> list[dict[str, Any]]:
        """Lease up to `limit` due requests to `owner`: high priority first, then the longest due; some channels not."""
        return work.claim(self.connection, now, limit, owner, lease_until, without)

    def lease(self, name: str, owner: str, now: Instant, until: Instant) -> bool:
        """Take or prolong a named lease if it is free, run out or one's own."""
        return work.lease(self.connection, name, owner, now, until)

    def number_entries(self, limit: int) -> int:
        """Give committed entries their dense index; only under the lease `numbering`, in the same transaction."""
        return work.number_entries(self.connection, limit)

    # --- the officer

    def entries_head(self) -> int:
        """The highest index given to an entry; -1 before the first."""
        return reads.head(self.connection)

    def entries(self, wanted: EntryFilter, after: int, limit: int, until: int | None = None) -> list[dict[str, Any]]:
        """Numbered entries that match, by index, after one index and up to another."""
        return reads.entries(self.connection, wanted, after, limit, until)

    def entry_bounds(self, since: Instant | None, until: Instant | None) -> tuple[int, int | None]:
        """The indexes after which, and up to which, whatever was written within these instants stands."""
        return reads.bounds(self.connection, since, until)

    def newest_entry_at(self) -> Instant | None:
        """When the latest entry was written, by the clock of who wrote it."""
        return _NEWEST_ENTRY.run(self.connection).scalar()


# --- fixed statements ----------------------------------------------------------------------------------------------


def _with(table: str, column: str) -> Statement:
    return Statement(select(TABLES[table]).where(among(TABLES[table].c[column], "ids")))


def _book_in_force() -> Statement:
    table = TABLES["activations"]
    in_force = select(table.c.sha256).where(
        table.c.activated_at.is_not(None), table.c.effective_at <= bindparam("now", type_=BigInteger)
    )
    latest_first = (table.c.effective_at.desc(), table.c.activated_at.desc(), table.c.id.desc())
    return Statement(in_force.order_by(*latest_first).limit(1))


def _references() -> Statement:
    table = TABLES["requests"]
    client = table.c.client == bindparam("client", type_=table.c.client.type)
    return Statement(select(table).where(client, among(table.c.reference, "references")))


_BOOK_IN_FORCE = _book_in_force()
_BOOK_TEXT = Statement(select(TABLES["books"].c.text).where(TABLES["books"].c.sha256 == bindparam("sha256")))
_REFERENCES = _references()
_PARTIES = _with("parties", "id")
_PARTIES_NAMED = _with("parties", "party")
_ACCOUNTS = _with("accounts", "id")
_ACCOUNT_PARTIES = _with("account_parties", "account")
_NEWEST_ENTRY = Statement(select(TABLES["entries"].c.at).order_by(TABLES["entries"].c.id.desc()).limit(1))


# --- statements by shape -------------------------------------------------------------------------------------------

Shape = tuple[tuple[str, str], ...]


def _shape(where: Row) -> Shape:
    """Which columns are compared, and how: the part of a condition that decides the statement's text."""
    return tuple((name, _comparison(value)) for name, value in where.items())


def _comparison(value: Any) -> str:
    if value is None:
        return "null"
    return "among" if isinstance(value, list | tuple | set | frozenset) else "equal"


def _bound(where: Row) -> dict[str, Any]:
    return {
        f"is_{name}": list(value) if _comparison(value) == "among" else value
        for name, value in where.items()
        if value is not None
    }


def _condition(table: Table, shape: Shape) -> Any:
    check_columns(table, (name for name, _ in shape))
    return and_(literal_column("1 = 1"), *(_compared(table.c[name], how) for name, how in shape))


def _compared(column: Any, how: str) -> Any:
    name = f"is_{column.name}"
    match how:
        case "null":
            return column.is_(None)
        case "among":
            return among(column, name)
        case _:
            return column == bindparam(name, type_=column.type)


@lru_cache(maxsize=512)
def _change(table: str, shape: Shape, columns: tuple[str, ...]) -> Statement:
    target = TABLES[table]
    check_columns(target, columns)
    values: Mapping[str, Any] = {name: bindparam(f"new_{name}", type_=target.c[name].type) for name in columns}
    return Statement(update(target).where(_condition(target, shape)).values(values))


@lru_cache(maxsize=512)
def _rows(table: str, shape: Shape, order: tuple[str, ...], limited: bool, after: str | None) -> Statement:
    source = TABLES[table]
    check_columns(source, [*order, *([after] if after else [])])
    found = select(source).where(_condition(source, shape)).order_by(*(source.c[name] for name in order))
    if after:
        found = found.where(source.c[after] > bindparam("after", type_=source.c[after].type))
    return Statement(found.limit(bindparam("row_limit", type_=BigInteger)) if limited else found)


@lru_cache(maxsize=64)
def _counts(table: str, shape: Shape, by: str) -> Statement:
    source = TABLES[table]
    check_columns(source, [by])
    return Statement(select(source.c[by], func.count()).where(_condition(source, shape)).group_by(source.c[by]))


@lru_cache(maxsize=128)
def _due(table: str, column: str, shape: Shape) -> Statement:
    source = TABLES[table]
    check_columns(source, [column])
    instant = source.c[column]
    come = and_(instant <= bindparam("due_at_latest", type_=BigInteger), _condition(source, shape))
    return Statement(select(source).where(come).order_by(asc(instant)).limit(bindparam("row_limit", type_=BigInteger)))
