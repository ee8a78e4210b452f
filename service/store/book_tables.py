"""The tables of books: their text, what made them active, how they were tried, and how their decisions were watched."""

from sqlalchemy import BigInteger, Column, LargeBinary
from sqlmodel import Field, SQLModel

from . import columns


class BookRow(SQLModel, table=True):
    """The text of every book that was ever active, by digest."""

    __tablename__ = "books"
    sha256: str = columns.text(primary_key=True)
    label: str = columns.text()
    text: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class ActivationRow(SQLModel, table=True):
    """Two principals naming the same digest and date make a book active; the first stands alone."""

    __tablename__ = "activations"
    id: str = columns.text(primary_key=True)
    sha256: str = columns.text()
    effective_at: int = columns.instant()
    first_by: str = columns.text()
    second_by: str | None = columns.text_or_none()
    activated_at: int | None = columns.instant_or_none()


class ShadowRow(SQLModel, table=True):
    """A book that is tried on live traffic without effect; the decisions up to the entry `cursor` were judged by it."""

    __tablename__ = "shadows"
    __table_args__ = (columns.index_where("ended_at IS NULL", "shadows_open", "begun_at"),)
    id: str = columns.text(primary_key=True)
    sha256: str = columns.text()
    begun_at: int = columns.instant()
    begun_by: str = columns.text()
    ended_at: int | None = columns.instant_or_none()
    cursor: int = columns.instant()
    judged: int = Field(sa_column=Column(BigInteger, nullable=False))
    changed: int = Field(sa_column=Column(BigInteger, nullable=False))
    skipped: int = Field(sa_column=Column(BigInteger, nullable=False))


class ShadowCountRow(SQLModel, table=True):
    """How often a rule would have spoken otherwise under that book; the rule `*` is the decision itself."""

    __tablename__ = "shadow_counts"
    shadow: str = columns.text(primary_key=True)
    rule: str = columns.text(primary_key=True)
    was: str = columns.text(primary_key=True)
    would: str = columns.text(primary_key=True)
    number: int = Field(sa_column=Column(BigInteger, nullable=False))


class WatchRow(SQLModel, table=True):
    """The decisions of one day of the bank, judged again under their own books: nothing may be otherwise."""

    __tablename__ = "watches"
    day: str = columns.text(primary_key=True)
    judged: int = Field(sa_column=Column(BigInteger, nullable=False))
    otherwise: int = Field(sa_column=Column(BigInteger, nullable=False))
    unreadable: int = Field(sa_column=Column(BigInteger, nullable=False))
    erased: int = Field(sa_column=Column(BigInteger, nullable=False))
    entry: str = columns.text()
    finished_at: int = columns.instant()
