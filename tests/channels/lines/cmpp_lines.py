"""CMPP lines built for tests, quick to lose patience."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from service.channels.adapter import Site
from service.channels.lines.cmpp_line import KIND, CmppLine
from service.channels.lines.session import Times
from service.core.model import Channel
from service.flows.providers import ProviderAccount
from tests.channels.dispatches import AT
from tests.channels.lines.gateway import Gateway
from tests.channels.lines.ismg import Ismg
from tests.channels.lines.test_cmpp import params

QUICK = Times(login_s=5, idle_s=60, probe_s=5, late_s=60, bye_s=2, renew_s=0.02, pause_s=0.01)


@asynccontextmanager
async def line_to(
    ismg: Ismg, gateway: Gateway, *, times: Times = QUICK, timeout_s: float = 5, **more: Any
) -> AsyncIterator[CmppLine]:
    said = params(port=ismg.port, version=ismg.version >> 4, **more)
    account = ProviderAccount("line-a", KIND, said, frozenset({Channel.sms}))
    site = Site(account, lambda: AT, timeout_s, None, Path(), own=gateway.own, hear=gateway.hear)
    line = CmppLine(site, times)
    await line.start()
    try:
        yield line
    finally:
        await line.close()
