"""
One provider account of the routes file: the keys that every account has, and those of its kind.

The keys of a kind are the fields of its parameters, read by type and strictly. Who an account's secret is told to
must not be guessed: a field of type `Secret` is read from the file that its key `<field>_file` names.
"""

from collections.abc import Hashable, Mapping
from dataclasses import MISSING, Field, dataclass, fields, make_dataclass
from functools import cache
from ipaddress import ip_network
from pathlib import Path as File
from typing import Any, cast, get_args, get_type_hints
from urllib.parse import urlsplit

import orjson
from pydantic import ConfigDict, TypeAdapter, ValidationError

from service.core.civil import WindowError, is_zone, parse_window
from service.core.model import Channel, Purpose
from service.core.policy import Flawed
from service.flows.providers import (
    FiledTemplate,
    FilingState,
    Permission,
    ProviderAccount,
    ProviderKind,
    Secret,
    ServiceHours,
    Trust,
    Url,
)

from .policy_shape import message_of
from .policy_source import Path, Source

SECRET_BYTES_MIN = 16

HARMLESS = frozenset(
    {Purpose.service_notice, Purpose.consent_request, Purpose.opt_out_confirmation, Purpose.complaint_response}
)
"""What a public cloud's template products carry by their own rules: nothing about a debt, and no offer."""

_STRICT = ConfigDict(extra="forbid", strict=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hours:
    __pydantic_config__ = _STRICT
    days: str
    from_: str
    to: str
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Permission:
    __pydantic_config__ = _STRICT
    by: str
    on: str
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Template:
    __pydantic_config__ = _STRICT
    template: str
    locale: str
    code: str
    state: FilingState
    variables: dict[str, str] | None = None
    signature: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Common:
    """What any account may say of itself."""

    __pydantic_config__ = _STRICT
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


def read_account(
    source: Source, folder: File, at: Path, told: Mapping[str, Any], kind: ProviderKind, channels: frozenset[Channel]
) -> ProviderAccount | None:
    """Read one account; whatever is wrong is noted in `source`."""
    own = {key: value for key, value in told.items() if key not in _COMMON and key != CALLBACK_SECRET}
    params = _params(source, folder, at, own, kind)
    common = _validated(source, at, {key: told[key] for key in _COMMON if key in told}, _Common)
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


def _params(source: Source, folder: File, at: Path, own: Mapping[str, Any], kind: ProviderKind) -> Any:
    """Read the kind's own keys: secrets from their files, the rest by type."""
    secret_fields = {field.name: field for field in fields(kind.params) if _is(kind, field, Secret)}
    secrets = {
        name: read_secret(source, folder, (*at, f"{name}_file"), own, **field.metadata)
        for name, field in secret_fields.items()
        if f"{name}_file" in own or field.default is MISSING
    }
    plain = {key: value for key, value in own.items() if key not in {f"{name}_file" for name in secret_fields}}
    for field in fields(kind.params):
        if _is(kind, field, Url) and isinstance(plain.get(field.name), str) and not is_address(plain[field.name]):
            source.complain((*at, field.name), "must be http://HOST:PORT or https://HOST, without a user")
    found = _validated(source, at, plain, _plain_part(cast(Hashable, kind.params)), f"unknown key for a {kind.name}")
    if found is None or None in secrets.values():
        return None
    values = {field.name: getattr(found, field.name) for field in fields(found)}
    for field in fields(kind.params):
        if _is(kind, field, Url) and values[field.name] is not None:
            values[field.name] = Url(values[field.name])
    try:
        return kind.params(**values, **secrets)
    except Flawed as error:
        for path, message in error.flaws:
            source.complain((*at, *path.split(".")), message)
        return None


@cache
def _plain_part(params: Hashable) -> type[Any]:
    """The parameters without their secrets, which stand in files of their own."""
    hints = get_type_hints(cast(Any, params))
    plain = [
        (field.name, _as_text(hints[field.name]), field)
        for field in fields(cast(Any, params))
        if Secret not in (hints[field.name], *get_args(hints[field.name]))
    ]
    return make_dataclass("Params", plain, frozen=True, kw_only=True, namespace={"__pydantic_config__": _STRICT})


def _as_text(hint: Any) -> Any:
    if hint is Url:
        return str
    return str | None if Url in get_args(hint) else hint


def _is(kind: ProviderKind, field: Field[Any], wanted: type[Any]) -> bool:
    hint = get_type_hints(kind.params)[field.name]
    return wanted in (hint, *get_args(hint))


@cache
def _adapter(model: Hashable) -> TypeAdapter[Any]:
    return TypeAdapter(cast(Any, model))


def _validated(
    source: Source, at: Path, plain: Mapping[str, Any], model: type[Any], unknown: str = "unknown key"
) -> Any:
    """Read values by the model's types, strictly; None where that cannot be, and all complaints noted."""
    try:
        return _adapter(cast(Hashable, model)).validate_json(orjson.dumps(_spelled(plain)))
    except ValidationError as error:
        for one in error.errors(include_url=False):
            message = unknown if one["type"] == "unexpected_keyword_argument" else message_of(one)
            source.complain(
                (*at, *(str(step).rstrip("_") if isinstance(step, str) else step for step in one["loc"])), message
            )
        return None


def _spelled(plain: Any) -> Any:
    """`from` is a word of Python: its field is `from_`."""
    if isinstance(plain, dict):
        return {"from_" if key == "from" else key: _spelled(value) for key, value in plain.items()}
    return [_spelled(value) for value in plain] if isinstance(plain, list) else plain


def _callback_secret(
    source: Source, folder: File, at: Path, told: Mapping[str, Any], kind: ProviderKind
) -> Secret | None:
    if CALLBACK_SECRET not in told and kind.trust is not Trust.segment:
        return None
    return read_secret(source, folder, (*at, CALLBACK_SECRET), told)


def read_secret(
    source: Source, folder: File, at: Path, told: Mapping[str, Any], *, bytes_min: int = SECRET_BYTES_MIN
) -> Secret | None:
    """Read a secret from the file that the last key of the path names, beside the routes file."""
    if at[-1] not in told:
        source.complain(at, "is missing")
        return None
    try:
        secret = (folder / str(told[str(at[-1])])).read_bytes().strip()
    except OSError:
        source.complain(at, "cannot be read")
        return None
    if len(secret) < bytes_min:
        source.complain(at, f"must hold at least {bytes_min} bytes")
        return None
    return Secret(secret)


def is_address(url: str) -> bool:
    """True for the address of a provider: http or https, a host, no user and no query."""
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc and not parts.query
        )
    except ValueError:
        return False
