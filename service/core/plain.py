"""
A parameter of a rule as plain JSON, spelled as the policy file spells it; and a rule as a flat list of them.

Read off the dataclass itself, so that every kind of rule, also one to come, shows all its parameters.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from typing import Any


def plain(value: Any) -> Any:
    """Write a value as JSON knows it."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name.rstrip("_"): plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(each) for key, each in value.items()}
    if isinstance(value, str) or not isinstance(value, Iterable):
        return value
    # A set has no order of its own; one text must not be shown in two.
    items = sorted(value) if isinstance(value, set | frozenset) else value
    return [plain(each) for each in items]


def flat(value: Any, *, without: Iterable[str] = ()) -> dict[str, Any]:
    """Every parameter of a rule or pack by its dotted name; what is absent or empty is left out."""
    left_out = set(without)
    own = {field.name: getattr(value, field.name) for field in fields(value) if not field.name.startswith("_")}
    return dict(
        pair for name, each in own.items() if name not in left_out for pair in _pairs(name.rstrip("_"), plain(each))
    )


def _pairs(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _pairs(f"{name}.{key}", each)
    elif value not in (None, []):
        yield name, value
