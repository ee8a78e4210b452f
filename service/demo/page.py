"""The page at `/`, which the demonstration alone has: what this is, the clock, the links, and the tables again."""

from collections.abc import Awaitable, Callable, MutableMapping
from html import escape
from io import StringIO
from typing import Any

from rich.console import Console, RenderableType
from rich.text import Text

from service.core.civil import format_instant
from service.flows.ports import Clock

from .bank import ZONE

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

WIDTH = 150

_HTML = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 80rem; padding: 0 1rem }}
body {{ color: #222; background: #fff }}
pre {{ font: 13px/1.35 ui-monospace, "Noto Sans Mono CJK SC", monospace; overflow-x: auto }}
.simulated {{ background: #fff3cd; border: 1px solid #e0c97a; border-radius: 6px; padding: .6rem 1rem }}
</style></head><body>
<h1>{title}</h1>
<p class="simulated"><strong>simulated: true</strong> · demo clock: <strong>{now}</strong></p>
<p><a href="/readyz">/readyz</a> · <a href="/metrics">/metrics</a> · <a href="/openapi.json">/openapi.json</a> ·
<a href="/problems/refused-by-policy">/problems/refused-by-policy</a></p>
{report}
</body></html>
"""


class Page:
    """Stands before the gateway's own application and answers `/` itself; `tables` come when the day was posted."""

    def __init__(self, clock: Clock, title: str, language: str) -> None:
        self._clock = clock
        self._title = title
        self._language = language
        self._report = "<p>…</p>"

    def before(self, app: App) -> App:
        """The application with the page in front of it."""

        async def answering(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http" and scope["path"] == "/" and scope["method"] in ("GET", "HEAD"):
                await self._answer(send, with_body=scope["method"] == "GET")
            else:
                await app(scope, receive, send)

        return answering

    def show(self, *tables: RenderableType) -> None:
        """Put tables on the page."""
        paper = Console(record=True, file=StringIO(), width=WIDTH, color_system="truecolor", force_terminal=True)
        for table in tables:
            paper.print(table, soft_wrap=isinstance(table, Text))
        self._report = paper.export_html(inline_styles=True, code_format="<pre>{code}</pre>")

    async def _answer(self, send: Send, *, with_body: bool) -> None:
        now = format_instant(self._clock(), ZONE)[:19].replace("T", " ")
        html = _HTML.format(title=escape(self._title), now=now, language=self._language, report=self._report)
        body = html.encode()
        headers = [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body if with_body else b""})
