"""A real Kannel, from Debian's packages: unpacked into a folder, and run from there on ports of its own."""

import contextlib
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.peers import debian_whole, lacking

USER, PASSWORD = "gateway", b"the-content-of-kannel.secret"
NUMBER = "106900001234"
MAX_MESSAGES = 10
READY_S = 20

PAGE = (Path(__file__).parents[3] / "service/channels/README.md").read_text()
TOLD = re.findall(r"^## kannel:.*?```text\n(.*?)```", PAGE, re.MULTILINE | re.DOTALL)[0]
"""What the page of the accounts says of Kannel's side: user, service and the manners of the smsbox."""
INBOUND = "https://gateway.example/v1/inbound/kannel/SECRET"

LINES = """
group = core
admin-port = {admin}
admin-interface = 127.0.0.1
admin-password = {password}
smsbox-port = {box}
smsbox-interface = 127.0.0.1

group = smsc
smsc = smpp
smsc-id = line
host = 127.0.0.1
port = {centre}
transceiver-mode = true
smsc-username = gateway
smsc-password = secret
system-type = ""
reconnect-delay = 1

"""
SMSBOX = """group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1
"""


@contextlib.contextmanager
def kannel(centre: int, inbound: str) -> Iterator[str]:
    """
    Run both halves of it, in front of the message centre at that port; gives its address.

    Replies are posted to `inbound`.
    """
    folder = Path(tempfile.mkdtemp(prefix="gateway-kannel-"))
    try:
        root = debian_whole("kannel")
        admin, box, sendsms = _free_ports(3)
        lines = LINES.format(admin=admin, box=box, centre=centre, password=PASSWORD.decode())
        told = TOLD.replace("group = smsbox\n", SMSBOX.format(sendsms=sendsms)).replace(INBOUND, inbound)
        (folder / "kannel.conf").write_text(lines + told)
        with _running(root, folder, "bearerbox", box), _running(root, folder, "smsbox", sendsms):
            yield f"http://127.0.0.1:{sendsms}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _running(root: Path, folder: Path, program: str, port: int) -> Iterator[None]:
    libraries = ":".join(str(path) for part in ("usr/lib", "lib") for path in root.glob(f"{part}/*-linux-gnu"))
    with (folder / f"{program}.log").open("wb") as log:
        command = [str(root / "usr/sbin" / program), "-v", "2", str(folder / "kannel.conf")]
        process = subprocess.Popen(
            command, cwd=folder, env={"LD_LIBRARY_PATH": libraries}, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        _wait(process, port)
        yield
    finally:
        process.kill()
        process.wait()


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + READY_S
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    lacking("Kannel did not start: no text message went through a real gateway")


def _free_ports(count: int) -> list[int]:
    """Ports that nobody has now, each another one."""
    with contextlib.ExitStack() as probes:
        found = [probes.enter_context(socket.socket()) for _ in range(count)]
        for probe in found:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in found]
