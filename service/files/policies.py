"""
Policy files as a book: read strictly, every complaint at once, hashed in canonical form.

A book that was activated is read back from its stored text, without the files (DESIGN section 6).
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any

import orjson

from service.core.calendars import Calendar
from service.core.canonical import canonical, digest
from service.core.errors import Misconfigured
from service.core.policy import Book, Lifting, Pack

from .calendars import calendars_from, calendars_plain, read_calendars
from .policy_shape import pack_from, plain_from, spelled, wrong_with
from .policy_source import Complaint, Source, read_source, yaml_files

FORMAT = 1
CASES = ".cases.yaml"


class PolicyError(Misconfigured):
    """Policy files that cannot be taken; `complaints` holds everything that is wrong with them."""

    def __init__(self, complaints: Iterable[Complaint]) -> None:
        self.complaints = tuple(complaints)
        super().__init__("\n".join(map(str, self.complaints)))


def load_book(directory: FilePath, *, drafts: bool = False) -> Book:
    """Read every pack of a directory; raises PolicyError. Draft packs are left out unless asked for."""
    files = [file for file in yaml_files(directory) if not file.name.endswith(CASES)]
    if not files:
        raise PolicyError([Complaint(str(directory), 1, "", "holds no policy pack")])
    calendars, calendar_sources = read_calendars(directory)
    sources = [read_source(file, file.name) for file in files]
    packs = {source.name: pack for source in sources if (pack := _pack(source)) is not None}
    _check_lifting(packs, sources)
    _check_calendars(packs, sources, calendars)
    complaints = [complaint for source in (*sources, *calendar_sources) for complaint in source.complaints]
    if complaints:
        raise PolicyError(complaints)
    book = _book(list(packs.values()), calendars.values())
    return book if drafts else without_drafts(book)


def without_drafts(book: Book) -> Book:
    """The book that would be activated: the packs that are no drafts, with a name of its own."""
    return _book([pack for pack in book.packs if not pack.draft], book.calendars)


def book_text(book: Book) -> bytes:
    """The canonical form of a book, whose SHA-256 is the book's name."""
    return _text(book.packs, book.calendars)


def book_from(text: bytes) -> Book:
    """Read back what `book_text` wrote; raises Misconfigured where this version cannot."""
    try:
        plain = orjson.loads(text)
        if plain["format"] != FORMAT:
            raise Misconfigured(f"a policy book of format {plain['format']} cannot be read by this version")
        packs = [pack_from(pack) for pack in plain["packs"]]
        book = _book(packs, calendars_from(plain.get("calendars", [])))
    except (ValueError, KeyError, TypeError) as error:
        raise Misconfigured("a stored policy book cannot be read by this version") from error
    if book.sha256 != digest(text):
        raise Misconfigured("a stored policy book does not read back as it was written")
    return book


def _book(packs: Sequence[Pack], calendars: Iterable[Calendar]) -> Book:
    """The packs and, of the calendars, those that their rules read."""
    ordered = tuple(sorted(packs, key=lambda pack: pack.id))
    wanted = {name for pack in ordered for rule in pack.rules for name in rule.calendars}
    read = tuple(sorted((each for each in calendars if each.id in wanted), key=lambda each: each.id))
    name = digest(_text(ordered, read))
    label = f"{'+'.join(pack.id for pack in ordered)}@{name[:12]}"
    return Book(packs=ordered, calendars=read, sha256=name, label=label)


def _text(packs: Iterable[Pack], calendars: Sequence[Calendar]) -> bytes:
    plain: dict[str, Any] = {"format": FORMAT, "packs": [plain_from(pack) for pack in packs]}
    if calendars:
        plain["calendars"] = calendars_plain(calendars)
    return canonical(plain)


def _pack(source: Source) -> Pack | None:
    """The pack of one file; what is wrong with it is noted at the source."""
    if source.plain is None:
        return None
    name = source.name.removesuffix(".yaml")
    if source.plain.get("id") != name:
        source.complain(("id",), f"must be the file's name: {name}")
    _check_ids(source)
    plain = spelled(_in_full(source.plain, name))
    complaints = list(wrong_with(plain))
    for path, message in complaints:
        source.complain(path, message)
    return None if complaints else pack_from(plain)


def _check_ids(source: Source) -> None:
    """Rule ids are unique in their pack and do not name it."""
    seen: dict[str, int] = {}
    for place, rule in enumerate(_rules_of(source.plain)):
        rule_id = rule.get("id")
        if not isinstance(rule_id, str):
            continue
        path = ("rules", place, "id")
        if "/" in rule_id:
            source.complain(path, "is given without its pack")
        if rule_id in seen:
            source.complain(path, f"the id stands twice, first in line {seen[rule_id]}")
        seen.setdefault(rule_id, source.lines[path])


def _in_full(plain: Mapping[str, Any], pack: str) -> dict[str, Any]:
    """The pack with full rule ids; `lifts` may name a rule of its own pack by its short name."""
    full = dict(plain)
    if isinstance(plain.get("rules"), list):
        full["rules"] = [_rule_in_full(rule, pack) if isinstance(rule, dict) else rule for rule in plain["rules"]]
    return full


def _rule_in_full(rule: Mapping[str, Any], pack: str) -> dict[str, Any]:
    full = dict(rule)
    if isinstance(rule.get("id"), str):
        full["id"] = f"{pack}/{rule['id']}"
    if isinstance(rule.get("lifts"), list):
        full["lifts"] = [f"{pack}/{n}" if isinstance(n, str) and "/" not in n else n for n in rule["lifts"]]
    return full


def _rules_of(plain: Mapping[str, Any]) -> list[dict[str, Any]]:
    rules = plain.get("rules")
    return [rule if isinstance(rule, dict) else {} for rule in rules] if isinstance(rules, list) else []


def _check_lifting(packs: Mapping[str, Pack], sources: Iterable[Source]) -> None:
    """What is lifted exists, and nobody but a floor itself lifts a rule of a floor."""
    floors = {pack.id for pack in packs.values() if pack.floor}
    known = {rule.id for pack in packs.values() for rule in pack.rules if not isinstance(rule, Lifting)}
    for source in sources:
        pack = packs.get(source.name)
        for place, rule in enumerate(pack.rules if pack else ()):
            for n, name in enumerate(rule.lifts if isinstance(rule, Lifting) else ()):
                path = ("rules", place, "lifts", n)
                if name not in known:
                    source.complain(path, f"there is no rule {name} that could be lifted")
                elif name.partition("/")[0] in floors - {source.name.removesuffix(".yaml")}:
                    source.complain(path, f"{name} is a floor, which no other pack can loosen")


def _check_calendars(packs: Mapping[str, Pack], sources: Iterable[Source], calendars: Mapping[str, Calendar]) -> None:
    """Calendars that rules read exist, and have days of the classes that they name."""
    for source in sources:
        pack = packs.get(source.name)
        for place, rule in enumerate(pack.rules if pack else ()):
            for name, classes in rule.calendars.items():
                if name not in calendars:
                    source.complain(("rules", place), f"there is no calendar {name}")
                    continue
                for each in sorted(set(classes) - calendars[name].classes):
                    source.complain(("rules", place), f"the calendar {name} has no days of the class {each}")
