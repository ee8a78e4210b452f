"""
The executable cases of a pack: given, when, expect; run by `policy test` and by the tests.

A case file stands beside its pack and is no part of the book's digest. `given` at its top is where every
case starts from; a case's own `given` is laid over it, key by key. A case asks about one rule: what that
rule says, and where wanted what the decision is. Only the pack itself is judged, unless `packs` says more.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any, NamedTuple

from service.core.civil import format_instant, parse_instant
from service.core.decide import Decision, decide
from service.core.facts import Facts
from service.core.model import Effect, Instant
from service.core.policy import Book, Lifting
from service.core.rule import Verdict

from .policy_facts import Unreadable, facts_of
from .policy_source import Complaint, Path, Source, read_source

ABSENT = "absent"
NOT_APPLIED = "not applied"
_TEXT, _NUMBER, _MAPPING, _LIST = "text", "a whole number, 0 or more", "keys and values", "a list of texts"
_CASE: Mapping[str, str] = {
    "case": _TEXT,
    "rule": _TEXT,
    "boundary": "true or false",
    "when": _TEXT,
    "hold_seconds": _NUMBER,
    "packs": _LIST,
    "given": _MAPPING,
    "expect": _MAPPING,
}
_GIVEN: Mapping[str, str] = {"actor_role": _TEXT, "request": _MAPPING, "facts": _MAPPING}
_EFFECTS = [effect.name for effect in Effect]
_EXPECT: Mapping[str, str] = {
    "verdict": _TEXT,
    "until": _TEXT,
    "remaining": _NUMBER,
    "reason": _TEXT,
    "effect": _TEXT,
    "not_before": _TEXT,
}
CASE_KEYS, EXPECT_KEYS = set(_CASE), set(_EXPECT)


class Case(NamedTuple):
    """`boundary`: it lies on the very edge of the rule. `expect` holds plain words, as the file has them."""

    file: str
    line: int
    name: str
    rule: str
    boundary: bool
    packs: tuple[str, ...]
    at: Instant
    hold: int
    facts: Facts
    expect: Mapping[str, Any]


class Ran(NamedTuple):
    """A case and what was otherwise than expected; nothing, if it holds."""

    case: Case
    differences: tuple[str, ...]


def read_cases(file: FilePath) -> tuple[list[Case], list[Complaint]]:
    """Read a case file strictly; a case that cannot be read is a complaint."""
    source = read_source(file, file.name)
    pack = file.name.removesuffix(".cases.yaml")
    cases: list[Case] = []
    plain = source.plain if isinstance(source.plain, dict) else {}
    for key in plain.keys() - {"given", "cases"}:
        source.complain((key,), "unknown key")
    common, items = plain.get("given") or {}, plain.get("cases") or ()
    if not isinstance(common, dict):
        source.complain(("given",), f"must be {_MAPPING}")
        return cases, source.complaints
    if not isinstance(items, list | tuple):
        source.complain(("cases",), "must be a list of cases")
        return cases, source.complaints
    for place, item in enumerate(items):
        path: Path = ("cases", place)
        try:
            cases.append(_case(source, pack, common, item, path))
        except Unreadable as error:
            inside = error.path[:1] in (("request",), ("facts",), ("actor_role",))
            source.complain((*path, "given", *error.path) if inside else (*path, *error.path), str(error))
    return cases, source.complaints


def run(book: Book, case: Case) -> Ran:
    """Judge a case by its packs and compare; a folder that lacks one of them cannot tell."""
    known = {pack.id for pack in book.packs}
    if missing := [name for name in case.packs if name not in known]:
        return Ran(case, tuple(f"there is no pack {name}" for name in missing))
    decision = decide(book.narrowed(case.packs), case.facts, case.at, case.hold)
    return Ran(case, tuple(_differences(book, case, decision)))


def _case(source: Source, pack: str, common: Mapping[str, Any], item: Any, path: Path) -> Case:
    if not isinstance(item, dict):
        raise Unreadable((), f"must be {_MAPPING}")
    _check_shape(item, _CASE, ())
    for key in ("case", "rule", "when", "expect"):
        if key not in item:
            raise Unreadable((key,), "is missing")
    given, expect = _laid_over(common, item.get("given", {})), item["expect"]
    _check_shape(given, _GIVEN, ("given",))
    _check_expected(expect)
    rule = item["rule"] if "/" in item["rule"] else f"{pack}/{item['rule']}"
    return Case(
        file=source.name,
        line=source.lines[path],
        name=item["case"],
        rule=rule,
        boundary=item.get("boundary", False),
        packs=tuple(item.get("packs") or (pack,)),
        at=_instant(item["when"], ("when",)),
        hold=item.get("hold_seconds", 0) * 1_000_000,
        facts=facts_of(given.get("request", {}), given.get("facts", {}), given.get("actor_role", "first_party")),
        expect=expect,
    )


def _check_shape(said: Mapping[str, Any], shape: Mapping[str, str], where: Path) -> None:
    for key, value in said.items():
        if key not in shape:
            raise Unreadable((*where, key), "unknown key")
        if not _IS[shape[key]](value):
            raise Unreadable((*where, key), f"must be {shape[key]}")


_IS: Mapping[str, Callable[[Any], bool]] = {
    _TEXT: lambda value: isinstance(value, str),
    _NUMBER: lambda value: type(value) is int and value >= 0,
    _MAPPING: lambda value: isinstance(value, dict),
    _LIST: lambda value: isinstance(value, list) and all(isinstance(each, str) for each in value),
    _CASE["boundary"]: lambda value: isinstance(value, bool),
}


def _check_expected(expect: Mapping[str, Any]) -> None:
    _check_shape(expect, _EXPECT, ("expect",))
    for key, words in (("verdict", [*_EFFECTS, NOT_APPLIED]), ("effect", _EFFECTS)):
        if key in expect and expect[key] not in words:
            raise Unreadable(("expect", key), f"must be one of {', '.join(words)}")
    for key in ("until", "not_before"):
        if key in expect:
            _instant(expect[key], ("expect", key))


def _laid_over(common: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """The common ground with a case's own words laid over it; a list is replaced, and `absent` takes a key away."""
    merged = dict(common)
    for key, value in own.items():
        below = merged.get(key)
        if value == ABSENT:
            merged.pop(key, None)
        elif isinstance(value, dict) and isinstance(below, dict):
            merged[key] = _laid_over(below, value)
        else:
            merged[key] = value
    return merged


def _instant(text: Any, path: Path) -> Instant:
    try:
        return parse_instant(text)
    except (ValueError, TypeError) as error:
        raise Unreadable(path, str(error)) from None


def _differences(book: Book, case: Case, decision: Decision) -> Iterator[str]:
    verdict = spoken(book, case.rule, decision.verdicts)
    zone = case.facts.zones[0] if case.facts.zones else "UTC"
    found: dict[str, Any] = {"effect": decision.effect.name, "not_before": decision.not_before}
    if verdict is None:
        found |= {"verdict": NOT_APPLIED}
    else:
        found |= {"verdict": verdict.effect.name, "reason": verdict.reason}
        found |= {"until": verdict.until, "remaining": verdict.remaining}
    for key, expected in case.expect.items():
        actual = found.get(key)
        if key in ("until", "not_before") and isinstance(actual, int):
            same = _instant(expected, ("expect", key)) == actual
            actual = format_instant(Instant(actual), zone)
        else:
            same = actual == expected
        if not same:
            yield f"{key}: expected {expected}, found {actual}"


def spoken(book: Book, rule_id: str, verdicts: Sequence[Verdict]) -> Verdict | None:
    """The rule's verdict; a rule that lifts others is seen in what it lifts."""
    rule = book.rule(rule_id)
    heard = rule.lifts[0] if isinstance(rule, Lifting) else rule_id
    return next((verdict for verdict in verdicts if verdict.rule == heard), None)


def refuses(case: Case) -> bool:
    """A rule that only advises refuses nothing; what it says instead is its refusal."""
    return case.expect.get("verdict") in (Effect.advise.name, Effect.defer.name, Effect.deny.name)


def allows(case: Case) -> bool:
    return case.expect.get("verdict") == Effect.allow.name
