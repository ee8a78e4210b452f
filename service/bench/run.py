"""
One run: the rivals and the gateway in turn on the same machine, and what each figure is to the others.

Absolute figures are this machine's today; the ratios are what the README states. Every server is a
process of its own, measured by the same client; the gateway's durability settings and the rows it wrote
are read back from its store.
"""

import asyncio
import contextlib
import os
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from platform import python_compiler, python_version
from time import perf_counter
from typing import Any

import uvloop
from rich.console import Console
from rich.table import Table

from service.core.model import ActorRole, Channel
from service.flows.clients import create_key
from service.settings import load as load_settings
from service.store.sqlite import SqliteStore
from service.wiring import open_house

from .bodies import contacts, reminders
from .judging import judging, judging_abroad
from .letters import letters_a_second
from .line import messages_a_second
from .load import Load, load, post
from .replaying import cold_load, replaying
from .server import settings_of, ten

REQUESTS = 6000
WARM_UP = 600
BATCH = 10_000
TEXTS = 50_000
LETTERS = 1000
TAKE_OVER = 10_000
CONNECTIONS = 32
START_S = 60
NDJSON = "application/x-ndjson"
SCOPES = frozenset({"contact:write", "facts:write"})

console = Console()


def main(*, quick: bool = False) -> None:
    """Run everything and print it; `quick` uses a tenth of the load, to see that it works."""
    scale = 10 if quick else 1
    with tempfile.TemporaryDirectory(dir=".") as folder:
        uvloop.run(_run(Path(folder), scale))


async def _run(folder: Path, scale: int) -> None:
    decisions = judging(Path("policies"))
    abroad = judging_abroad(Path("policies"))
    console.log(f"line: {TEXTS // scale} text messages over one session")
    texts = await messages_a_second(TEXTS // scale)
    console.log(f"letters: {LETTERS // scale} of one page")
    letters = await letters_a_second(LETTERS // scale)
    loads: dict[str, Load] = {}
    for kind in ("bare", "obvious"):
        console.log(f"{kind}: {REQUESTS // scale} requests over {CONNECTIONS} connections")
        async with _server(kind, folder) as (port, _):
            loads[kind] = await _measured(port, "", scale)
    home = folder / "gateway"
    home.mkdir()
    async with _server("gateway", home) as (port, pid):
        key = await _key(home, port)
        memory = {"at rest": _resident_mb(pid)}
        console.log(f"gateway: {REQUESTS // scale} requests over {CONNECTIONS} connections")
        before = await _counts(home)
        loads["gateway"] = await _measured(port, key, scale)
        after = await _counts(home)
        memory["after the requests"] = _resident_mb(pid)
        batch = await _batch(port, key, scale)
        memory["after the batch"] = _resident_mb(pid)
        again = await load(port, "/v1/contact-requests", reminders(REQUESTS // scale, "again", first=500_000), key=key)
        memory["after as many requests again"] = _resident_mb(pid)
        console.log("gateway: every decision again")
        judged = await replaying(load_settings(settings_of(home, port)), ten)
    written = sum(loads["gateway"].statuses.values()) + WARM_UP // scale
    rows = {name: (after[name] - before[name]) / written for name in after if after[name] != before[name]}
    _print(loads, again, batch, decisions, abroad, memory, rows, await _durability(home))
    console.print(
        f"replay of {judged.judged:,} decisions: {judged.best:,.0f} a second of a core (median {judged.median:,.0f}; "
        f"{judged.first:,.0f} where the book is read first; target 5,000)"
    )
    console.print(f"Python {python_version()}, {python_compiler()}")
    console.print(f"cold load of all packs: {cold_load():.2f} s (target < 1 s)")
    console.print(f"text messages over one CMPP session, window 16: {texts:,.0f} a second (target 1,000)")
    console.print(
        f"letters: {letters.a_second:,.0f} a second of a core (target 100) after the first, which took "
        f"{letters.first_ms:.0f} ms; {letters.memory_mb:.0f} MB (target < 150)"
    )


async def _measured(port: int, key: str, scale: int) -> Load:
    path = "/v1/contact-requests"
    await load(port, path, reminders(WARM_UP // scale, "warm", first=900_000), key=key, connections=CONNECTIONS)
    done = await load(port, path, reminders(REQUESTS // scale, "run", first=100_000), key=key, connections=CONNECTIONS)
    if set(done.statuses) != {202}:
        raise SystemExit(f"not every request was accepted: {dict(done.statuses)}")
    return done


async def _batch(port: int, key: str, scale: int) -> float:
    """Items a second of one batch to parties with ten contacts each, taken over from another system before."""
    parties = BATCH // scale
    lines = list(contacts(parties))
    for first in range(0, len(lines), TAKE_OVER):
        body = b"\n".join(lines[first : first + TAKE_OVER])
        status, _ = await asyncio.to_thread(post, port, "/v1/interactions", body, key=key, media_type=NDJSON)
        if status != 200:
            raise SystemExit(f"the take-over was answered {status}")
        console.log(f"taken over: {min(first + TAKE_OVER, len(lines))} of {len(lines)} contacts")
    body = b"\n".join(reminders(parties, "batch"))
    started = perf_counter()
    status, answer = await asyncio.to_thread(post, port, "/v1/contact-requests/batch", body, key=key, media_type=NDJSON)
    seconds = perf_counter() - started
    accepted = answer.count(b'"status":202')
    if status != 200 or accepted != parties:
        raise SystemExit(f"the batch was answered {status}, {accepted} of {parties} accepted")
    return parties / seconds


@contextlib.asynccontextmanager
async def _server(kind: str, folder: Path) -> AsyncIterator[tuple[int, int]]:
    """Start a server on a free loopback port; end it by its process id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "service.bench.server", kind, str(port), str(folder)]
    process = await asyncio.create_subprocess_exec(*command, env={"PATH": os.defpath})
    try:
        for _ in range(START_S * 10):
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                break
            await asyncio.sleep(0.1)
        yield port, process.pid
    finally:
        process.terminate()
        await process.wait()


async def _key(folder: Path, port: int) -> str:
    async with open_house(load_settings(settings_of(folder, port)), serving=False, clock=ten) as house:
        kit, role = house.gateway.kit, ActorRole.first_party
        return await house.gateway.store.write(
            lambda tx: create_key(
                kit, tx, "bench", client="bench", actor_role=role, scopes=SCOPES, secret="b" * 43, name=None
            )
        )


async def _counts(folder: Path) -> dict[str, int]:
    """Rows in each table that accepting writes."""
    tables = ("requests", "reservations", "entries", "decisions", "parties", "accounts", "account_parties")
    return await _ask(
        folder,
        lambda tx: {name: tx.connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar() for name in tables},  # noqa: S608
    )


async def _durability(folder: Path) -> dict[str, Any]:
    """What the store's own writer connection says of itself."""
    pragmas = ("journal_mode", "synchronous", "foreign_keys")
    return await _ask(
        folder, lambda tx: {name: tx.connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in pragmas}
    )


async def _ask(folder: Path, question: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    settings = load_settings(settings_of(folder, 1))
    assert settings.database_file is not None
    store = SqliteStore(settings.database_file)
    try:
        return await store.write(question)
    finally:
        await store.close()


def _resident_mb(pid: int) -> float:
    """Resident memory by the kernel's account."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS"))


def _print(
    loads: dict[str, Load],
    again: Load,
    batch: float,
    decisions: Mapping[Channel, float],
    abroad: Mapping[Channel, float],
    memory: dict[str, float],
    rows: dict[str, float],
    durability: dict[str, Any],
) -> None:
    gateway = loads["gateway"]
    table = Table("server", "requests/s", "p50 ms", "p99 ms", "gateway is", title="Accepting one request")
    for name, each in {**loads, "gateway, again": again}.items():
        ratio = "" if name.startswith("gateway") else f"{gateway.rate / each.rate:.2f} ×"
        table.add_row(name, f"{each.rate:,.0f}", f"{each.p50_ms:.1f}", f"{each.p99_ms:.1f}", ratio)
    console.print(table)
    console.print(f"targets: ≥ 0.25 × bare, ≥ 3 × obvious, p99 < 80 ms; statuses: {dict(gateway.statuses)}")
    console.print(f"batch of {BATCH:,} with ten contacts a party: {batch:,.0f} a second (target 2,500)")
    console.print(f"decide, house + cn-collection, 30 contacts: {_told(decisions)} (target < 80 µs)")
    console.print(f"decide, five packs, two zones, 50 contacts: {_told(abroad)} (target < 150 µs)")
    console.print("resident memory: " + ", ".join(f"{when} {mb:.0f} MB" for when, mb in memory.items()))
    console.print("rows a request: " + ", ".join(f"{name} {share:.2f}" for name, share in rows.items()))
    console.print(
        "store: " + ", ".join(f"{name}={value}" for name, value in durability.items()) + " (synchronous 2 is FULL)"
    )


def _told(microseconds: Mapping[Channel, float]) -> str:
    return ", ".join(f"{channel} {each:.0f} µs" for channel, each in microseconds.items())
