"""
Which behaviour a message meets: one ordered for the next, else its recipient's magic, else chance, else the rule.

Chance is drawn from the seed and the attempt id alone, so the same run misbehaves the same way twice.
"""

from collections import deque
from hashlib import sha256
from typing import Any

from service.simulator.magic import DELIVERED, MAGIC, Behaviour, magic_of


class Moods:
    """What `POST /behaviour` sets. Words that are none are refused, and then nothing is changed."""

    def __init__(self, *, seed: int = 0, odds: dict[str, float] | None = None) -> None:
        self._next: deque[Behaviour] = deque()
        self._rule = DELIVERED
        self._seed = seed
        self._odds: dict[str, float] = {}
        self.set({"odds": odds or {}})

    def set(self, told: dict[str, Any]) -> None:
        """Take `next` (a list of words), `default` (a word), `seed` and `odds` (word to share); raise ValueError."""
        if unknown := told.keys() - {"next", "default", "seed", "odds"}:
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
        following = [_known(word) for word in told.get("next", [])]
        rule = _known(told["default"]) if "default" in told else self._rule
        odds = {_known(word).word: float(share) for word, share in told.get("odds", self._odds).items()}
        if any(share < 0 for share in odds.values()) or sum(odds.values()) > 1:
            raise ValueError("odds are shares, one together at most")
        seed = int(told.get("seed", self._seed))
        self._next.extend(following)
        self._rule, self._odds, self._seed = rule, odds, seed

    def reset(self) -> None:
        """Forget all that was set."""
        self._next.clear()
        self._rule, self._odds, self._seed = DELIVERED, {}, 0

    def choose(self, attempt: str, *names: str | None) -> Behaviour:
        """Give the behaviour for a message to these names."""
        if self._next:
            return self._next.popleft()
        return magic_of(*names) or self._chance(attempt) or self._rule

    def _chance(self, attempt: str) -> Behaviour | None:
        drawn = int.from_bytes(sha256(f"{self._seed}:{attempt}".encode()).digest()[:7]) / 2**56
        for word, share in self._odds.items():
            drawn -= share
            if drawn < 0:
                return MAGIC[word]
        return None


def _known(word: object) -> Behaviour:
    if not isinstance(word, str) or word not in MAGIC:
        raise ValueError("a behaviour is one of: " + ", ".join(MAGIC))
    return MAGIC[word]
