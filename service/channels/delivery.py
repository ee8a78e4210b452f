"""
The port `Channels`: one adapter for each provider account, chosen by the channel's route (decision 0008).

Whatever a provider does comes back as a result. Callbacks are believed only if signed with the secret
agreed with that account; an account without one takes none.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from service.channels import simulated
from service.channels.answers import not_taken
from service.channels.letters import Letters
from service.channels.routes import Routes
from service.channels.signature import FRESH_S, check
from service.channels.spool import Spool
from service.channels.wire import Wire
from service.core.errors import Misconfigured, NotFound
from service.core.model import Channel
from service.flows.ports import Clock, Dispatch, Inbound, ProviderAccount, ProviderKind, Receipt, SendResult, Typesetter


class _Adapter(NamedTuple):
    """One account with its connections, and its letters if it carries any."""

    account: ProviderAccount
    wire: Wire | None
    letters: Letters | None


class Delivery:
    """
    Built once at the start, for one event loop.

    `fresh_s` is how old a callback's signature may be; None where the clock was handed in and cannot be
    compared with a provider's.
    """

    def __init__(
        self,
        routes: Routes,
        *,
        typeset: Typesetter,
        spool_dir: Path,
        send_timeout_s: float,
        clock: Clock,
        fresh_s: int | None = FRESH_S,
    ) -> None:
        self._clock = clock
        self._fresh_s = fresh_s
        self._adapters = {
            account.name: _adapter(account, typeset, spool_dir, send_timeout_s) for account in routes.accounts
        }
        self._routes = routes

    async def send(self, dispatch: Dispatch) -> SendResult:
        """Send by the account that the channel is routed to; without one, nothing is sent."""
        account = self._routes.account(dispatch.channel)
        if account is None:
            return not_taken("no_route")
        adapter = self._adapters[account.name]
        if dispatch.channel is Channel.letter and adapter.letters:
            return await adapter.letters.send(dispatch)
        if adapter.wire is None:
            return not_taken("no_route")
        return await simulated.send(adapter.wire, simulated.build(dispatch), dispatch.attempt)

    async def ask(self, provider: str, channel: Channel, attempt: str) -> SendResult | None:
        """Reconcile with the account that the attempt was given to, though the channel be routed elsewhere by now."""
        adapter = self._adapters.get(provider)
        if adapter is None:
            return None
        if channel is Channel.letter:
            return await adapter.letters.ask(attempt) if adapter.letters else None
        return await simulated.ask(adapter.wire, attempt) if adapter.wire else None

    def read(self, provider: str, headers: Mapping[str, str], body: bytes) -> list[Receipt]:
        """Read a receipt callback, once its signature holds."""
        self._authenticate(provider, headers, body)
        return simulated.read_receipt(provider, body)

    def read_inbound(self, provider: str, headers: Mapping[str, str], body: bytes) -> list[Inbound]:
        """Read a callback of what people wrote, once its signature holds."""
        self._authenticate(provider, headers, body)
        return simulated.read_inbound(provider, body)

    async def close(self) -> None:
        for adapter in self._adapters.values():
            if adapter.wire is not None:
                await adapter.wire.close()

    def _authenticate(self, provider: str, headers: Mapping[str, str], body: bytes) -> None:
        adapter = self._adapters.get(provider)
        if adapter is None or adapter.account.secret is None:
            raise NotFound("no such provider, or it sends no callbacks")
        check(adapter.account.secret, headers, body, self._clock(), self._fresh_s)


def _adapter(account: ProviderAccount, typeset: Typesetter, spool_dir: Path, send_timeout_s: float) -> _Adapter:
    if account.kind is ProviderKind.simulator and account.url is None:
        raise Misconfigured(f"the provider {account.name} has no url")
    wire = Wire(account.url, send_timeout_s) if account.url is not None else None
    letters = None
    if Channel.letter in account.channels:
        spool = Spool(spool_dir, simulated=wire is not None)
        letters = Letters(spool, typeset, wire, receipts=account.secret is not None)
    return _Adapter(account, wire, letters)
