"""
A real Asterisk, and a voice for it, from Debian's packages: unpacked into a folder, run by their own loader.

Nothing is installed, no maintainer's script runs, and no root is needed. The folder stays in the temporary directory
for the next run. Where it cannot be had, the tests say so and are skipped.
"""

import contextlib
import fcntl
import os
import random
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx

from tests.peers import free_port, lacking

SUITES = ("sid", "bullseye")
"""Debian's releases that have Asterisk: 22, whose packages come and go, and 16."""
PACKAGES = ("asterisk", "espeak-ng")
USER, PASSWORD = "gateway", "a-password-for-loopback"
FETCH_S, READY_S = 120, 20
NEEDED = (
    "./lib/*",
    "./usr/lib/*",
    "./usr/sbin/asterisk",
    "./usr/bin/espeak-ng",
    "./usr/share/asterisk/documentation/*",
)

MODULES = """
res_sorcery_config res_sorcery_memory res_sorcery_astdb res_timing_timerfd res_http_websocket res_websocket_client
res_stasis res_stasis_answer res_stasis_playback res_stasis_recording res_stasis_snoop res_ari_model res_ari
res_ari_asterisk res_ari_channels res_ari_events res_ari_playbacks res_ari_recordings app_stasis app_amd pbx_config
res_pjproject res_pjsip res_pjsip_session res_pjsip_pubsub res_pjsip_outbound_publish res_pjsip_caller_id
res_pjsip_sdp_rtp res_pjsip_endpoint_identifier_ip res_rtp_asterisk chan_pjsip bridge_simple codec_ulaw codec_alaw
codec_resample format_pcm format_wav
"""
"""What a call needs, of 351; most others want databases."""

EMPTY = ("acl", "amd", "ccss", "cdr", "cel", "features", "indications", "manager", "pjproject", "stasis", "udptl")


class Root(NamedTuple):
    """The unpacked packages."""

    folder: Path

    @property
    def libraries(self) -> Path:
        return next(self.folder.glob("usr/lib/*/ld-linux*")).parent

    @property
    def modules(self) -> Path:
        return next(path for path in self.folder.glob("usr/lib/**/asterisk/modules") if path.is_dir())

    def command(self, program: str, *words: str) -> list[str]:
        libraries = self.libraries
        loader = next(libraries.glob("ld-linux*"))
        paths = f"{libraries}:{libraries / 'pulseaudio'}:{self.folder / 'usr/lib'}"
        return [str(loader), "--library-path", paths, str(self.folder / program), *words]

    def speaks(self) -> tuple[str, ...]:
        """The command that reads text and writes WAV, in haste, for calls take real time."""
        data = f"--path={self.libraries}"
        return tuple(self.command("usr/bin/espeak-ng", data, "-v", "{voice}", "-s", "400", "--stdin", "--stdout"))


class Server(NamedTuple):
    """A running Asterisk. `{number}` is called at whatever port a phone listens on."""

    root: Root
    folder: Path
    url: str

    @property
    def recordings(self) -> Path:
        return self.folder / "spool" / "recording"


def root() -> Root:
    """Fetch and unpack, once for all who run tests on this machine."""
    home = Path(tempfile.gettempdir()) / f"gateway-peers-{os.getuid()}"
    home.mkdir(mode=0o700, exist_ok=True)
    if home.stat().st_uid != os.getuid() or shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        lacking("the peer Asterisk did not run, for this is no Debian")
    with (home / "asterisk.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not any((home / f"asterisk-{suite}" / "complete").exists() for suite in SUITES):
            _obtain(home)
        return next(Root(home / f"asterisk-{s}" / "root") for s in SUITES if (home / f"asterisk-{s}/complete").exists())


def _obtain(home: Path) -> None:
    """Fetch from the first release that has all of it."""
    for suite in SUITES:
        folder = home / f"asterisk-{suite}"
        shutil.rmtree(folder, ignore_errors=True)
        try:
            _fetch(folder, suite)
        except (OSError, subprocess.SubprocessError) as error:
            shutil.rmtree(folder, ignore_errors=True)
            why = type(error).__name__
        else:
            return
    lacking(f"the peer Asterisk did not run, for it could not be fetched: {why}")


def _fetch(folder: Path, suite: str) -> None:
    for name in ("lists/partial", "archives/partial", "root"):
        (folder / name).mkdir(parents=True)
    (folder / "status").touch()
    (folder / "sources").write_text(f"deb {_archive()} {suite} main\n")
    said = {
        "Dir::Etc::sourcelist": folder / "sources",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State::status": folder / "status",
        "Dir::State::lists": folder / "lists",
        "Dir::Cache": folder,
        "Dir::Cache::archives": folder / "archives",
        "Debug::NoLocking": "1",
        "Acquire::Languages": "none",
        "APT::Install-Recommends": "0",
        "APT::Sandbox::User": "",
    }
    options = [word for name, value in said.items() for word in ("-o", f"{name}={value}")]
    for words in (["update"], ["install", "-y", "-d", *PACKAGES]):
        subprocess.run(["apt-get", *options, "-qq", *words], check=True, capture_output=True, timeout=FETCH_S)
    for package in sorted((folder / "archives").glob("*.deb")):
        _unpack(package, folder / "root")
    for name in ("archives", "lists"):
        shutil.rmtree(folder / name)
    (folder / "complete").touch()


def _archive() -> str:
    """Where this machine has its own Debian packages from; other releases lie beside its own."""
    command = ["apt-get", "indextargets", "--format", "$(REPO_URI)"]
    found = subprocess.run(command, check=True, capture_output=True, text=True, timeout=FETCH_S).stdout.split()
    archives = [uri for uri in found if uri.rstrip("/").endswith("/debian")]
    if not archives:
        raise FileNotFoundError("no Debian archive")
    return archives[0]


def _unpack(package: Path, root: Path) -> None:
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(package)], stdout=subprocess.PIPE) as opened:
        tar = ["tar", "x", "-C", str(root), "--no-same-owner", "--wildcards", *NEEDED]
        # Older releases keep part of their libraries beside /usr.
        tar += [r"--transform=s,^\./lib/,./usr/lib/,S"]
        # A package that has nothing of what is needed is none.
        subprocess.run(tar, stdin=opened.stdout, check=False, capture_output=True, timeout=FETCH_S)


@contextlib.contextmanager
def asterisk() -> Iterator[Server]:
    """Start one on ports of its own."""
    where = root()
    folder = Path(tempfile.mkdtemp(prefix="gateway-asterisk-"))
    port, sip_port = free_port(), free_port(socket.SOCK_DGRAM)
    _configure(where, folder, port, sip_port)
    command = where.command("usr/sbin/asterisk", "-C", str(folder / "etc" / "asterisk.conf"), "-f", "-n")
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}/ari"
        _wait(process, url)
        yield Server(where, folder, url)
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _wait(process: subprocess.Popen[bytes], url: str) -> None:
    until = time.monotonic() + READY_S
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{url}/channels", auth=(USER, PASSWORD), trust_env=False).status_code == 200:
                return
        time.sleep(0.05)
    lacking("the peer Asterisk did not run, for it did not start")


def _configure(where: Root, folder: Path, port: int, sip_port: int) -> None:
    etc = folder / "etc"
    for name in ("etc", "lib", "run", "log", "spool/recording", "sounds"):
        (folder / name).mkdir(parents=True)
    rtp = 20000 + 200 * random.randrange(50)
    places = {
        "astetcdir": etc,
        "astmoddir": where.modules,
        "astdatadir": where.folder / "usr/share/asterisk",
        "astspooldir": folder / "spool",
        "astrundir": folder / "run",
        "astlogdir": folder / "log",
        **dict.fromkeys(("astvarlibdir", "astdbdir", "astkeydir", "astagidir", "astcachedir"), folder / "lib"),
    }
    written = {
        "asterisk": "[directories]\n" + "".join(f"{name} => {place}\n" for name, place in places.items()),
        "modules": "[modules]\nautoload=no\n" + "".join(f"load={name}.so\n" for name in MODULES.split()),
        "logger": "[logfiles]\nconsole => warning,error\n",
        "http": f"[general]\nenabled=yes\nbindaddr=127.0.0.1\nbindport={port}\n",
        "ari": f"[general]\nenabled=yes\n[{USER}]\ntype=user\npassword={PASSWORD}\n",
        "rtp": f"[general]\nrtpstart={rtp}\nrtpend={rtp + 199}\n",
        "pjsip": (
            f"[udp]\ntype=transport\nprotocol=udp\nbind=127.0.0.1:{sip_port}\n"
            "[trunk]\ntype=endpoint\ntransport=udp\ncontext=none\ndisallow=all\nallow=alaw\ndirect_media=no\n"
        ),
        # As the documentation of the account tells it to be written.
        "extensions": "[listen]\nexten => s,1,AMD()\n same => n,Stasis(machines,detected,${AMDSTATUS})\n",
        **dict.fromkeys(EMPTY, ""),
    }
    for name, text in written.items():
        (etc / f"{name}.conf").write_text(text)
