"""What the verb `policy diff` says: one book compared with another, as lines for people or as JSON."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from service.core.difference import Difference, PackChanged, Parameter, difference
from service.core.errors import NotFound
from service.core.policy import Book, Rule
from service.files.policies import load_book
from service.flows.books import FOLDER, IN_FORCE, named_book
from service.web.policy_difference import difference_json
from service.wiring import House

_DIGEST = re.compile(r"[0-9a-f]{64}")


async def book_named(house: House, name: str) -> Book:
    """A book by digest, `in-force`, `folder`, or a folder of one's own."""
    if name != FOLDER and (path := Path(name)).is_dir():
        return await asyncio.to_thread(load_book, path)
    if name not in (FOLDER, IN_FORCE) and not _DIGEST.fullmatch(name):
        raise NotFound(f"{name} is no folder, and no digest, which has 64 digits; nor `{IN_FORCE}` or `{FOLDER}`")
    return await named_book(house.gateway.kit, house.gateway.store, name)


async def compared(house: House, old: str, new: str) -> Difference:
    """Compare two books by their names."""
    return difference(await book_named(house, old), await book_named(house, new))


def as_json(found: Difference) -> str:
    return orjson.dumps(difference_json(found), option=orjson.OPT_INDENT_2).decode()


def as_lines(found: Difference) -> Iterator[str]:
    """`+` for what comes, `-` for what goes, `~` for what is otherwise."""
    yield f"from {found.old.label}"
    yield f"to   {found.new.label}"
    if found.none:
        yield "no difference"
    yield from _parameters(found.parameters, "")
    yield from (f"+ {pack.id}: {len(pack.rules)} rules" for pack in found.added)
    yield from (f"- {pack.id}: {len(pack.rules)} rules" for pack in found.removed)
    for pack in found.changed:
        yield from _pack(pack)


def _pack(pack: PackChanged) -> Iterator[str]:
    yield f"~ {pack.id}"
    yield from _parameters(pack.parameters, "    ")
    yield from (f"  + {_told(rule)}" for rule in pack.added)
    yield from (f"  - {_told(rule)}" for rule in pack.removed)
    for rule in pack.changed:
        yield f"  ~ {rule.id} ({rule.kind})"
        yield from _parameters(rule.parameters, "      ")


def _told(rule: Rule) -> str:
    dates = [f"{word} {day}" for word, day in (("from", rule.effective_from), ("to", rule.effective_to)) if day]
    return f"{rule.id} ({', '.join([rule.kind, *dates])})"


def _parameters(parameters: tuple[Parameter, ...], indent: str) -> Iterator[str]:
    yield from (f"{indent}{each.name}: {_value(each.old)} -> {_value(each.new)}" for each in parameters)


def _value(value: Any) -> str:
    return "absent" if value is None else orjson.dumps(value).decode()
