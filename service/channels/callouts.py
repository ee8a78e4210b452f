"""
The way out to clients' own addresses: the port `Callout`, guarded against being sent inside.

A client names the address, so it is a stranger's word. The name is resolved here and the connection goes to
the very address that was checked: a name that answers otherwise a moment later gains nothing. Only HTTPS, only
the usual ports, and no redirects; addresses of our own network are refused unless the operator allows them.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple
from urllib.parse import urlsplit

from service.core.errors import Invalid
from service.flows.callout import Called

from .wire import Answer, Wire, WireRequest

TIMEOUT_S = 15.0
PORTS = frozenset({443, 8443})

LOOKUPS_MAX = 16
"""Names looked up at a time, apart from those of providers: a client's slow name server holds up no contact."""

_GLOBAL = ipaddress.ip_network("2000::/3")
"""The part of IPv6 that is the open network; outside of it lie old and odd ways to spell an address inside."""

_EMBEDDED = ipaddress.ip_network("64:ff9b::/96")
"""NAT64: the last four bytes are the IPv4 address that is reached."""


class Place(NamedTuple):
    """Where a callback's address points to, before its name is resolved."""

    secure: bool
    host: str
    port: int
    path: str


class Callouts:
    """`private`: addresses of our own network may be called too, by HTTP and on any port."""

    def __init__(self, *, private: bool, tls: ssl.SSLContext | None = None) -> None:
        self._private = private
        self._tls = tls or ssl.create_default_context()
        self._lookups = ThreadPoolExecutor(LOOKUPS_MAX, thread_name_prefix="callouts")

    def check(self, url: str) -> None:
        """Raise Invalid for an address that would never be called."""
        self._place(url)

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Called:
        """Post once. What is in the way is a word of ours; nothing is raised for it."""
        try:
            place = self._place(url)
        except Invalid:
            return Called(None, "address_refused")
        try:
            async with asyncio.timeout(TIMEOUT_S):
                address = await self._resolved(place)
        except (OSError, TimeoutError):
            return Called(None, "unresolved")
        if address is None:
            return Called(None, "address_refused")
        return await self._post(place, address, headers, body)

    async def _post(self, place: Place, address: str, headers: Mapping[str, str], body: bytes) -> Called:
        scheme, host = ("https" if place.secure else "http"), f"[{address}]" if ":" in address else address
        usual = place.port == (443 if place.secure else 80)
        named = f"[{place.host}]" if ":" in place.host else place.host
        sent = {
            "host": named if usual else f"{named}:{place.port}",
            "content-type": "application/json",
            **headers,
        }
        wire = Wire(
            f"{scheme}://{host}:{place.port}",
            TIMEOUT_S,
            answer_bytes_max=0,
            tls=self._tls,
            server_name=place.host,
        )
        try:
            answer = await wire.call(WireRequest("POST", place.path, body, tuple(sent.items())))
        finally:
            await wire.close()
        return Called(answer.status) if isinstance(answer, Answer) else Called(None, answer.value)

    async def _resolved(self, place: Place) -> str | None:
        """One address of the name, if every one of them may be called."""
        look_up = partial(socket.getaddrinfo, place.host, place.port, type=socket.SOCK_STREAM)
        found = await asyncio.get_running_loop().run_in_executor(self._lookups, look_up)
        addresses = [str(each[4][0]) for each in found]
        allowed = self._private or all(_is_public(address) for address in addresses)
        return addresses[0] if addresses and allowed else None

    def _place(self, url: str) -> Place:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise Invalid("url", "is no web address") from None
        secure = parts.scheme == "https"
        if not (secure or (self._private and parts.scheme == "http")):
            raise Invalid("url", "must begin with https://")
        if not _is_host(parts.hostname) or "@" in parts.netloc or parts.fragment:
            raise Invalid("url", "must name a host, and neither a user nor a fragment")
        if parts.path.startswith("//"):
            raise Invalid("url", "its path must not begin with two slashes")
        port = port or (443 if secure else 80)
        if port not in PORTS and not self._private:
            raise Invalid("url", f"the port must be one of {', '.join(map(str, sorted(PORTS)))}")
        host = parts.hostname or ""
        if not self._private and _is_literal(host) and not _is_public(host):
            raise Invalid("url", "must not point into a private network")
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return Place(secure, host, port, path)


def _is_host(host: str | None) -> bool:
    """False for what cannot be looked up at all: no name, an empty label, or one that is too long."""
    try:
        return bool(host and host.encode("idna"))
    except UnicodeError:
        return False


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_public(text: str) -> bool:
    """True for an address on the open network, also where another is wrapped in it."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _EMBEDDED:
            inner = ipaddress.IPv4Address(address.packed[-4:])
        if inner is not None:
            return _is_public(str(inner))
        if address not in _GLOBAL:
            return False
    return address.is_global and not address.is_multicast
