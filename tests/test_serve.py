"""The process itself: it starts, does its work, lets short verbs run beside it, and ends without losing anything."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.web.front import request_body

PATIENCE_S = 60
"""Two shared cores may be busy; nothing here waits that long unless it is broken."""


class Process:
    """`python -m service serve` on a free port."""

    def __init__(self, folder: Path) -> None:
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")},
            "GATEWAY_DATA_DIR": str(folder),
            "GATEWAY_PROVIDERS": "simulator",
            "GATEWAY_PORT": str(self.port),
        }
        self.log = folder / "log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Process":
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "service", "serve"], env=self.environment, stdout=log, stderr=log
            )
        until(self._ready)
        return self

    def verb(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a verb beside it."""
        command = [sys.executable, "-m", "service", *words]
        return subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )

    def end(self) -> int:
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(PATIENCE_S)

    def kill(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def events(self) -> list[str]:
        lines = self.log.read_text().splitlines()
        return [json.loads(line)["event"] for line in lines if line.startswith("{")]

    def _ready(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log.read_text()
        try:
            return httpx.get(f"{self.url}/readyz").status_code == 200
        except httpx.TransportError:
            return False


def until(holds: Callable[[], bool]) -> None:
    """Look again and again until it holds, or fail."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, "it never came to hold"
        time.sleep(0.05)


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    process = Process(tmp_path)
    try:
        yield process.start()
    finally:
        process.kill()


def test_a_request_goes_in_and_out_and_survives_the_end_of_the_process(process: Process) -> None:
    made = process.verb("key", "create", "--client", "bank", "--actor-role", "first_party", "--scope", "all")
    key = made.stdout.removesuffix("\n")
    assert (0, True, 1) == (made.returncode, key.startswith("gw_bank_"), len(made.stdout.splitlines()))
    headers = {"Authorization": f"Bearer {key}"}

    # By night it is planned for the morning: either way it is stored, and that is what is asked here.
    posted = httpx.post(f"{process.url}/v1/contact-requests", json=request_body(), headers=headers)
    assert 202 == posted.status_code, posted.text
    path = f"{process.url}/v1/contact-requests/{posted.json()['id']}"
    second = process.verb("serve")
    ended = process.end()
    process.start()
    read = httpx.get(path, headers=headers)

    assert (2, True) == (second.returncode, "another process serves" in second.stderr)
    assert (0, 200) == (ended, read.status_code)
    assert ["gateway.serving", "gateway.ended"] == [
        event for event in process.events() if event in ("gateway.serving", "gateway.ended")
    ][:2]


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])
