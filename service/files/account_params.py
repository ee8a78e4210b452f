"""
The parameters of an account, as its kind declares them: the fields of a dataclass, read by type and strictly.

A secret stands in a file of its own beside the routes file: a field `x` of type `Secret` is read from the file that
the key `x_file` names. An address of type `Url` is one that we would call.
"""

import re
from collections.abc import Hashable, Mapping
from dataclasses import MISSING, Field, fields, make_dataclass
from enum import Enum
from functools import cache
from pathlib import Path as File
from typing import Any, Literal, cast, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit

from service.core.policy import Flawed
from service.flows.providers import ProviderKind, Secret, Url

from .account_values import STRICT, read_values
from .policy_source import Path, Source

SECRET_BYTES_MIN = 16

_BLANK = re.compile(r"[\s\x00-\x1f]")


def read_params(source: Source, folder: File, at: Path, own: Mapping[str, Any], kind: ProviderKind) -> Any:
    """Read the kind's own keys: secrets from their files, the rest by type. None if anything is wrong; all is noted."""
    secret_fields = {field.name: field for field in fields(kind.params) if _is(kind, field, Secret)}
    secrets = {
        name: read_secret(source, folder, (*at, f"{name}_file"), own, **field.metadata)
        for name, field in secret_fields.items()
        if f"{name}_file" in own or field.default is MISSING
    }
    plain = {key: value for key, value in own.items() if key not in {f"{name}_file" for name in secret_fields}}
    unread = {name for name, secret in secrets.items() if secret is None} | _blanks(source, at, plain, kind)
    model = _plain_part(cast(Hashable, kind.params))
    values, others = read_values(source, at, plain, model, f"unknown key for a {kind.name}")
    for field in fields(kind.params):
        if _is(kind, field, Url) and values.get(field.name) is not None:
            values[field.name] = Url(values[field.name])
    return _judged(source, at, kind, {**values, **secrets}, unread | others)


def _blanks(source: Source, at: Path, plain: Mapping[str, Any], kind: ProviderKind) -> set[str]:
    """Name the texts that say nothing, and the addresses that are none."""
    found = set()
    for field in fields(kind.params):
        text = plain.get(field.name)
        if not isinstance(text, str) or text == field.default:
            continue
        if _is(kind, field, Url) and not is_address(text):
            source.complain((*at, field.name), "must be http://HOST:PORT or https://HOST, without a user")
            found.add(field.name)
        elif not text.strip():
            source.complain((*at, field.name), "must not be empty")
            found.add(field.name)
    return found


def _judged(source: Source, at: Path, kind: ProviderKind, values: Mapping[str, Any], unread: set[str]) -> Any:
    """
    Make the parameters, with what the kind itself says of them.

    In place of what could not be read it is shown one guess and then another: what it says both times is so, whatever
    would have stood there.
    """
    made: list[Any] = []
    said: list[list[tuple[str, str]]] = []
    for guess in (0, 1) if unread else (0,):
        guessed = {name: _guesses(get_type_hints(kind.params)[name])[guess] for name in unread}
        try:
            made.append(kind.params(**{**values, **guessed}))
            said.append([])
        except Flawed as error:
            said.append(list(error.flaws))
    flaws = [flaw for flaw in said[0] if flaw in said[-1]]
    for path, message in flaws:
        steps = path.split(".")
        if steps[0].removesuffix("_file") not in unread:
            source.complain((*at, *steps), message)
    return None if unread or flaws else made[0]


def _guesses(hint: Any) -> tuple[Any, Any]:
    """Give two values of a type that have as little in common as can be."""
    args = get_args(hint)
    if type(None) in args:
        return None, _guesses(next(arg for arg in args if arg is not type(None)))[1]
    if get_origin(hint) is Literal:
        return args[0], args[-1]
    if isinstance(hint, type) and issubclass(hint, Enum):
        return next(iter(hint)), list(hint)[-1]
    return _GUESSES.get(get_origin(hint) or hint, (None, None))


_GUESSES: Mapping[Any, tuple[Any, Any]] = {
    bool: (False, True),
    int: (1, 60),
    str: ("1", "a.example"),
    Url: (Url("http://127.0.0.1"), Url("https://a.example")),
    Secret: (Secret(b"A"), Secret(b"B" * 43)),
    tuple: ((), ("a",)),
    Mapping: ({}, {}),
}


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
