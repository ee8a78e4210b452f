"""The message centre that nobody here wrote: npm `smpp`, told what to do by `smsc.js`."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.peers import Talker, kept, npm

PACKAGE = "smpp@0.5.1"


def fetched(folder: Path) -> Path:
    """Put it into the folder."""
    shutil.copytree(kept(PACKAGE, lambda home: npm(home, PACKAGE)), folder, dirs_exist_ok=True)
    shutil.copy(Path(__file__).parent / "smsc.js", folder)
    return folder


@asynccontextmanager
async def centre(folder: Path) -> AsyncIterator[Talker]:
    """Run it on a port of its own, which is the first thing it says."""
    peer = await Talker.start("node", "smsc.js", cwd=folder, env={"PATH": os.environ["PATH"]})
    try:
        await peer.until("listening")
        yield peer
    finally:
        await peer.stop()
