"""
Whether an account can be handed anything now: its breaker, its pace, and its provider's hours.

All of it is this process's own view, kept in memory: another replica makes its own experience. A breaker heals by
itself: after a while one message goes out as a probe, and what becomes of it opens the account again or not.
"""

from collections.abc import Callable, Sequence
from enum import StrEnum

from service.core.model import DAY, MINUTE, SECOND, Fate, Instant
from service.core.opening import Opening, Span
from service.flows.ports import SendResult
from service.flows.providers import ProviderAccount, ServiceHours

FAILURES_MAX = 5
"""Failures in a row after which nothing more is handed over for a while."""

OPEN_FOR = 30 * SECOND
OPEN_FOR_MAX = 10 * MINUTE

SLOW_FOR = 10 * SECOND
"""How long an account rests that said we were too fast, and not until when."""

AWAY_FOR = 2 * SECOND
"""How soon to look again at a session that is not bound here."""

BURST = SECOND
"""What a pace may save up: a second's worth goes out at once."""

GRANTS_MAX = 100_000

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


class Pace:
    """
    A token bucket in which a place is kept for whoever has to wait, so that nobody asks twice for his turn.

    What waits, waits in the store and not here: other accounts never notice.
    """

    def __init__(self, per_second: int | None) -> None:
        self._step = SECOND // per_second if per_second else 0
        self._next = Instant(0)
        self._granted: dict[str, Instant] = {}

    def slot(self, key: str, now: Instant) -> Instant:
        """When this key may go, by the place that is kept for it or the next one. Takes none."""
        if not self._step:
            return now
        kept = self._granted.get(key)
        return kept if kept is not None else max(now, Instant(self._next - BURST))

    def keep(self, key: str, now: Instant) -> None:
        """Keep the next place for this key, unless it has one, until it went."""
        if not self._step or key in self._granted:
            return
        if len(self._granted) >= GRANTS_MAX:
            # Who never came back for his turn was cancelled, or claimed by another process.
            self._granted = {name: at for name, at in self._granted.items() if at > now - MINUTE}
        self._granted[key] = self.slot(key, now)
        self._next = Instant(max(self._next, now) + self._step)

    def gone(self, key: str, now: Instant) -> None:
        """It goes now, at the place that was kept for it or else the next."""
        self.keep(key, now)
        self._granted.pop(key, None)

    def rest(self, until: Instant) -> None:
        """The provider said that we are too fast: nothing goes before."""
        self._next = Instant(max(self._next, until + BURST))


class Health:
    """All of it for one account; `ready` is the adapter's own word, once there is one."""

    def __init__(self, account: ProviderAccount, probe_for: int) -> None:
        self.breaker = Breaker(probe_for)
        self._pace = Pace(account.per_second)
        self._hours = account.hours and (Opening([account.hours.window], quiet=False), account.hours)
        self._rests_until = Instant(0)
        self.ready: Callable[[], bool] = lambda: True

    def until(self, key: str, now: Instant) -> Instant | None:
        """When the account can be handed this; None: now. Takes no turn."""
        waits = [
            self.breaker.until(key, now),
            None if self.ready() else Instant(now + AWAY_FOR),
            self._rests_until,
            self.opens(now),
        ]
        return max((at for at in waits if at is not None and at > now), default=None)

    def opens(self, at: Instant) -> Instant | None:
        """When the provider takes messages, by its hours; None: it does at that instant."""
        return self._hours and opens(*self._hours, at)

    def turn(self, key: str, now: Instant) -> Instant:
        """When it is this key's turn by the account's pace. Takes none."""
        return self._pace.slot(key, now)

    def keep(self, key: str, now: Instant) -> None:
        """Keep the turn of a key that waits for it."""
        self._pace.keep(key, now)

    def go(self, key: str, now: Instant) -> None:
        """It goes now, and has had its turn."""
        self._pace.gone(key, now)
        self.breaker.probe(key, now)

    def told(self, result: SendResult, now: Instant) -> None:
        """Learn from what became of a hand-over."""
        if result.fate in (Fate.throttled_account, Fate.deferred_window):
            self._rests_until = result.until or Instant(now + SLOW_FOR)
            self._pace.rest(self._rests_until)
        self.breaker.told(result.fate, now)


def opens(opening: Opening, hours: ServiceHours, now: Instant) -> Instant | None:
    """When the provider takes messages again; None: it does now."""
    for days in range(8):
        spans: Sequence[Span] = opening.spans(hours.zone, now // DAY + days)
        if any(span.start <= now < span.end for span in spans):
            return None
        later = [span.start for span in spans if span.start > now]
        if later:
            return min(later)
    return Instant(now + DAY)
