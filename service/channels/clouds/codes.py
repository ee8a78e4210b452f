"""
A provider's codes as a table: each leads to one fate, and one that nobody mapped is permanent and raises an alarm.

A code that we know is a word of ours and may be kept; any other is kept only if it can hold nobody's name or number.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from service.channels.answers import meant, unmapped
from service.core.model import Fate, Instant, Outcome
from service.flows.ports import SendResult

_HARMLESS = re.compile(r"[A-Za-z][A-Za-z_]{1,29}(?:[._:][A-Za-z][A-Za-z_]{0,59}){0,2}|[0-9]{1,6}")


class Codes(NamedTuple):
    """`exact` codes first, then `families` by their beginning, the longest that fits."""

    exact: Mapping[str, Fate]
    families: Mapping[str, Fate] = {}

    def fate(self, code: str) -> Fate | None:
        """Give the fate that a code stands for; None: nobody mapped it."""
        if code in self.exact:
            return self.exact[code]
        family = max((name for name in self.families if code.startswith(name)), key=len, default=None)
        return None if family is None else self.families[family]

    def result(self, code: str, until: Instant | None = None) -> SendResult:
        """What a refusal by this code means."""
        fate = self.fate(code)
        return unmapped(harmless(code)) if fate is None else meant(fate, harmless(code), until)


class Ending(NamedTuple):
    """What a provider's last word on a contact means; `fate` where it speaks against the recipient."""

    outcome: Outcome
    fate: Fate | None = None

    def result(self, ref: str | None = None) -> SendResult:
        """The same as the answer to a question of ours."""
        return SendResult(self.fate or Fate.accepted, self.outcome, ref, awaits=self.outcome is Outcome.sent)


def harmless(code: str) -> str:
    """Give the code where it is a bare word or a short number, which holds nothing of a person."""
    return code if _HARMLESS.fullmatch(code) else "unmapped_code"
