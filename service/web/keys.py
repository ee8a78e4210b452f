"""
API keys at the door: who a bearer is, looked up by the SHA-256 of the key and remembered shortly.

A revoked key is refused everywhere within `KEPT_S`. What nobody presented a valid key for is
remembered as well, so that guessing does not reach the store with every guess.
"""

from collections.abc import Awaitable, Callable
from hashlib import sha256
from time import monotonic

from service.core.request import Client

KEPT_S = 3.0
REMEMBERED_MAX = 4096

KEY_LENGTH_MAX = 128

Look = Callable[[str], Awaitable[Client | None]]
"""Finds the client whose key has this SHA-256, unless it is revoked."""


class Keys:
    def __init__(self, look: Look, *, kept_s: float = KEPT_S) -> None:
        self._look = look
        self._kept_s = kept_s
        self._known: dict[str, tuple[float, Client | None]] = {}

    async def bearer(self, header: str | None) -> Client | None:
        """Tell who presents this `Authorization` header; None for nobody we know."""
        if header is None or header[:7].lower() != "bearer " or len(header) > KEY_LENGTH_MAX:
            return None
        found = self._known.get(header)
        if found is None:
            return await self._read(header)
        if found[0] <= monotonic():
            # One caller asks again; whoever comes meanwhile is answered as before.
            self._keep(header, found[1])
            try:
                return await self._read(header)
            except BaseException:
                self._known.pop(header, None)
                raise
        return found[1]

    async def _read(self, header: str) -> Client | None:
        client = await self._look(sha256(header[7:].strip().encode()).hexdigest())
        self._keep(header, client)
        return client

    def _keep(self, header: str, client: Client | None) -> None:
        if len(self._known) >= REMEMBERED_MAX:
            self._known.clear()
        self._known[header] = (monotonic() + self._kept_s, client)
