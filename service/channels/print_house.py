"""
A print house that collects letters from the spool (decision 0008), as an adapter.

What it makes of them it tells in signed callbacks of the same form as the simulator's, if a secret was agreed; or in
files that it puts beside the manifests, `tracking*.jsonl` or `tracking*.csv`, if that was.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import structlog

from service.channels.adapter import Adapter, Site
from service.channels.letters import Letters
from service.channels.press.rounds import Rounds
from service.channels.press.tracking import (
    FILE_BYTES_MAX,
    PATH,
    TAKEN,
    finished,
    is_tracking,
    pieces,
    read_tracking,
)
from service.channels.signature import check
from service.channels.simulated_told import read
from service.channels.spool import Spool
from service.core.errors import NotFound
from service.core.model import Channel
from service.core.policy import Flawed
from service.flows.ports import Asked, Dispatch, Envelope, SendResult, Told
from service.flows.providers import Callback, ProviderKind, Secret

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """
    The secret under which the print house signs what it tells; without one it does not call us.

    `look_every_s`: how often we look for what it tells in files; 0: never. It tells nothing without either.
    """

    secret: Secret | None = None
    look_every_s: int = 0
    envelope: Envelope = Envelope.din_b

    def __post_init__(self) -> None:
        if self.look_every_s < 0:
            raise Flawed([("look_every_s", "must be 0 or more")])


KIND = ProviderKind("spool", frozenset({Channel.letter}), Params)


class PrintHouse(Adapter):
    def __init__(self, site: Site) -> None:
        params: Params = site.account.params
        self._site = site
        self._secret = params.secret
        self._looks = params.look_every_s > 0
        told = self._looks or params.secret is not None
        self._letters = Letters(Spool(site.spool_dir), site.typeset, receipts=told, envelope=params.envelope)
        self._rounds = Rounds(site.account.name, site.own, self.look, params.look_every_s)

    async def start(self) -> None:
        if self._looks:
            self._rounds.start()

    async def send(self, dispatch: Dispatch) -> SendResult:
        return await self._letters.send(dispatch)

    async def ask(self, asked: Asked) -> SendResult | None:
        return await self._letters.ask(asked.attempt)

    def check(self, callback: Callback) -> None:
        if self._secret is None:
            raise NotFound("this print house tells nothing")
        check(self._secret, callback.headers, callback.body, self._site.clock(), self._site.fresh_s)

    def read(self, callback: Callback) -> Told:
        if callback.path == PATH:
            return Told(receipts=read_tracking(self._site.account.name, callback.body))
        return read(self._site.account.name, callback)

    async def look(self) -> None:
        """Take in the files of tracking that have come, each once it is stored whole."""
        for file in await asyncio.to_thread(tracking_files, self._site.spool_dir):
            content = await asyncio.to_thread(whole, file)
            for piece in pieces(content, is_csv=file.suffix == ".csv"):
                await self._site.hear(piece)
            if content:
                await asyncio.to_thread(file.rename, file.with_name(file.name + TAKEN))

    async def close(self) -> None:
        await self._rounds.close()


def tracking_files(folder: Path) -> list[Path]:
    """The files that nobody took in yet, the oldest day first."""
    return sorted(file for file in folder.glob("*/tracking*") if is_tracking(file.name))


def whole(file: Path) -> bytes:
    """What the file holds; nothing while its last line has no end, for then it is still written."""
    if file.stat().st_size > FILE_BYTES_MAX:
        log.error("letter.tracking_too_long", file=file.name)
        return b""
    return finished(file.read_bytes())
