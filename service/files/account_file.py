"""One provider account of the routes file: what every account may say; `account_params` reads what its kind asks."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from ipaddress import ip_network
from pathlib import Path as File
from typing import Any

from service.core.civil import WindowError, is_zone, parse_window
from service.core.model import Channel, Purpose
from service.flows.providers import (
    FiledTemplate,
    FilingState,
    Permission,
    ProviderAccount,
    ProviderKind,
    Secret,
    ServiceHours,
    Trust,
)

from .account_params import STRICT, read_params, read_secret, validated
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
class _Template:
    __pydantic_config__ = STRICT
    template: str
    locale: str
    code: str
    state: FilingState
    variables: dict[str, str] | None = None
    signature: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Common:
    """What any account may say of itself."""

    __pydantic_config__ = STRICT
    kind: str
    purposes: tuple[Purpose, ...] | None = None
    permission: _Permission | None = None
    signatures: dict[str, FilingState] | None = None
    templates: tuple[_Template, ...] = ()
    per_second: int | None = None
    hours: _Hours | None = None
    cost_class: str | None = None
    callbacks_from: tuple[str, ...] = ()
    records: bool = False


_COMMON = tuple(field.name for field in fields(_Common))
CALLBACK_SECRET = "callback_secret_file"

_SEGMENT = re.compile(rb"[A-Za-z0-9._~-]{16,200}")
"""What comes back as it went out when a provider is given it as the end of an address."""


def read_account(
    source: Source, folder: File, at: Path, told: Mapping[str, Any], kind: ProviderKind, channels: frozenset[Channel]
) -> ProviderAccount | None:
    """Read one account; whatever is wrong is noted in `source`."""
    own = {key: value for key, value in told.items() if key not in _COMMON and key != CALLBACK_SECRET}
    params = read_params(source, folder, at, own, kind)
    common = validated(source, at, {key: told[key] for key in _COMMON if key in told}, _Common)
    secret = _callback_secret(source, folder, at, told, kind)
    if params is None or common is None:
        return None
    account = ProviderAccount(
        name=str(at[-1]),
        kind=kind,
        params=params,
        channels=channels,
        purposes=_purposes(source, at, common, kind),
        permission=common.permission
        and Permission(common.permission.by, common.permission.on, common.permission.reference),
        signatures=common.signatures or {},
        templates=_templates(source, at, common),
        per_second=common.per_second,
        hours=_hours(source, at, common.hours),
        cost_class=common.cost_class,
        callback_secret=secret,
        callbacks_from=_networks(source, at, common.callbacks_from),
        records=common.records,
    )
    _check(source, at, account)
    return account


def _check(source: Source, at: Path, account: ProviderAccount) -> None:
    kind = account.kind
    if account.permission is not None:
        _check_permission(source, (*at, "permission"), account.permission)
    if account.per_second is not None and account.per_second < 1:
        source.complain((*at, "per_second"), "must be at least 1")
    if kind.templated and not account.templates:
        source.complain(at, "needs `templates`: it sends nothing that is not filed with the provider")
    if kind.signed and not account.signatures:
        source.complain(at, "needs `signatures`: nothing goes out under one that is not filed")
    for place, filing in enumerate(account.templates):
        if filing.signature is not None and filing.signature not in account.signatures:
            source.complain((*at, "templates", place, "signature"), "is not among the account's signatures")
        elif filing.signature is None and kind.templated and kind.signed:
            source.complain((*at, "templates", place), "must name the signature that it is filed with")


def _check_permission(source: Source, at: Path, permission: Permission) -> None:
    """It is evidence: who allowed it, when, and where that is written."""
    for name, said in permission._asdict().items():
        if not said.strip():
            source.complain((*at, name), "must not be empty")
    if permission.on.strip() and not _is_day(permission.on):
        source.complain((*at, "on"), 'must be a day such as "2026-10-01"')


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _purposes(source: Source, at: Path, common: _Common, kind: ProviderKind) -> frozenset[Purpose]:
    if common.purposes is None:
        return HARMLESS if kind.templated else frozenset(Purpose)
    asked = frozenset(common.purposes)
    if kind.templated and asked - HARMLESS and common.permission is None:
        source.complain(
            (*at, "purposes"), f"{', '.join(sorted(asked - HARMLESS))}: only with a `permission` {{by, on, reference}}"
        )
    return asked


def _templates(source: Source, at: Path, common: _Common) -> tuple[FiledTemplate, ...]:
    seen: set[tuple[str, str]] = set()
    for place, filing in enumerate(common.templates):
        if (filing.template, filing.locale) in seen:
            source.complain((*at, "templates", place), "is filed twice")
        if not filing.code.strip():
            source.complain((*at, "templates", place, "code"), "must not be empty")
        seen.add((filing.template, filing.locale))
    return tuple(
        FiledTemplate(
            filing.template,
            filing.locale,
            filing.code,
            filing.state,
            tuple((filing.variables or {}).items()),
            filing.signature,
        )
        for filing in common.templates
    )


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
