"""
Real gateways over one store, and a simulator that outlives them, each a process of its own.

All read one clock. Who is started is waited for by its `/healthz`; who ends, ends by its pid. When a test
fails, the last lines of every log stand below its failure.
"""

import asyncio
import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from service.core.model import ActorRole
from service.flows.clients import create_key
from service.flows.ports import Tx
from service.settings import load
from service.store.engine import open_store
from service.vault.keys import make_master_key
from service.web.scopes import ALL_SCOPES
from service.wiring import Shelf, open_house

from .clock import SharedClock

R = TypeVar("R")

ROOT = Path(__file__).resolve().parents[2]
START_S = 60
PATIENCE_S = 90
LOG_LINES = 15
RUNNING = -1000
PATH = "/v1/contact-requests"


class Launcher:
    """The process that forks all others; its orders are given one at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.race.launcher"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={"PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1"},
        )
        self._turn = asyncio.Lock()

    async def order(self, **order: Any) -> int:
        async with self._turn:
            return await asyncio.to_thread(self._order, order)

    def close(self) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def _order(self, order: dict[str, Any]) -> int:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


class Process:
    """One process under way."""

    def __init__(self, launcher: Launcher, log: Path, url: str) -> None:
        self._launcher = launcher
        self.log = log
        self.url = url
        self.pid: int | None = None

    async def start(self, **order: Any) -> None:
        """Start it, and wait until it answers."""
        self.pid = await self._launcher.order(log=str(self.log), **order)
        async with httpx.AsyncClient(base_url=self.url, trust_env=False) as http, asyncio.timeout(START_S):
            while not await _answers(http):
                if (ended := await self._launcher.order(look=self.pid)) != RUNNING:
                    self.pid = None
                    raise RuntimeError(f"it ended with {ended} before it answered\n{self.tail()}")
                await asyncio.sleep(0.02)

    def kill(self) -> None:
        """As the kernel does when memory is short: at once, and without a word."""
        assert self.pid is not None
        os.kill(self.pid, signal.SIGKILL)

    async def ended(self) -> int:
        """Wait for its end and give its status; negative: the signal that ended it."""
        assert self.pid is not None
        status = await self._launcher.order(wait=self.pid)
        self.pid = None
        return status

    async def stop(self) -> int:
        """Ask it to end."""
        assert self.pid is not None
        os.kill(self.pid, signal.SIGTERM)
        return await self.ended()

    def tail(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join([f"--- {self.log.name}", *lines[-LOG_LINES:]])


class Fleet:
    """`count` gateways over `database_url`, one simulator, one client with every scope."""

    def __init__(self, launcher: Launcher, folder: Path, database_url: str, shelf: Shelf, count: int) -> None:
        self.folder = folder
        self.database_url = database_url
        self.clock = SharedClock(folder / "clock")
        self._shelf = shelf
        self.simulator = Process(launcher, folder / "simulator.log", f"http://127.0.0.1:{_free_port()}")
        ports = [_free_port() for _ in range(count)]
        self._settings = [self._settings_for(port) for port in ports]
        self.gateways = [
            Process(launcher, folder / f"gateway-{n}.log", f"http://127.0.0.1:{port}") for n, port in enumerate(ports)
        ]
        limits = httpx.Limits(max_connections=100, max_keepalive_connections=100)
        self.http = httpx.AsyncClient(timeout=60, trust_env=False, limits=limits)

    async def __aenter__(self) -> Self:
        secret = self.folder / "secret"
        secret.write_text(secrets.token_hex(16))
        make_master_key(self.folder / "master.key")
        (self.folder / "routes.yaml").write_text(
            f"providers: {{sandbox: {{kind: simulator, url: '{self.simulator.url}', secret_file: secret}}}}\n"
            "routes: {sms: sandbox}\n"
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.http.aclose()
        running = [each for each in (*self.gateways, self.simulator) if each.pid is not None]
        ends = {each.log.name: await each.stop() for each in running}
        self.clock.close()
        if error is not None:
            for each in (*self.gateways, self.simulator):
                error.add_note(each.tail())
        elif any(ends.values()):
            raise AssertionError(f"not everybody ended in peace: {ends}")

    async def start(self) -> None:
        """Start the simulator and every gateway, and make a key."""
        port = self.simulator.url.rpartition(":")[2]
        told = ["--port", port, "--name", "sandbox", "--secret-file", str(self.folder / "secret"), "--longest", "0.5"]
        told += ["--gateway", self.gateways[0].url, "--state", str(self.folder / "contacts")]
        await self.simulator.start(simulate=told)
        await self.start_gateway(0)
        async with open_house(load(self._settings[0]), serving=False, clock=self.clock, shelf=self._shelf) as house:
            kit, role = house.gateway.kit, ActorRole.first_party
            key = await house.gateway.store.write(
                lambda tx: create_key(
                    kit, tx, "test", client="bank", actor_role=role, scopes=ALL_SCOPES, secret="b" * 43
                )
            )
        self.http.headers["authorization"] = f"Bearer {key}"
        for n in range(1, len(self.gateways)):
            await self.start_gateway(n)

    async def start_gateway(self, n: int) -> None:
        await self.gateways[n].start(serve=self._settings[n], clock=str(self.folder / "clock"))

    async def post(self, n: int, body: dict[str, Any]) -> httpx.Response:
        return await self.http.post(f"{self.gateways[n].url}{PATH}", json=body)

    async def misbehave(self, seed: int, **odds: float) -> None:
        """Let this share of messages meet each behaviour, hyphens written as underscores."""
        told = {"seed": seed, "odds": {word.replace("_", "-"): share for word, share in odds.items()}}
        (await self.http.post(f"{self.simulator.url}/behaviour", json=told)).raise_for_status()

    async def contact_count(self) -> int:
        count: int = (await self.http.get(f"{self.simulator.url}/healthz")).json()["contacts"]
        return count

    async def contacts(self) -> list[dict[str, Any]]:
        """Whom the simulator reached for, by its own count."""
        told = (await self.http.get(f"{self.simulator.url}/contacts")).json()
        assert told["total"] == len(told["contacts"])
        found: list[dict[str, Any]] = told["contacts"]
        return found

    async def contacted(self) -> Counter[str]:
        """How often each request was made a contact."""
        return Counter(contact["request"] for contact in await self.contacts())

    async def read(self, body: Callable[[Tx], R]) -> R:
        """Look into the store, whoever serves it or nobody."""
        store = await open_store(self.database_url, clock=self.clock, serving=False, system_clock=False)
        try:
            return await store.read(body)
        finally:
            await store.close()

    async def until(self, met: Callable[[set[str]], bool]) -> None:
        """Wait until the states in which requests are, taken together, are as wanted."""
        async with asyncio.timeout(PATIENCE_S):
            while not met({row["state"] for row in await self.rows("requests")}):
                await asyncio.sleep(0.1)

    async def until_rows(self, table: str, met: Callable[[dict[str, Any]], bool]) -> None:
        """Wait until every row of a table is as wanted."""
        async with asyncio.timeout(PATIENCE_S):
            while not all(met(row) for row in await self.rows(table)):
                await asyncio.sleep(0.1)

    async def at_rest(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Requests and entries as they stand together: read between two looks at the entries that are alike."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                before, requests, after = [await self.rows(name) for name in ("entries", "requests", "entries")]
                if before == after and all(row["index"] is not None for row in before):
                    return requests, before
                await asyncio.sleep(0.1)

    async def rows(self, table: str) -> list[dict[str, Any]]:
        return await self.read(lambda tx: tx.rows(table, {}))

    def _settings_for(self, port: int) -> dict[str, str]:
        return {
            "GATEWAY_DATA_DIR": str(self.folder),
            "GATEWAY_DATABASE_URL": self.database_url,
            "GATEWAY_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "GATEWAY_PROVIDERS": str(self.folder / "routes.yaml"),
            "GATEWAY_INSTITUTION": "示例农村商业银行",
            "GATEWAY_HOTLINE": "000-00000000",
            "GATEWAY_WORKERS_INLINE": "yes",
            "GATEWAY_SEND_TIMEOUT_S": "1",
            "GATEWAY_SEND_MARGIN_S": "1",
            "GATEWAY_LEASE_S": "5",
            "GATEWAY_BACKOFF_S": "1",
            "GATEWAY_DISPATCH_BATCH": "8",
        }


async def _answers(http: httpx.AsyncClient) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return (await http.get("/healthz")).status_code == 200
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
