"""
Content: what a text must say, must not say, and what makes it an offer.

Phrases are looked for without regard to width, case, spacing or invisible characters. A verdict names
the phrase by the name it has in the policy file, never the words of the text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import ClassVar, Literal

from service.core.case import Case
from service.core.model import Dialing, Instant, Purpose
from service.core.rule import Flawed, Rule, Verdict
from service.core.wording import Lexicon, Wording, dense, lexicon, plain

from .people import offers_to_pay

_SOLICITATION = Purpose.solicitation
_CAPITAL = re.compile(r"(?<!\\)(?<!\(\?)[A-Z]")
"""An escape such as `\\W`, and the P of a named group, are none."""
_NESTED = re.compile(r"\)(?:[*+]|\{\d+,\})")


@dataclass(frozen=True, kw_only=True)
class Phrase:
    """
    One thing that a text may say: any of the words, any of the patterns, or the lender's name.

    Patterns are regular expressions over the plain text; `latin_patterns` are tried only on a text with
    Latin letters. `institution`: a name of the lender, `anywhere` or at the `opening` before a colon.
    """

    name: str
    words: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    latin_patterns: tuple[str, ...] = ()
    institution: Literal["anywhere", "opening"] | None = None

    def __post_init__(self) -> None:
        found = list(self._flaws())
        if found:
            raise Flawed(found)

    def _flaws(self) -> Iterator[tuple[str, str]]:
        if not self.name.strip():
            yield "name", "is empty"
        if not (self.words or self.patterns or self.latin_patterns or self.institution):
            yield "words", "a phrase has words or patterns"
        for place, word in enumerate(self.words):
            if not dense(word):
                yield f"words.{place}", "has neither letters nor digits"
        for field in ("patterns", "latin_patterns"):
            for place, pattern in enumerate(getattr(self, field)):
                yield from ((f"{field}.{place}", flaw) for flaw in _pattern_flaws(pattern))

    @cached_property
    def _lexicon(self) -> Lexicon:
        return lexicon(self.words, self.patterns, self.latin_patterns)

    def said_in(self, text: Wording, institution: tuple[str, ...] = ()) -> bool:
        return self._lexicon.found_in(text) or (self.institution is not None and self._names(text, institution))

    def _names(self, text: Wording, institution: tuple[str, ...]) -> bool:
        for name in institution:
            written, squeezed = _forms(name)
            if self.institution == "opening":
                if text.plain.startswith((f"{written}:", f"{written}：")):
                    return True
            elif written in text.plain or (text.dense and squeezed in text.dense):
                return True
        return False


@lru_cache(maxsize=1024)
def _forms(name: str) -> tuple[str, str]:
    """A lender's name as it is looked for; a gateway serves few lenders."""
    return plain(name), dense(name)


def _pattern_flaws(pattern: str) -> Iterator[str]:
    if _CAPITAL.search(pattern):
        yield "has a capital letter, and is looked for in a text that has none"
    try:
        found = re.compile(pattern).match("")
    except re.error as error:
        yield f"is not a regular expression: {error.msg}"
    else:
        if found is not None:
            yield "is found in every text"
    if _NESTED.search(pattern):
        yield "repeats a group without bound, which can take for ever"


@dataclass(frozen=True, kw_only=True)
class _Phrases(Rule):
    """What the content rules share."""

    needs = "text"

    phrases: tuple[Phrase, ...] = ()

    def flaws(self) -> Iterator[tuple[str, str]]:
        yield from super().flaws()
        if not self.phrases and not getattr(self, "reveals", ()):
            yield "phrases", "names nothing to look for"

    def first_said(self, case: Case) -> str | None:
        """The name of the first phrase that the text says; one pass settles that it says none."""
        if not (self._names_lender or self._lexicon.found_in(case.wording)):
            return None
        text, institution = case.wording, case.subject.institution
        return next((phrase.name for phrase in self.phrases if phrase.said_in(text, institution)), None)

    @cached_property
    def _names_lender(self) -> bool:
        return any(phrase.institution is not None for phrase in self.phrases)

    @cached_property
    def _lexicon(self) -> Lexicon:
        return lexicon(
            tuple(word for phrase in self.phrases for word in phrase.words),
            tuple(pattern for phrase in self.phrases for pattern in phrase.patterns),
            tuple(pattern for phrase in self.phrases for pattern in phrase.latin_patterns),
        )


@dataclass(frozen=True, kw_only=True)
class ContentRequired(_Phrases):
    """The text says each of the phrases; `only_dialing` asks it of calls known to be dialled like this."""

    tells: ClassVar[tuple[str, ...]] = ("missing",)

    kind: Literal["content_required"]
    only_dialing: tuple[Dialing, ...] = ()
    reason: str = "content_missing"

    def judge(self, case: Case, at: Instant) -> Verdict:
        if self.only_dialing and case.subject.dialing not in self.only_dialing:
            return self.allowed
        text, institution = case.wording, case.subject.institution
        missing = [phrase.name for phrase in self.phrases if not phrase.said_in(text, institution)]
        return self.deny(self.reason, missing=", ".join(missing)) if missing else self.allowed


@dataclass(frozen=True, kw_only=True)
class ContentForbidden(_Phrases):
    """The text says none of the phrases, and its template reveals nothing of what is listed."""

    tells: ClassVar[tuple[str, ...]] = ("found",)

    kind: Literal["content_forbidden"]
    reveals: tuple[Literal["institution", "debt"], ...] = ()
    unless_offers_to_pay: bool = False
    reason: str = "content_forbidden"

    def judge(self, case: Case, at: Instant) -> Verdict:
        found = self.first_said(case)
        if found is None and case.subject.reveals is not None and case.subject.reveals in self.reveals:
            found = case.subject.reveals
        if found is None or (self.unless_offers_to_pay and offers_to_pay(case, at)):
            return self.allowed
        return self.deny(self.reason, found=found)


@dataclass(frozen=True, kw_only=True)
class AdvertisingMix(_Phrases):
    """A text with another purpose makes no offer; one that does is a solicitation as well."""

    detects_offers: ClassVar[bool] = True
    tells: ClassVar[tuple[str, ...]] = ("found",)

    kind: Literal["advertising_mix"]
    reason: str = "advert_in_service_msg"

    def offers(self, case: Case) -> bool:
        return self._lexicon.found_in(case.wording)

    def judge(self, case: Case, at: Instant) -> Verdict:
        if _SOLICITATION not in case.purposes:
            return self.allowed
        return self.deny(self.reason, found=self.first_said(case) or "offer")
