"""
A text in the forms that content rules read, so that spacing and look-alike characters hide nothing.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

_ODD = re.compile(
    "[^\\x00-\u00ac\u00ae-\u024f\u2010-\u201f\u2026\u3000-\u3003\u3008-\u3011\u4e00-\u9fff"
    "\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f\uffe5]"
)
"""Whatever is neither Latin, nor Chinese, nor their usual punctuation: a text with it is folded first."""
_HIDDEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")
_LETTERS = re.compile(r"[^\W_]+")
_LETTERS_FIRST = re.compile(r"(?:\((?:\?:)?)?[a-z]")
_LATIN = re.compile(r"[a-z]")


def plain(text: str) -> str:
    """
    One width of letters and digits, one case, single blanks, no invisible characters.

    Punctuation may keep its width: an ordinary Chinese text holds nothing that needs folding, and is spared it.
    """
    if _ODD.search(text) is not None:
        text = _HIDDEN.sub("", unicodedata.normalize("NFKC", text))
    return " ".join(text.split()).casefold()


def dense(text: str) -> str:
    """Letters and digits alone."""
    return "".join(_LETTERS.findall(plain(text)))


class Wording:
    """
    One text: `plain` for patterns and Latin words, `dense` for words of other scripts (empty without any).

    What a lexicon found in it is remembered, for several packs look for the same words.
    """

    __slots__ = ("dense", "found", "latin", "plain")

    def __init__(self, text: str) -> None:
        self.found: dict[Lexicon, bool] = {}
        self.plain = plain(text)
        self.dense = "" if self.plain.isascii() else "".join(_LETTERS.findall(self.plain))
        self.latin = _LATIN.search(self.plain) is not None


class Lexicon:
    """
    Words and patterns looked for together, in one pass each.

    A word of a script without blanks is found whatever stands between its characters; a Latin word stands
    by itself. Latin patterns need a Latin letter, so a text without one is spared them.
    """

    def __init__(self, words: tuple[str, ...], patterns: tuple[str, ...], latin_patterns: tuple[str, ...]) -> None:
        self._dense = _any_of(dense(word) for word in words if not word.isascii())
        self._latin_words = tuple(dict.fromkeys(plain(word) for word in words if word.isascii()))
        latin = _any_of(self._latin_words)
        self._latin = re.compile(f"(?:{latin.pattern})(?![a-z0-9])") if latin else None
        self._patterns = [_compiled(pattern) for pattern in patterns]
        self._latin_patterns = [_compiled(pattern) for pattern in latin_patterns]

    def found_in(self, text: Wording) -> bool:
        found = text.found.get(self)
        if found is None:
            found = text.found[self] = self._found_in(text)
        return found

    def _found_in(self, text: Wording) -> bool:
        if self._dense is not None and self._dense.search(text.dense) is not None:
            return True
        for loose, pattern in self._patterns:
            if loose.search(text.plain) is not None and pattern.search(text.plain) is not None:
                return True
        return text.latin and self._found_in_latin(text.plain)

    def _found_in_latin(self, text: str) -> bool:
        for loose, pattern in self._latin_patterns:
            if loose.search(text) is not None and pattern.search(text) is not None:
                return True
        # Whether a word is there at all is soon said; whether it stands by itself is asked only then.
        if self._latin is None or not [word for word in self._latin_words if word in text]:
            return False
        return any(not text[found.start() - 1 : found.start()].isalnum() for found in self._latin.finditer(text))


@lru_cache(maxsize=1024)
def lexicon(words: tuple[str, ...], patterns: tuple[str, ...], latin_patterns: tuple[str, ...]) -> Lexicon:
    """One lexicon for the same words, whichever pack names them."""
    return Lexicon(words, patterns, latin_patterns)


def _compiled(pattern: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """
    A pattern, and before it what is quicker to look for and must be there, too.

    One that begins with a boundary is tried at each character; without it, the engine skips to its first letter. Where
    it has none, each digit of a long number would be tried, and all that follow.
    """
    loose = pattern.removeprefix(r"\b")
    return re.compile(loose if _LETTERS_FIRST.match(loose) else pattern), re.compile(pattern)


def _any_of(words: Iterable[str]) -> re.Pattern[str] | None:
    """Alternatives that each begin with a letter, which the engine skips to; the longest first."""
    known = sorted(set(words), key=lambda word: (-len(word), word))
    return re.compile("|".join(map(re.escape, known))) if known else None
