"""
A copy of the embedded store, taken while it serves.

The copy is one snapshot, checked page by page and on the disk before it gets its name: a file that
has the name is a backup.
"""

import contextlib
import os
import sqlite3
from pathlib import Path

from service.core.errors import Conflict, Unavailable


def back_up(source: Path, target: Path) -> None:
    """Copy `source` to the new file `target`; an existing one is never touched."""
    if target.exists():
        raise Conflict("the backup's file exists already")
    unfinished = target.with_name(target.name + ".unfinished")
    unfinished.unlink(missing_ok=True)
    os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    try:
        _copy(source, unfinished)
        _flush(unfinished)
        # A link, unlike a rename, fails if somebody was quicker to the name.
        os.link(unfinished, target)
    except FileExistsError:
        raise Conflict("the backup's file exists already") from None
    finally:
        unfinished.unlink(missing_ok=True)
    _flush(target.parent)


def _copy(source: Path, target: Path) -> None:
    with (
        contextlib.closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as from_,
        contextlib.closing(sqlite3.connect(target)) as to,
    ):
        # All pages in one step: the writer goes on beside it, and what it commits meanwhile is not in the copy.
        from_.backup(to, pages=-1)
        to.execute("PRAGMA journal_mode = DELETE")
        if to.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            raise Unavailable("the copy failed its integrity check, and so does the store, most likely")


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
