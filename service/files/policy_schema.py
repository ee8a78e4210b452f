"""
JSON Schema of packs, cases and calendars, for editors that check while one types.

Made from the dataclasses that read the files, so it says what they say. It knows the shape alone: what no
type can say (a window that ends as it begins, a rule that lifts nothing) is left to `policy lint`.
"""

from collections.abc import Mapping
from enum import StrEnum
from keyword import iskeyword
from pathlib import Path
from typing import Any, get_args, get_type_hints

import orjson

from service.core.model import ActorRole, Effect

from .calendars import calendar_files_read
from .policy_cases import ABSENT, CASE_KEYS, EXPECT_KEYS
from .policy_facts import RENAMED, ROWS
from .policy_shape import heads, rules_read

DIALECT = "https://json-schema.org/draft/2020-12/schema"

PACK, CASES, CALENDAR = "pack.schema.json", "cases.schema.json", "calendar.schema.json"


_ABSENT = {"const": ABSENT}


def write(folder: Path) -> list[Path]:
    """Write the three schemas into a folder; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, schema in ((PACK, pack_schema()), (CASES, cases_schema()), (CALENDAR, calendar_schema())):
        file = folder / name
        file.write_bytes(orjson.dumps(schema, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
        written.append(file)
    return written


def pack_schema() -> dict[str, Any]:
    """What a pack's file may hold."""
    head, many = heads().json_schema(), rules_read().json_schema()
    definitions = {**head.pop("$defs", {}), **many.pop("$defs", {})}
    head["properties"]["rules"] = many
    head["required"] = [*head.get("required", []), "rules"]
    schema: dict[str, Any] = _spelled({"$schema": DIALECT, **head, "title": "A policy pack", "$defs": definitions})
    return schema


def calendar_schema() -> dict[str, Any]:
    """What a calendar's file may hold."""
    schema: dict[str, Any] = _spelled(
        {"$schema": DIALECT, **calendar_files_read().json_schema(), "title": "A calendar"}
    )
    return schema


def cases_schema() -> dict[str, Any]:
    """What a case file may hold; ids and addresses are the author's own."""
    given = {
        "type": "object",
        "additionalProperties": False,
        "properties": {"actor_role": _words(ActorRole), "request": {"type": "object"}, "facts": _facts()},
    }
    own: dict[str, Any] = {name: {} for name in CASE_KEYS}
    own |= {
        "case": {"type": "string"},
        "rule": {"type": "string"},
        "boundary": {"type": "boolean"},
        "when": {"type": "string"},
        "hold_seconds": {"type": "integer", "minimum": 0},
        "packs": {"type": "array", "items": {"type": "string"}},
        "given": {"$ref": "#/$defs/given"},
        "expect": {"$ref": "#/$defs/expect"},
    }
    case = {"type": "object", "additionalProperties": False, "required": ["case", "rule", "when", "expect"]}
    return {
        "$schema": DIALECT,
        "title": "The cases of a pack",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "given": {"$ref": "#/$defs/given"},
            "cases": {"type": "array", "items": {**case, "properties": own}},
        },
        "$defs": {"given": given, "expect": _expect()},
    }


def _expect() -> dict[str, Any]:
    said = [effect.name for effect in Effect]
    known: dict[str, Any] = {name: {} for name in EXPECT_KEYS}
    known |= {"verdict": {"enum": [*said, "not applied"]}, "effect": {"enum": said}}
    return {"type": "object", "additionalProperties": False, "properties": known}


def _facts() -> dict[str, Any]:
    rows = {name: {"anyOf": [{"type": "array", "items": _row(kind)}, _ABSENT]} for name, kind in ROWS.items()}
    more = {"visit": {"type": "object"}, "recording_available": {"type": "boolean"}}
    return {"type": "object", "properties": {**rows, **more}}


def _row(kind: type[Any]) -> dict[str, Any]:
    """One fact as a case spells it: closed sets by their words, all else free."""
    spelt = {field: name for name, field in RENAMED.items()}
    words = {spelt.get(name, name): _words(hint) for name, hint in get_type_hints(kind).items()}
    return {"type": "object", "properties": words}


def _words(hint: Any) -> dict[str, Any]:
    options = [option for option in get_args(hint) if option is not type(None)] or [hint]
    target = options[0]
    if len(options) == 1 and isinstance(target, type) and issubclass(target, StrEnum):
        return {"enum": [*target, None]}
    return {}


def _spelled(value: Any) -> Any:
    """`from` is a word of Python, so its field is `from_`; the file writes it plainly."""
    if isinstance(value, Mapping):
        return {_word(key): _spelled(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_word(each) if isinstance(each, str) else _spelled(each) for each in value]
    return value


def _word(text: str) -> str:
    return text[:-1] if text.endswith("_") and iskeyword(text[:-1]) else text
