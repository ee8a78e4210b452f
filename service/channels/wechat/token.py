"""
The access token of an account, kept in memory by each process.

The provider gives every process the same token as long as it stands (`stable_token`; WeCom's `gettoken` does so too),
so replicas do not take it from each other and none has to be told of another's. A forced renewal ends the token of
all: it is asked for only where the very token that was refused is given again, and seldom, for the provider allows
20 a day, 30 seconds apart (developers.weixin.qq.com, getStableAccessToken).
"""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import NamedTuple

from service.channels.answers import json_object, not_taken
from service.channels.clouds.codes import Codes
from service.channels.wire import Fault, Wire, WireRequest
from service.core.model import MINUTE, SECOND, Fate, Instant
from service.flows.ports import Clock, SendResult

from .codes import STALE, code_of

EARLY = 5 * MINUTE
"""How long before its end a token is fetched anew; old and new are both good meanwhile."""

FORCED_APART = 31 * SECOND

LATE = "token_late"
"""No token in time for this message; the next one may find it."""

_STALE = frozenset(map(str, STALE))


class Granted(NamedTuple):
    """A token, and for how long it is good."""

    token: str
    lasts: int

    def __repr__(self) -> str:
        return "<Granted>"


Fetch = Callable[[bool], Awaitable[Granted | SendResult]]
"""Ask the provider for the token, by force or not; a result says why there is none."""


class _Fetching(NamedTuple):
    """A token being fetched, in place of the one that was refused."""

    refused: str | None
    task: "asyncio.Task[str | SendResult]"


class AccessToken:
    """
    One holder an account and process.

    Whoever comes while a token is being fetched waits for that one, and shares what comes of it, a failure too: if each
    asked once more, the last one's message would leave long after the decision that allowed it.
    """

    def __init__(self, fetch: Fetch, clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock
        self._token: str | None = None
        self._until = Instant(0)
        self._forced_at: Instant | None = None
        self._fetching: _Fetching | None = None

    async def get(self, wait_s: float, refused: str | None = None) -> str | SendResult:
        """Give the token, another one than `refused` if there is any; or tell why there is none within `wait_s`."""
        until = monotonic() + wait_s
        while True:
            if self._token not in (None, refused) and self._clock() < self._until:
                assert self._token is not None
                return self._token
            if self._fetching is None:
                self._fetching = _Fetching(refused, asyncio.create_task(self._renewed(refused)))
            fetching = self._fetching
            if not (await asyncio.wait([fetching.task], timeout=max(until - monotonic(), 0)))[0]:
                return not_taken(LATE)
            told = fetching.task.result()
            # Who came while another's was fetched may be given the very one that was refused, and asks for his own.
            if told != refused or fetching.refused == refused:
                return told

    async def close(self) -> None:
        """Give up what is being fetched."""
        if self._fetching is not None:
            self._fetching.task.cancel()
            await asyncio.wait([self._fetching.task])

    async def _renewed(self, refused: str | None) -> str | SendResult:
        try:
            told = await self._fetch(False)
            if isinstance(told, Granted) and told.token == refused and self._may_force():
                self._forced_at = self._clock()
                told = await self._fetch(True)
            if isinstance(told, SendResult):
                return told
            self._token, self._until = told.token, Instant(self._clock() + told.lasts - EARLY)
            return told.token
        finally:
            self._fetching = None

    def _may_force(self) -> bool:
        return self._forced_at is None or self._clock() - self._forced_at >= FORCED_APART


async def with_token(
    tokens: AccessToken, hand_over: Callable[[str, float], Awaitable[SendResult]], within_s: float
) -> SendResult:
    """
    Hand a message over under the token; where the token is refused, nothing was sent: once more with another.

    All of it has the time of one send, within which the decision holds. The token must be there after half of it and
    another one after three quarters; the message has what is left.
    """
    began = monotonic()

    def left_s(share: float = 1) -> float:
        return began + share * within_s - monotonic()

    token = await tokens.get(left_s(0.5))
    if isinstance(token, SendResult):
        return token
    result = await hand_over(token, left_s())
    if result.detail not in _STALE:
        return result
    if left_s(0.75) <= 0:
        return not_taken(LATE)
    another = await tokens.get(left_s(0.75), refused=token)
    return another if isinstance(another, SendResult) else await hand_over(another, left_s())


async def granted(wire: Wire, request: WireRequest, codes: Codes) -> Granted | SendResult:
    """Ask for a token. Without one nothing was sent, which is certain whatever the provider did."""
    answer = await wire.call(request)
    if isinstance(answer, Fault):
        return not_taken(answer)
    told = json_object(answer) or {}
    token, lasts, code = told.get("access_token"), told.get("expires_in"), code_of(told)
    if answer.status == 200 and isinstance(token, str) and token and isinstance(lasts, int):
        return Granted(token, lasts * SECOND)
    result = codes.result(str(code)) if code else not_taken("no_token")
    return result if result.transient else not_taken(result.detail, Fate.provider_unavailable)
