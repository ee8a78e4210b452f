"""
`/v1/unsubscribe/{provider}/{token}`: the link in an e-mail by which its recipient wants no more of them.

A mail reader posts to it by itself (RFC 8058), and that is all it takes. To look at it changes nothing, for mail
systems open every link to see what is behind it: a person who opens it gets one button. No key is asked; the token is
the attempt under a proof of ours, so it names nobody and cannot be guessed.
"""

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from service.core.errors import Unavailable
from service.flows.hearing import hear
from service.flows.providers import Callback, Door

from .bodies import read_body
from .callbacks_in import CALLBACK_WITHIN_S, Provider
from .door import GatewayDep
from .negotiate import language_of

router = APIRouter(prefix="/v1", tags=["provider callbacks"])

Token = Annotated[str, Path(min_length=1, max_length=100, pattern=r"^[a-z0-9_.]+$")]

FORM_BYTES_MAX = 16 * 1024

_PAGE = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title><meta name="robots" content="noindex">
<style>body{{font:16px/1.6 system-ui,sans-serif;max-width:40em;margin:4em auto;padding:0 1em}}</style></head>
<body><h1>{title}</h1><p>{says}</p>{button}</body></html>
"""

_ASKS = {
    "en": ("No more e-mails?", "You will get no more e-mails of this kind at this address.", "Unsubscribe"),
    "zh": ("退订邮件", "退订后，我们不再向此邮箱发送此类邮件。", "退订"),
}
_DONE = {
    "en": ("Unsubscribed", "You get no more e-mails of this kind at this address."),
    "zh": ("已退订", "我们不再向此邮箱发送此类邮件。"),
}


@router.get("/unsubscribe/{provider}/{token}", response_class=HTMLResponse)
async def show_unsubscribing(request: Request, gateway: GatewayDep, provider: Provider, token: Token) -> Response:
    """Ask whether to unsubscribe; nothing changes."""
    gateway.channels.check(provider, None, None, _callback(request))
    title, says, button = _ASKS[_language(request)]
    return _page(request, title, says, f'<form method="post"><button>{button}</button></form>')


@router.post("/unsubscribe/{provider}/{token}", response_class=HTMLResponse)
async def unsubscribe(request: Request, gateway: GatewayDep, provider: Provider, token: Token) -> Response:
    """Unsubscribe the recipient of that e-mail; binds the next decision, and again is harmless."""
    callback = _callback(request)
    gateway.channels.check(provider, None, None, callback)
    # What is posted says nothing more; it is read so that the connection can be kept.
    await read_body(request, FORM_BYTES_MAX, CALLBACK_WITHIN_S)
    heard = await hear(gateway.kit, gateway.store, gateway.channels, provider, callback)
    if not heard.said:
        # It is stored and will be done, but is not yet: nobody must be told that it was.
        raise Unavailable("taken down, and not yet in force")
    title, says = _DONE[_language(request)]
    return _page(request, title, says, "")


def _callback(request: Request) -> Callback:
    return Callback(method=request.method, path=request.url.path, door=Door.unsubscribe)


def _language(request: Request) -> str:
    return "zh" if language_of(request) == "zh" else "en"


def _page(request: Request, title: str, says: str, button: str) -> Response:
    lang = "zh-CN" if _language(request) == "zh" else "en"
    headers = {"Content-Language": lang, "Vary": "Accept-Language", "Referrer-Policy": "no-referrer"}
    return HTMLResponse(_PAGE.format(lang=lang, title=title, says=says, button=button), headers=headers)
