"""
Peers that nobody here wrote, fetched by name when a test wants them: each in a folder of its own, ended by its pid.

What cannot be fetched is a skip that says so; where everything must run, it is a failure.
"""

import asyncio
import contextlib
import fcntl
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

FETCH_S = 60


def lacking(what: str) -> None:
    """Skip, visibly."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


def npm(folder: Path, package: str) -> Path:
    """Install an npm package into the folder; give the folder to run node in."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        lacking(f"no node: the peer {package} did not run")
    command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder), package]
    _fetch(command, package)
    return folder


def pip(folder: Path, package: str) -> Path:
    """Install a Python package into the folder, which no other process imports from."""
    quick = shutil.which("uv")
    command = [quick, "pip", "install", "--quiet", "--no-deps", "--python", sys.executable] if quick else []
    command = command or [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
    _fetch([*command, "--target", str(folder), package], package)
    return folder


def debian(folder: Path, *packages: str) -> Path:
    """Unpack Debian packages into the folder, as they are: no script of theirs runs, and nothing else changes."""
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        lacking(f"no apt-get: the peer {packages[0]} did not run")
    folder.mkdir(parents=True, exist_ok=True)
    _fetch(["sh", "-c", 'cd "$0" && apt-get download -qq "$@"', str(folder), *packages], packages[0])
    return _unpacked(folder)


def debian_whole(package: str) -> Path:
    """The same with all that the package needs and this machine lacks, under whatever names its release has it."""
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        lacking(f"no apt-get: the peer {package} did not run")
    return kept(package, lambda folder: _obtain(folder, package))


def kept(name: str, obtain: Callable[[Path], object]) -> Path:
    """Give the folder of a peer that is obtained once for all who run tests here, and stays for the next run."""
    home = Path(tempfile.gettempdir()) / f"gateway-peers-{os.getuid()}"
    home.mkdir(mode=0o700, exist_ok=True)
    if home.stat().st_uid != os.getuid():
        lacking(f"the peer {name} did not run, for its folder is somebody else's")
    folder = home / name
    with (home / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            obtain(folder)
            (folder / "complete").touch()
    return folder


@contextlib.contextmanager
def open_folder(name: str) -> Iterator[Path]:
    """A folder for one run, not under pytest's own: a peer's helpers run as users that may not look in there."""
    folder = Path(tempfile.mkdtemp(prefix=f"gateway-{name}-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port on loopback, for a peer that cannot choose one itself."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _obtain(folder: Path, package: str) -> None:
    (folder / "partial").mkdir()
    options = (f"Dir::Cache::archives={folder}", "Debug::NoLocking=1", "APT::Sandbox::User=")
    said = [word for option in options for word in ("-o", option)]
    wanted = ["--download-only", "--no-install-recommends", "--reinstall", "install", package]
    _fetch(["apt-get", *said, "-qq", "-y", *wanted], package)
    _unpacked(folder)


def _unpacked(folder: Path) -> Path:
    for file in folder.glob("*.deb"):
        _fetch(["dpkg-deb", "-x", str(file), str(folder)], file.name)
    return folder


def _fetch(command: list[str], package: str) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=FETCH_S)
    except (OSError, subprocess.SubprocessError) as error:
        lacking(f"the peer {package} did not run, for it could not be fetched: {type(error).__name__}")


class Talker:
    """A process that says what happens to it, a line of JSON each, and is told what to do in the same way."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.said: list[dict[str, Any]] = []
        self._told = 0

    @classmethod
    async def start(cls, *command: str, cwd: Path, env: dict[str, str]) -> "Talker":
        pipe = asyncio.subprocess.PIPE
        return cls(await asyncio.create_subprocess_exec(*command, cwd=cwd, env=env, stdin=pipe, stdout=pipe))

    async def tell(self, **what: Any) -> None:
        """Tell it what to do, and wait until it has heard."""
        assert self._process.stdin is not None
        self._process.stdin.write(orjson.dumps(what) + b"\n")
        self._told += 1
        await self.until("told", self._told)

    async def until(self, event: str, count: int = 1) -> dict[str, Any]:
        """Read on until it has said this so many times; give the last."""
        assert self._process.stdout is not None
        async with asyncio.timeout(20):
            while len(found := self.all(event)) < count:
                line = await self._process.stdout.readline()
                assert line, "the peer ended"
                # A lone half of a surrogate pair is read too, where a peer has torn one.
                self.said.append(json.loads(line))
        return found[count - 1]

    def all(self, event: str) -> list[dict[str, Any]]:
        return [said for said in self.said if said["event"] == event]

    async def stop(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        # One that ends when nobody speaks to it any more may be gone already.
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.communicate()
