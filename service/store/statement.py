"""
Core statements, compiled once for each dialect and run by the driver as they are.

SQLAlchemy's per-call work (cache keys, bind processing) costs more than SQLite takes to answer, so a
statement is kept as text with the order of its parameters. That is safe because the tables use only
text, integers and bytes, which need no conversion on either side. A list of any length is one bind.
"""

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
        dialect = connection.dialect
        sql, order, constants = self._compiled.get(dialect.name) or self._compile(dialect)
        bound = {**constants, **values}
        if dialect.name == "sqlite":
            parameters = tuple([_as_json(bound[name]) for name in order])
        else:
            parameters = tuple([bound[name] for name in order])
        return connection.exec_driver_sql(sql, parameters)

    def dicts(self, connection: Connection, **values: Any) -> list[dict[str, Any]]:
        result = self.run(connection, **values)
        names = tuple(result.keys())
        return [dict(zip(names, row, strict=True)) for row in _raw(result)]

    def tuples(self, connection: Connection, **values: Any) -> list[tuple[Any, ...]]:
        """The rows as the driver gives them: SQLAlchemy's own cost as much again as fetching them."""
        return _raw(self.run(connection, **values))

    def _compile(self, dialect: Dialect) -> tuple[str, list[str], dict[str, Any]]:
        compiled = self._core.compile(dialect=dialect)  # type: ignore[attr-defined]
        order: list[str] = list(compiled.positiontup)
        constants = {name: value for name, value in compiled.params.items() if value is not None}
        self._compiled[dialect.name] = found = str(compiled), order, constants
        return found


def _raw(result: "CursorResult[*tuple[Any, ...]]") -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = result.cursor.fetchall()  # type: ignore[assignment]
    result.close()
    return rows


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], *, missing_only: bool) -> None:
    """Insert rows, which may name different columns; an unknown column is refused."""
    alike: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
    for row in rows:
        alike.setdefault(tuple(row), []).append(tuple(row.values()))
    for columns, values in alike.items():
        connection.exec_driver_sql(_insert_sql(table, columns, connection.dialect.name, missing_only), values)


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
