"""The pace of an account: when it is whose turn."""

from service.core.model import MINUTE, SECOND, Instant

BURST = SECOND
"""What a pace may save up: a second's worth goes out at once."""

GRANTS_MAX = 100_000


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
