"""kill -9 in the middle of writing: what was acknowledged is there, and what is there is whole."""

import asyncio
import random
import subprocess
import sys
from pathlib import Path

import pytest

from service.core.model import Instant
from service.flows.ports import Tx
from service.store.engine import open_store
from service.store.migrate import migrate

ROOT = Path(__file__).resolve().parents[2]


def write_until_killed(url: str, seed: str, lines: int) -> set[str]:
    """Let a process write until it has acknowledged so many items, kill it, and give all it acknowledged."""
    command = [sys.executable, "-m", "tests.store.endless_writer", url, seed]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        acknowledged = [writer.stdout.readline() for _ in range(lines)]
        writer.kill()
        acknowledged += writer.stdout.readlines()
    assert writer.returncode == -9, "the writer ended by itself"
    # The last line may have been cut short by the kill.
    return {line.strip() for line in acknowledged if line.endswith("\n")}


def everything(tx: Tx) -> tuple[set[str], set[str], set[str], list[int]]:
    entries = tx.rows("entries", {}, order=["index"])
    return (
        {row["id"] for row in tx.rows("requests", {})},
        {row["request"] for row in tx.rows("reservations", {})},
        {row["id"] for row in entries},
        [row["index"] for row in entries if row["index"] is not None],
    )


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_a_killed_writer_loses_nothing_that_it_acknowledged(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, fault_rounds: int
) -> None:
    if kind == "sqlite":
        url = f"sqlite:///{tmp_path / 'gateway.db'}"
        await asyncio.to_thread(migrate, url)
    else:
        url = request.getfixturevalue("postgres_database")
    acknowledged: set[str] = set()
    for round_ in range(fault_rounds):
        seed = f"{random.SystemRandom().randrange(2**32):08x}"
        lines = random.Random(seed).randrange(1, 1_500)
        print(f"round {round_ + 1}: seed {seed}, killed after {lines} acknowledged items")
        acknowledged |= await asyncio.to_thread(write_until_killed, url, seed, lines)

        store = await open_store(url, clock=lambda: Instant(1_000), serving=True, system_clock=False)
        requests, places, entries, indexes = await store.read(everything)
        await store.close()

        assert acknowledged <= requests
        assert requests == places == entries
        assert sorted(indexes) == list(range(len(indexes)))
