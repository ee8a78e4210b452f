"""`GET /v1/obligations`: what first contacts oblige to, and how it stands. Needs `audit:read`."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from service.core.model import Instant, NoticeKind
from service.flows.obligations import Standing, find

from .answers import documented
from .auth import ClientDep
from .decisions_json import instant_json
from .door import GatewayDep
from .fact_views import tell_list
from .facts_shown import FactShown
from .schemas import Cursor, Id, Limit
from .shown import At

router = APIRouter(prefix="/v1/obligations", tags=["accounts"])


class ObligationShown(FactShown):
    id: str
    account_id: str
    rule: str
    notice: NoticeKind
    state: Standing
    raised_at: At = Field(description="The first contact.")
    due_at: At = Field(description="The first instant that is too late.")
    satisfied_at: At | None


class ObligationsShown(FactShown):
    items: list[ObligationShown]
    next: str | None


@router.get("", responses=documented(ObligationsShown))
async def list_obligations(
    gateway: GatewayDep,
    client: ClientDep,
    account_id: Id | None = None,
    state: Annotated[list[Standing] | None, Query(description="Any of these states.")] = None,
    after: Cursor | None = None,
    limit: Limit = 50,
) -> Response:
    """List the notices that first contacts oblige to, in the order they were raised."""
    states = [each.value for each in state or ()]
    rows, next_ = await gateway.store.read(
        lambda tx: find(tx, account=account_id, states=states, after=after, limit=limit)
    )
    return tell_list(gateway, [_shown(row, gateway.kit.bank_zone) for row in rows], next_)


def _shown(row: dict[str, Any], zone: str) -> dict[str, Any]:
    instants = {
        name: instant_json(None if row[name] is None else Instant(row[name]), zone)
        for name in ("raised_at", "due_at", "satisfied_at")
    }
    return {
        "id": row["id"],
        "account_id": row["account"],
        **{name: row[name] for name in ("rule", "notice", "state")},
        **instants,
    }
