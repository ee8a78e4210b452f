"""What the verb `export` does: the evidence as a file, with progress, whole or not at all."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from service.core.errors import Misconfigured
from service.core.model import ActorRole
from service.core.request import Client
from service.flows.export import Format, export
from service.flows.sweep import number
from service.wiring import House


async def write_export(house: House, actor: str, form: Format, after: int, file: Path | None) -> int:
    """
    Write the entries after an index to a file, or to standard output; return how many there were.

    What was written last has no index yet where nobody serves: it is given one first.
    """
    gateway = house.gateway
    kit, store = gateway.kit, gateway.store
    # The lease ends at once: a process that serves must not wait for it.
    while await store.write(lambda tx: number(tx, house.owner, kit.clock(), 0)):
        pass
    client = Client(id=actor, actor_role=ActorRole.first_party, scopes=frozenset())
    begun = await export(kit, store, client, form, after)
    # One line does not tell of an entry: the first of CSV, the last of NDJSON.
    entries = -1
    with _opened(file) as out, _progress() as progress:
        task = progress.add_task("entries", total=max(begun.head - after, 0))
        async for piece in begun.pieces:
            out.write(piece)
            entries += piece.count(b"\n")
            progress.update(task, completed=entries)
    return entries


@contextmanager
def _opened(file: Path | None) -> Iterator[BinaryIO]:
    """A file takes its name when it is whole; one that is there is left alone."""
    if file is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    if file.exists():
        raise Misconfigured(f"{file} exists already")
    part = file.with_name(f"{file.name}.part")
    try:
        with part.open("wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        part.replace(file)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _progress() -> Progress:
    """On standard error, and only where somebody watches."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.completed} of {task.total} entries"), BarColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
