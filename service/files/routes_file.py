"""
The routes file: which provider account carries which channel.

    providers:
      sandbox:     {kind: simulator, url: http://127.0.0.1:9099, secret_file: sandbox.secret}
      print-house: {kind: spool, secret_file: print-house.secret}
    routes:
      sms: sandbox
      letter: print-house

Read strictly (decision 0003): all complaints come at once and stop the start. A channel that has no route
here is refused with `no_route`; a secret stands in a file of its own, beside this one.
"""

import re
from pathlib import Path as File
from typing import Any
from urllib.parse import urlsplit

from service.core.errors import Misconfigured
from service.core.model import Channel
from service.flows.ports import ProviderAccount, ProviderKind

from .policy_source import Complaint, Path, Source

SECRET_BYTES_MIN = 16

_CARRIES = {
    ProviderKind.simulator: frozenset(Channel) - {Channel.visit},
    ProviderKind.spool: frozenset({Channel.letter}),
}
_KEYS = {
    ProviderKind.simulator: frozenset({"kind", "url", "secret_file", "records"}),
    ProviderKind.spool: frozenset({"kind", "secret_file"}),
}
_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")


class RoutesRefused(Misconfigured):
    """A routes file that cannot be in force; `complaints` has them all."""

    def __init__(self, complaints: list[Complaint]) -> None:
        super().__init__("\n".join(map(str, complaints)))
        self.complaints = tuple(complaints)


def read_routes(file: File) -> tuple[ProviderAccount, ...]:
    """Read the accounts with the channels routed to them, or raise `RoutesRefused`."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise RoutesRefused([Complaint(file.name, 1, "", "cannot be read as UTF-8 text")]) from None
    source = Source(file.name, text)
    accounts = _accounts(source, file.parent) if isinstance(source.plain, dict) else ()
    if source.complaints:
        raise RoutesRefused(source.complaints)
    return accounts


def _accounts(source: Source, folder: File) -> tuple[ProviderAccount, ...]:
    for key in source.plain.keys() - {"providers", "routes"}:
        source.complain((key,), "unknown key")
    providers, routes = _section(source, "providers"), _section(source, "routes")
    accounts = [
        account
        for name, told in providers.items()
        if (account := _account(source, folder, name, told, _channels(source, name, routes))) is not None
    ]
    for channel, name in routes.items():
        if channel not in set(Channel):
            source.complain(("routes", channel), "not a channel")
        elif not isinstance(name, str) or name not in providers:
            source.complain(("routes", channel), "names a provider that is not described")
    if len({account.kind is ProviderKind.simulator for account in accounts}) > 1:
        # Every answer says whether it is simulated; half a simulation would make half of them lie.
        source.complain(("providers",), "a simulator and a real provider cannot serve one gateway")
    return tuple(accounts)


def _section(source: Source, key: str) -> dict[str, Any]:
    section = source.plain.get(key)
    if isinstance(section, dict):
        return section
    source.complain((key,), "is missing" if section is None else "must hold keys and values")
    return {}


def _channels(source: Source, name: str, routes: dict[str, Any]) -> frozenset[Channel]:
    channels = frozenset(Channel(channel) for channel, to in routes.items() if to == name and channel in set(Channel))
    if not channels:
        source.complain(("providers", name), "no channel is routed to it")
    return channels


def _account(
    source: Source, folder: File, name: str, told: Any, channels: frozenset[Channel]
) -> ProviderAccount | None:
    at: Path = ("providers", name)
    if not _NAME.fullmatch(name):
        source.complain(at, "a name is lower-case letters, digits and hyphens, for it stands in a path")
    if not isinstance(told, dict) or told.get("kind") not in set(ProviderKind):
        source.complain(at, f"its kind must be one of: {', '.join(ProviderKind)}")
        return None
    kind = ProviderKind(told["kind"])
    for key in told.keys() - _KEYS[kind]:
        source.complain((*at, key), f"unknown key for a {kind}")
    for channel in channels - _CARRIES[kind]:
        source.complain(
            ("routes", channel), "is carried out by a person" if channel == "visit" else f"no {kind} carries it"
        )
    url, secret, records = (
        told.get("url"),
        _secret(source, folder, (*at, "secret_file"), told),
        told.get("records", False),
    )
    if kind is ProviderKind.simulator:
        if not isinstance(url, str) or not _is_address(url):
            source.complain((*at, "url"), "must be http://HOST:PORT or https://HOST, without a user")
        if "secret_file" not in told:
            source.complain((*at, "secret_file"), "is missing")
    if not isinstance(records, bool):
        source.complain((*at, "records"), "must be true or false")
    return ProviderAccount(name, kind, channels, url, secret, records is True)


def _secret(source: Source, folder: File, at: Path, told: dict[str, Any]) -> bytes | None:
    if "secret_file" not in told:
        return None
    try:
        secret = (folder / str(told["secret_file"])).read_bytes().strip()
    except OSError:
        source.complain(at, "cannot be read")
        return None
    if len(secret) < SECRET_BYTES_MIN:
        source.complain(at, f"must hold at least {SECRET_BYTES_MIN} bytes")
    return secret


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc and not parts.query
        )
    except ValueError:
        return False
