"""An account at Kannel, its adapter, and what is sent through it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from service.channels.adapter import Site
from service.channels.kannel.account import Params
from service.channels.kannel.sendsms import KIND, Kannel
from service.core.model import Fate
from service.flows.ports import Dispatch
from service.flows.providers import ProviderAccount, Secret, Url
from tests.channels.dispatches import AT, a_dispatch

ATTEMPT = "a_0644d1e5a8c0000000a1b2c3d4e5f6"
KEY = Secret(b"the key of the marks")
MAINLAND, ABROAD = "+8613800138000", "+447700900123"
CODES = {"1025": Fate.opted_out, "err:401": Fate.invalid_recipient, "err:5": Fate.retryable}


def account(url: str = "http://127.0.0.1:13013", **more: Any) -> ProviderAccount:
    own: dict[str, Any] = {
        "url": Url(url),
        "user": "gateway",
        "password": Secret(b"kannel"),
        "number": "106900001234",
        "public_url": Url("https://gateway.example/"),
        "mark_key": KEY,
        "max_messages": 3,
        "codes": CODES,
    }
    params = Params(**{**own, **more})
    return ProviderAccount("kannel", KIND, params, KIND.channels, callback_secret=Secret(b"secret-segment"))


@asynccontextmanager
async def adapter(url: str = "http://127.0.0.1:1", **more: Any) -> AsyncIterator[Kannel]:
    opened = Kannel(Site(account(url, **more), lambda: AT, 5.0, lambda *_: b"", Path()))
    try:
        yield opened
    finally:
        await opened.close()


def saying(text: str, to: str = ABROAD, attempt: str = ATTEMPT) -> Dispatch:
    dispatch = a_dispatch(to=to, attempt=attempt)
    return dispatch._replace(message=dispatch.message._replace(body=text))
