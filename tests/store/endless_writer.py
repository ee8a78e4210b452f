"""
Write without end, and name on standard output each item once it is acknowledged: to be killed.

    python -m tests.store.endless_writer URL SEED
"""

import asyncio
import random
import sys
from collections.abc import Sequence

from service.core.model import Instant
from service.flows.ports import Tx
from service.store.engine import open_store
from service.store.group import Grouped

from .rows import a_request, a_reservation, an_entry

CALLERS = 8


def storing(tx: Tx, items: Sequence[str]) -> Sequence[str]:
    for item in items:
        tx.add("requests", [a_request(item)])
        tx.add("reservations", [a_reservation(item)])
        tx.add("entries", [an_entry(item)])
    return items


def numbering(tx: Tx) -> None:
    if tx.lease("numbering", "me", Instant(0), Instant(0)):
        tx.number_entries(50)


async def main(url: str, seed: str) -> None:
    store = await open_store(url, clock=lambda: Instant(1_000), serving=True, system_clock=False)
    grouped = Grouped(store, storing)

    async def call(caller: int) -> None:
        chance = random.Random(f"{seed}-{caller}")
        count = 0
        while True:
            size = chance.choice((1, 1, 1, 40))
            items = [f"{seed}-{caller}-{count + n:06}" for n in range(size)]
            count += size
            for result in await grouped.submit(items):
                assert isinstance(result, str)
                sys.stdout.write(result + "\n")
            sys.stdout.flush()
            if not count % 5:
                await store.write(numbering)

    await asyncio.gather(*(call(caller) for caller in range(CALLERS)))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
