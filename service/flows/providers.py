"""
What is agreed with providers, as values: what an account is, what may go by it, and what it calls us with.

A kind of provider is described once, by its adapter; the routes file fills in accounts of that kind
(decision 0023). `ports` has what passes through an account: dispatches, results, receipts.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from typing import Any, NamedTuple

from service.core.facts import Window
from service.core.model import AddressKind, Channel, Instant, Purpose


class Secret(bytes):
    """What only we and the provider know. A parameter `x: Secret` is read from the file that `x_file` names."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<Secret>"

    __str__ = __repr__


CHOSEN_BY_PROVIDER: Mapping[str, int] = {"bytes_min": 1}
"""Metadata of a `Secret` parameter that the provider chose, and made as short as it liked."""


class Url(str):
    """Where a provider is: `https://HOST`, or plain http for a peer of our own; no user, no query."""

    __slots__ = ()


class Trust(StrEnum):
    """
    What proves that a callback is the provider's.

    `signed`: the adapter checks a signature. `segment`: nobody signs, so the account must have an unguessable
    last segment of the path. `session`: what is told comes through our own session, and nothing by HTTP.
    """

    signed = "signed"
    segment = "segment"
    session = "session"


def _standing(params: Any) -> bool:
    """A consent that stands until it is withdrawn is used up by nothing."""
    return False


class ProviderKind(NamedTuple):
    """
    What an adapter says of itself.

    `params` is a frozen dataclass, read strictly from the account's own keys in the routes file. `templated`: a public
    cloud that sends only texts filed with it, and by its rules none about debts unless that was permitted. `signed`:
    its texts go out under a signature that must be filed. `unsubscribes`: recipients call us by a link of ours, which
    the adapter proves. `by_get`: it reports by GET, with all it has to say in the query; from any other a GET only
    tries our address, and tells nothing. A kind that carries visits has a parameter `desk`: who of the lender's people
    gets the order. `addresses` are the kinds of address that it carries among those of its channels, `countries` those
    whose numbers it reaches; empty: all. `by_consent` tells by an account's parameters whether each message uses up one
    yes of its recipient's.
    """

    name: str
    channels: frozenset[Channel]
    params: type[Any]
    trust: Trust = Trust.signed
    templated: bool = False
    signed: bool = False
    simulated: bool = False
    unsubscribes: bool = False
    by_get: bool = False
    addresses: frozenset[AddressKind] = frozenset()
    countries: frozenset[str] = frozenset()
    by_consent: Callable[[Any], bool] = _standing

    def reaches(self, address: AddressKind, country: str | None) -> bool:
        """Whether it carries anything to such an address; where the country counts, one that nobody knows is none."""
        known = not self.addresses or address in self.addresses
        return known and (not self.countries or country in self.countries)

    def __repr__(self) -> str:
        return f"<ProviderKind {self.name}>"


class FilingState(StrEnum):
    """How far the provider has come with a signature or template; only what is approved can be used."""

    filed = "filed"
    approved = "approved"
    rejected = "rejected"


ALWAYS_KNOWN = frozenset({"institution", "hotline", "creditor", "party_name"})
"""What a filed template may be filled in with beside the variables of ours that it stands for."""


class FiledTemplate(NamedTuple):
    """
    One of our templates in one locale, as filed with the provider under its `code`.

    `variables` pairs the provider's names with ours, in the provider's order. `signature` is the one it goes out
    under, where the channel has any.
    """

    template: str
    locale: str
    code: str
    state: FilingState
    variables: tuple[tuple[str, str], ...] = ()
    signature: str | None = None


class Permission(NamedTuple):
    """Who allowed in writing that an account carries collection: by whom, on which day, under which reference."""

    by: str
    on: str
    reference: str


class ServiceHours(NamedTuple):
    """When a provider takes messages, in its own zone; outside of them a message waits."""

    window: Window
    zone: str


class CostClass(StrEnum):
    """What an account costs beside the others that share its place, the cheapest first."""

    low = "low"
    normal = "normal"
    high = "high"


class ProviderAccount(NamedTuple):
    """
    One account at a provider; `name` stands in its callbacks' path.

    `purposes` are those it may carry. `signatures` with their state; `templates` as filed. `per_second` paces what
    is handed to it. Of those that share a place, the cheaper `cost_class` comes first. `callback_secret` is the last
    segment of its callbacks' path, `callbacks_from` are the networks they come from; empty: any. `records` says that
    it can record calls.
    """

    name: str
    kind: ProviderKind
    params: Any
    channels: frozenset[Channel]
    purposes: frozenset[Purpose] = frozenset(Purpose)
    permission: Permission | None = None
    signatures: Mapping[str, FilingState] = {}
    templates: tuple[FiledTemplate, ...] = ()
    per_second: int | None = None
    hours: ServiceHours | None = None
    cost_class: CostClass = CostClass.normal
    callback_secret: Secret | None = None
    callbacks_from: tuple[IPv4Network | IPv6Network, ...] = ()
    records: bool = False

    def filed(self, template: str, locale: str | None) -> FiledTemplate | None:
        """The approved filing of our template in that locale, or in any."""
        for filing in self.templates:
            if (filing.template, filing.state) == (template, FilingState.approved) and locale in (None, filing.locale):
                return filing
        return None

    def uses(self, template: str, locale: str | None) -> str | None:
        """The provider's code of the template of which a message uses up a yes; None: of none."""
        filing = self.filed(template, locale) if self.kind.by_consent(self.params) else None
        return filing and filing.code

    def __repr__(self) -> str:
        return f"<ProviderAccount {self.name} {self.kind.name}>"


class Wanted(NamedTuple):
    """
    What a route is wanted for; `request` spreads load. Without the kind of `address` it is not asked where to.

    `tried` are the accounts that failed on it for sure, each with the end of its back-off. `spent` are accounts and
    their templates of which the recipient allowed no more.
    """

    channel: Channel
    purpose: Purpose
    template: str | None = None
    locale: str | None = None
    request: str = ""
    tried: Mapping[str, Instant] = {}
    spent: frozenset[tuple[str, str]] = frozenset()
    address: AddressKind | None = None
    country: str | None = None


class Choice(NamedTuple):
    """
    The account that carries it, or None and when to ask again; neither: no account may.

    `uses` is the provider's template of which it uses up a yes of the recipient's.
    """

    account: str | None
    until: Instant | None = None
    uses: str | None = None


class Door(StrEnum):
    """Which of our doors a callback came to; `unsubscribe` is the recipients' own, for the link in their e-mail."""

    receipts = "receipts"
    inbound = "inbound"
    unsubscribe = "unsubscribe"


class Callback(NamedTuple):
    """
    What a provider called us with, whole. Header names are lower-case; `path` is the path as it was called.

    A session that tells by itself (a PDU, an event) makes one with its own words as the body. The repr shows none
    of it.
    """

    body: bytes = b""
    method: str = "POST"
    path: str = ""
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = {}
    door: Door = Door.receipts

    def __repr__(self) -> str:
        return f"<Callback {self.method} {self.door} {len(self.body)} bytes>"


class Reply(NamedTuple):
    """The answer that a provider expects to its callback."""

    status: int = 200
    content_type: str = "application/json"
    body: bytes = b"{}"


Tiers = tuple[tuple[tuple[str, int], ...], ...]
"""The accounts of one channel by name: tier after tier in order, within a tier by cost, then side by side by weight."""
