"""
What is to be told when: receipts and replies, in the simulator's own time.

By hand, time stands still until `advance` moves it, and every delay is kept to the second. Otherwise time
runs, and delays are squeezed below `longest_s` in their order, so that a letter arrives while one watches.
"""

import heapq
import time
from itertools import count
from typing import Any, NamedTuple


class Due(NamedTuple):
    """One event for a callback path, `receipts` or `inbound`. `order` settles ties: first planned, first told."""

    at_s: float
    order: int
    path: str
    event: dict[str, Any]
    tries: int = 0


class Schedule:
    """The events that wait. With `longest_s` None time moves by hand."""

    def __init__(self, longest_s: float | None) -> None:
        self._longest_s = longest_s
        self._moved_s = 0.0
        self._waiting: list[Due] = []
        self._orders = count()

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def by_hand(self) -> bool:
        return self._longest_s is None

    def now_s(self) -> float:
        return self._moved_s if self._longest_s is None else time.monotonic()

    def advance(self, seconds: float) -> None:
        """Move the time by hand, or with time running bring all that waits nearer by as much."""
        if self._longest_s is None:
            self._moved_s += seconds
        else:
            self._waiting = [due._replace(at_s=due.at_s - seconds) for due in self._waiting]

    def plan(self, after_s: float, path: str, event: dict[str, Any], tries: int = 0) -> None:
        heapq.heappush(self._waiting, Due(self.now_s() + self._wait_s(after_s), next(self._orders), path, event, tries))

    def _wait_s(self, after_s: float) -> float:
        longest_s = self._longest_s
        return after_s if longest_s is None else longest_s * after_s / (after_s + longest_s)

    def next_s(self) -> float | None:
        """Seconds until the next event is due; None if none waits."""
        return max(0.0, self._waiting[0].at_s - self.now_s()) if self._waiting else None

    def take_due(self, most: int, *, all_of_them: bool = False) -> list[Due]:
        """Take the events that are due, in order, all for the first one's path, for one callback carries one kind."""
        taken: list[Due] = []
        now_s = self.now_s()
        while self._waiting and len(taken) < most:
            due = self._waiting[0]
            if (due.at_s > now_s and not all_of_them) or (taken and due.path != taken[0].path):
                break
            taken.append(heapq.heappop(self._waiting))
        return taken
