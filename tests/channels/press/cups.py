"""A real CUPS scheduler on a port of its own, in a folder of its own; its printers write to a folder, or jam."""

import asyncio
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.peers import debian, free_port, lacking, open_folder

PACKAGES = ("cups-daemon", "libcups2", "libavahi-client3", "libavahi-common3", "libdbus-1-3", "libpaper1",
            "libusb-1.0-0", "libgnutls30", "libapparmor1")  # fmt: skip

FILES = """
ServerRoot {0}/etc
ServerBin {0}/bin
DataDir {0}/data
DocumentRoot {0}/docs
CacheDir {0}/cache
StateDir {0}/state
RequestRoot {0}/spool
TempDir {0}/spool/tmp
AccessLog {0}/log/access
ErrorLog {0}/log/error
PageLog {0}/log/page
"""

SERVER = """
LogLevel debug
Listen 127.0.0.1:{0}
Browsing Off
DefaultAuthType None
WebInterface No
ErrorPolicy abort-job
<Location />
  Order allow,deny
  Allow 127.0.0.1
</Location>
<Policy default>
  JobPrivateAccess {1}
  JobPrivateValues default
  SubscriptionPrivateAccess default
  SubscriptionPrivateValues default
  <Limit All>
    Order allow,deny
    Allow 127.0.0.1
  </Limit>
</Policy>
"""

PRINTER = """
<Printer {0}>
DeviceURI keep:{1}
State Idle
Accepting {2}
ErrorPolicy abort-job
</Printer>
"""

BACKEND = """#!/bin/sh
[ $# -eq 0 ] && { echo 'direct keep "Unknown" "Keep"'; exit 0; }
case "$DEVICE_URI" in *jam) echo "STATE: +media-jam-error" >&2; exit 1;; esac
cat "$6" > "${DEVICE_URI#keep:}/$3.pdf"
"""


class Cups:
    """`kept` is where the printer `letters` puts its sheets; `jammed` jams, `closed` takes nothing."""

    def __init__(self, folder: Path, port: int) -> None:
        self.kept = folder / "kept"
        self._port = port

    async def let_go(self, job: str | None) -> None:
        """Wait until the scheduler has put a job away, and knows it from its files alone."""
        async with asyncio.timeout(20):
            while f"[Job {job}] Unloading" not in (self.kept.parent / "log/error").read_text():
                await asyncio.sleep(0.05)

    def queue(self, name: str) -> str:
        return f"http://127.0.0.1:{self._port}/printers/{name}"


@contextmanager
def unpacked() -> Iterator[Path]:
    """CUPS as Debian packs it."""
    with open_folder("cups") as folder:
        yield debian(folder, *PACKAGES)


@contextmanager
def cups(root: Path, *, names_hidden: bool = False) -> Iterator[Cups]:
    """Run what was unpacked; it may hide the names of jobs from all but those who run it."""
    with open_folder("cups") as folder:
        port = free_port()
        _write(folder, root, port, "@SYSTEM" if names_hidden else "default")
        process = _start(folder, root)
        try:
            _wait(port, process)
            yield Cups(folder, port)
        finally:
            process.terminate()
            process.wait(10)


def _write(folder: Path, root: Path, port: int, hidden: str) -> None:
    for name in ("etc", "spool/tmp", "cache", "state", "bin/backend", "bin/filter", "data/mime", "log", "docs", "kept"):
        (folder / name).mkdir(parents=True)
    (folder / "kept").chmod(0o777)
    (folder / "bin/daemon").symlink_to(root / "usr/lib/cups/daemon")
    backend = folder / "bin/backend/keep"
    backend.write_text(BACKEND)
    backend.chmod(0o755)
    (folder / "data/mime/mime.types").write_text("application/pdf pdf string(0,%PDF)\n")
    (folder / "data/mime/mime.convs").touch()
    (folder / "etc/cups-files.conf").write_text(FILES.format(folder))
    (folder / "etc/cupsd.conf").write_text(SERVER.format(port, hidden))
    queues = [("letters", f"{folder}/kept", "Yes"), ("jammed", "/jam", "Yes"), ("closed", f"{folder}/kept", "No")]
    (folder / "etc/printers.conf").write_text("".join(PRINTER.format(*queue) for queue in queues))


def _start(folder: Path, root: Path) -> subprocess.Popen[bytes]:
    libraries = ":".join(map(str, root.glob("usr/lib/*-linux-gnu")))
    command = [
        str(root / "usr/sbin/cupsd"),
        "-f",
        "-c",
        f"{folder}/etc/cupsd.conf",
        "-s",
        f"{folder}/etc/cups-files.conf",
    ]
    with (folder / "log/said").open("wb") as said:
        return subprocess.Popen(command, env={"LD_LIBRARY_PATH": libraries}, stdout=said, stderr=said)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    lacking("cupsd did not start: no letter was printed by a real printer")
