"""
A print house that takes letters from a folder of its own, over SFTP.

A folder a day (UTC). The letter is `ATTEMPT.pdf`; it is handed over by `ATTEMPT.json` beside it, which comes last and
says what a line of our own manifest says (`spool`). The print house leaves that file there, whatever it puts behind its
name, for two days: so a lost answer is asked for by looking. What became of letters it tells in files in the same
folders (`tracking`).
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import structlog

from service.channels.adapter import Adapter, Site
from service.channels.answers import accepted, not_taken, unsure
from service.channels.letters import set_letter
from service.core.errors import NotFound
from service.core.model import DAY, Channel, Fate, Instant
from service.flows.ports import Asked, Dispatch, SendResult, Told
from service.flows.providers import Callback, ProviderKind, Trust

from .drop import Drop, Login
from .handover import build
from .rounds import Rounds
from .sftp_account import Params
from .tracking import FILE_BYTES_MAX, TAKEN, finished, is_tracking, pieces, read_tracking

log = structlog.get_logger()

LEFT_FOR = DAY
"""The print house leaves what it took for longer; after this, not to find it says nothing."""

LOOK_S = 300
"""How long a look may take."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

KIND = ProviderKind("sftp", frozenset({Channel.letter}), Params, trust=Trust.session)
"""Its trust is a session's: nothing comes by HTTP. Yet nobody keeps it, and any process sends by it."""


class Sftp(Adapter):
    def __init__(self, site: Site) -> None:
        self._params: Params = site.account.params
        self._site = site
        params = self._params
        self._drop = Drop(Login(params.host, params.port, params.host_key, params.user, params.key, params.password))
        self._rounds = Rounds(site.account.name, site.own, self.look, params.look_every_s)

    async def start(self) -> None:
        if self._params.look_every_s:
            self._rounds.start()

    async def send(self, dispatch: Dispatch) -> SendResult:
        pdf = await set_letter(self._site.typeset, dispatch, self._params.envelope)
        if isinstance(pdf, SendResult):
            return pdf
        naming = False
        try:
            async with self._opened(self._site.send_timeout_s):
                folder, name = self._folder(dispatch.at), f"{dispatch.attempt}.json"
                if not await self._drop.exists(f"{folder}/{name}"):
                    await self._drop.name(
                        await self._drop.write(folder, f"{dispatch.attempt}.pdf", pdf),
                        f"{folder}/{dispatch.attempt}.pdf",
                    )
                    unfinished = await self._drop.write(folder, name, build(dispatch, pdf))
                    naming = True
                    await self._drop.name(unfinished, f"{folder}/{name}")
        except Exception as error:
            return await self._failed(error, dispatch.attempt, naming=naming)
        return self._handed_over()

    async def ask(self, asked: Asked) -> SendResult | None:
        """Look for the attempt in the folder of its day."""
        try:
            async with self._opened(self._site.send_timeout_s):
                if await self._taken(self._folder(asked.at), asked.attempt):
                    return self._handed_over()
        except Exception as error:
            await self._drop.forget(error)
            log.warning("letter.not_asked", attempt=asked.attempt, error=type(error).__name__)
            return None
        return not_taken("never_taken") if self._site.clock() - asked.at < LEFT_FOR else None

    async def look(self) -> None:
        """Take in the files of tracking, each once it is stored whole."""
        try:
            async with self._opened(LOOK_S):
                for day in filter(_DAY.fullmatch, await self._drop.names(self._params.folder)):
                    folder = f"{self._params.folder}/{day}"
                    for name in filter(is_tracking, await self._drop.names(folder)):
                        await self._take_in(f"{folder}/{name}")
        except Exception as error:
            await self._drop.forget(error)
            raise

    def check(self, callback: Callback) -> None:
        raise NotFound("a folder is looked into, and calls nobody")

    def read(self, callback: Callback) -> Told:
        return Told(receipts=read_tracking(self._site.account.name, callback.body))

    async def close(self) -> None:
        await self._rounds.close()
        await self._drop.close()

    @asynccontextmanager
    async def _opened(self, most_s: float) -> AsyncIterator[None]:
        async with asyncio.timeout(most_s):
            await self._drop.open()
            yield

    def _folder(self, at: Instant) -> str:
        return f"{self._params.folder}/{(_EPOCH + timedelta(microseconds=at)).strftime('%Y-%m-%d')}"

    async def _taken(self, folder: str, attempt: str) -> bool:
        """Whether it was handed over, and maybe taken up since, which puts something behind the name."""
        return any(name.startswith(f"{attempt}.json") for name in await self._drop.names(folder))

    async def _take_in(self, file: str) -> None:
        content = finished(await self._drop.read(file, FILE_BYTES_MAX))
        for piece in pieces(content, is_csv=file.endswith(".csv")):
            await self._site.hear(piece)
        if content:
            await self._drop.name(file, file + TAKEN)

    def _handed_over(self) -> SendResult:
        return accepted(awaits=self._params.look_every_s > 0)

    async def _failed(self, error: Exception, attempt: str, *, naming: bool) -> SendResult:
        """It is handed over by getting its name: only a server that answers knows whether it did."""
        import asyncssh

        answered = await self._drop.forget(error)
        log.warning("letter.not_handed_over", attempt=attempt, error=type(error).__name__)
        if answered:
            return not_taken("sftp_failed")
        if naming:
            return unsure("no_answer")
        if isinstance(error, asyncssh.PermissionDenied):
            return not_taken("login_refused", Fate.provider_unavailable)
        if isinstance(error, asyncssh.HostKeyNotVerifiable):
            return not_taken("another_host_key", Fate.provider_unavailable)
        return not_taken("unreachable")
