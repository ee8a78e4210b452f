"""How fast recorded decisions are judged again, over the store just filled; and how long all packs take to load."""

import sys
from pathlib import Path
from statistics import median
from subprocess import run
from time import process_time
from typing import NamedTuple

from service.core.model import Instant
from service.flows.ports import Clock
from service.flows.replay import Span, replay
from service.settings import Settings
from service.wiring import open_house

ROUNDS = 7

_COLD = """
from pathlib import Path
from time import perf_counter
from service.files.policies import load_book
started = perf_counter()
load_book(Path("policies"), drafts=True)
print(perf_counter() - started)
"""


class Again(NamedTuple):
    """Decisions judged again a second of a core: the best round, the median, and the first, which reads the book."""

    judged: int
    best: float
    median: float
    first: float


async def replaying(settings: Settings, clock: Clock) -> Again:
    """Judge every decision again, each under its own book, round after round."""
    async with open_house(settings, serving=False, clock=clock) as house:
        gateway, rates = house.gateway, []
        for _ in range(1 + ROUNDS):
            started = process_time()
            done = await replay(gateway.kit, gateway.store, Span(None, Instant(clock() + 1)))
            rates.append(done.tally.judged / (process_time() - started))
            if not done.tally.clean:
                raise SystemExit("a recorded decision does not follow from its facts")
    first, *rest = rates
    return Again(done.tally.judged, max(rest), median(rest), first)


def cold_load() -> float:
    """Seconds to read all packs, drafts and calendars too, in a process that has read none."""
    said = run([sys.executable, "-c", _COLD], cwd=Path.cwd(), capture_output=True, check=True)
    return float(said.stdout)
