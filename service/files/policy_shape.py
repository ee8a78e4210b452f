"""
The shape of a pack, taken from the dataclasses in `core`: validating, and writing in plain form.

Nothing is described twice: pydantic reads the fields, types and checks of the rule kinds themselves.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, make_dataclass
from functools import cache, reduce
from keyword import iskeyword
from operator import or_
from typing import Annotated, Any, get_type_hints

import orjson
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from service.core.kinds import KINDS
from service.core.policy import Flawed, Pack, Rule

from .policy_source import Path

STRICT = ConfigDict(extra="forbid", strict=True)

_MESSAGES = {
    "unexpected_keyword_argument": "unknown key",
    "missing": "is missing",
    "missing_keyword_only_argument": "is missing",
    "union_tag_not_found": "a rule must say its kind",
    "date_from_datetime_parsing": "must be a date such as 2026-11-23",
    "date_parsing": "must be a date such as 2026-11-23",
    "date_type": "must be a date such as 2026-11-23",
    "int_type": "must be a whole number",
    "string_type": "must be text; numbers and times of day go in quotes",
    "bool_type": "must be true or false",
    "tuple_type": "must be a list",
    "dataclass_type": "must be keys and values",
    "dict_type": "must be keys and values",
}


def pack_from(plain: Mapping[str, Any]) -> Pack:
    """Validate one pack in plain form; raises ValidationError or Flawed for the first part that fails."""
    head = heads().validate_json(orjson.dumps({key: value for key, value in plain.items() if key != "rules"}))
    rules = rules_read().validate_json(orjson.dumps(plain["rules"]))
    return Pack(**{field.name: getattr(head, field.name) for field in fields(head)}, rules=rules)


def plain_from(pack: Pack) -> dict[str, Any]:
    """The plain form of a pack; what stands at its default is left out, so that a new default changes no digest."""
    head = _head()(**{field.name: getattr(pack, field.name) for field in fields(_head())})
    plain: dict[str, Any] = heads().dump_python(head, mode="json", exclude_defaults=True)
    plain["rules"] = rules_read().dump_python(pack.rules, mode="json", exclude_defaults=True)
    return plain


def wrong_with(plain: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """Everything that keeps a pack in plain form from being one, by path."""
    head: Any = None
    rules: tuple[Rule, ...] | None = None
    try:
        head = heads().validate_json(orjson.dumps({key: value for key, value in plain.items() if key != "rules"}))
    except ValidationError as error:
        yield from said(error, ())
    if not isinstance(plain.get("rules"), list):
        yield ("rules",), "must be a list of rules"
    else:
        try:
            rules = rules_read().validate_json(orjson.dumps(plain["rules"]))
        except ValidationError as error:
            yield from said(error, ("rules",))
        for place, rule in _sound(plain["rules"]) if rules is None else enumerate(rules):
            yield from ((("rules", place, *_path(flaw.split("."))), message) for flaw, message in rule.objections())
    if head is not None:
        try:
            Pack(**{field.name: getattr(head, field.name) for field in fields(head)}, rules=rules or ())
        except Flawed as error:
            yield from ((_path(path.split(".")), message) for path, message in error.flaws)


def _sound(rules: Sequence[Any]) -> Iterator[tuple[int, Rule]]:
    """The rules that can be read by themselves, with their places: what is said against the others hides nothing."""
    for place, rule in enumerate(rules):
        with contextlib.suppress(ValidationError):
            yield place, rules_read().validate_json(orjson.dumps([rule]))[0]


def said(error: ValidationError, root: Path) -> Iterator[tuple[Path, str]]:
    """What a validation error says, by path; `root` stands before the paths, and after it the kinds of rules."""
    for one in error.errors(include_url=False):
        loc = one["loc"]
        if root and len(loc) > 1:
            loc = (loc[0], *loc[2:])  # pydantic names the kind after the place of the rule
        path = (*root, *_path(loc))
        cause = one.get("ctx", {}).get("error")
        if isinstance(cause, Flawed):
            yield from (((*path, *_path(flaw.split("."))), message) for flaw, message in cause.flaws)
        elif one["type"] == "union_tag_invalid":
            yield (*path, "kind"), f"unknown kind; there are: {', '.join(sorted(_kind_names()))}"
        else:
            yield path, message_of(one)


def message_of(error: Any) -> str:
    """One validation error in our words."""
    if error["type"] in ("enum", "literal_error"):
        return f"must be one of {error['ctx']['expected']}"
    return _MESSAGES.get(error["type"], str(error["msg"]))


def _path(steps: Any) -> Path:
    """A path as the file writes it: `from` is a word of Python, so its field is `from_`."""
    return tuple(_step(step) for step in steps)


def _step(step: str | int) -> str | int:
    if isinstance(step, int) or step.isdigit():
        return int(step)
    return step[:-1] if step.endswith("_") and iskeyword(step[:-1]) else step


def spelled(value: Any) -> Any:
    """Turn the keys of a file into the names of fields."""
    if isinstance(value, dict):
        return {(f"{key}_" if iskeyword(key) else key): spelled(item) for key, item in value.items()}
    return [spelled(item) for item in value] if isinstance(value, list) else value


@cache
def _head() -> type[Any]:
    """A pack without its rules."""
    hints = get_type_hints(Pack)
    own = [(field.name, hints[field.name], field) for field in fields(Pack) if field.name != "rules"]
    return make_dataclass("Head", own, frozen=True, kw_only=True, namespace={"__pydantic_config__": STRICT})


@cache
def heads() -> TypeAdapter[Any]:
    return TypeAdapter(_head())


@cache
def rules_read() -> TypeAdapter[tuple[Rule, ...]]:
    any_kind: Any = reduce(or_, KINDS)
    many: Any = tuple[Annotated[any_kind, Field(discriminator="kind")], ...]
    return TypeAdapter(many, config=STRICT)


def _kind_names() -> list[str]:
    return [get_type_hints(kind)["kind"].__args__[0] for kind in KINDS]
