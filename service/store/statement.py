"""
Core statements, compiled once for each dialect and run by the driver as they are.

SQLAlchemy's per-call work (cache keys, bind processing) costs more than SQLite takes to answer, so a
statement is kept as text with the order of its parameters. That is safe because the tables use only
text, integers and bytes, which need no conversion on either side. A list of any length is one bind.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import orjson
from sqlalchemy import Connection, CursorResult, Dialect, Executable, Integer, Table, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.functions import FunctionElement


class among(FunctionElement[int]):  # noqa: N801
    """`column` is one of the values bound under `name`; the list is one parameter, however long."""

    # Not Boolean: for SQLite that would be written `... = 1`, which no index serves.
    type = Integer()
    inherit_cache = True

    def __init__(self, column: ColumnElement[Any], name: str) -> None:
        super().__init__(column, bindparam(name, type_=ARRAY(column.type)))


@compiles(among)
def _any_of_array(element: among, compiler: SQLCompiler, **kwargs: Any) -> str:
    column, values = element.clauses
    return f"{compiler.process(column, **kwargs)} = ANY({compiler.process(values, **kwargs)})"


@compiles(among, "sqlite")
def _in_json(element: among, compiler: SQLCompiler, **kwargs: Any) -> str:
    column, values = element.clauses
    listed = f"(SELECT value FROM json_each({compiler.process(values, **kwargs)}))"  # noqa: S608
    return f"{compiler.process(column, **kwargs)} IN {listed}"


class Statement:
    """A Core statement that is compiled when first run; parameters are given by name."""

    def __init__(self, core: Executable) -> None:
        self._core = core
        self._compiled: dict[str, tuple[str, list[str], dict[str, Any]]] = {}

    def run(self, connection: Connection, **values: Any) -> "CursorResult[*tuple[Any, ...]]":
        sql, parameters = self._bound(connection.dialect, values)
        return connection.exec_driver_sql(sql, parameters)

    def dicts(self, connection: Connection, **values: Any) -> list[dict[str, Any]]:
        names, rows = self._fetched(connection, values)
        return [dict(zip(names, row, strict=True)) for row in rows]

    def tuples(self, connection: Connection, **values: Any) -> list[tuple[Any, ...]]:
        """The rows as the driver gives them."""
        return self._fetched(connection, values)[1]

    def _fetched(
        self, connection: Connection, values: Mapping[str, Any]
    ) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
        """
        All rows and the names of their columns.

        SQLite answers in a few microseconds, of which SQLAlchemy's execution would be most: its driver is asked
        directly. PostgreSQL's driver is asynchronous and is reached through SQLAlchemy alone.
        """
        sql, parameters = self._bound(connection.dialect, values)
        if connection.dialect.name == "sqlite":
            cursor = driver_of(connection).execute(sql, parameters)
            return tuple([column[0] for column in cursor.description]), cursor.fetchall()
        result = connection.exec_driver_sql(sql, parameters)
        return tuple(result.keys()), [tuple(row) for row in result.all()]

    def _bound(self, dialect: Dialect, values: Mapping[str, Any]) -> tuple[str, tuple[Any, ...]]:
        sql, order, constants = self._compiled.get(dialect.name) or self._compile(dialect)
        bound = {**constants, **values}
        if dialect.name == "sqlite":
            return sql, tuple([_as_json(bound[name]) for name in order])
        return sql, tuple([bound[name] for name in order])

    def _compile(self, dialect: Dialect) -> tuple[str, list[str], dict[str, Any]]:
        compiled = self._core.compile(dialect=dialect)  # type: ignore[attr-defined]
        order: list[str] = list(compiled.positiontup)
        constants = {name: value for name, value in compiled.params.items() if value is not None}
        self._compiled[dialect.name] = found = str(compiled), order, constants
        return found


def driver_of(connection: Connection) -> sqlite3.Connection:
    """The embedded store's own connection."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], *, missing_only: bool) -> None:
    """Insert rows, which may name different columns; an unknown column is refused."""
    alike: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
    for row in rows:
        alike.setdefault(tuple(row), []).append(tuple(row.values()))
    for columns, values in alike.items():
        sql = _insert_sql(table, columns, connection.dialect.name, missing_only)
        if connection.dialect.name == "sqlite":
            driver_of(connection).executemany(sql, values)
        else:
            connection.exec_driver_sql(sql, values)


@cache
def _insert_sql(table: Table, columns: tuple[str, ...], dialect: str, missing_only: bool) -> str:
    """Core would order the columns as the table does; in the order of the row's keys its values need no sorting."""
    check_columns(table, columns)
    names = ", ".join(f'"{name}"' for name in columns)
    marks = ", ".join("?" if dialect == "sqlite" else f"${place}" for place, _ in enumerate(columns, 1))
    # The short form of the conflict clause is the same in both dialects.
    clash = " ON CONFLICT DO NOTHING" if missing_only else ""
    return f"INSERT INTO {table.name} ({names}) VALUES ({marks}){clash}"  # noqa: S608


def check_columns(table: Table, columns: Iterable[str]) -> None:
    """Raise ValueError for a name that is no column: it becomes part of a statement."""
    if unknown := [name for name in columns if name not in table.c]:
        raise ValueError(f"{table.name} has no column {', '.join(unknown)}")


def _as_json(value: Any) -> Any:
    return orjson.dumps(value).decode() if isinstance(value, list) else value
