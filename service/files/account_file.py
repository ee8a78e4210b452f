"""One provider account of the routes file: what every account may say; `account_params` reads what its kind asks."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from ipaddress import ip_network
from pathlib import Path as File
from typing import Any

from service.core.civil import WindowError, is_zone, parse_window
from service.core.model import Channel, Purpose
from service.flows.providers import (
    CostClass,
    FilingState,
    Permission,
    ProviderAccount,
    ProviderKind,
    Secret,
    ServiceHours,
    Trust,
)

from .account_filings import read_templates
from .account_params import read_params, read_secret
from .account_values import STRICT, read_values
from .policy_source import Path, Source

HARMLESS = frozenset(
    {Purpose.service_notice, Purpose.consent_request, Purpose.opt_out_confirmation, Purpose.complaint_response}
)
"""What a public cloud's template products carry by their own rules: nothing about a debt, and no offer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hours:
    __pydantic_config__ = STRICT
    days: str
    from_: str
    to: str
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Permission:
    __pydantic_config__ = STRICT
    by: str
    on: str
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Common:
    """What any account may say of itself."""

    __pydantic_config__ = STRICT
    kind: str
    purposes: tuple[Purpose, ...] | None = None
    permission: _Permission | None = None
    signatures: dict[str, FilingState] | None = None
    templates: tuple[dict[str, Any], ...] = ()
    per_second: int | None = None
    hours: _Hours | None = None
    cost_class: CostClass = CostClass.normal
    callbacks_from: tuple[str, ...] = ()
    records: bool = False


_COMMON = tuple(field.name for field in fields(_Common))
CALLBACK_SECRET = "callback_secret_file"

_SEGMENT = re.compile(rb"[A-Za-z0-9._~-]{16,200}")
"""What comes back as it went out when a provider is given it as the end of an address."""


def read_account(
    source: Source,
    folder: File,
    at: Path,
    told: Mapping[str, Any],
    kind: ProviderKind,
    channels: frozenset[Channel],
    today: date | None = None,
) -> ProviderAccount:
    """
    Read one account. All that is wrong is noted in `source`, and then the account is for further complaints alone.

    `today` is the bank's: a permission of a later day is none yet.
    """
    own = {key: value for key, value in told.items() if key not in _COMMON and key != CALLBACK_SECRET}
    values, unread = read_values(source, at, {key: told[key] for key in _COMMON if key in told}, _Common)
    common = _Common(**values)
    permission = Permission(**asdict(common.permission)) if common.permission else None
    signatures = None if "signatures" in unread else common.signatures or {}
    account = ProviderAccount(
        name=str(at[-1]),
        kind=kind,
        params=read_params(source, folder, at, own, kind),
        channels=channels,
        purposes=_purposes(source, at, common, kind, unread),
        permission=permission,
        signatures=signatures or {},
        templates=read_templates(source, (*at, "templates"), common.templates, kind, signatures),
        per_second=common.per_second,
        hours=_hours(source, at, common.hours),
        cost_class=common.cost_class,
        callback_secret=_callback_secret(source, folder, at, told, kind),
        callbacks_from=_networks(source, at, common.callbacks_from),
        records=common.records,
    )
    if account.per_second is not None and account.per_second < 1:
        source.complain((*at, "per_second"), "must be at least 1")
    if permission is not None:
        _check_permission(source, (*at, "permission"), permission, today)
    if kind.templated and not account.templates and "templates" not in unread:
        source.complain(at, "needs `templates`: it sends nothing that is not filed with the provider")
    if kind.signed and signatures == {}:
        source.complain(at, "needs `signatures`: nothing goes out under one that is not filed")
    return account


def _check_permission(source: Source, at: Path, permission: Permission, today: date | None) -> None:
    """It is evidence: who allowed it, when, and where that is written."""
    for name, said in permission._asdict().items():
        if not said.strip():
            source.complain((*at, name), "must not be empty")
    if not permission.on.strip():
        return
    if not _is_day(permission.on):
        source.complain((*at, "on"), 'must be a day such as "2026-10-01"')
    elif today is not None and date.fromisoformat(permission.on) > today:
        source.complain((*at, "on"), "must not be in the future")


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _purposes(source: Source, at: Path, common: _Common, kind: ProviderKind, unread: set[str]) -> frozenset[Purpose]:
    if common.purposes is None:
        return HARMLESS if kind.templated else frozenset(Purpose)
    asked = frozenset(common.purposes)
    if kind.templated and asked - HARMLESS and common.permission is None and "permission" not in unread:
        source.complain(
            (*at, "purposes"), f"{', '.join(sorted(asked - HARMLESS))}: only with a `permission` {{by, on, reference}}"
        )
    return asked


def _hours(source: Source, at: Path, told: _Hours | None) -> ServiceHours | None:
    if told is None:
        return None
    if not is_zone(told.zone):
        source.complain((*at, "hours", "zone"), "is not a known time zone")
    try:
        return ServiceHours(parse_window(told.days, told.from_, told.to), told.zone)
    except WindowError as error:
        source.complain((*at, "hours", error.field), str(error))
        return None


def _networks(source: Source, at: Path, told: tuple[str, ...]) -> tuple[Any, ...]:
    networks = []
    for place, text in enumerate(told):
        try:
            networks.append(ip_network(text))
        except ValueError:
            source.complain((*at, "callbacks_from", place), "is not a network such as 203.0.113.0/24")
    return tuple(networks)


def _callback_secret(
    source: Source, folder: File, at: Path, told: Mapping[str, Any], kind: ProviderKind
) -> Secret | None:
    if CALLBACK_SECRET not in told and kind.trust is not Trust.segment:
        return None
    secret = read_secret(source, folder, (*at, CALLBACK_SECRET), told)
    if secret is not None and not _SEGMENT.fullmatch(secret):
        source.complain((*at, CALLBACK_SECRET), "must hold 16 to 200 letters, digits, . _ ~ -: it stands in a path")
    return secret
