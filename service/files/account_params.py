"""
The parameters of an account, as its kind declares them: the fields of a dataclass, read by type and strictly.

A secret stands in a file of its own beside the routes file: a field `x` of type `Secret` is read from the file that
the key `x_file` names. An address of type `Url` is one that we would call.
"""

import re
from collections.abc import Hashable, Mapping
from dataclasses import MISSING, Field, fields, make_dataclass
from functools import cache
from pathlib import Path as File
from typing import Any, cast, get_args, get_type_hints
from urllib.parse import urlsplit

import orjson
from pydantic import ConfigDict, TypeAdapter, ValidationError

from service.core.policy import Flawed
from service.flows.providers import ProviderKind, Secret, Url

from .policy_shape import message_of
from .policy_source import Path, Source

STRICT = ConfigDict(extra="forbid", strict=True)

SECRET_BYTES_MIN = 16

_BLANK = re.compile(r"[\s\x00-\x1f]")


def read_params(source: Source, folder: File, at: Path, own: Mapping[str, Any], kind: ProviderKind) -> Any:
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
    found = validated(source, at, plain, _plain_part(cast(Hashable, kind.params)), f"unknown key for a {kind.name}")
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
    return make_dataclass("Params", plain, frozen=True, kw_only=True, namespace={"__pydantic_config__": STRICT})


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


def validated(
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


def read_secret(
    source: Source, folder: File, at: Path, told: Mapping[str, Any], *, bytes_min: int = SECRET_BYTES_MIN
) -> Secret | None:
    """Read a secret from the file that the last key of the path names, beside the routes file."""
    if at[-1] not in told:
        source.complain(at, "is missing")
        return None
    try:
        secret = (folder / str(told[str(at[-1])])).read_bytes().strip()
    except (OSError, ValueError):
        source.complain(at, "cannot be read")
        return None
    if len(secret) < bytes_min:
        source.complain(at, f"must hold at least {bytes_min} bytes")
        return None
    return Secret(secret)


def is_address(url: str) -> bool:
    """True for the address of a provider: http or https, a host, perhaps a port; no user, query or fragment."""
    try:
        parts = urlsplit(url)
        named = bool(parts.hostname) and parts.port != 0 and not (parts.query or parts.fragment or "@" in parts.netloc)
        return parts.scheme in ("http", "https") and named and not _BLANK.search(url)
    except ValueError:
        return False
