"""
Keep one session up in one process of all: lease, login, renewal, and back-off with jitter when a link is lost.

The lease is asked for again and again; whoever has it connects, whoever loses it hangs up at once. A process that
was paused finds its lease run out by its own count, before it asks anybody.
"""

import asyncio
import random
from time import monotonic

import structlog

from service.channels.adapter import OWNED_S, Own
from service.flows.ports import Clock

from .framing import Peer, Refused, connect
from .session import Session, Store, Times
from .speech import Garbled, Speech

log = structlog.get_logger()

MARGIN_S = 1.0
"""We hold the lease for less long than the store says, for its clock and ours need not agree."""

UNREACHABLE_S_MAX = 60.0
REFUSED_S_MAX = 600.0
"""Who is not let in knocks less and less often, for operators lock accounts that keep guessing."""


class Keeper:
    def __init__(
        self,
        name: str,
        own: Own,
        clock: Clock,
        speech: Speech,
        peer: Peer,
        window: int,
        times: Times,
        store: Store,
    ) -> None:
        self._name = name
        self._own = own
        self._clock = clock
        self._speech = speech
        self._peer = peer
        self._window = window
        self._times = times
        self._store = store
        self._session: Session | None = None
        self._owned_until = 0.0
        self._runner: asyncio.Task[None] | None = None

    @property
    def owned(self) -> bool:
        """Whether the lease is ours, by our own count; asked from the store's thread too, where no loop runs."""
        return monotonic() < self._owned_until

    @property
    def session(self) -> Session | None:
        """The session, while it is bound and the lease is ours."""
        session = self._session
        return None if session is None or session.over.is_set() or not self.owned else session

    def start(self) -> None:
        self._runner = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Say good-bye and stop; the lease runs out by itself."""
        if self._runner is not None:
            self._runner.cancel()
            await asyncio.wait([self._runner])
        if self._session is not None:
            await self._session.close()

    async def _run(self) -> None:
        failures = 0
        while True:
            if not await self._renewed():
                await asyncio.sleep(self._times.renew_s)
                continue
            most_s = UNREACHABLE_S_MAX
            try:
                self._session = await self._bind()
                failures = 0
                log.info("line.bound", provider=self._name)
                await self._hold(self._session)
                log.warning("line.lost", provider=self._name)
            except Exception as error:
                # Whatever it was, and be it a mistake of ours: a line that is given up would be down for ever.
                failures += 1
                self._tell(error, failures)
                most_s = REFUSED_S_MAX if isinstance(error, Refused) else most_s
            await self._rest(max(failures, 1), most_s)

    async def _bind(self) -> Session:
        reader, writer = await connect(self._peer, self._speech, self._clock(), self._times.login_s)
        session = Session(self._speech, reader, writer, self._window, self._times, self._store)
        session.start()
        return session

    def _tell(self, error: Exception, failures: int) -> None:
        """`connect` names what a peer does; anything else is for somebody to mend."""
        word = str(error) if isinstance(error, Refused | Garbled) else type(error).__name__
        tell = log.warning if isinstance(error, Refused | Garbled | OSError | EOFError) else log.error
        tell("line.not_bound", provider=self._name, why=word, failures=failures)

    async def _hold(self, session: Session) -> None:
        """Renew the lease until the link is lost or another process has it; then nothing more goes out from here."""
        over = asyncio.create_task(session.over.wait())
        try:
            while not (await asyncio.wait([over], timeout=self._times.renew_s))[0]:
                if not await self._renewed() and monotonic() >= self._owned_until:
                    break
        finally:
            over.cancel()
        await session.close()

    async def _renewed(self) -> bool:
        """Take or renew the lease. A store in trouble does not end it before its time."""
        asked_at = monotonic()
        try:
            owned = await self._own(f"line:{self._name}")
        except Exception as error:
            log.error("line.lease_unknown", provider=self._name, error=type(error).__name__)
            return False
        self._owned_until = asked_at + OWNED_S - MARGIN_S if owned else 0.0
        return owned

    async def _rest(self, failures: int, most_s: float) -> None:
        """
        Wait before the next try: doubled each time, and spread, so that all who lost a gateway do not come at once.

        The lease is kept meanwhile: whoever has it sends by the channel's other accounts.
        """
        until = monotonic() + random.uniform(0.5, 1.0) * min(most_s, self._times.pause_s * 2.0 ** min(failures - 1, 20))
        while (left_s := until - monotonic()) > 0:
            await asyncio.sleep(min(left_s, self._times.renew_s))
            await self._renewed()
