"""
What is recorded about parties, accounts and addresses, read as values of the core.

Each function is one or a few set-based queries for a whole group of requests. Closed sets come back
as members of their enums, so that `is` and `==` agree everywhere above the store.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, TypeVar

import orjson
from sqlalchemy import (
    BigInteger,
    Connection,
    Integer,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    null,
    or_,
    select,
    union,
    union_all,
)

from service.core.facts import (
    Block,
    Consent,
    Contact,
    Hold,
    Notice,
    Obligation,
    Preference,
    RegistryCheck,
    Suppression,
    Window,
)
from service.core.model import (
    ActorRole,
    AddressKind,
    Asks,
    BlockScope,
    Channel,
    ConsentKind,
    Dialing,
    Direction,
    HoldKind,
    Instant,
    NoticeKind,
    Outcome,
    PartyRole,
    PreferenceKind,
    Purpose,
    Registry,
    SuppressionReason,
    SuppressionScope,
)
from service.flows.ports import Standing

from .statement import Statement, among
from .tables import TABLES

E = TypeVar("E", bound=StrEnum)


def _by_text(kind: type[E]) -> dict[str | None, E]:
    return {member.value: member for member in kind}


def _by_text_or_none(kind: type[E]) -> dict[str | None, E | None]:
    return {None: None, **_by_text(kind)}


_CHANNEL = _by_text(Channel)
_CHANNEL_OR_NONE = _by_text_or_none(Channel)
_DIRECTION = _by_text(Direction)
_OUTCOME = _by_text_or_none(Outcome)
_PARTY_ROLE = _by_text_or_none(PartyRole)
_ADDRESS_KIND = _by_text_or_none(AddressKind)
_PURPOSE = _by_text_or_none(Purpose)
_ACTOR_ROLE = _by_text_or_none(ActorRole)
_DIALING = _by_text_or_none(Dialing)
_ASKS = _by_text_or_none(Asks)
_REASON = _by_text_or_none(SuppressionReason)


# --- history --------------------------------------------------------------------------------------------------------

_UNLIKE = ("at", "channel", "direction", "outcome", "duration_s", "id", "asks")
_ALIKE = tuple(name for name in Contact._fields if name not in _UNLIKE)


_KEYS = {"party": "parties", "account": "accounts", "address": "addresses"}


def _of_anyone(table: Table) -> list[Any]:
    return [among(table.c[column], name) for column, name in _KEYS.items()]


def _held_and_past() -> Statement:
    """
    Held places and attempts with an outcome, in the order of Contact's fields: each contact once.

    An attempt without an outcome is left out, because the place that its request holds stands for it.
    """
    held, past, since = TABLES["reservations"], TABLES["attempts"], bindparam("since", type_=BigInteger)
    still = and_(literal_column("state = 'held'"), held.c.at >= since)
    # SQLite serves an OR by several indexes, but not by partial ones: those are asked one after the other.
    of_anyone = held.c.request.in_(union(*(select(held.c.request).where(each, still) for each in _of_anyone(held))))
    places: Select[Any] = select(
        held.c.at, held.c.channel, literal_column("'outbound'"), cast(null(), Text), cast(null(), Integer),
        *(held.c[name] for name in _ALIKE), held.c.request, cast(null(), Text),
    ).where(of_anyone)  # fmt: skip
    attempts: Select[Any] = select(
        past.c.at, past.c.channel, past.c.direction, past.c.outcome, past.c.duration_s,
        *(past.c[name] for name in _ALIKE), past.c.id, past.c.asks,
    ).where(past.c.outcome.is_not(None), past.c.at >= since, or_(*_of_anyone(past)))  # fmt: skip
    return Statement(union_all(places, attempts))


_HISTORY = _held_and_past()


def history(
    connection: Connection, parties: Sequence[str], accounts: Sequence[str], addresses: Sequence[str], since: Instant
) -> list[Contact]:
    found = _HISTORY.tuples(
        connection, parties=list(parties), accounts=list(accounts), addresses=list(addresses), since=since
    )
    return [
        Contact(
            at, _CHANNEL[channel], _DIRECTION[direction], _OUTCOME[outcome], duration_s, party, _PARTY_ROLE[role],
            account, product, address, _ADDRESS_KIND[kind], _PURPOSE[purpose], client, _ACTOR_ROLE[actor],
            _DIALING[dialing], place, id_, _ASKS[asks],
        )
        for at, channel, direction, outcome, duration_s, party, role, account, product, address, kind, purpose,
            client, actor, dialing, place, id_, asks in found
    ]  # fmt: skip


# --- standing -------------------------------------------------------------------------------------------------------


def _select(table: str, columns: str, *conditions: Any) -> Statement:
    return Statement(select(*(TABLES[table].c[name] for name in columns.split())).where(*conditions))


def _about(table: str, column: str, name: str) -> Any:
    return among(TABLES[table].c[column], name)


def _in_scope(scope: SuppressionScope, name: str) -> Any:
    return and_(literal_column(f"scope = '{scope}'"), _about("suppressions", "value", name))


_CONSENTS = _select(
    "consents", "party kind granted_at channel address window expires_at withdrawn_at given_to proved",
    _about("consents", "party", "parties"),
)  # fmt: skip
_SUPPRESSIONS = _select(
    "suppressions", "scope value since party channel purpose reason until",
    TABLES["suppressions"].c.lifted_at.is_(None),
    or_(
        _in_scope(SuppressionScope.party, "parties"),
        _in_scope(SuppressionScope.account, "accounts"),
        _in_scope(SuppressionScope.address, "addresses"),
    ),
)  # fmt: skip
_HOLDS = _select(
    "holds", "kind since account party until allowed_purposes",
    TABLES["holds"].c.released_at.is_(None),
    or_(_about("holds", "party", "parties"), _about("holds", "account", "accounts")),
)  # fmt: skip
_PREFERENCES = _select(
    "preferences", "party kind window channel",
    TABLES["preferences"].c.deleted_at.is_(None), _about("preferences", "party", "parties"),
)  # fmt: skip
_NOTICES = _select("notices", "account kind sent_at", _about("notices", "account", "accounts"))
_OBLIGATIONS = _select("obligations", "account rule raised_at", _about("obligations", "account", "accounts"))
_BLOCKS = _select("blocks", "scope value since id", TABLES["blocks"].c.lifted_at.is_(None))


def _latest_checks() -> Statement:
    table = TABLES["registry_checks"]
    newest_first = func.row_number().over(
        partition_by=(table.c.registry_id, table.c.address), order_by=(table.c.checked_at.desc(), table.c.id.desc())
    )
    ranked = select(table, newest_first.label("place")).where(among(table.c.address, "addresses")).subquery()
    columns = (ranked.c.registry_id, ranked.c.address, ranked.c.listed, ranked.c.checked_at)
    return Statement(select(*columns).where(ranked.c.place == literal_column("1")))


_CHECKS = _latest_checks()


def standing(
    connection: Connection, parties: Sequence[str], accounts: Sequence[str], addresses: Sequence[str]
) -> Standing:
    """Read what stands; a withdrawn consent and an ended hold come back too, with their instants."""
    people, debts, places = list(parties), list(accounts), list(addresses)
    suppressions = _SUPPRESSIONS.run(connection, parties=people, accounts=debts, addresses=places)
    return Standing(
        consents=[_consent(*row) for row in _CONSENTS.run(connection, parties=people)],
        suppressions=[_suppression(*row) for row in suppressions],
        holds=[_hold(*row) for row in _HOLDS.run(connection, parties=people, accounts=debts)],
        preferences=[_preference(*row) for row in _PREFERENCES.run(connection, parties=people)],
        registry_checks=[_check(*row) for row in _CHECKS.run(connection, addresses=places)],
        notices=[_notice(*row) for row in _NOTICES.run(connection, accounts=debts)],
        obligations=[Obligation(*row) for row in _OBLIGATIONS.run(connection, accounts=debts)],
    )


def blocks(connection: Connection) -> list[Block]:
    return [Block(BlockScope(scope), value, since, id_) for scope, value, since, id_ in _BLOCKS.run(connection)]


def _window(text: str) -> Window:
    return Window(*orjson.loads(text))


PROVED = "recorded"
"""All that facts tell of the evidence of a consent, which is sealed."""


def _consent(
    party: str, kind: str, granted: Instant, channel: str | None, address: str | None, window: str | None,
    expires: Instant | None, withdrawn: Instant | None, given_to: str | None, proved: int | None,
) -> Consent:  # fmt: skip
    return Consent(
        party, ConsentKind(kind), granted, _CHANNEL_OR_NONE[channel], address,
        None if window is None else _window(window), expires, withdrawn, given_to, PROVED if proved else None,
    )  # fmt: skip


def _suppression(
    scope: str, value: str, since: Instant, party: str | None, channel: str | None, purpose: str | None, reason: str,
    until: Instant | None,
) -> Suppression:  # fmt: skip
    return Suppression(
        SuppressionScope(scope), value, since, party, _CHANNEL_OR_NONE[channel], _PURPOSE[purpose], _REASON[reason],
        until,
    )  # fmt: skip


def _hold(
    kind: str, since: Instant, account: str | None, party: str | None, until: Instant | None, purposes: str
) -> Hold:
    return Hold(HoldKind(kind), since, account, party, until, tuple(map(Purpose, orjson.loads(purposes))))


def _preference(party: str, kind: str, window: str, channel: str | None) -> Preference:
    return Preference(party, PreferenceKind(kind), _window(window), _CHANNEL_OR_NONE[channel])


def _check(registry: str, address: str, listed: int, checked: Instant) -> RegistryCheck:
    return RegistryCheck(Registry(registry), address, bool(listed), checked)


def _notice(account: str, kind: str, sent: Instant) -> Notice:
    return Notice(account, NoticeKind(kind), sent)
