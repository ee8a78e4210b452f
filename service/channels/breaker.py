"""
The breaker of an account: whether its provider serves us at all, by what became of the last hand-overs.

It heals by itself: after a while one message goes out as a probe, and what becomes of it opens the account or not.
"""

from enum import StrEnum

from service.core.model import MINUTE, SECOND, Fate, Instant

FAILURES_MAX = 5
"""Failures in a row after which nothing more is handed over for a while."""

OPEN_FOR = 30 * SECOND
OPEN_FOR_MAX = 10 * MINUTE

TROUBLE = frozenset({Fate.retryable, Fate.ambiguous, Fate.provider_unavailable})
"""What speaks against the account. A throttle is a pace, and a refusal is an answer as good as any."""


class BreakerState(StrEnum):
    closed = "closed"
    open = "open"
    half_open = "half_open"


class Breaker:
    """Opens after failures in a row, at once where the provider says that it will not serve us."""

    def __init__(self, probe_for: int) -> None:
        self._probe_for = probe_for
        self._failures = 0
        self._open_until: Instant | None = None
        self._open_for = OPEN_FOR
        self._probe: tuple[str, Instant] | None = None

    def state(self, now: Instant) -> BreakerState:
        if self._open_until is None:
            return BreakerState.closed
        return BreakerState.open if now < self._open_until else BreakerState.half_open

    def until(self, key: str, now: Instant) -> Instant | None:
        """When it may be asked again; None: now. Half open, one key alone may go, however often it asks."""
        match self.state(now):
            case BreakerState.closed:
                return None
            case BreakerState.open:
                return self._open_until
        if self._probe is not None and self._probe[0] != key and now < self._probe[1]:
            return self._probe[1]
        return None

    def probe(self, key: str, now: Instant) -> None:
        """Note who goes out as the probe."""
        if self._open_until is not None:
            self._probe = (key, Instant(now + self._probe_for))

    def told(self, fate: Fate, now: Instant) -> None:
        """Learn from what became of a hand-over."""
        if fate not in TROUBLE:
            self._failures, self._open_until, self._open_for, self._probe = 0, None, OPEN_FOR, None
            return
        self._failures += 1
        probed = self.state(now) is BreakerState.half_open
        if probed or fate is Fate.provider_unavailable or self._failures >= FAILURES_MAX:
            if probed:
                self._open_for = min(2 * self._open_for, OPEN_FOR_MAX)
            self._open_until, self._probe = Instant(now + self._open_for), None
