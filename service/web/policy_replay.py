"""
`POST /v1/policies/replay`: what a book would have decided, from the facts that were recorded.

A call judges a bounded number of decisions and says where to go on, so that it ends before any proxy
loses patience, and a process keeps no state between two calls.
"""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from service.flows.books import FOLDER, IN_FORCE, named_book
from service.flows.replay import Span, record_replay, replay

from .answers import answer, documented, refused
from .auth import ClientDep
from .bodies import Json
from .door import GatewayDep
from .policies_shown import ReplayShown
from .replay_views import replay_json
from .schemas import InstantText, Model

router = APIRouter(prefix="/v1/policies", tags=["policies"])

LIMIT_MAX = 20_000
"""Some seconds of one core."""

LIMIT = 5_000


class ReplayBody(Model):
    """Which book, over which decisions."""

    book: Annotated[str, Field(pattern=rf"^([0-9a-f]{{64}}|{IN_FORCE}|{FOLDER})$")] | None = Field(
        None, description="A digest, `in-force` or `folder`; null: each decision under the book it was made with."
    )
    since: InstantText | None = Field(None, description="Decisions from here on.")
    until: InstantText | None = Field(None, description="And before this instant.")
    after: Annotated[int, Field(ge=-1, lt=2**63)] | None = Field(None, description="The `next` of the call before.")
    limit: Annotated[int, Field(ge=1, le=LIMIT_MAX)] = Field(LIMIT, description="Decisions judged by this call.")


_UNKNOWN = refused(404, "No such book.")


@router.post("/replay", responses=documented(ReplayShown) | _UNKNOWN)
async def replay_decisions(gateway: GatewayDep, client: ClientDep, body: Json[ReplayBody]) -> Response:
    """Judge recorded decisions again and tell what would be otherwise, by rule and outcome; nobody is contacted."""
    kit, store, span = gateway.kit, gateway.store, Span(body.since, body.until)
    book = await named_book(kit, store, body.book) if body.book else None
    done = await replay(kit, store, span, book, after=body.after, most=body.limit)
    await store.write(lambda tx: record_replay(kit, tx, client.id, span, done))
    return answer(replay_json(done, span, kit.bank_zone))
