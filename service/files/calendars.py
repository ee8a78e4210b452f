"""
Calendar files: `calendars/<id>.yaml` beside the packs, read as strictly as they are.

A file names a country of the `holidays` library, for which years, up to when that is confirmed, and what
must be otherwise than the library says. It is laid out into dates once, here; a stored book holds the
dates and reads back without the library (decision 0016).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache, partial
from pathlib import Path as FilePath
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError

from service.core.calendars import Calendar, CalendarDay, DayKind
from service.core.policy import Explain, Flawed
from service.core.rule import ID_FORM

from .policy_shape import STRICT, said, spelled
from .policy_source import Path, Source, read_source, yaml_files

FOLDER = "calendars"

_YEARS = re.compile(r"(\d{4})-(\d{4})", re.ASCII)
_GUESS = "(estimated)"
"""How the library marks a date that depends on a sighting of the moon still to come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """Which holidays of the library; `categories` are the library's and become the classes of the days."""

    country: str
    subdivision: str | None = None
    categories: tuple[str, ...] = ("public",)


class Day(StrEnum):
    """What an override makes of a date: `ordinary` is what its weekday says, whatever the library lists."""

    holiday = DayKind.holiday
    workday = DayKind.workday
    ordinary = "ordinary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A day that is otherwise than the library says, and who says so."""

    date: date
    is_: Day
    class_: str = "public"
    name: Explain
    citation: str
    url: str


@dataclass(frozen=True, kw_only=True)
class CalendarFile:
    """A file as it is written; the parts within are read as strictly as the whole."""

    __pydantic_config__ = STRICT

    id: str
    title: Explain
    library: Library | None = None
    years: str
    confirmed_until: date
    sources: tuple[str, ...]
    overrides: tuple[Override, ...] = field(default=())

    def __post_init__(self) -> None:
        found = tuple(self._flaws())
        if found:
            raise Flawed(found)

    def _flaws(self) -> Iterator[tuple[str, str]]:
        if not ID_FORM.fullmatch(self.id) or "/" in self.id:
            yield "id", "must be lower-case words joined by hyphens"
        match = _YEARS.fullmatch(self.years)
        if match is None or not match[1] <= match[2]:
            yield "years", "must be two years such as 2024-2028"
        elif not date(int(match[1]), 1, 1) <= self.confirmed_until <= date(int(match[2]), 12, 31):
            yield "confirmed_until", "must lie within the years"
        seen: set[date] = set()
        for place, override in enumerate(self.overrides):
            if override.date in seen:
                yield f"overrides.{place}.date", "the date stands twice"
            elif match is not None and not int(match[1]) <= override.date.year <= int(match[2]):
                yield f"overrides.{place}.date", "must lie within the years"
            seen.add(override.date)

    @property
    def span(self) -> range:
        first, last = self.years.split("-")
        return range(int(first), int(last) + 1)


def read_calendars(directory: FilePath) -> tuple[dict[str, Calendar], list[Source]]:
    """Every calendar of a policy folder by id; what is wrong with one is noted at its source."""
    sources = [read_source(file, f"{FOLDER}/{file.name}") for file in calendar_files(directory)]
    found = (calendar for source in sources if (calendar := _calendar(source)) is not None)
    return {calendar.id: calendar for calendar in found}, sources


def calendar_files(directory: FilePath) -> list[FilePath]:
    return yaml_files(directory / FOLDER)


def calendars_plain(calendars: Iterable[Calendar]) -> Any:
    """The plain form of calendars, as a book's text holds it."""
    return _calendars().dump_python(tuple(calendars), mode="json", exclude_defaults=True)


def calendars_from(plain: Any) -> tuple[Calendar, ...]:
    """Read back what `calendars_plain` wrote."""
    return _calendars().validate_json(orjson.dumps(plain))


def _calendar(source: Source) -> Calendar | None:
    if source.plain is None:
        return None
    try:
        said_in_file = calendar_files_read().validate_json(orjson.dumps(spelled(source.plain)))
    except ValidationError as error:
        for path, message in said(error, ()):
            source.complain(path, message)
        return None
    name = source.name.removeprefix(f"{FOLDER}/").removesuffix(".yaml")
    if said_in_file.id != name:
        source.complain(("id",), f"must be the file's name: {name}")
    days = _laid_out(said_in_file, source)
    return Calendar(
        id=said_in_file.id,
        title=said_in_file.title,
        known_from=date(said_in_file.span[0], 1, 1),
        confirmed_until=said_in_file.confirmed_until,
        days=tuple(days[on] for on in sorted(days)),
    )


def _laid_out(file: CalendarFile, source: Source) -> Mapping[date, CalendarDay]:
    """The library's days, laid over by the overrides; a guess among those that are confirmed is a complaint."""
    days = dict(_of_library(file.library, file.span, source)) if file.library else {}
    for place, override in enumerate(file.overrides):
        if override.is_ is Day.ordinary:
            if days.pop(override.date, None) is None:
                source.complain(("overrides", place, "is"), "the library lists nothing on that date")
            continue
        kind = DayKind(override.is_)
        classes = (override.class_,) if kind is DayKind.holiday else ()
        days[override.date] = CalendarDay(on=override.date, kind=kind, classes=classes, name=override.name)
    for on in sorted(days):
        if on <= file.confirmed_until and _GUESS in days[on].name.en:
            source.complain(("confirmed_until",), f"{on} is a guess of the library: override it, or confirm less")
    return days


def _of_library(library: Library, years: range, source: Source) -> Iterator[tuple[date, CalendarDay]]:
    import holidays  # takes a while, and a stored book is read without it

    known = holidays.list_supported_countries(include_aliases=False)
    if library.country not in known:
        yield from _none(source, ("library", "country"), f"the library has no country {library.country}")
        return
    if library.subdivision is not None and library.subdivision not in known[library.country]:
        yield from _none(source, ("library", "subdivision"), f"the library has no part {library.subdivision} of it")
        return
    kind = type(holidays.country_holidays(library.country))
    unknown = set(library.categories) - set(kind.supported_categories)
    if unknown:
        yield from _none(source, ("library", "categories"), f"the library has no category {', '.join(sorted(unknown))}")
        return
    found: dict[date, tuple[str, ...]] = {}
    english: dict[date, str] = {}
    chinese: dict[date, str] = {}
    for category in library.categories:
        listed = partial(kind, subdiv=library.subdivision, years=years, categories=(category,))
        days = dict(listed(language="en_US"))
        english |= days
        chinese |= dict(listed(language="zh_CN")) if "zh_CN" in kind.supported_languages else days
        found |= {on: (*found.get(on, ()), category) for on in days}
    for on in sorted(found):
        name = Explain(en=english[on], zh=chinese[on])
        yield on, CalendarDay(on=on, kind=DayKind.holiday, classes=tuple(sorted(found[on])), name=name)
    for on in sorted(set(kind(years=years).weekend_workdays)):
        if on.year in years:
            yield on, CalendarDay(on=on, kind=DayKind.workday, name=_MADE_UP)


_MADE_UP = Explain(en="A weekend day that is worked to make up", zh="调休上班")


def _none(source: Source, path: Path, message: str) -> Iterator[tuple[date, CalendarDay]]:
    source.complain(path, message)
    return iter(())


@cache
def calendar_files_read() -> TypeAdapter[CalendarFile]:
    return TypeAdapter(CalendarFile)


@cache
def _calendars() -> TypeAdapter[tuple[Calendar, ...]]:
    return TypeAdapter(tuple[Calendar, ...], config=STRICT)
