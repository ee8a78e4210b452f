"""SMPP lines built for tests, quick to lose patience."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from service.channels.adapter import Site
from service.channels.lines.session import Times
from service.channels.lines.smpp_line import KIND, SmppLine
from service.core.model import Channel
from service.flows.ports import Dispatch
from service.flows.providers import ProviderAccount
from tests.channels.dispatches import AT, a_dispatch
from tests.channels.lines.gateway import Gateway, bound
from tests.channels.lines.test_smpp import params
from tests.peers import Talker

QUICK = Times(login_s=5, idle_s=60, probe_s=5, bye_s=2, renew_s=0.02, pause_s=0.01)
ABROAD = "+447700900123"


@asynccontextmanager
async def line_to(smsc: Talker, gateway: Gateway, *, timeout_s: float = 5, **more: Any) -> AsyncIterator[SmppLine]:
    said = params(port=smsc.said[0]["port"], **more)
    account = ProviderAccount("line-b", KIND, said, frozenset({Channel.sms}))
    site = Site(account, lambda: AT, timeout_s, None, Path(), own=gateway.own, hear=gateway.hear)
    line = SmppLine(site, QUICK)
    await line.start()
    try:
        await bound(line)
        yield line
    finally:
        await line.close()


def saying(text: str, to: str = ABROAD, attempt: str = "a1") -> Dispatch:
    dispatch = a_dispatch(to=to, attempt=attempt)
    return dispatch._replace(message=dispatch.message._replace(body=text))
