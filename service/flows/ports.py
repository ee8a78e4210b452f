"""
What the flows ask of the world. Adapters implement these; `wiring` hands them over.

A transaction body is synchronous, so that no await can slip inside a transaction; both stores run
the same body (decision 0005). Rows are plain mappings keyed by column; the tables are described once,
in `store.tables`.
"""

import builtins
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple, Protocol, TypeVar

from service.core.facts import Block, Consent, Contact, Hold, Notice, Preference, RegistryCheck, Suppression
from service.core.model import AddressKind, Channel, Dialing, Instant, LetterService, Outcome, Purpose
from service.core.policy import Book, Pack
from service.core.rendering import Message, Template

R = TypeVar("R")
Row = Mapping[str, Any]


class Clock(Protocol):
    """The process clock; read once per flow step."""

    def __call__(self) -> Instant: ...


class PartyKey(Protocol):
    """One party's key, or one derived from two; `where` names table, column and row and is bound in."""

    def seal(self, plaintext: bytes, where: str) -> bytes: ...
    def open(self, sealed: bytes, where: str) -> bytes: ...
    def seal_compressed(self, plaintext: bytes, where: str) -> bytes: ...
    def open_compressed(self, sealed: bytes, where: str) -> bytes: ...


class Vault(Protocol):
    def new_party_key(self) -> bytes: ...
    def wrap(self, key: bytes, pseudonym: str) -> bytes: ...
    def unwrap(self, wrapped: bytes, pseudonym: str) -> PartyKey: ...
    def pair(self, a: PartyKey, b: PartyKey) -> PartyKey: ...
    def mark(self, kind: str, value: str) -> str: ...


class Numbers(Protocol):
    """What an address tells by itself."""

    def normalise(self, kind: AddressKind | None, value: Any) -> str: ...
    def zones(self, kind: AddressKind, value: str) -> tuple[str, ...]: ...
    def country(self, kind: AddressKind, value: str) -> str | None: ...
    def zone_of(self, jurisdiction: str) -> str | None: ...


class Templates(Protocol):
    """Every version that a request may be pinned to, by digest."""

    def get(self, name: str) -> Template | None: ...
    def list(self) -> builtins.list[Template]: ...
    def sources(self, version: str) -> bytes: ...
    def add(self, sources: bytes) -> Template: ...
    def render(
        self, version: str, channel: Channel, locale: str | None, values: Mapping[str, Any], context: Any
    ) -> Message: ...


class Books(Protocol):
    """Books by digest, parsed once; `shipped` is what an empty store activates; a `draft` binds nobody."""

    def get(self, sha256: str, text: Callable[[str], bytes]) -> Book: ...
    def shipped(self) -> Book: ...
    def draft(self, pack: str) -> Pack | None: ...
    def drafts(self) -> Sequence[Pack]: ...
    def text(self, book: Book) -> bytes: ...


class Routes(Protocol):
    """Which channels can be delivered, by which provider, and whether that provider records calls."""

    @property
    def simulated(self) -> bool: ...

    def provider(self, channel: Channel) -> str | None: ...
    def records(self, channel: Channel) -> bool: ...


class ProviderKind(StrEnum):
    """What a provider account speaks: the simulator's HTTP, or the folder that a print house takes letters from."""

    simulator = "simulator"
    spool = "spool"


class ProviderAccount(NamedTuple):
    """
    One account at a provider and the channels routed to it; `name` is the last word of its callbacks' path.

    `secret` signs its callbacks; without one none is taken. `records` says that it can record calls.
    """

    name: str
    kind: ProviderKind
    channels: frozenset[Channel]
    url: str | None = None
    secret: bytes | None = None
    records: bool = False

    def __repr__(self) -> str:
        return f"<ProviderAccount {self.name} {self.kind}>"


class Recipient(NamedTuple):
    """Whom a contact is for, in the clear: `address` normalised, a place as canonical JSON. No value in its repr."""

    name: str | None
    kind: AddressKind
    address: str

    def __repr__(self) -> str:
        return f"<Recipient {self.kind}>"


class Dispatch(NamedTuple):
    """
    One contact on its way to the wire, its intent already written; lives for one send.

    `attempt` is the provider's idempotency key: the same one twice is one contact. `at` is the instant of
    the decision at the wire. `recording` says whether the decision counts on the call being recorded.
    """

    attempt: str
    request: str
    at: Instant
    channel: Channel
    purpose: Purpose
    to: Recipient
    message: Message
    dialing: Dialing | None = None
    recording: bool = False
    letter_service: LetterService | None = None


class SendResult(NamedTuple):
    """
    What came back from the wire.

    `certain` is False where the contact may or may not have happened (`outcome` is then `unknown`).
    `transient` marks a certain failure that may be tried again. `awaits` says that a receipt is due.
    `detail` is a word of ours such as `timeout` or `opted_out`, never the provider's text.
    """

    outcome: Outcome
    certain: bool
    provider_ref: str | None = None
    transient: bool = False
    awaits: bool = False
    detail: str = ""


class Receipt(NamedTuple):
    """What a provider says later; `event` is unique at the provider, `provider_ref` or `attempt` finds the attempt."""

    provider: str
    event: str
    outcome: Outcome
    at: Instant
    attempt: str | None = None
    provider_ref: str | None = None
    duration_s: int | None = None
    text: str | None = None


class Inbound(NamedTuple):
    """
    What a person wrote or said to us through a provider; `event` is unique at the provider.

    `outcome` is `replied` for a message, `conversation_right_party` for a call. `attempt` is the one it
    answers, where the provider knows it. The repr shows neither address nor text.
    """

    provider: str
    event: str
    channel: Channel
    sender: Recipient
    at: Instant
    outcome: Outcome
    text: str | None = None
    attempt: str | None = None

    def __repr__(self) -> str:
        return f"<Inbound {self.provider} {self.event} {self.channel}>"


class Channels(Protocol):
    """
    The wire. `send` never raises for what a provider does: that is a result.

    `ask` reconciles: what the provider knows of an attempt, a certain `failed` if it never took it, None
    if it cannot tell. Ask only when the send can no longer be under way. `read` and `read_inbound` raise
    `NotFound` for an unknown provider, `Unauthenticated` for a callback that is not the provider's, and
    `Invalid` for one that cannot be read.
    """

    async def send(self, dispatch: Dispatch) -> SendResult: ...
    async def ask(self, provider: str, channel: Channel, attempt: str) -> SendResult | None: ...
    def read(self, provider: str, headers: Mapping[str, str], body: bytes) -> list[Receipt]: ...
    def read_inbound(self, provider: str, headers: Mapping[str, str], body: bytes) -> list[Inbound]: ...
    async def close(self) -> None: ...


class Typesetter(Protocol):
    """Sets a letter as a PDF; the same arguments give the same bytes."""

    def __call__(self, message: Message, recipient: Recipient, at: Instant) -> bytes: ...


class Standing(NamedTuple):
    """What is recorded about the parties, accounts and addresses asked for, whoever recorded it."""

    consents: Sequence[Consent]
    suppressions: Sequence[Suppression]
    holds: Sequence[Hold]
    preferences: Sequence[Preference]
    registry_checks: Sequence[RegistryCheck]
    notices: Sequence[Notice]


class EntryFilter(NamedTuple):
    """
    What is looked for; all that is given must hold. `party` is a pseudonym, `address` a mark; `moved`: only
    what tells the state of a request.
    """

    kind: str | None = None
    actor: str | None = None
    client: str | None = None
    request: str | None = None
    party: str | None = None
    account: str | None = None
    address: str | None = None
    channel: str | None = None
    effect: str | None = None
    state: str | None = None
    rule: str | None = None
    since: Instant | None = None
    until: Instant | None = None
    moved: bool = False


class Tx(Protocol):
    """Meant operations inside one transaction; all or nothing. One method is one set-based statement or two."""

    def gate(self, keys: Iterable[str]) -> None: ...
    def apart(self, body: Callable[[], R]) -> R | Exception: ...

    def book_in_force(self, now: Instant) -> str | None: ...
    def book_text(self, sha256: str) -> bytes: ...

    def references(self, pairs: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Row]: ...
    def parties(self, ids: Sequence[str]) -> dict[str, Row]: ...
    def parties_named(self, pseudonyms: Sequence[str]) -> dict[str, Row]: ...
    def accounts(self, ids: Sequence[str]) -> dict[str, Row]: ...
    def account_parties(self, accounts: Sequence[str]) -> list[Row]: ...

    def history(
        self, parties: Sequence[str], accounts: Sequence[str], addresses: Sequence[str], since: Instant
    ) -> list[Contact]: ...
    def standing(self, parties: Sequence[str], accounts: Sequence[str], addresses: Sequence[str]) -> Standing: ...
    def blocks(self) -> Sequence[Block]: ...

    def add(self, table: str, rows: Sequence[Row]) -> None: ...
    def add_missing(self, table: str, rows: Sequence[Row]) -> None: ...
    def change(self, table: str, where: Row, values: Row) -> int: ...
    def rows(
        self,
        table: str,
        where: Row,
        *,
        order: Sequence[str] = (),
        limit: int | None = None,
        after: tuple[str, Any] | None = None,
    ) -> list[dict[str, Any]]: ...

    def due(self, table: str, column: str, now: Instant, where: Row, *, limit: int) -> list[dict[str, Any]]: ...
    def claim(self, now: Instant, limit: int, owner: str, lease_until: Instant) -> list[dict[str, Any]]: ...
    def lease(self, name: str, owner: str, now: Instant, until: Instant) -> bool: ...
    def number_entries(self, limit: int) -> int: ...
    def entries_head(self) -> int: ...
    def entries(
        self, wanted: EntryFilter, after: int, limit: int, until: int | None = None
    ) -> list[dict[str, Any]]: ...
    def entry_bounds(self, since: Instant | None, until: Instant | None) -> tuple[int, int | None]: ...
    def newest_entry_at(self) -> Instant | None: ...


class Store(Protocol):
    """
    Two kinds of transaction: one that writes, and one that only reads a snapshot.

    A body may be run again from the start, so it leaves no trace but its rows and its result. `Unavailable`:
    the store is in trouble, nothing was stored. `ready` raises it if it would be raised now.
    """

    async def write(self, body: Callable[[Tx], R]) -> R: ...
    async def read(self, body: Callable[[Tx], R]) -> R: ...
    async def ready(self) -> None: ...
    async def close(self) -> None: ...
