"""
What every provider's adapter is: about 150 lines in one file, `send` the only I/O (decision 0023).

An adapter is built of its `Site`, once at the start, for one event loop. Its module gives `KIND`, the adapter's class,
and the pure functions `build` and `read_receipt`; one line in `delivery` makes it known.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple, Protocol

from service.channels.signature import FRESH_S
from service.core.errors import NotFound
from service.flows.ports import Asked, Clock, Dispatch, SendResult, Told, Typesetter
from service.flows.providers import Callback, ProviderAccount, Reply

Own = Callable[[str], Awaitable[bool]]
"""Take or renew the lease of a session for this process, for `OWNED_S`; False: another process has it."""

Hear = Callable[[Callback], Awaitable[None]]
"""Take in what a session told: stored once this returns, so acknowledge it then; raises where it was not."""

OWNED_S = 15


async def alone(name: str) -> bool:
    """An `Own` for where there is no other process."""
    return True


async def deaf(callback: Callback) -> None:
    """A `Hear` for where nothing is stored: nothing is acknowledged either."""
    raise NotFound("nobody listens here")


class Site(NamedTuple):
    """What an adapter is built of. `fresh_s` is None where the clock was handed in and fits no provider's."""

    account: ProviderAccount
    clock: Clock
    send_timeout_s: float
    typeset: Typesetter
    spool_dir: Path
    fresh_s: int | None = FRESH_S
    own: Own = alone
    hear: Hear = deaf


class Adapter(Protocol):
    """One account on its wire. Derive from this: what a provider does not do has its answer here."""

    reply: Reply | None = None
    """The answer that the provider expects to its callbacks; None: any that says we have it."""

    @property
    def ready(self) -> bool:
        """Whether it can send in this process now: a session is bound, the lease is ours."""
        return True

    @property
    def owned(self) -> bool:
        """Whether this process is the one that sends by it: where an account has one session, whoever has its lease."""
        return True

    async def start(self) -> None:
        """Begin what lives long, in tasks of its own; returns at once, and raises for nothing the provider does."""
        return

    async def send(self, dispatch: Dispatch) -> SendResult:
        """Hand it over, once. What the provider does is a result and never raised."""
        ...

    async def ask(self, asked: Asked) -> SendResult | None:
        """Tell what the provider knows of an attempt; a certain failure if it never took it, None: it cannot tell."""
        return None

    def check(self, callback: Callback) -> None:
        """Raise `Unauthenticated` unless the callback is the provider's, as far as the provider lets us know."""
        return

    def read(self, callback: Callback) -> Told:
        """Read a callback that was checked and stored; `Invalid` where that cannot be. Pure."""
        raise NotFound("this provider sends no callbacks")

    async def close(self) -> None:
        """End what `start` began, and let go of the connections."""
        return
