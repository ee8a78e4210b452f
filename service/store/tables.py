"""
The tables, described once: SQLModel for the schema, Core statements write them (decision 0007).

Instants are integers of microseconds, UTC. What is personal data stands only in columns named
`sealed`, under a party's key; addresses stand as blind-index marks. JSON columns are text that the
flows write canonically and nobody changes in place. `CHECK` constraints repeat `core.lifecycle`.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    Table,
    UniqueConstraint,
)
from sqlmodel import Field, SQLModel

from service.core.model import DeliveryState, Direction, HeardState, Outcome, Priority, ReservationState, State

from . import book_tables as _books  # noqa: F401  # described there, and listed here
from . import fact_tables as _facts  # noqa: F401
from .columns import bytes_or_none as _bytes_or_none
from .columns import index_where as _index_where
from .columns import instant as _instant
from .columns import instant_or_none as _instant_or_none
from .columns import number_or_none as _number_or_none
from .columns import one_of as _one_of
from .columns import text as _text
from .columns import text_or_none as _text_or_none


class ClientRow(SQLModel, table=True):
    """A calling system. The key itself is never stored: only its SHA-256."""

    __tablename__ = "clients"
    id: str = _text(primary_key=True)
    name: str = _text()
    actor_role: str = _text()
    scopes: str = _text()
    key_sha256: str = _text(unique=True)
    created_at: int = _instant()
    revoked_at: int | None = _instant_or_none()


class PartyRow(SQLModel, table=True):
    """A person. `party` is the random pseudonym by which everything else names them."""

    __tablename__ = "parties"
    party: str = _text(primary_key=True)
    id: str = _text(unique=True)
    key_wrapped: bytes | None = _bytes_or_none()
    time_zones: str = _text()
    jurisdictions: str = _text()
    locale: str | None = _text_or_none()
    created_at: int = _instant()
    erased_at: int | None = _instant_or_none()


class AccountRow(SQLModel, table=True):
    """A debt. `listed_at` is set once PUT has given the list of its parties."""

    __tablename__ = "accounts"
    id: str = _text(primary_key=True)
    product: str | None = _text_or_none()
    type: str | None = _text_or_none()
    creditor: str | None = _text_or_none()
    days_past_due: int | None = _number_or_none()
    listed_at: int | None = _instant_or_none()
    created_at: int = _instant()


class AccountPartyRow(SQLModel, table=True):
    __tablename__ = "account_parties"
    __table_args__ = (Index("account_parties_party", "party"),)
    account: str = _text(primary_key=True)
    party: str = _text(primary_key=True)
    role: str = _text()


class RequestRow(SQLModel, table=True):
    """A contact request as it stands. The rows of `entries` say how it came there."""

    __tablename__ = "requests"
    __table_args__ = (
        UniqueConstraint("client", "reference", name="requests_reference"),
        _one_of("state", State),
        _one_of("priority", Priority),
        CheckConstraint("(state IN ('scheduled', 'queued')) = (send_at IS NOT NULL)", name="waiting_has_send_at"),
        # Claims walk it priority by priority; the sweep looks for what expires while it waits.
        _index_where("send_at IS NOT NULL", "requests_due", "priority", "send_at"),
        _index_where("send_at IS NOT NULL", "requests_expiring", "expires_at"),
        Index("requests_party", "party"),
        Index("requests_account", "account"),
    )
    id: str = _text(primary_key=True)
    client: str = _text()
    actor_role: str = _text()
    reference: str = _text()
    body_mark: str = _text()
    state: str = _text()
    channel: str = _text()
    purpose: str = _text()
    execution: str = _text()
    priority: str = _text()
    if_blocked: str = _text()
    party: str = _text()
    party_role: str = _text()
    account: str | None = _text_or_none()
    sealed_with: str | None = _text_or_none()
    address: str | None = _text_or_none()
    template: str = _text()
    template_version: str = _text()
    zones: str = _text()
    jurisdictions: str = _text()
    details: str = _text()
    sealed: bytes | None = _bytes_or_none()
    created_at: int = _instant()
    asked_at: int = _instant()
    expires_at: int = _instant()
    send_at: int | None = _instant_or_none()
    tries: int = Field(default=0, sa_column=Column(Integer, nullable=False))
    lease_until: int | None = _instant_or_none()
    lease_owner: str | None = _text_or_none()


class ReservationRow(SQLModel, table=True):
    """
    A held place under the caps, one a request. It repeats what caps match on, so that facts for many
    requests are one query. Once its attempt has an outcome the attempt counts instead.
    """

    __tablename__ = "reservations"
    __table_args__ = (
        _one_of("state", ReservationState),
        _index_where("state = 'held'", "reservations_party", "party", "at"),
        _index_where("state = 'held'", "reservations_account", "account", "at"),
        _index_where("state = 'held'", "reservations_address", "address", "at"),
    )
    request: str = _text(primary_key=True)
    state: str = _text()
    at: int = _instant()
    channel: str = _text()
    party: str = _text()
    party_role: str | None = _text_or_none()
    account: str | None = _text_or_none()
    product: str | None = _text_or_none()
    address: str | None = _text_or_none()
    address_kind: str | None = _text_or_none()
    purpose: str | None = _text_or_none()
    client: str | None = _text_or_none()
    actor_role: str | None = _text_or_none()
    dialing: str | None = _text_or_none()
    place: str | None = _text_or_none()


class AttemptRow(SQLModel, table=True):
    """
    One try at the wire, one contact by a person, one contact that another system reported, or one
    inbound event. Without an outcome it is under way, and its reservation counts.
    """

    __tablename__ = "attempts"
    __table_args__ = (
        _one_of("direction", Direction),
        CheckConstraint(
            "outcome IS NULL OR outcome IN (" + ", ".join(f"'{value}'" for value in Outcome) + ")", name="outcome_known"
        ),
        Index("attempts_request", "request"),
        Index("attempts_party", "party", "at"),
        Index("attempts_account", "account", "at"),
        Index("attempts_address", "address", "at"),
        Index("attempts_provider", "provider", "provider_ref"),
        _index_where("due_at IS NOT NULL", "attempts_open", "due_at"),
    )
    id: str = _text(primary_key=True)
    request: str | None = _text_or_none()
    at: int = _instant()
    channel: str = _text()
    direction: str = _text()
    outcome: str | None = _text_or_none()
    duration_s: int | None = _number_or_none()
    party: str | None = _text_or_none()
    party_role: str | None = _text_or_none()
    account: str | None = _text_or_none()
    product: str | None = _text_or_none()
    address: str | None = _text_or_none()
    address_kind: str | None = _text_or_none()
    purpose: str | None = _text_or_none()
    client: str | None = _text_or_none()
    actor_role: str | None = _text_or_none()
    dialing: str | None = _text_or_none()
    place: str | None = _text_or_none()
    asks: str | None = _text_or_none()
    source: str = _text()
    provider: str | None = _text_or_none()
    provider_ref: str | None = _text_or_none()
    intent_at: int | None = _instant_or_none()
    due_at: int | None = _instant_or_none()
    ended_at: int | None = _instant_or_none()
    recorded_at: int = _instant()
    report_mark: str | None = _text_or_none()
    uses: str | None = _text_or_none()
    sealed: bytes | None = _bytes_or_none()


class ReceiptRow(SQLModel, table=True):
    """What a provider, or a person by a correction, said later; unique, never changed."""

    __tablename__ = "receipts"
    __table_args__ = (
        UniqueConstraint("provider", "event", name="receipts_once"),
        Index("receipts_attempt", "attempt"),
    )
    id: str = _text(primary_key=True)
    provider: str = _text()
    event: str = _text()
    attempt: str | None = _text_or_none()
    party: str | None = _text_or_none()
    outcome: str | None = _text_or_none()
    at: int = _instant()
    received_at: int = _instant()
    applied: bool = Field(sa_column=Column(Integer, nullable=False))
    sealed: bytes | None = _bytes_or_none()


class HeardRow(SQLModel, table=True):
    """
    What a provider called us with, whole, until it is matched; sealed under a key of its own, for until then nobody
    knows of whom it speaks. A row with a `parent` holds what of that one could not be read.
    """

    __tablename__ = "heard"
    __table_args__ = (_one_of("state", HeardState), _index_where("due_at IS NOT NULL", "heard_due", "due_at"))
    id: str = _text(primary_key=True)
    provider: str = _text()
    state: str = _text()
    received_at: int = _instant()
    due_at: int | None = _instant_or_none()
    tries: int = Field(default=0, sa_column=Column(Integer, nullable=False))
    parent: str | None = _text_or_none()
    why: str | None = _text_or_none()
    key_wrapped: bytes | None = _bytes_or_none()
    sealed: bytes | None = _bytes_or_none()


class AllowanceRow(SQLModel, table=True):
    """
    How many messages from a provider's template a person allowed in the provider's own window, since an instant.

    What of it was used is counted from the attempts since then (`uses`).
    """

    __tablename__ = "allowances"
    __table_args__ = (Index("allowances_address", "address"),)
    provider: str = _text(primary_key=True)
    address: str = _text(primary_key=True)
    template: str = _text(primary_key=True)
    count: int = Field(sa_column=Column(Integer, nullable=False))
    since: int = _instant()


class PermitRow(SQLModel, table=True):
    """`order_at` is when the field staff's desk is next handed the order; empty where no desk is, or need be, told."""

    __tablename__ = "permits"
    __table_args__ = (_index_where("order_at IS NOT NULL", "permits_ordered", "order_at"),)
    id: str = _text(primary_key=True)
    request: str = _text(unique=True)
    attempt: str = _text(unique=True)
    valid_from: int = _instant()
    valid_until: int = _instant()
    order_at: int | None = _instant_or_none()


class DecisionRow(SQLModel, table=True):
    """The sealed facts behind a decision; its verdicts stand in the entry of the same id."""

    __tablename__ = "decisions"
    __table_args__ = (Index("decisions_request", "request"),)
    id: str = _text(primary_key=True)
    request: str = _text()
    at: int = _instant()
    book: str = _text()
    facts_sha256: str = _text()
    sealed_with: str | None = _text_or_none()
    party: str = _text()
    sealed: bytes | None = _bytes_or_none()


class EntryRow(SQLModel, table=True):
    """
    One audit record, written with the deed. Append-only by trigger; the numbering beat alone sets
    `index`, once. `body` is the canonical JSON that is evidence; the other columns are for search.
    """

    __tablename__ = "entries"
    __table_args__ = (
        # Two halves: what waits for its number, and what is read by it.
        _index_where('"index" IS NULL', "entries_unnumbered", "id"),
        _index_where('"index" IS NOT NULL', "entries_by_index", "index", unique=True),
        Index("entries_request", "request"),
        Index("entries_party", "party"),
        Index("entries_account", "account"),
        Index("entries_address", "address"),
    )
    id: str = _text(primary_key=True)
    index: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    kind: str = _text()
    at: int = _instant()
    actor: str = _text()
    client: str | None = _text_or_none()
    request: str | None = _text_or_none()
    party: str | None = _text_or_none()
    account: str | None = _text_or_none()
    address: str | None = _text_or_none()
    channel: str | None = _text_or_none()
    effect: str | None = _text_or_none()
    state: str | None = _text_or_none()
    rules: str = _text()
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class TemplateRow(SQLModel, table=True):
    """The sources of every template version that a request was pinned to, by digest."""

    __tablename__ = "template_versions"
    sha256: str = _text(primary_key=True)
    name: str = _text()
    sources: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class CallbackRow(SQLModel, table=True):
    """
    Where a client wants to be called. Its secret is derived from the master key and `secret_version`; `told_to` is
    the index of the last entry for which a delivery was planned.
    """

    __tablename__ = "callbacks"
    __table_args__ = (Index("callbacks_client", "client"),)
    id: str = _text(primary_key=True)
    client: str = _text()
    url: str = _text()
    kinds: str = _text()
    told_to: int = Field(sa_column=Column(BigInteger, nullable=False))
    secret_version: int = Field(default=1, sa_column=Column(Integer, nullable=False))
    old_secret_until: int | None = _instant_or_none()
    older_secrets_until: str | None = _text_or_none()
    created_at: int = _instant()
    paused_until: int | None = _instant_or_none()
    disabled_at: int | None = _instant_or_none()
    deleted_at: int | None = _instant_or_none()


class DeliveryRow(SQLModel, table=True):
    """One event on its way to one callback; the event itself is read from the entry of that index at each try."""

    __tablename__ = "deliveries"
    __table_args__ = (
        _one_of("state", DeliveryState),
        CheckConstraint("(state = 'waiting') = (next_at IS NOT NULL)", name="waiting_has_next_at"),
        UniqueConstraint("callback", "index", name="deliveries_once"),
        _index_where("next_at IS NOT NULL", "deliveries_due", "callback", "next_at"),
        _index_where("state = 'dead'", "deliveries_dead", "callback", "index"),
    )
    id: str = _text(primary_key=True)
    callback: str = _text()
    index: int = Field(sa_column=Column(BigInteger, nullable=False))
    state: str = _text()
    tries: int = Field(default=0, sa_column=Column(Integer, nullable=False))
    next_at: int | None = _instant_or_none()
    tried_at: int | None = _instant_or_none()
    said: str | None = _text_or_none()


class LeaseRow(SQLModel, table=True):
    """Who may do what only one may do: the numbering beat, later the sealer."""

    __tablename__ = "leases"
    name: str = _text(primary_key=True)
    owner: str = _text()
    until: int = _instant()


METADATA = SQLModel.metadata

TABLES: dict[str, Table] = dict(METADATA.tables)
"""Every table by name; Core statements are built on these."""
