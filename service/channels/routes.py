"""
Which account carries a message: the port `Routes`, over accounts checked when they were read (decision 0023).

Two questions are kept apart. Whether any account *may* carry it, by its address, its purpose and what was filed, is a
fact of the decision. Which one *does*, now, is asked once all rules allow: by order, cost and weight, among those that
are well. An account that already failed for sure on this request comes after the others, and not before its
back-off is over.
"""

from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from math import log
from operator import itemgetter

from service.channels import simulated
from service.channels.breaker import BreakerState
from service.channels.health import Health
from service.core.model import SECOND, Channel, Instant, NoRoute
from service.flows.ports import Envelope, SendResult
from service.flows.providers import Choice, CostClass, FilingState, ProviderAccount, Secret, Tiers, Url, Wanted

SENDABLE = frozenset(Channel) - {Channel.visit}
"""A visit is always carried out by a person, under a permit."""

SIMULATOR = "simulator"

_COSTS = tuple(CostClass)

PROBE_FOR = 30 * SECOND
"""How long a probe may take before another one goes out in its place."""


class Routes:
    """
    No account, no route: a channel that nobody names is refused, never guessed.

    `signature` is the one that our texts carry where they are not filed word for word.
    """

    def __init__(
        self,
        accounts: Iterable[ProviderAccount] = (),
        tiers: Mapping[Channel, Tiers] | None = None,
        *,
        signature: str | None = None,
    ) -> None:
        self.accounts = tuple(accounts)
        self.health = {account.name: Health(account, PROBE_FOR) for account in self.accounts}
        self._tiers = tiers if tiers is not None else _in_order(self.accounts)
        self._by_name = {account.name: account for account in self.accounts}
        self._simulated = any(account.kind.simulated for account in self.accounts)
        self._signature = signature

    @property
    def simulated(self) -> bool:
        """Whether what is sent reaches nobody; a simulator and a real provider never serve one gateway."""
        return self._simulated

    @property
    def envelopes(self) -> frozenset[Envelope]:
        """Those that letters may be put in, by whichever account carries them."""
        letters = [account for account in self.accounts if Channel.letter in account.channels]
        return frozenset(getattr(account.params, "envelope", Envelope.din_b) for account in letters)

    def records(self, channel: Channel) -> bool:
        """Whether calls of this channel can be recorded, by whichever account carries them."""
        names = [name for tier in self._tiers.get(channel, ()) for name, _ in tier]
        return bool(names) and all(self._by_name[name].records for name in names)

    def refusal(self, wanted: Wanted) -> NoRoute | None:
        """Why no account may carry it; None if one may. The reason of the account that came closest."""
        names = [name for tier in self._tiers.get(wanted.channel, ()) for name, _ in tier]
        reasons = [self._against(self._by_name[name], wanted) for name in names]
        if None in reasons:
            return None
        return max((reason for reason in reasons if reason), key=list(NoRoute).index, default=NoRoute.no_route)

    def choose(self, wanted: Wanted, now: Instant) -> Choice:
        """
        Choose the account for one hand-over, or say when to ask again.

        Who must wait keeps a turn where it comes first, and nowhere else: the others' pace is not used up for nothing.
        """
        key = wanted.request
        waits: list[Instant] = []
        turns: list[tuple[Instant, str]] = []
        for name in sorted(self._preferred(wanted), key=wanted.tried.__contains__):
            health = self.health[name]
            until = max(health.until(key, now) or now, wanted.tried.get(name, now))
            if until > now:
                waits.append(until)
            elif (turn := health.turn(key, now)) > now:
                turns.append((turn, name))
            else:
                health.go(key, now)
                return Choice(name, uses=self._by_name[name].uses(wanted.template or "", wanted.locale))
        if turns:
            turn, name = min(turns, key=itemgetter(0))
            self.health[name].keep(key, now)
            waits.append(turn)
        return Choice(None, min(waits, default=None))

    def opens(self, wanted: Wanted, at: Instant) -> Instant | None:
        """When the first account that may carry it takes messages, by hours alone; None: one does at that instant."""
        waits = [self.health[name].opens(at) for name in self._preferred(wanted)]
        return min((wait for wait in waits if wait is not None), default=None) if None not in waits else None

    def another(self, wanted: Wanted, now: Instant) -> bool:
        """Whether an account may carry it that was not tried and is well; its pace is waited for."""
        fresh = (name for name in self._preferred(wanted) if name not in wanted.tried)
        return any(self.health[name].until(wanted.request, now) is None for name in fresh)

    def told(self, name: str, result: SendResult, now: Instant) -> None:
        """Learn from what became of a hand-over."""
        if name in self.health:
            self.health[name].told(result, now)

    def states(self, now: Instant) -> Mapping[str, BreakerState]:
        """Each account's breaker."""
        return {name: health.breaker.state(now) for name, health in self.health.items()}

    def _against(self, account: ProviderAccount, wanted: Wanted) -> NoRoute | None:
        """Why this account may not carry it."""
        if wanted.address is not None and not account.kind.reaches(wanted.address, wanted.country):
            return NoRoute.address_not_carried
        if wanted.purpose not in account.purposes:
            return NoRoute.purpose_not_allowed
        if not account.kind.templated:
            unsigned = account.kind.signed and account.signatures.get(self._signature or "") is not FilingState.approved
            return NoRoute.signature_not_filed if unsigned else None
        if wanted.template is None:
            return None
        filing = account.filed(wanted.template, wanted.locale)
        if filing is None:
            return NoRoute.template_not_filed
        if (account.name, filing.code) in wanted.spent:
            return NoRoute.allowance_spent
        approved = filing.signature is None or account.signatures.get(filing.signature) is FilingState.approved
        return None if approved else NoRoute.signature_not_filed

    def _preferred(self, wanted: Wanted) -> Iterator[str]:
        """
        Give the accounts that may carry it: tier after tier.

        Within one the cheaper come first, and those of one cost class as the weights have it for this request.
        """
        for tier in self._tiers.get(wanted.channel, ()):
            drawn = sorted((self._cost(name), _draw(wanted.request, name, weight), name) for name, weight in tier)
            yield from (name for *_, name in drawn if self._against(self._by_name[name], wanted) is None)

    def _cost(self, name: str) -> int:
        return _COSTS.index(self._by_name[name].cost_class)


def _draw(request: str, name: str, weight: int) -> float:
    """Rendezvous hashing: the least comes first, in proportion to the weights, and always the same for a request."""
    number = int.from_bytes(sha256(f"{request}/{name}".encode()).digest()[:8]) + 1
    return -log(number / 2**64) / weight if number < 2**64 else 0.0


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
