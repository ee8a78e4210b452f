"""
A print house that collects letters from the spool (decision 0008), as an adapter.

What it makes of them it tells in signed callbacks of the same form as the simulator's, if a secret was agreed.
"""

from dataclasses import dataclass

from service.channels.adapter import Adapter, Site
from service.channels.letters import Letters
from service.channels.signature import check
from service.channels.simulated import read
from service.channels.spool import Spool
from service.core.errors import NotFound
from service.core.model import Channel
from service.flows.ports import Asked, Dispatch, SendResult, Told
from service.flows.providers import Callback, ProviderKind, Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The secret under which the print house signs what it tells; without one it tells nothing."""

    secret: Secret | None = None


KIND = ProviderKind("spool", frozenset({Channel.letter}), Params)


class PrintHouse(Adapter):
    def __init__(self, site: Site) -> None:
        params: Params = site.account.params
        self._site = site
        self._secret = params.secret
        self._letters = Letters(Spool(site.spool_dir), site.typeset, receipts=params.secret is not None)

    async def send(self, dispatch: Dispatch) -> SendResult:
        return await self._letters.send(dispatch)

    async def ask(self, asked: Asked) -> SendResult | None:
        return await self._letters.ask(asked.attempt)

    def check(self, callback: Callback) -> None:
        if self._secret is None:
            raise NotFound("this print house tells nothing")
        check(self._secret, callback.headers, callback.body, self._site.clock(), self._site.fresh_s)

    def read(self, callback: Callback) -> Told:
        return read(self._site.account.name, callback)
