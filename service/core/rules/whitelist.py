"""
Whitelists: a text that says what is permitted and not a word more.

For Regulation F's limited-content voicemail (12 CFR 1006.2(j)) and for the confirmation of an opt-out,
where any other word makes the message another thing in law.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Literal

from service.core.case import Case
from service.core.model import Instant
from service.core.rule import Rule, Verdict
from service.core.wording import plain

from .content import Phrase


@dataclass(frozen=True, kw_only=True)
class ContentWhitelist(Rule):
    """
    Every letter and digit of the text lies in one of the `elements`, and those that are `required` are there.

    Words and patterns are looked for in the plain form of the text; blanks and punctuation may stand between.
    """

    needs = "text"
    tells: ClassVar[tuple[str, ...]] = ("missing",)

    kind: Literal["content_whitelist"]
    elements: tuple[Phrase, ...]
    required: tuple[str, ...] = ()
    reason: str = "content_not_permitted"

    def flaws(self) -> Iterator[tuple[str, str]]:
        yield from super().flaws()
        if not self.elements:
            yield "elements", "is empty"
        names = {element.name for element in self.elements}
        for place, name in enumerate(self.required):
            if name not in names:
                yield f"required.{place}", f"there is no element {name}"

    @property
    def terms(self) -> dict[str, Any]:
        return {"elements": ", ".join(element.name for element in self.elements)}

    @cached_property
    def _patterns(self) -> tuple[tuple[Phrase, tuple[re.Pattern[str], ...]], ...]:
        return tuple((element, tuple(_patterns(element))) for element in self.elements)

    def judge(self, case: Case, at: Instant) -> Verdict:
        text = case.wording.plain
        said: set[str] = set()
        covered = bytearray(len(text))
        for element, patterns in self._patterns:
            for start, end in _places(element, patterns, text, case.subject.institution):
                covered[start:end] = b"\1" * (end - start)
                said.add(element.name)
        missing = [name for name in self.required if name not in said]
        if missing:
            return self.deny("content_missing", missing=", ".join(missing))
        if any(letter.isalnum() and not known for letter, known in zip(text, covered, strict=True)):
            return self.deny(self.reason, missing="")
        return self.allowed


def _patterns(element: Phrase) -> Iterator[re.Pattern[str]]:
    for word in element.words:
        form = re.escape(plain(word))
        yield re.compile(f"(?<![a-z0-9]){form}(?![a-z0-9])" if word.isascii() else form)
    for pattern in (*element.patterns, *element.latin_patterns):
        yield re.compile(pattern)


def _places(
    element: Phrase, patterns: tuple[re.Pattern[str], ...], text: str, institution: tuple[str, ...]
) -> Iterator[tuple[int, int]]:
    """Where the text says the element."""
    for pattern in patterns:
        yield from (found.span() for found in pattern.finditer(text))
    if element.institution is None:
        return
    for name in map(plain, institution):
        if element.institution == "opening":
            if text.startswith((f"{name}:", f"{name}：")):
                yield 0, len(name)
        else:
            yield from (found.span() for found in re.finditer(re.escape(name), text))
