"""The tables of facts that are told: consents, preferences, holds, suppressions, notices, duties, checks and blocks."""

from sqlalchemy import Column, Index, Integer, UniqueConstraint
from sqlmodel import Field, SQLModel

from . import columns


class ConsentRow(SQLModel, table=True):
    """`proved`: what is sealed says where it is recorded; decisions need to know no more than that."""

    __tablename__ = "consents"
    __table_args__ = (Index("consents_party", "party"),)
    id: str = columns.text(primary_key=True)
    party: str = columns.text()
    kind: str = columns.text()
    channel: str | None = columns.text_or_none()
    address: str | None = columns.text_or_none()
    window: str | None = columns.text_or_none()
    granted_at: int = columns.instant()
    expires_at: int | None = columns.instant_or_none()
    withdrawn_at: int | None = columns.instant_or_none()
    given_to: str | None = columns.text_or_none()
    proved: bool | None = Field(sa_column=Column(Integer, nullable=True))
    sealed: bytes | None = columns.bytes_or_none()


class PreferenceRow(SQLModel, table=True):
    __tablename__ = "preferences"
    __table_args__ = (Index("preferences_party", "party"),)
    id: str = columns.text(primary_key=True)
    party: str = columns.text()
    kind: str = columns.text()
    window: str = columns.text()
    channel: str | None = columns.text_or_none()
    created_at: int = columns.instant()
    deleted_at: int | None = columns.instant_or_none()


class HoldRow(SQLModel, table=True):
    __tablename__ = "holds"
    __table_args__ = (Index("holds_party", "party"), Index("holds_account", "account"))
    id: str = columns.text(primary_key=True)
    account: str | None = columns.text_or_none()
    party: str | None = columns.text_or_none()
    kind: str = columns.text()
    since: int = columns.instant()
    until: int | None = columns.instant_or_none()
    allowed_purposes: str = columns.text()
    released_at: int | None = columns.instant_or_none()


class SuppressionRow(SQLModel, table=True):
    """`value` is an address mark, a pseudonym or an account id, as `scope` says."""

    __tablename__ = "suppressions"
    __table_args__ = (Index("suppressions_value", "value"), Index("suppressions_party", "party"))
    id: str = columns.text(primary_key=True)
    scope: str = columns.text()
    value: str = columns.text()
    party: str | None = columns.text_or_none()
    channel: str | None = columns.text_or_none()
    purpose: str | None = columns.text_or_none()
    reason: str | None = columns.text_or_none()
    since: int = columns.instant()
    until: int | None = columns.instant_or_none()
    lifted_at: int | None = columns.instant_or_none()


class NoticeRow(SQLModel, table=True):
    __tablename__ = "notices"
    __table_args__ = (Index("notices_account", "account"),)
    id: str = columns.text(primary_key=True)
    account: str = columns.text()
    kind: str = columns.text()
    sent_at: int = columns.instant()


class ObligationRow(SQLModel, table=True):
    """What the first contact about an account obliges to: one for each account and rule, `satisfied_at` by a notice."""

    __tablename__ = "obligations"
    __table_args__ = (
        columns.one_of("state", ("open", "overdue", "done")),
        UniqueConstraint("account", "rule", name="obligations_once"),
        columns.index_where("state = 'open'", "obligations_due", "due_at"),
    )
    id: str = columns.text(primary_key=True)
    account: str = columns.text()
    rule: str = columns.text()
    notice: str = columns.text()
    attempt: str = columns.text()
    state: str = columns.text()
    raised_at: int = columns.instant()
    due_at: int = columns.instant()
    satisfied_at: int | None = columns.instant_or_none()


class RegistryCheckRow(SQLModel, table=True):
    __tablename__ = "registry_checks"
    __table_args__ = (Index("registry_checks_address", "address"),)
    id: str = columns.text(primary_key=True)
    registry_id: str = columns.text()
    address: str = columns.text()
    listed: bool = Field(sa_column=Column(Integer, nullable=False))
    checked_at: int = columns.instant()


class BlockRow(SQLModel, table=True):
    """A kill switch. Few ever stand at once, so they are read whole."""

    __tablename__ = "blocks"
    id: str = columns.text(primary_key=True)
    scope: str = columns.text()
    value: str = columns.text()
    reason: str | None = columns.text_or_none()
    since: int = columns.instant()
    lifted_at: int | None = columns.instant_or_none()
