"""A clock that several processes read alike."""

import mmap
import time
from pathlib import Path

from service.core.civil import parse_instant
from service.core.model import Instant

_WIDTH = 8


class SharedClock:
    """
    Now, in a file: an instant at which time stands, or, negative, what to add to the machine's uptime.

    Whoever tells it the time tells all. Eight aligned bytes change at once, so nobody reads half of it.
    """

    def __init__(self, file: Path) -> None:
        if not file.exists():
            file.write_bytes(bytes(_WIDTH))
        with file.open("r+b") as opened:
            self._map = mmap.mmap(opened.fileno(), _WIDTH)

    def __call__(self) -> Instant:
        told = int.from_bytes(self._map[:_WIDTH], "little", signed=True)
        return Instant(told if told >= 0 else _uptime() - told)

    def stand(self, text: str) -> None:
        """Stand still at an instant."""
        self._tell(parse_instant(text))

    def run(self, text: str) -> None:
        """Run from an instant on, as fast as time does."""
        self._tell(_uptime() - parse_instant(text))

    def close(self) -> None:
        self._map.close()

    def _tell(self, told: int) -> None:
        self._map[:_WIDTH] = told.to_bytes(_WIDTH, "little", signed=True)


def _uptime() -> int:
    return time.monotonic_ns() // 1000
