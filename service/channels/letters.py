"""
Letters: typeset, spooled, and told to the print house where it does not come by itself (decision 0008).

The hand-over is the line in the manifest. What the print house makes of it, a refusal included, comes
later as a receipt, as with a real one that collects a folder.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from service.channels.answers import accepted, not_taken, unsure
from service.channels.spool import HalfWritten, Spool, Spooled
from service.core.model import Fate, LetterService, Outcome
from service.flows.ports import Dispatch, Envelope, SendResult, Typesetter

log = structlog.get_logger()

Announce = Callable[[Dispatch, Spooled], Awaitable[None]]


async def set_letter(typeset: Typesetter, dispatch: Dispatch, envelope: Envelope) -> bytes | SendResult:
    """Set the letter, or give the result of one that cannot be."""
    try:
        return await asyncio.to_thread(typeset, dispatch.message, dispatch.to, dispatch.at, envelope)
    except Exception as error:
        # Whatever the typesetter trips over: nothing left the house, and the next try would trip too.
        log.error("letter.not_set", attempt=dispatch.attempt, error=type(error).__name__)
        return SendResult(Fate.permanent, Outcome.failed, detail="typesetting_failed")


@dataclass(frozen=True, slots=True)
class Letters:
    """`announce` tells the print house of a letter, where it wishes; `receipts` says whether anybody will report."""

    spool: Spool
    typeset: Typesetter
    announce: Announce | None = None
    receipts: bool = True
    envelope: Envelope = Envelope.din_b

    async def send(self, dispatch: Dispatch) -> SendResult:
        """Set and spool the letter; the same attempt twice is one letter."""
        pdf = await set_letter(self.typeset, dispatch, self.envelope)
        if isinstance(pdf, SendResult):
            return pdf
        try:
            letter = await asyncio.to_thread(self._put, dispatch, pdf)
        except HalfWritten:
            return unsure("spool_half_written")
        except Exception as error:
            # A full disk, a folder that is not ours, a manifest that somebody edited: mended, it can be tried again.
            log.error("letter.not_spooled", attempt=dispatch.attempt, error=type(error).__name__)
            return not_taken("spool_failed")
        if self.announce is not None:
            await self.announce(dispatch, letter)
        return self._handed_over()

    async def ask(self, attempt: str) -> SendResult | None:
        """Look into the manifests: a letter that stands in none was not handed over; None if one cannot be read."""
        try:
            found = await asyncio.to_thread(self.spool.find, attempt)
        except (OSError, ValueError, TypeError) as error:
            log.error("spool.unreadable", attempt=attempt, error=type(error).__name__)
            return None
        return self._handed_over() if found else not_taken("never_taken")

    def _put(self, dispatch: Dispatch, pdf: bytes) -> Spooled:
        service = dispatch.letter_service or LetterService.ordinary
        return self.spool.put(dispatch.attempt, dispatch.request, dispatch.at, service, pdf)

    def _handed_over(self) -> SendResult:
        # Its reference is the number it is tracked by, which it has once it is posted.
        return accepted(awaits=self.receipts)
