"""
A text in the forms that content rules read, so that spacing and look-alike widths hide nothing.
"""

import re
import unicodedata
from functools import cached_property

_HIDDEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")
_BLANK = re.compile(r"\s+")
_LOOSE = re.compile(r"[\W_]+")


class Wording:
    """One text: `plain` for patterns, `dense` for words, whatever stands between their letters."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def plain(self) -> str:
        """One width, one case, single blanks, no invisible characters."""
        return _BLANK.sub(" ", _HIDDEN.sub("", unicodedata.normalize("NFKC", self.text))).casefold()

    @cached_property
    def dense(self) -> str:
        """Letters and digits alone."""
        return _LOOSE.sub("", self.plain)
