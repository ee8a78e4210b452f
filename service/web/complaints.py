"""
Turn pydantic's errors into faults that name the field and never the value.

Pydantic's own sentences are used only where they are made of our schema alone. An unknown field's
name is the caller's text: it is repeated only where it can be nothing but a name.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from service.core.variables import Fault

_SAID: Mapping[str, tuple[str, str]] = {
    "missing": ("required", "is required"),
    "extra_forbidden": ("unknown", "is no field of this object"),
    "string_type": ("type", "must be a string"),
    "int_type": ("type", "must be an integer"),
    "int_from_float": ("type", "must be an integer"),
    "int_parsing": ("type", "must be an integer"),
    "int_parsing_size": ("range", "is too large a number"),
    "float_type": ("type", "must be a number"),
    "bool_type": ("type", "must be true or false"),
    "bool_parsing": ("type", "must be true or false"),
    "list_type": ("type", "must be a list"),
    "tuple_type": ("type", "must be a list"),
    "set_type": ("type", "must be a list"),
    "frozen_set_type": ("type", "must be a list"),
    "dict_type": ("type", "must be an object"),
    "model_type": ("type", "must be an object"),
    "model_attributes_type": ("type", "must be an object"),
    "dataclass_type": ("type", "must be an object"),
    "none_required": ("type", "must be null"),
    "string_too_long": ("too_long", "must have at most {max_length} characters"),
    "string_too_short": ("too_short", "must have at least {min_length} characters"),
    "string_pattern_mismatch": ("format", "has not the form that is asked for"),
    "string_unicode": ("character", "is not Unicode text"),
    "too_long": ("too_long", "must have at most {max_length} items"),
    "too_short": ("too_short", "must have at least {min_length} items"),
    "greater_than": ("range", "must be more than {gt}"),
    "greater_than_equal": ("range", "must be at least {ge}"),
    "less_than": ("range", "must be less than {lt}"),
    "less_than_equal": ("range", "must be at most {le}"),
    "finite_number": ("range", "must be a finite number"),
    "enum": ("not_one_of", "must be one of: {expected}"),
    "literal_error": ("not_one_of", "must be one of: {expected}"),
    "recursion_loop": ("depth", "is nested too deeply"),
    "character": ("character", ""),
    "instant": ("instant", ""),
    "zone": ("zone", ""),
    "jurisdiction": ("jurisdiction", ""),
    "address": ("type", ""),
    "variable": ("type", ""),
    "currency": ("not_one_of", ""),
    "day": ("format", ""),
}
"""Code and sentence by pydantic's type; an empty sentence means our own validator wrote a safe one."""

_PLAUSIBLE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
FAULTS_MAX = 50


def faults_of(error: ValidationError) -> list[Fault]:
    """Every fault of one body, at most fifty."""
    return [_fault(each, each["loc"]) for each in error.errors(include_url=False, include_input=False)[:FAULTS_MAX]]


def faults_outside(errors: Iterable[Any]) -> list[Fault]:
    """The faults of a path or a query string, as FastAPI lists them: the first part of a place says which."""
    return [_fault(each, each["loc"][1:]) for each in errors]


def _fault(error: Any, location: Sequence[str | int]) -> Fault:
    code, sentence = _SAID.get(error["type"], ("invalid", "is not what is asked for here"))
    return Fault(path_of(location), code, _filled(sentence, error.get("ctx")) or error["msg"])


def path_of(location: Sequence[str | int]) -> str:
    """A dotted path, up to a part that can be something else than a name: then it is the caller's text."""
    parts = []
    for part in location:
        if isinstance(part, str) and not _PLAUSIBLE_NAME.fullmatch(part):
            break
        parts.append(str(part))
    return ".".join(parts)


def _filled(sentence: str, context: Mapping[str, Any] | None) -> str:
    if not context or "{" not in sentence:
        return sentence
    known = {name: str(value).replace("'", "") for name, value in context.items()}
    return sentence.format(**known)
