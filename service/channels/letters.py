"""
Letters: typeset, spooled, and with the simulator told to its print house (decision 0008).

The hand-over is the line in the manifest. What the print house makes of it, a refusal included, comes
later as a receipt, as with a real one that collects a folder.
"""

import asyncio
from dataclasses import dataclass

import structlog

from service.channels.answers import not_taken, unsure
from service.channels.simulated import build_letter
from service.channels.spool import HalfWritten, Spool, Spooled
from service.channels.wire import Wire
from service.core.model import LetterService, Outcome
from service.flows.ports import Dispatch, SendResult, Typesetter

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Letters:
    """`print_house` is the simulated one; `receipts` says whether anybody will report."""

    spool: Spool
    typeset: Typesetter
    print_house: Wire | None
    receipts: bool

    async def send(self, dispatch: Dispatch) -> SendResult:
        """Set and spool the letter; the same attempt twice is one letter."""
        try:
            letter = await asyncio.to_thread(self._hand_over, dispatch)
        except HalfWritten:
            return unsure("spool_half_written")
        except OSError as error:
            log.error("letter.not_spooled", attempt=dispatch.attempt, errno=error.errno)
            return not_taken("spool_failed")
        except Exception as error:
            # Whatever the typesetter trips over: nothing left the house, and the next try would trip too.
            log.error("letter.not_set", attempt=dispatch.attempt, error=type(error).__name__)
            return SendResult(Outcome.failed, certain=True, detail="typesetting_failed")
        if self.print_house is not None:
            await self.print_house.call(build_letter(dispatch, letter))
        return self._handed_over(dispatch.attempt)

    async def ask(self, attempt: str) -> SendResult:
        """Look into the manifests: a letter that stands in none was not handed over."""
        found = await asyncio.to_thread(self.spool.find, attempt)
        return self._handed_over(attempt) if found else not_taken("never_taken")

    def _hand_over(self, dispatch: Dispatch) -> Spooled:
        pdf = self.typeset(dispatch.message, dispatch.to, dispatch.at)
        service = dispatch.letter_service or LetterService.ordinary
        return self.spool.put(dispatch.attempt, dispatch.request, dispatch.at, service, pdf)

    def _handed_over(self, attempt: str) -> SendResult:
        return SendResult(Outcome.sent, True, attempt, awaits=self.receipts)
