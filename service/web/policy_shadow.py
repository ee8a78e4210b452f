"""`/v1/policies/shadow`: a book tried on live traffic without effect, and what it would have changed so far."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from service.core.errors import NotFound
from service.flows.shadow import DECISION, Shadow, begin_shadow, end_shadow, latest

from .answers import answer, documented, refused
from .auth import ClientDep
from .bodies import Json
from .decisions_json import instant_json
from .door import GatewayDep
from .policies_shown import ShadowShown
from .schemas import Model

router = APIRouter(prefix="/v1/policies/shadow", tags=["policies"])


class ShadowBody(Model):
    """The book to try."""

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] = Field(
        description="The book: stored, or lying in the policies folder."
    )


_NONE = refused(404, "No book is or was tried.")


@router.get("", responses=documented(ShadowShown) | _NONE)
async def read_shadow(gateway: GatewayDep) -> Response:
    """Tell of the book that is tried, or was last: how many decisions it would have changed, by outcome and rule."""
    found = await gateway.store.read(latest)
    if found is None:
        raise NotFound("no book was ever tried in the shadow")
    return answer(shadow_json(found, gateway.kit.bank_zone))


@router.post("", responses=documented(ShadowShown) | refused(404, "No such book."))
async def start_shadow(gateway: GatewayDep, client: ClientDep, body: Json[ShadowBody]) -> Response:
    """Try a book on each decision from now on; nobody is contacted, or not contacted, by it. Ends the one before."""
    begun = await begin_shadow(gateway.kit, gateway.store, client.id, body.sha256)
    return answer(shadow_json(begun, gateway.kit.bank_zone))


@router.post("/end", responses=documented(ShadowShown) | _NONE)
async def stop_shadow(gateway: GatewayDep, client: ClientDep) -> Response:
    """Try no book any longer; what was counted stays."""
    ended = await gateway.store.write(lambda tx: end_shadow(gateway.kit, tx, client.id))
    return answer(shadow_json(ended, gateway.kit.bank_zone))


def shadow_json(found: Shadow, zone: str) -> dict[str, Any]:
    """The trial with its figures."""
    row = found.row
    counts = [{"rule": rule, "was": was, "would": would, "count": number} for rule, was, would, number in found.counts]
    return {
        "id": row["id"],
        "book": {"label": found.label, "sha256": row["sha256"]},
        "begun_at": instant_json(row["begun_at"], zone),
        "begun_by": row["begun_by"],
        "ended_at": instant_json(row["ended_at"], zone),
        "judged": row["judged"],
        "changed": row["changed"],
        "skipped": row["skipped"],
        "outcomes": [
            {"was": each["was"], "would": each["would"], "count": each["count"]}
            for each in counts
            if each["rule"] == DECISION
        ],
        "rules": [each for each in counts if each["rule"] != DECISION],
    }
