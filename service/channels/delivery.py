"""
The port `Channels`: one adapter for each provider account (decision 0023).

Whatever a provider does comes back as a result. A callback is believed as far as its kind of provider can prove
itself, and never more than that it speaks of something we sent.
"""

import asyncio
import hmac
from collections.abc import Callable, Mapping
from functools import partial
from ipaddress import ip_address
from pathlib import Path

import structlog

from service.channels import print_house, simulated
from service.channels.adapter import Adapter, Hear, Own, Site, alone, deaf
from service.channels.answers import not_taken
from service.channels.clouds import aliyun_sms, aliyun_voice, tencent_sms, twilio_calls, twilio_messages
from service.channels.kannel import sendsms
from service.channels.lines import cmpp_line, smpp_line
from service.channels.mail import smtp
from service.channels.press import print_http, printer, sftp
from service.channels.routes import Routes
from service.channels.signature import FRESH_S
from service.channels.voice import asterisk
from service.channels.wechat import official as wechat_official
from service.channels.wechat import wecom
from service.core.errors import NotFound, Unauthenticated
from service.core.model import Channel
from service.flows.ports import Asked, Clock, Dispatch, Left, SendResult, Told, Typesetter
from service.flows.providers import Callback, Door, ProviderAccount, ProviderKind, Reply, Trust

log = structlog.get_logger()

ADAPTERS: Mapping[ProviderKind, Callable[[Site], Adapter]] = {
    simulated.KIND: simulated.Simulated,
    print_house.KIND: print_house.PrintHouse,
    printer.KIND: printer.Printer,
    sftp.KIND: sftp.Sftp,
    print_http.KIND: print_http.PrintHttp,
    cmpp_line.KIND: cmpp_line.CmppLine,
    smpp_line.KIND: smpp_line.SmppLine,
    sendsms.KIND: sendsms.Kannel,
    asterisk.KIND: asterisk.Asterisk,
    aliyun_sms.KIND: aliyun_sms.AliyunSms,
    aliyun_voice.KIND: aliyun_voice.AliyunVoice,
    tencent_sms.KIND: tencent_sms.TencentSms,
    twilio_calls.KIND: twilio_calls.TwilioCalls,
    twilio_messages.KIND: twilio_messages.TwilioMessages,
    wechat_official.KIND: wechat_official.WechatOfficial,
    wecom.KIND: wecom.Wecom,
    smtp.KIND: smtp.Mail,
}
"""Every kind of provider there is: a line each."""

KINDS: Mapping[str, ProviderKind] = {kind.name: kind for kind in ADAPTERS}
"""What the routes file may name."""


Observe = Callable[[str, SendResult], None]
"""Told what came of each hand-over, by account."""


class Delivery:
    """Built once at the start, for one event loop."""

    def __init__(
        self,
        routes: Routes,
        *,
        typeset: Typesetter,
        spool_dir: Path,
        send_timeout_s: float,
        clock: Clock,
        fresh_s: int | None = FRESH_S,
        own: Own = alone,
        hear: Callable[[str], Hear] = lambda provider: deaf,
        observe: Observe = lambda provider, result: None,
    ) -> None:
        self._routes = routes
        self._clock = clock
        self._observe = observe
        self._accounts = {account.name: account for account in routes.accounts}
        self._adapters = {
            name: ADAPTERS[account.kind](
                Site(account, clock, send_timeout_s, typeset, spool_dir, fresh_s, own, hear(name))
            )
            for name, account in self._accounts.items()
        }
        for name, adapter in self._adapters.items():
            routes.health[name].ready = partial(_is_ready, adapter)

    async def start(self) -> None:
        """Begin the sessions that live long."""
        await asyncio.gather(*(adapter.start() for adapter in self._adapters.values()))

    def elsewhere(self) -> frozenset[Channel]:
        """
        The channels that have sessions, none of them ours.

        Whoever keeps one sends by the channel's other accounts too, so that none is taken for want of the first.
        """
        owned: dict[Channel, bool] = {}
        for name, account in self._accounts.items():
            if account.kind.trust is Trust.session:
                for channel in account.channels:
                    owned[channel] = owned.get(channel, False) or self._adapters[name].owned
        return frozenset(channel for channel, ours in owned.items() if not ours)

    async def send(self, provider: str, dispatch: Dispatch) -> SendResult:
        """Send by the account that the attempt is pinned to; one that is gone sends nothing."""
        adapter = self._adapters.get(provider)
        if adapter is None:
            return not_taken("no_route")
        result = await adapter.send(dispatch)
        self._routes.told(provider, result, self._clock())
        if result.unmapped:
            log.error("provider.unmapped_code", provider=provider, code=result.detail, attempt=dispatch.attempt)
        self._observe(provider, result)
        return result

    async def ask(self, provider: str, asked: Asked) -> SendResult | None:
        """Reconcile with the account that the attempt was given to, though the channel be routed elsewhere by now."""
        adapter = self._adapters.get(provider)
        return await adapter.ask(asked) if adapter else None

    def check(self, provider: str, segment: str | None, source: str | None, callback: Callback) -> None:
        """Let a callback in that is the provider's, as far as that can be known."""
        account = self._accounts.get(provider)
        if account is None or not _has(account, callback.door, segment):
            raise NotFound("no such provider, or it sends no callbacks")
        if account.callbacks_from and callback.door is not Door.unsubscribe and not _from_there(account, source):
            raise Unauthenticated("the callback comes from an address that is not the provider's")
        self._adapters[provider].check(callback)

    def read(self, provider: str, callback: Callback) -> Told:
        """Read a callback that was let in, by an account that may be gone since."""
        if provider not in self._adapters:
            raise NotFound(f"the routes file has no account {provider}")
        return _own(self._adapters[provider].read(callback), self._accounts[provider].channels, callback)

    def reply(self, provider: str) -> Reply | None:
        return self._adapters[provider].reply

    def by_get(self, provider: str) -> bool:
        return self._accounts[provider].kind.by_get

    async def close(self) -> None:
        await asyncio.gather(*(adapter.close() for adapter in self._adapters.values()))


def _own(told: Told, channels: frozenset[Channel], callback: Callback) -> Told:
    """
    Leave over what an account says of a channel that is not routed to it: it speaks for its own alone.

    The whole body is what is left, so that it can be taken once the route is set right; the rest is known by then.
    """
    inbound = [item for item in told.inbound if item.channel in channels]
    allowed = [item for item in told.allowed if item.channel in channels]
    stray = len(told.inbound) + len(told.allowed) - len(inbound) - len(allowed)
    if not stray:
        return told
    before = told.left.items if told.left else 0
    return told._replace(inbound=inbound, allowed=allowed, left=Left(before + stray, callback.body, "channel"))


def _is_ready(adapter: Adapter) -> bool:
    return adapter.ready


def _has(account: ProviderAccount, door: Door, segment: str | None) -> bool:
    """Whether the account is called at this door, by whoever knows this segment."""
    if door is Door.unsubscribe:
        return account.kind.unsubscribes
    return account.kind.trust is not Trust.session and _fits(account, segment)


def _fits(account: ProviderAccount, segment: str | None) -> bool:
    if account.callback_secret is None:
        return segment is None and account.kind.trust is not Trust.segment
    return hmac.compare_digest(bytes(account.callback_secret), (segment or "").encode())


def _from_there(account: ProviderAccount, source: str | None) -> bool:
    try:
        address = ip_address(source or "")
    except ValueError:
        return False
    return any(address in network for network in account.callbacks_from)
