"""
A real Postfix as our relay, from Debian's package: its own settings, queue and log in a folder of its own.

Nothing is installed and no script of the package runs: Postfix's master is started on the settings below, as root, for
it starts its helpers as users that every Debian has. It listens on one port of loopback, asks no name servers, and ends
itself should nobody end it.
"""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.peers import debian_whole, free_port, lacking, open_folder

OWNER, GROUP, NOBODY = "mail", "news", "nobody"
READY_S, LIFE_S = 20, 300
QUEUE = ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "maildrop", "private",
         "public", "saved", "trace")  # fmt: skip


def table(entries: Mapping[str, str]) -> str:
    """A table of Postfix's that stands in its settings."""
    return "inline:{ " + ", ".join(f"{{{key} = {value}}}" for key, value in entries.items()) + " }"


MAIN = {
    "compatibility_level": "3.6",
    "myhostname": "relay.bank.example",
    "mydestination": "",
    "mynetworks": "127.0.0.0/8",
    "inet_interfaces": "127.0.0.1",
    "inet_protocols": "ipv4",
    "smtpd_peername_lookup": "no",
    "smtp_dns_support_level": "disabled",
    "smtpd_relay_restrictions": "permit_mynetworks, reject",
    "smtpd_reject_unlisted_sender": "yes",
    "message_size_limit": "100000",
    "recipient_delimiter": "+",
    "alias_database": "",
    "local_recipient_maps": "",
    "virtual_mailbox_domains": "box.example",
    "virtual_mailbox_maps": table({"zhang.san@box.example": "zhang/", "li.si@box.example": "li/"}),
    "virtual_alias_maps": table({"both@box.example": "zhang.san@box.example, li.si@box.example"}),
    "in_flow_delay": "0",
    "queue_run_delay": "1s",
    "minimal_backoff_time": "1s",
    "maximal_backoff_time": "1s",
    "mail_owner": OWNER,
    "setgid_group": GROUP,
    "default_privs": NOBODY,
    "import_environment": "MAIL_CONFIG LD_LIBRARY_PATH POSTLOG_SERVICE POSTLOG_HOSTNAME LANG=C",
}
"""In `box.example` two people have mailboxes, and a third address stands for both."""

REFUSED = {
    "full.example": "error:5.2.2 mailbox full",
    "none.example": "error:5.1.2 no such domain",
    "strict.example": "error:5.7.1 not wanted",
    "grey.example": "retry:4.2.1 come again",
}
"""What is for these domains is refused at once."""

# The queue manager looks each second for what it found locked: as shipped, after five minutes.
MASTER = """
127.0.0.1:{0} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
local unix - n n - - local
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""


class Postfix:
    """A running one."""

    def __init__(self, folder: Path, port: int) -> None:
        self.port = port
        self._folder = folder

    def log(self) -> str:
        """What it says of all that happened."""
        path = self._folder / "log"
        return path.read_text() if path.exists() else ""


def unpacked() -> Path:
    """Fetch and unpack, once for all who run tests on this machine."""
    if os.geteuid() != 0:
        lacking("the peer Postfix did not run, for only root can start it")
    return debian_whole("postfix")


@contextmanager
def postfix(root: Path, next_hops: Mapping[str, int], **more: str) -> Iterator[Postfix]:
    """Run it; e-mail for a domain of `next_hops` goes on to that port of loopback. `more` are further settings."""
    with open_folder("postfix") as folder:
        running = Postfix(folder, free_port())
        _write(folder, root, running.port, next_hops, more)
        process = _start(folder, root)
        try:
            _wait(running, process)
            yield running
        except Exception as error:
            error.add_note(running.log())
            raise
        finally:
            _end(process)


def _write(folder: Path, root: Path, port: int, next_hops: Mapping[str, int], more: Mapping[str, str]) -> None:
    for name in ("etc", "queue/pid", "data", "box", *(f"queue/{name}" for name in QUEUE)):
        (folder / name).mkdir(parents=True)
    for name in ("data", *(f"queue/{name}" for name in QUEUE)):
        shutil.chown(folder / name, OWNER)
    shutil.chown(folder / "box", NOBODY)
    owner = (folder / "box").stat().st_uid
    routes = {**REFUSED, **{domain: f"smtp:[127.0.0.1]:{hop}" for domain, hop in next_hops.items()}}
    # A dictionary, so that each stands there once: of one that stands there twice every helper warns, the writer of the
    # log too, and where that one's queue is full of warnings by then, all wait for it for ever.
    settings = {
        **MAIN,
        "queue_directory": folder / "queue",
        "data_directory": folder / "data",
        "daemon_directory": root / "usr/lib/postfix/sbin",
        "command_directory": root / "usr/sbin",
        "maillog_file": folder / "log",
        "maillog_file_prefixes": folder,
        "virtual_mailbox_base": folder / "box",
        "virtual_uid_maps": f"static:{owner}",
        "virtual_gid_maps": f"static:{owner}",
        "transport_maps": table(routes),
        **more,
    }
    main = folder / "etc/main.cf"
    main.write_text("".join(f"{name} = {value}\n" for name, value in settings.items()))
    # Postfix waits until what it reads is a second old, for it may still be written.
    os.utime(main, (0, 0))
    (folder / "etc/master.cf").write_text(MASTER.format(port))


def _start(folder: Path, root: Path) -> subprocess.Popen[bytes]:
    # A session of its own: when it is ended, it ends all of its process group.
    libraries = [str(root / "usr/lib/postfix"), *map(str, root.glob("usr/lib/*-linux-gnu"))]
    environment = {"LD_LIBRARY_PATH": ":".join(libraries), "POSTLOG_SERVICE": "postlog", "POSTLOG_HOSTNAME": "relay"}
    command = [str(root / "usr/lib/postfix/sbin/master"), "-d", "-e", str(LIFE_S), "-c", str(folder / "etc")]
    with (folder / "said").open("wb") as said:
        return subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True
        )


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait(running: Postfix, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + READY_S
    while time.monotonic() < until and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", running.port), READY_S) as probe:
                if probe.recv(100).startswith(b"220 relay.bank.example"):
                    return
        except OSError:
            time.sleep(0.02)
    lacking("the peer Postfix did not run, for it did not start")
