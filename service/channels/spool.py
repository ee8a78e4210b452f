"""
The letter spool: a folder a day (UTC) that a print house takes from, with one PDF a letter and `manifest.jsonl`.

A letter is handed over by its line in the manifest, and by nothing else: the PDF is whole and durable
before the line is written, and a line without its end of line is not there. The same attempt is one
letter however often it is put. Several processes may share the folder, several hosts may not.
"""

import fcntl
import hashlib
import os
import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import orjson

from service.channels.durable import read_at, sync_folder, write_all, write_file
from service.core.errors import Invalid
from service.core.model import Instant

MANIFEST = "manifest.jsonl"

# The id becomes a file name.
_ATTEMPT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_PAGE_TREE = re.compile(rb"/Type\s*/Pages\b[^>]*?/Count\s+(\d+)|/Count\s+(\d+)[^>]*?/Type\s*/Pages\b")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Spooled(NamedTuple):
    """One line of a manifest; `file` stands beside it."""

    attempt: str
    request: str
    service: str
    pages: int
    sha256: str
    file: str
    simulated: bool


class HalfWritten(Exception):
    """The line of a letter was begun, and may or may not have become durable."""


class Spool:
    """The folder. Its methods block on the disk: call them in a thread."""

    def __init__(self, folder: Path, *, simulated: bool = False) -> None:
        self._root = folder
        self._simulated = simulated
        self._mutex = threading.Lock()
        self._reading: tuple[Path, int] | None = None
        self._read_to = 0
        self._known: dict[str, Spooled] = {}

    def put(self, attempt: str, request: str, at: Instant, service: str, pdf: bytes) -> Spooled:
        """
        Hand a letter over, once.

        An `OSError` means that nothing was handed over; `HalfWritten`, that it may have been.
        """
        if not _ATTEMPT.fullmatch(attempt):
            raise Invalid("attempt", "not an id that can name a file")
        folder = self._root / (_EPOCH + timedelta(microseconds=at)).strftime("%Y-%m-%d")
        file = f"{attempt}.pdf"
        letter = Spooled(attempt, request, service, pages(pdf), hashlib.sha256(pdf).hexdigest(), file, self._simulated)
        with self._mutex, _locked(folder) as manifest:
            self._catch_up(folder, manifest)
            if attempt not in self._known:
                write_file(folder, file, pdf)
                self._append(manifest, letter)
            return self._known[attempt]

    def find(self, attempt: str) -> Spooled | None:
        """Give the letter of an attempt if it was handed over, the newest day first."""
        for manifest in sorted(self._root.glob(f"*/{MANIFEST}"), reverse=True):
            for letter in _letters(manifest.read_bytes()):
                if letter.attempt == attempt:
                    return letter
        return None

    def _catch_up(self, folder: Path, manifest: int) -> None:
        """Read the lines that are new, ours or another process's, and cut off one that was never finished."""
        stat = os.fstat(manifest)
        if self._reading != (folder, stat.st_ino) or stat.st_size < self._read_to:
            self._reading, self._read_to, self._known = (folder, stat.st_ino), 0, {}
        fresh = read_at(manifest, self._read_to, stat.st_size)
        self._known |= {letter.attempt: letter for letter in _letters(fresh)}
        self._read_to += fresh.rfind(b"\n") + 1
        if self._read_to < stat.st_size:
            os.ftruncate(manifest, self._read_to)
            os.fsync(manifest)

    def _append(self, manifest: int, letter: Spooled) -> None:
        line = orjson.dumps(letter._asdict()) + b"\n"
        try:
            write_all(manifest, line)
            os.fsync(manifest)
        except OSError as error:
            raise HalfWritten from error
        self._known[letter.attempt] = letter
        self._read_to += len(line)


def pages(pdf: bytes) -> int:
    """Count the pages as the root of the page tree has them; 0 where the file does not show it in the clear."""
    return max((int(before or behind) for before, behind in _PAGE_TREE.findall(pdf)), default=0)


def _letters(lines: bytes) -> Iterable[Spooled]:
    """Read the whole lines; what stands behind the last end of line is none."""
    whole = lines[: lines.rfind(b"\n") + 1]
    return (Spooled(**orjson.loads(line)) for line in whole.splitlines())


@contextmanager
def _locked(folder: Path) -> Iterator[int]:
    """Open the manifest for this process alone; the kernel's lock dies with the process that holds it."""
    if not folder.is_dir():
        folder.mkdir(parents=True, mode=0o700, exist_ok=True)
        sync_folder(folder.parent)
    manifest = os.open(folder / MANIFEST, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        fcntl.flock(manifest, fcntl.LOCK_EX)
        if os.fstat(manifest).st_size == 0:
            sync_folder(folder)
        yield manifest
    finally:
        os.close(manifest)
