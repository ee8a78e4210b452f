"""Which channel goes out by which provider account: the port `Routes`, over accounts checked when they were read."""

from collections.abc import Iterable

from service.core.model import Channel
from service.flows.ports import ProviderAccount, ProviderKind

SENDABLE = frozenset(Channel) - {Channel.visit}
"""A visit is always carried out by a person, under a permit."""

SIMULATOR = "simulator"


class Routes:
    """No account, no route: a channel that nobody names is refused, never guessed."""

    def __init__(self, accounts: Iterable[ProviderAccount] = ()) -> None:
        self.accounts = tuple(accounts)
        self._by_channel = {channel: account for account in self.accounts for channel in account.channels}
        self._simulated = any(account.kind is ProviderKind.simulator for account in self.accounts)

    @property
    def simulated(self) -> bool:
        """Whether what is sent reaches nobody; a simulator and a real provider never serve one gateway."""
        return self._simulated

    def account(self, channel: Channel) -> ProviderAccount | None:
        return self._by_channel.get(channel)

    def provider(self, channel: Channel) -> str | None:
        """Name the account that carries the channel."""
        account = self._by_channel.get(channel)
        return account.name if account else None

    def records(self, channel: Channel) -> bool:
        """Whether calls of this channel can be recorded."""
        account = self._by_channel.get(channel)
        return account is not None and account.records


def simulator_account(url: str, secret: bytes, *, name: str = SIMULATOR) -> ProviderAccount:
    """The one account that `GATEWAY_PROVIDERS=simulator` means: every channel that is sent, letters included."""
    return ProviderAccount(name, ProviderKind.simulator, SENDABLE, url, secret, records=True)
