"""Which channel goes out by which provider account: the port `Routes`, over accounts checked when they were read."""

from collections.abc import Iterable, Mapping

from service.channels import simulated
from service.core.model import Channel
from service.flows.providers import ProviderAccount, Secret, Tiers, Url

SENDABLE = frozenset(Channel) - {Channel.visit}
"""A visit is always carried out by a person, under a permit."""

SIMULATOR = "simulator"


class Routes:
    """No account, no route: a channel that nobody names is refused, never guessed."""

    def __init__(self, accounts: Iterable[ProviderAccount] = (), tiers: Mapping[Channel, Tiers] | None = None) -> None:
        self.accounts = tuple(accounts)
        self.tiers = tiers if tiers is not None else _in_order(self.accounts)
        self._by_name = {account.name: account for account in self.accounts}
        self._simulated = any(account.kind.simulated for account in self.accounts)

    @property
    def simulated(self) -> bool:
        """Whether what is sent reaches nobody; a simulator and a real provider never serve one gateway."""
        return self._simulated

    def provider(self, channel: Channel) -> str | None:
        """Name the account that carries the channel."""
        tiers = self.tiers.get(channel, ())
        return tiers[0][0][0] if tiers else None

    def records(self, channel: Channel) -> bool:
        """Whether calls of this channel can be recorded, by whichever account carries them."""
        names = [name for tier in self.tiers.get(channel, ()) for name, _ in tier]
        return bool(names) and all(self._by_name[name].records for name in names)


def _in_order(accounts: Iterable[ProviderAccount]) -> Mapping[Channel, Tiers]:
    tiers: dict[Channel, Tiers] = {}
    for account in accounts:
        for channel in account.channels:
            tiers[channel] = (*tiers.get(channel, ()), ((account.name, 1),))
    return tiers


def simulator_account(url: str, secret: bytes, *, name: str = SIMULATOR) -> ProviderAccount:
    """The one account that `GATEWAY_PROVIDERS=simulator` means: every channel that is sent, letters included."""
    params = simulated.Params(url=Url(url), secret=Secret(secret))
    return ProviderAccount(name, simulated.KIND, params, SENDABLE, records=True)
