"""How a column, a constraint and an index of the tables are written; the names that both dialects share."""

from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, LargeBinary, Text
from sqlalchemy import text as sql
from sqlmodel import Field, SQLModel

# Every constraint has a name, the same in both dialects, so that a later migration can speak of it.
SQLModel.metadata.naming_convention = {
    "pk": "%(table_name)s_pk",
    "uq": "%(table_name)s_%(column_0_N_name)s_once",
    "ck": "%(table_name)s_%(constraint_name)s",
}


def one_of(column: str, values: Any) -> CheckConstraint:
    """The closed set as a table constraint, so that an impossible row cannot exist."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def index_where(condition: str, name: str, *columns: str, unique: bool = False) -> Index:
    """An index of some rows alone; mostly of the few still of interest, so that it stays small as the table grows."""
    where = sql(condition)
    return Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)


def text(**kwargs: Any) -> Any:
    return Field(sa_column=Column(Text, nullable=False, **kwargs))


def text_or_none(**kwargs: Any) -> Any:
    return Field(default=None, sa_column=Column(Text, nullable=True, **kwargs))


def instant(**kwargs: Any) -> Any:
    return Field(sa_column=Column(BigInteger, nullable=False, **kwargs))


def instant_or_none(**kwargs: Any) -> Any:
    return Field(default=None, sa_column=Column(BigInteger, nullable=True, **kwargs))


def number_or_none() -> Any:
    return Field(default=None, sa_column=Column(Integer, nullable=True))


def bytes_or_none() -> Any:
    return Field(default=None, sa_column=Column(LargeBinary, nullable=True))
