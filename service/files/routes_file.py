"""
The routes file: the accounts at providers, and which of them carry which channel.

    providers:
      line:  {kind: simulator, url: http://127.0.0.1:9099, secret_file: line.secret, per_second: 50}
      spare: {kind: simulator, url: http://127.0.0.1:9098, secret_file: spare.secret}
      press: {kind: spool, secret_file: press.secret}
    routes:
      sms: [line, spare]              # in this order
      call: [{line: 3, spare: 1}]     # side by side, by weight
      letter: press

A visit is carried out by a person; its account hands the order to the desk of the field staff (decision 0027).
Read strictly (decision 0003): all complaints come at once and stop the start. A channel that has no route
here is refused with `no_route`; a secret stands in a file of its own, beside this one.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import partial
from pathlib import Path as File
from typing import Any, NamedTuple

from service.core.errors import Misconfigured
from service.core.model import Channel
from service.core.rendering import Template
from service.flows.providers import ALWAYS_KNOWN, ProviderAccount, ProviderKind, Tiers

from .account_file import read_account
from .policy_source import Complaint, Path, Source

WEIGHT_MAX = 1000

_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")


class RoutesRefused(Misconfigured):
    """A routes file that cannot be in force; `complaints` has them all."""

    def __init__(self, complaints: list[Complaint]) -> None:
        super().__init__("\n".join(map(str, complaints)))
        self.complaints = tuple(complaints)


class RoutesRead(NamedTuple):
    """The accounts, and for each channel those that carry it: in order, by weight where they share a place."""

    accounts: tuple[ProviderAccount, ...] = ()
    tiers: Mapping[Channel, Tiers] = {}


def read_routes(
    file: File,
    kinds: Mapping[str, ProviderKind],
    signature: str | None = None,
    templates: Mapping[str, Template] | None = None,
    today: date | None = None,
) -> RoutesRead:
    """
    Read the accounts and the channels routed to them, or raise `RoutesRefused`.

    `signature` is the one that our texts carry: an account whose texts are signed must have it filed. `templates` are
    ours: what is filed must be one of them, in a locale it has, with variables it has. `today` is the bank's: nobody
    has permitted anything on a later day.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise RoutesRefused([Complaint(file.name, 1, "", "cannot be read as UTF-8 text")]) from None
    source = Source(file.name, text)
    read = partial(read_account, source, file.parent, today=today)
    routes = _read(source, read, kinds, signature) if isinstance(source.plain, dict) else RoutesRead()
    for account in routes.accounts if templates else ():
        _check_templates(source, account, templates or {})
    if source.complaints:
        raise RoutesRefused(source.complaints)
    return routes


def _read(
    source: Source,
    read: Callable[..., ProviderAccount],
    kinds: Mapping[str, ProviderKind],
    signature: str | None,
) -> RoutesRead:
    for key in source.plain.keys() - {"providers", "routes"}:
        source.complain((key,), "unknown key")
    providers, routed = _section(source, "providers"), _section(source, "routes")
    tiers = {
        Channel(channel): tuple(_tiers(source, ("routes", channel), told, providers))
        for channel, told in routed.items()
        if _is_channel(source, channel)
    }
    accounts = [
        account
        for name, told in providers.items()
        if (account := _account(source, read, name, told, kinds, tiers)) is not None
    ]
    if sum(map(len, tiers.get(Channel.visit, ()))) > 1:
        # What was perhaps handed to one is handed over again: two desks would both send their people.
        source.complain(("routes", Channel.visit), "the order for a visit goes to one account")
    for account in accounts:
        _check_signature(source, account, signature)
    named = (kinds.get(str(told.get("kind"))) for told in providers.values() if isinstance(told, dict))
    if len({kind.simulated for kind in named if kind}) > 1:
        # Every answer says whether it is simulated; half a simulation would make half of them lie.
        source.complain(("providers",), "a simulator and a real provider cannot serve one gateway")
    return RoutesRead(tuple(accounts), tiers)


def _section(source: Source, key: str) -> dict[str, Any]:
    section = source.plain.get(key)
    if isinstance(section, dict):
        return section
    source.complain((key,), "is missing" if section is None else "must hold keys and values")
    return {}


def _is_channel(source: Source, channel: str) -> bool:
    if channel in set(Channel):
        return True
    source.complain(("routes", channel), "not a channel")
    return False


def _tiers(source: Source, at: Path, told: Any, providers: Mapping[str, Any]) -> Iterator[tuple[tuple[str, int], ...]]:
    """Read a name, a list of names, or a list in which names with weights share a place."""
    seen: set[str] = set()
    for place, item in enumerate(told if isinstance(told, list) else [told]):
        here = (*at, place) if isinstance(told, list) else at
        if not isinstance(item, str | dict):
            source.complain(here, "must be a name, or names with weights")
            continue
        shares = item if isinstance(item, dict) else {item: 1}
        for name, weight in shares.items():
            if name not in providers:
                source.complain(here, "names a provider that is not described")
            elif name in seen:
                source.complain(here, f"names {name} twice")
            elif not isinstance(weight, int) or isinstance(weight, bool) or not 1 <= weight <= WEIGHT_MAX:
                source.complain((*here, name), f"a weight is a whole number from 1 to {WEIGHT_MAX}")
            seen.add(name)
        yield tuple(shares.items())


def _account(
    source: Source,
    read: Callable[..., ProviderAccount],
    name: str,
    told: Any,
    kinds: Mapping[str, ProviderKind],
    tiers: Mapping[Channel, Tiers],
) -> ProviderAccount | None:
    at: Path = ("providers", name)
    channels = frozenset(channel for channel, found in tiers.items() if any(name in dict(tier) for tier in found))
    if not channels:
        source.complain(at, "no channel is routed to it")
    if not _NAME.fullmatch(name):
        source.complain(at, "a name is lower-case letters, digits and hyphens, for it stands in a path")
    kind = kinds.get(str(told.get("kind"))) if isinstance(told, dict) else None
    if kind is None:
        source.complain(at, f"its kind must be one of: {', '.join(sorted(kinds))}")
        return None
    for channel in channels - kind.channels:
        source.complain(
            ("routes", channel),
            f"is carried out by a person, and no {kind.name} hands over the order"
            if channel is Channel.visit
            else f"no {kind.name} carries it",
        )
    account = read(at, told, kind, channels)
    if Channel.visit in channels & kind.channels and account.params is not None and not account.params.desk:
        source.complain((*at, "desk"), "is missing: the order for a visit goes there")
    return account


def _check_signature(source: Source, account: ProviderAccount, signature: str | None) -> None:
    """A text that is not filed word for word carries our signature, which must be filed then."""
    freely = account.kind.signed and not account.kind.templated and account.signatures
    if freely and signature is not None and signature not in account.signatures:
        source.complain(
            ("providers", account.name, "signatures"), f"our texts go out as 【{signature}】: it is not among them"
        )


def _check_templates(source: Source, account: ProviderAccount, templates: Mapping[str, Template]) -> None:
    """A name that is misspelt would be refused one by one, or sent as a blank."""
    for place, filing in enumerate(account.templates):
        at: Path = ("providers", account.name, "templates", place)
        ours = templates.get(filing.template)
        if not (filing.template and filing.locale):
            continue  # that was said where it was read
        if ours is None:
            source.complain((*at, "template"), f"there is no template {filing.template}")
            continue
        if filing.locale not in ours.locales:
            source.complain((*at, "locale"), f"{ours.name} has no {filing.locale}: it has {', '.join(ours.locales)}")
        for theirs, name in filing.variables:
            if name not in ours.variables and name not in ALWAYS_KNOWN:
                source.complain((*at, "variables", theirs), f"{ours.name} has no variable {name}")
