"""
The wire: the one importer of httpx, and the one place where bytes leave for a provider.

What happened is told as a value, never raised: an answer, or a fault that says whether the request may have
arrived. Only a fault of the connect phase is sure that it did not. Redirects are not followed, the
environment's proxies are not read, and an answer is never taken whole that is longer than any honest one.
"""

import asyncio
import ssl
from enum import StrEnum
from typing import NamedTuple

import httpx

CONNECTIONS_MAX = 20
"""One client an account: a provider that hangs must not use up the file descriptors of all others."""

ANSWER_BYTES_MAX = 64 * 1024

_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


class WireRequest(NamedTuple):
    """One call, ready to go: `path` holds ids alone, for paths end up in logs. The repr shows no query, no body."""

    method: str
    path: str
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    query: str = ""

    def __repr__(self) -> str:
        return f"<WireRequest {self.method} {self.path}>"


class Answer(NamedTuple):
    """A whole answer, whatever it says."""

    status: int
    content_type: str
    body: bytes

    def __repr__(self) -> str:
        return f"<Answer {self.status} {self.content_type}>"


class Fault(StrEnum):
    """No whole answer. After all but `unreachable` the request may have been carried out."""

    unreachable = "unreachable"
    timeout = "timeout"
    cut = "cut"
    malformed = "malformed"
    oversized = "oversized"


class Wire:
    """
    The connections of one provider account.

    `timeout_s` bounds a call as a whole, a slow drip of single bytes included. Waiting for a place in the
    pool, connecting and the TLS handshake have a quarter each, so that a call out of time has surely left.
    With `answer_bytes_max` zero an answer is its status alone, and nothing more of it is read. `server_name` is
    whom the certificate must name where `base_url` holds an address.
    """

    def __init__(
        self,
        base_url: str,
        timeout_s: float,
        *,
        answer_bytes_max: int = ANSWER_BYTES_MAX,
        tls: ssl.SSLContext | None = None,
        server_name: str | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._timeout_s = timeout_s
        self._answer_bytes_max = answer_bytes_max
        self._extensions = {"sni_hostname": server_name} if server_name else {}
        self._client = httpx.AsyncClient(
            base_url=base_url,
            timeout=httpx.Timeout(timeout_s, connect=timeout_s / 4, pool=timeout_s / 4),
            limits=httpx.Limits(max_connections=CONNECTIONS_MAX, max_keepalive_connections=CONNECTIONS_MAX),
            headers={"accept": "application/json", "accept-encoding": "identity", "user-agent": "contact-gateway"},
            follow_redirects=False,
            trust_env=False,
            verify=tls or True,
            transport=transport,
        )

    async def call(self, request: WireRequest, within_s: float | None = None) -> Answer | Fault:
        """Send once and give what came back; nothing is tried again here. `within_s` is less time than always."""
        try:
            async with (
                asyncio.timeout(self._timeout_s if within_s is None else min(within_s, self._timeout_s)),
                self._client.stream(
                    request.method,
                    f"{request.path}?{request.query}" if request.query else request.path,
                    content=request.body or None,
                    headers=list(request.headers),
                    extensions=self._extensions,
                ) as response,
            ):
                return await self._whole(response)
        except _NEVER_LEFT:
            return Fault.unreachable
        except (httpx.TimeoutException, TimeoutError):
            return Fault.timeout
        except httpx.TransportError:  # lost before the whole answer, or no HTTP at all
            return Fault.cut

    async def close(self) -> None:
        await self._client.aclose()

    async def _whole(self, response: httpx.Response) -> Answer | Fault:
        if not self._answer_bytes_max:
            return Answer(response.status_code, "", b"")
        if response.headers.get("content-encoding", "identity") != "identity":
            # We asked for none; a small compressed answer could unfold to any size.
            return Fault.malformed
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > self._answer_bytes_max:
                return Fault.oversized
        media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        return Answer(response.status_code, media_type, bytes(body))
