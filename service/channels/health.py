"""
Whether an account can be handed anything now: its breaker, its pace, and its provider's hours.

All of it is this process's own view, kept in memory: another replica makes its own experience.
"""

from collections.abc import Callable, Sequence

from service.channels.breaker import Breaker
from service.channels.pace import Pace
from service.core.model import DAY, SECOND, Fate, Instant
from service.core.opening import Opening, Span
from service.flows.ports import SendResult
from service.flows.providers import ProviderAccount, ServiceHours

SLOW_FOR = 10 * SECOND
"""How long an account rests that said we were too fast, and not until when."""

AWAY_FOR = 2 * SECOND
"""How soon to look again at a session that is not bound here."""


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
