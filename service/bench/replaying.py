"""How fast recorded decisions are judged again, over the store just filled; and how long all packs take to load."""

import sys
from pathlib import Path
from subprocess import run
from time import process_time

from service.core.model import Instant
from service.flows.ports import Clock
from service.flows.replay import Span, replay
from service.settings import Settings
from service.wiring import open_house

_COLD = """
from pathlib import Path
from time import perf_counter
from service.files.policies import load_book
started = perf_counter()
load_book(Path("policies"), drafts=True)
print(perf_counter() - started)
"""


async def replaying(settings: Settings, clock: Clock) -> tuple[int, float]:
    """Decisions, and how many a second of processor time, each under its own book."""
    async with open_house(settings, serving=False, clock=clock) as house:
        gateway = house.gateway
        started = process_time()
        done = await replay(gateway.kit, gateway.store, Span(None, Instant(clock() + 1)))
        seconds = process_time() - started
    if not done.tally.clean:
        raise SystemExit("a recorded decision does not follow from its facts")
    return done.tally.judged, done.tally.judged / seconds


def cold_load() -> float:
    """Seconds to read all packs, drafts and calendars too, in a process that has read none."""
    said = run([sys.executable, "-c", _COLD], cwd=Path.cwd(), capture_output=True, check=True)
    return float(said.stdout)
