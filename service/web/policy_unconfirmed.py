"""`GET /v1/policies/unconfirmed`: the rules and places that counsel looks at first."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from service.core.policy import Pack
from service.core.unconfirmed import unconfirmed
from service.flows.books import show_books

from .answers import answer, documented
from .door import GatewayDep
from .policies_shown import UnconfirmedShown

router = APIRouter(prefix="/v1/policies", tags=["policies"])


@router.get("/unconfirmed", responses=documented(UnconfirmedShown))
async def list_unconfirmed(gateway: GatewayDep) -> Response:
    """Tell the rules of the book in force and the drafts beside it that do not stand on a text that was read."""
    shown = await show_books(gateway.kit, gateway.store)
    packs = (*(shown.book.packs if shown.book else ()), *shown.lying.drafts)
    return answer(unconfirmed_json(packs, gateway.kit.books.gaps()))


def unconfirmed_json(packs: tuple[Pack, ...], gaps: list[tuple[str, str | None, str]]) -> dict[str, Any]:
    """The rules, and the places by what is open there."""
    rules = [
        {
            "rule": each.rule.id,
            "pack": each.pack,
            "why": each.why,
            "force": each.rule.force,
            "confidence": each.rule.confidence,
            "citation": each.rule.citation,
            "url": each.rule.url,
        }
        for each in unconfirmed(packs)
    ]
    return {"rules": rules, "places": [{"place": place, "pack": pack, "open": said} for place, pack, said in gaps]}
