"""
A line as an adapter: one long-lived session an account, in one process of all (decision 0017).

Whoever holds the account's lease keeps the session; every other process is not `ready`, and leaves what goes by this
account to the one that is. Nothing is ever sent twice: what had left when a link was lost stays unknown.
"""

import asyncio
from functools import partial

import orjson
import structlog

from service.channels.adapter import Adapter, Site
from service.channels.answers import not_taken, refused, unsure
from service.core.errors import Invalid
from service.core.model import SECOND, Fate, Instant, Outcome
from service.flows.ports import Asked, Dispatch, Receipt, SendResult, Told
from service.flows.providers import Callback

from .framing import Peer, frames
from .keeper import Keeper
from .parts import Part
from .session import DEFAULT, Session, Times
from .speech import Answered, Garbled, Speech, Unsendable
from .stats import AGAINST_RECIPIENT, shown
from .window import FULL, Lost

log = structlog.get_logger()

THROTTLED_PAUSE_S = 0.5

_TOLD = "line"
_AT = "line-at"


class Line(Adapter):
    def __init__(self, site: Site, speech: Speech, peer: Peer, window: int, times: Times = DEFAULT) -> None:
        self._site = site
        self._speech = speech
        self._keeper = Keeper(site.account.name, site.own, site.clock, speech, peer, window, times, self._store)

    @property
    def ready(self) -> bool:
        return self._keeper.session is not None

    @property
    def owned(self) -> bool:
        return self._keeper.owned

    async def start(self) -> None:
        self._keeper.start()

    async def close(self) -> None:
        await self._keeper.close()

    # --- out

    async def send(self, dispatch: Dispatch) -> SendResult:
        """Send the parts one after the other; a part is sent once the one before it was taken."""
        session = self._keeper.session
        if session is None:
            return not_taken("line_down")
        try:
            parts = self._speech.parts(dispatch)
        except Unsendable as error:
            return refused(str(error))
        except ValueError:
            return refused("too_long", Fate.rejected_content)
        until = asyncio.get_running_loop().time() + self._site.send_timeout_s
        result = await self._submit(session, dispatch, parts[0], until)
        for part in parts[1:]:
            if result.fate is not Fate.accepted:
                break
            result = await self._submit_further(session, dispatch, part, until)
        return result

    async def _submit(self, session: Session, dispatch: Dispatch, part: Part, until: float) -> SendResult:
        left_s = until - asyncio.get_running_loop().time()
        write = partial(self._speech.submit, to=dispatch.to, part=part)
        wait_s = min(left_s, self._site.send_timeout_s / 4)
        try:
            told = await session.ask(write, wait_s, left_s, partial(self._tell_late, dispatch.attempt, part))
        except Garbled:
            return refused("not_writable")
        if isinstance(told, Lost):
            return unsure(told.word) if told.left else self._not_sent(told.word)
        return self._speech.judge(told)

    def _not_sent(self, word: str) -> SendResult:
        """A window that stays full says nothing against the account: it is at its pace, and rests a little."""
        if word != FULL:
            return not_taken("line_down")
        return not_taken(word, Fate.throttled_account, Instant(self._site.clock() + SECOND))

    async def _submit_further(self, session: Session, dispatch: Dispatch, part: Part, until: float) -> SendResult:
        """
        Send a part of which others are out already. A transient refusal is certain, so it may be tried again at once.

        What cannot be completed is unknown: half a message may have been read.
        """
        loop = asyncio.get_running_loop()
        while True:
            result = await self._submit(session, dispatch, part, until)
            if not result.transient or loop.time() + THROTTLED_PAUSE_S >= until or session.over.is_set():
                return result if result.fate is Fate.accepted else unsure(result.detail or "partly_sent")
            await asyncio.sleep(THROTTLED_PAUSE_S)

    async def ask(self, asked: Asked) -> SendResult | None:
        """Ask by the id under which the line took it; what has none cannot be asked for."""
        session = self._keeper.session
        if session is None or asked.provider_ref is None or self._speech.query(1, asked.provider_ref) is None:
            return None
        ref = asked.provider_ref
        told = await session.ask(
            lambda sequence: self._speech.query(sequence, ref) or b"",
            self._site.send_timeout_s / 4,
            self._site.send_timeout_s,
        )
        return None if isinstance(told, Lost) else self._speech.found(told)

    # --- in

    def check(self, callback: Callback) -> None:
        """What the session told is the peer's, who knew the password."""
        return

    def read(self, callback: Callback) -> Told:
        """Read what this line brought: its frames, or an answer that came too late for who waited."""
        if callback.headers.get(_TOLD) == "late":
            return Told(receipts=(_late_receipt(self._site.account.name, callback),))
        at = Instant(int(callback.headers[_AT]))
        try:
            told = [self._speech.told(raw, at) for raw in frames(callback.body)]
        except Garbled as error:
            raise Invalid("body", str(error)) from None
        return Told([each for one in told for each in one.receipts], [each for one in told for each in one.inbound])

    async def _store(self, brought: list[bytes]) -> None:
        """Hand on what can be read as one bundle, and each that cannot by itself, so that it spoils no other."""
        at = self._site.clock()
        readable: list[bytes] = []
        odd: list[bytes] = []
        for raw in brought:
            (readable if self._is_readable(raw, at) else odd).append(raw)
        for body in ([b"".join(readable)] if readable else []) + odd:
            await self._site.hear(Callback(body, headers={_TOLD: "frames", _AT: str(at)}))

    def _is_readable(self, raw: bytes, at: Instant) -> bool:
        try:
            told = self._speech.told(raw, at)
        except Garbled as error:
            log.error("line.unreadable", provider=self._site.account.name, why=str(error))
            return False
        for receipt in told.receipts:
            if receipt.text and not self._speech.knows(receipt.text):
                log.error("line.unknown_code", provider=self._site.account.name, code=shown(receipt.text))
        return True

    async def _tell_late(self, attempt: str, part: Part, answered: Answered) -> None:
        """Tell what settles the attempt after all: the last part taken, or the first one refused."""
        result = self._speech.judge(answered)
        if result.unmapped:
            log.error("provider.unmapped_code", provider=self._site.account.name, code=result.detail, attempt=attempt)
        if not (part.last if result.fate is Fate.accepted else part.number == 1):
            return
        # As in a receipt: what is said of the recipient binds, however late it comes.
        fate = result.fate if result.fate in AGAINST_RECIPIENT else None
        body = orjson.dumps({"attempt": attempt, "ref": result.provider_ref, "outcome": result.outcome, "fate": fate})
        try:
            await self._site.hear(Callback(body, headers={_TOLD: "late", _AT: str(self._site.clock())}))
        except Exception as error:
            # The attempt stays unknown, which is safe, and its receipt may settle it yet.
            log.error("line.late_answer_lost", attempt=attempt, error=type(error).__name__)


def _late_receipt(provider: str, callback: Callback) -> Receipt:
    told = orjson.loads(callback.body)
    attempt, outcome, at = told["attempt"], Outcome(told["outcome"]), Instant(int(callback.headers[_AT]))
    fate = Fate(told["fate"]) if told.get("fate") else None
    return Receipt(provider, f"late:{attempt}", outcome, at, attempt=attempt, provider_ref=told["ref"], fate=fate)
