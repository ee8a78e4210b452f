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

from service.core.calendars import Calendar
from service.core.facts import Block, Consent, Contact, Hold, Notice, Obligation, Preference, RegistryCheck, Suppression
from service.core.model import AddressKind, Channel, Dialing, Fate, Instant, LetterService, NoRoute, Outcome, Purpose
from service.core.policy import Book, Pack
from service.core.rendering import Message, Template

from .providers import Callback, Choice, Reply, Wanted

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
    def calendars(self) -> Sequence[Calendar]: ...
    def text(self, book: Book) -> bytes: ...
    def gaps(self) -> builtins.list[tuple[str, str | None, str]]: ...


class Routes(Protocol):
    """
    Which provider account carries a contact, and whether its calls are recorded.

    `refusal` is why none may, a fact of the decision; `choose` says which does now, or when to ask again, and keeps
    a turn for the request; `opens`: when the first that may takes messages, by its provider's hours, None if one does
    then; `another`: one may that was not tried, and it is well.
    """

    @property
    def simulated(self) -> bool: ...

    def records(self, channel: Channel) -> bool: ...
    def refusal(self, wanted: Wanted) -> NoRoute | None: ...
    def choose(self, wanted: Wanted, now: Instant) -> Choice: ...
    def opens(self, wanted: Wanted, at: Instant) -> Instant | None: ...
    def another(self, wanted: Wanted, now: Instant) -> bool: ...


class Recipient(NamedTuple):
    """Whom a contact is for, in the clear: `address` normalised, a place as canonical JSON. No value in its repr."""

    name: str | None
    kind: AddressKind
    address: str

    def __repr__(self) -> str:
        return f"<Recipient {self.kind}>"


class Dispatch(NamedTuple):
    """
    One contact on its way to the wire, its intent already written; or, of channel `visit`, the order for one on its way
    to the lender's own staff (`to` is whom they visit). Lives for one send.

    `attempt` is the provider's idempotency key: the same one twice is one contact. `at` is the instant of
    the decision at the wire. `recording` says whether the decision counts on the call being recorded. `values` are
    the message's variables by our names, for providers that fill in a template filed with them.
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
    values: Mapping[str, str] = {}


class Asked(NamedTuple):
    """
    An attempt that a provider is asked about: what it was given under, and to whom, for some find it by nothing else.

    `to` is None where the personal data were erased meanwhile.
    """

    attempt: str
    channel: Channel
    at: Instant
    to: Recipient | None = None
    provider_ref: str | None = None

    def __repr__(self) -> str:
        return f"<Asked {self.attempt} {self.channel}>"


TRANSIENT = frozenset({Fate.retryable, Fate.throttled_account, Fate.deferred_window, Fate.provider_unavailable})
"""Surely not sent, for a reason that says nothing against the recipient or the message."""


class SendResult(NamedTuple):
    """
    What came back from the wire.

    `outcome` is what is known of the contact by now. `awaits` says that a receipt is due. `until` is when the
    provider's cap or closed hours end, where it says so. `detail` is a word of ours such as `timeout`, never the
    provider's text; `unmapped` marks a code that no table of ours knows, and raises an alarm.
    """

    fate: Fate
    outcome: Outcome
    provider_ref: str | None = None
    awaits: bool = False
    detail: str = ""
    until: Instant | None = None
    unmapped: bool = False

    @property
    def certain(self) -> bool:
        """Whether it is known that the contact happened, or that it did not."""
        return self.fate is not Fate.ambiguous

    @property
    def transient(self) -> bool:
        """Whether it may be tried again, after a fresh decision."""
        return self.fate in TRANSIENT


class Receipt(NamedTuple):
    """
    What a provider says later; `event` is unique at the provider, `provider_ref` or `attempt` finds the attempt.

    `fate` is set where it speaks against the recipient: opted out, invalid, or capped for now.
    """

    provider: str
    event: str
    outcome: Outcome
    at: Instant
    attempt: str | None = None
    provider_ref: str | None = None
    duration_s: int | None = None
    text: str | None = None
    fate: Fate | None = None


class Inbound(NamedTuple):
    """
    What a person wrote or said to us through a provider; `event` is unique at the provider.

    `outcome` is `replied` for a message, `conversation_right_party` for a call. `attempt` is the one it
    answers, where the provider knows it. `sender` is None where only the attempt is known: whoever that was for. The
    repr shows neither address nor text.
    """

    provider: str
    event: str
    channel: Channel
    sender: Recipient | None
    at: Instant
    outcome: Outcome
    text: str | None = None
    attempt: str | None = None

    def __repr__(self) -> str:
        return f"<Inbound {self.provider} {self.event} {self.channel}>"


class Allowed(NamedTuple):
    """A person's yes, to one more message from a provider's template, or no; said in the provider's own window."""

    provider: str
    event: str
    channel: Channel
    sender: Recipient
    template: str
    at: Instant
    yes: bool


class Left(NamedTuple):
    """
    What of a callback could not be read: how many items, as a body that the same reader reads, and why the first not.

    The repr shows no body.
    """

    items: int
    body: bytes
    why: str

    def __repr__(self) -> str:
        return f"<Left {self.items}: {self.why}>"


class Told(NamedTuple):
    """
    All that a callback says; `reply` where the provider expects another answer than always, as to an echo.

    `left` is what could not be read beside the rest: one bad item spoils no other.
    """

    receipts: Sequence[Receipt] = ()
    inbound: Sequence[Inbound] = ()
    reply: Reply | None = None
    allowed: Sequence[Allowed] = ()
    left: Left | None = None


class Channels(Protocol):
    """
    The wire. `send` never raises for what a provider does: that is a result.

    `ask` reconciles: what the provider knows of an attempt, a certain failure if it never took it, None if it
    cannot tell. Ask only when the send can no longer be under way. `check` raises `NotFound` for a provider that
    is unknown or calls us with the wrong `segment`, and `Unauthenticated` for a callback that is not the provider's;
    `read` raises `Invalid` where nothing can be read. `reply` is the answer the provider expects once we have it.
    `by_get` says that a GET of a provider tells something, and is no mere try of our address.
    `elsewhere` names the channels whose sessions another process keeps: what waits for them is that one's to claim.
    """

    async def start(self) -> None: ...
    def elsewhere(self) -> frozenset[Channel]: ...
    async def send(self, provider: str, dispatch: Dispatch) -> SendResult: ...
    async def ask(self, provider: str, asked: Asked) -> SendResult | None: ...
    def check(self, provider: str, segment: str | None, source: str | None, callback: Callback) -> None: ...
    def read(self, provider: str, callback: Callback) -> Told: ...
    def reply(self, provider: str) -> Reply | None: ...
    def by_get(self, provider: str) -> bool: ...
    async def close(self) -> None: ...


class Envelope(StrEnum):
    """The window envelope that a print house uses; it decides where on the sheet the address stands."""

    din_b = "din-b"
    din_a = "din-a"
    gb_dl = "gb-dl"
    gb_c5 = "gb-c5"


class Typesetter(Protocol):
    """Sets a letter as a PDF; the same arguments give the same bytes."""

    def __call__(
        self, message: Message, recipient: Recipient, at: Instant, envelope: Envelope = Envelope.din_b
    ) -> bytes: ...


class Standing(NamedTuple):
    """What is recorded about the parties, accounts and addresses asked for, whoever recorded it."""

    consents: Sequence[Consent]
    suppressions: Sequence[Suppression]
    holds: Sequence[Hold]
    preferences: Sequence[Preference]
    registry_checks: Sequence[RegistryCheck]
    notices: Sequence[Notice]
    obligations: Sequence[Obligation]


RECEIVED = "interaction.received"
"""The kind of entry that tells of what a party wrote or said of its own accord."""


class EntryFilter(NamedTuple):
    """
    What is looked for; all that is given must hold. `party` is a pseudonym, `address` a mark; `moved`: only
    what tells the state of a request, or of an answer to a contact; `decided`: only what tells of a decision about one.
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
    decided: bool = False


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

    def counts(self, table: str, where: Row, by: str) -> dict[str, int]: ...
    def due(self, table: str, column: str, now: Instant, where: Row, *, limit: int) -> list[dict[str, Any]]: ...
    def claim(
        self, now: Instant, limit: int, owner: str, lease_until: Instant, without: Iterable[str] = ()
    ) -> list[dict[str, Any]]: ...
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
