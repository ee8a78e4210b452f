"""
Gather the facts for many requests in a few set-based queries, then hand each its own.

The same gathering serves accept, dispatch, what-if and budget, so they cannot disagree on what is known.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import NamedTuple, TypeVar

from service.core.facts import Block, Contact, Facts, Hold, Subject, Suppression
from service.core.model import BlockScope, Instant, NoRoute, PartyRole, SuppressionScope
from service.core.policy import Book, Reach, lineage

from .places import Zones
from .ports import Row, Standing, Tx

T = TypeVar("T")
K = TypeVar("K")

_BY_TIME = itemgetter(Contact._fields.index("at"), Contact._fields.index("id"))
"""The other fields may be unknown, and the unknown cannot be put in order."""

_BEGINNING = Instant(-(2**62))


class Sought(NamedTuple):
    """Whom one request concerns, by the names that the facts use, and under whose law; no role: any."""

    party: str
    account: str | None
    address: str | None
    jurisdictions: tuple[str, ...]
    role: PartyRole | None = None


class Gathered:
    """
    What the store knows about the parties, accounts and addresses of one group of requests.

    Each request is handed as much history as its own law reads, whatever its company needed.
    """

    def __init__(
        self,
        book: Book,
        asked_at: Instant,
        history: Iterable[Contact],
        standing: Standing,
        blocks: Sequence[Block],
        kin: Iterable[Row],
    ) -> None:
        self.book = book
        self._asked_at = asked_at
        self._blocks = blocks
        self._history: dict[tuple[str, str], list[Contact]] = defaultdict(list)
        for item in history:
            self._file(item)
        self._consents = _by(standing.consents, lambda row: row.party)
        self._suppressions = _by(standing.suppressions, lambda row: (row.scope, row.value))
        self._holds_of_parties = _by(standing.holds, lambda row: row.party)
        self._holds_of_accounts = _by(standing.holds, lambda row: row.account)
        self._preferences = _by(standing.preferences, lambda row: row.party)
        self._checks = _by(standing.registry_checks, lambda row: row.address)
        self._notices = _by(standing.notices, lambda row: row.account)
        self._obligations = _by(standing.obligations, lambda row: row.account)
        self._kin: dict[str, dict[str, PartyRole]] = defaultdict(dict)
        for row in kin:
            self._kin[row["account"]][row["party"]] = PartyRole(row["role"])

    def take(self, place: Contact) -> None:
        """A place that an earlier item of the group took, or moved: later items see it there, and once."""
        self._file(place)

    def join(self, account: str, party: str, role: PartyRole) -> None:
        """A role taken at a request's word."""
        self._kin[account].setdefault(party, role)

    def debtor(self, account: str | None) -> str | None:
        """The account's debtor by pseudonym; the first by name where there are several."""
        if account is None:
            return None
        debtors = sorted(party for party, role in self._kin[account].items() if role == PartyRole.debtor)
        return debtors[0] if debtors else None

    def role(self, account: str | None, party: str, listed: bool) -> PartyRole | None:
        """The role in a list set by PUT; `unknown` where such a list does not name the party."""
        if account is None or not listed:
            return None
        return self._kin[account].get(party, PartyRole.unknown)

    def facts(
        self,
        subject: Subject,
        zones: Zones,
        jurisdictions: tuple[str, ...],
        *,
        listed: bool,
        no_route: NoRoute | None,
        route_opens: Instant | None = None,
        without: str | None = None,
    ) -> Facts:
        """The facts of one request, and what stands against every account; `without` leaves out its own held place."""
        debtor = self.debtor(subject.account)
        people = {subject.party, debtor} if debtor else {subject.party}
        return Facts(
            subject=subject,
            zones=zones.first,
            further_zones=zones.further,
            jurisdictions=jurisdictions,
            history=self._history_of(subject, people, self.book.reach(jurisdictions), without),
            consents=tuple(self._consents.get(subject.party, ())),
            suppressions=self._suppressions_of(subject),
            holds=self._holds_of(subject, people),
            preferences=tuple(self._preferences.get(subject.party, ())),
            registry_checks=tuple(self._checks.get(subject.address, ())) if subject.address else (),
            notices=tuple(self._notices.get(subject.account, ())) if subject.account else (),
            obligations=tuple(self._obligations.get(subject.account, ())) if subject.account else (),
            blocks=tuple(block for block in self._blocks if _binds(block, subject, jurisdictions)),
            debtor=debtor,
            listed_role=self.role(subject.account, subject.party, listed),
            route=no_route is None,
            route_refusal=no_route,
            route_opens=route_opens,
        )

    def _file(self, item: Contact) -> None:
        if item.party:
            self._history["party", item.party].append(item)
        if item.account:
            self._history["account", item.account].append(item)
        if item.address:
            self._history["address", item.address].append(item)

    def _history_of(self, subject: Subject, people: set[str], reach: Reach, without: str | None) -> tuple[Contact, ...]:
        """All that lies in the windows, and of what is older that which some rule counts for ever."""
        keys = [("party", person) for person in people]
        if subject.account:
            keys.append(("account", subject.account))
        if subject.address:
            keys.append(("address", subject.address))
        once = {item.id: item for key in keys for item in self._history.get(key, ())}
        if without is not None:
            once.pop(without, None)
        since = self._asked_at - reach.lookback
        read = (i for i in once.values() if i.at >= since or any(rule.keeps(i, subject) for rule in reach.endless))
        return tuple(sorted(read, key=_BY_TIME))

    def _suppressions_of(self, subject: Subject) -> tuple[Suppression, ...]:
        keys = [(SuppressionScope.party, subject.party)]
        if subject.address:
            keys.append((SuppressionScope.address, subject.address))
        if subject.account:
            keys.append((SuppressionScope.account, subject.account))
        return tuple(row for key in keys for row in self._suppressions.get(key, ()))

    def _holds_of(self, subject: Subject, people: set[str]) -> tuple[Hold, ...]:
        found = [hold for person in people for hold in self._holds_of_parties.get(person, ())]
        if subject.account:
            found += [hold for hold in self._holds_of_accounts.get(subject.account, ()) if hold not in found]
        return tuple(found)


def gather(tx: Tx, book: Book, now: Instant, sought: Sequence[Sought], *, asked_at: Instant | None = None) -> Gathered:
    """
    Read everything that decisions about these parties, accounts and addresses may look at.

    `asked_at` before now reads history back from there.
    """
    accounts = sorted({each.account for each in sought if each.account})
    addresses = sorted({each.address for each in sought if each.address})
    kin = tx.account_parties(accounts) if accounts else []
    debtors = {row["party"] for row in kin if row["role"] == PartyRole.debtor}
    people = sorted({each.party for each in sought} | debtors)
    earliest = now if asked_at is None else min(now, asked_at)
    lookback = max((book.reach(each.jurisdictions).lookback for each in sought), default=0)
    history = tx.history(people, accounts, addresses, Instant(earliest - lookback))
    history += _ever(tx, [each for each in sought if _endless(book, each)], history)
    # What is recorded has happened, though the clock of the process that recorded it may be ahead of ours.
    history = [item._replace(at=now) if item.at > now and item.outcome is not None else item for item in history]
    return Gathered(book, earliest, history, tx.standing(people, accounts, addresses), tx.blocks(), kin)


def _endless(book: Book, sought: Sought) -> bool:
    """True if a rule that counts for ever may bind this request."""
    rules = book.reach(sought.jurisdictions).endless
    return any(sought.role is None or not rule.when.party_role or sought.role in rule.when.party_role for rule in rules)


def _ever(tx: Tx, sought: Sequence[Sought], known: Sequence[Contact]) -> list[Contact]:
    """All that there ever was with the few who are under a rule that counts for ever, but for what is known."""
    if not sought:
        return []
    accounts = sorted({each.account for each in sought if each.account})
    addresses = sorted({each.address for each in sought if each.address})
    found = tx.history(sorted({each.party for each in sought}), accounts, addresses, _BEGINNING)
    have = {item.id for item in known}
    return [item for item in found if item.id not in have]


def _by(rows: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    found: dict[K, list[T]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return found


def _binds(block: Block, subject: Subject, jurisdictions: tuple[str, ...]) -> bool:
    match block.scope:
        case BlockScope.channel:
            return block.value == subject.channel
        case BlockScope.client:
            return block.value == subject.client
        case BlockScope.party:
            return block.value == subject.party
        case BlockScope.jurisdiction:
            return any(block.value in lineage(code) for code in jurisdictions)
