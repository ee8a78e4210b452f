"""
Files that survive a loss of power: whole or absent, and there for good once the call is back.

A rename is atomic, but becomes durable only with its folder; content does only with its own fsync.
"""

import os
from pathlib import Path


def write_file(folder: Path, name: str, content: bytes) -> None:
    """Make `name` appear in the folder with this content, whole or not at all; it replaces what was there."""
    unfinished = folder / f".{name}.part"
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        write_all(descriptor, content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    unfinished.rename(folder / name)
    sync_folder(folder)


def write_all(descriptor: int, content: bytes) -> None:
    """Write to the end, for the kernel may take less at once."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def read_at(descriptor: int, start: int, end: int) -> bytes:
    """Read from start to end without moving the descriptor's own place."""
    found = bytearray()
    while len(found) < end - start and (piece := os.pread(descriptor, end - start - len(found), start + len(found))):
        found += piece
    return bytes(found)


def sync_folder(folder: Path) -> None:
    """Make the names in the folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
