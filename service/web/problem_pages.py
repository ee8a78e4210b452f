"""`/problems/{code}`: what a kind of problem means and what to do, in English or Chinese."""

from html import escape

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from service.core.errors import NotFound

from .negotiate import language_of
from .problems import PROBLEMS
from .schemas import Word

router = APIRouter(tags=["operation"])

_PAGE = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>
<style>body{{font:16px/1.6 system-ui,sans-serif;max-width:40em;margin:4em auto;padding:0 1em}}</style></head>
<body><p><code>{code}</code> · HTTP {status}</p><h1>{title}</h1><p>{means}</p></body></html>
"""


@router.get("/problems/{code}", response_class=HTMLResponse)
async def problem_page(request: Request, code: Word) -> Response:
    """Tell what a problem type means."""
    kind = PROBLEMS.get(code)
    if kind is None:
        raise NotFound("no such kind of problem")
    zh = language_of(request) == "zh"
    page = _PAGE.format(
        lang="zh-CN" if zh else "en",
        code=code,
        status=kind.status,
        title=escape(kind.title_zh if zh else kind.title, quote=False),
        means=escape(kind.means_zh if zh else kind.means, quote=False),
    )
    return HTMLResponse(page, headers={"Content-Language": "zh-CN" if zh else "en", "Vary": "Accept-Language"})
