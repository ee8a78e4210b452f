"""`GET /v1/parties/{id}/budget`: how many places are left under each cap, and when each channel opens next."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from service.core.decide import Decision
from service.core.explain import sentence
from service.core.model import Channel, Effect, Instant, Purpose
from service.core.policy import Book
from service.core.rule import Verdict
from service.flows.budget import Budget, budget, windows_of
from service.flows.windows import Window

from .answers import documented
from .auth import ClientDep
from .decisions_json import instant_json
from .door import GatewayDep
from .fact_views import tell
from .facts_shown import BudgetShown
from .negotiate import Language, language_of
from .schemas import Id

router = APIRouter(prefix="/v1/parties/{id}", tags=["parties"])


@router.get("/budget", responses=documented(BudgetShown))
async def read_budget(
    request: Request,
    gateway: GatewayDep,
    client: ClientDep,
    id: Id,
    account_id: Id | None = None,
    purpose: Annotated[Purpose, Query(description="What for.")] = Purpose.collection,
) -> Response:
    """
    Tell how many places are left under each cap, and when each channel opens next.

    It supposes a contact that is in order otherwise, and names no address. Counts and instants, never whose.
    """
    found = await gateway.store.read(lambda tx: budget(gateway.kit, tx, client, id, account_id, purpose))
    open_in = await asyncio.to_thread(windows_of, found)
    language, zone = language_of(request), gateway.kit.bank_zone
    shown = {
        "party_id": id,
        "party_role": found.role,
        "account_id": account_id,
        "purpose": purpose,
        "actor_role": client.actor_role,
        "at": instant_json(found.at, zone),
        "channels": _channels(found, open_in, language, zone),
        "book": {"label": found.book.label, "sha256": found.book.sha256},
    }
    return tell(gateway, shown)


def _channels(
    found: Budget, open_in: Mapping[Channel, list[Window]], language: Language, zone: str
) -> list[dict[str, Any]]:
    return [
        {
            "channel": channel,
            "effect": decision.effect.name,
            "next_allowed_at": instant_json(_next(decision), zone),
            "windows": [_window(each, decision.zones, zone) for each in open_in[channel]],
            "reason": decision.reason or None,
            "remaining": _places(decision, found.book, language, zone),
            "not_applied": [row._asdict() for row in decision.not_applied],
        }
        for channel, decision in found.decisions.items()
    ]


def _window(window: Window, zones: Sequence[str], zone: str) -> dict[str, str | None]:
    """In the party's own time, where a zone of theirs is known."""
    spoken = zones[0] if zones else zone
    return {"from": instant_json(window.start, spoken), "to": instant_json(window.end, spoken)}


def _next(decision: Decision) -> Instant | None:
    return decision.at if decision.effect is Effect.allow else decision.not_before


def _places(decision: Decision, book: Book, language: Language, zone: str) -> list[dict[str, Any]]:
    caps: dict[str, Verdict] = {}
    for verdict in decision.verdicts:
        if verdict.remaining is not None:
            caps.setdefault(verdict.rule, verdict)  # as of now; what follows is of later instants
    return [_place(verdict, book, language, zone) for verdict in caps.values()]


def _place(verdict: Verdict, book: Book, language: Language, zone: str) -> dict[str, Any]:
    rule = book.rule(verdict.rule)
    return {
        "rule": verdict.rule,
        "kind": verdict.kind,
        "scope": "+".join(getattr(rule, "per", ())),
        "remaining": verdict.remaining,
        "until": instant_json(verdict.until, zone),
        "message": sentence(rule, verdict, language),
        "citation": rule.citation if rule else None,
    }
