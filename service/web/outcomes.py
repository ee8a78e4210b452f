"""`POST /v1/contact-requests/{id}/outcome`: what a person reports of a contact made under a permit."""

from datetime import date
from typing import Annotated, Any

import orjson
from fastapi import APIRouter
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError
from starlette.responses import Response

from service.core.currencies import CURRENCIES
from service.core.errors import Invalid
from service.core.model import SECOND, Channel, Outcome
from service.core.outcomes import reportable
from service.core.request import Client
from service.flows.cancel import own_request
from service.flows.kit import Kit
from service.flows.ports import Tx
from service.flows.report import Report, Reported, report

from .answers import answer, documented
from .auth import ClientDep
from .bodies import Json
from .door import GatewayDep
from .schemas import Id, InstantText, Model, Money, Note, Seconds, Text
from .shown import ReportedShown

router = APIRouter(prefix="/v1/contact-requests", tags=["contact requests"])


def _currency(code: str) -> str:
    if code not in CURRENCIES:
        raise PydanticCustomError("currency", "must be a currency code of ISO 4217 such as CNY")
    return code


def _day(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise PydanticCustomError("day", "must be a day that the calendar has") from None
    return text


class PromiseBody(Model):
    """What the party promised to pay, and by when."""

    amount: Money
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$"), AfterValidator(_currency)]
    on: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$"), AfterValidator(_day)]


class OutcomeBody(Model):
    """The report of one contact. Sent again it is the same report; another body is a correction."""

    outcome: Outcome
    started_at: InstantText
    ended_at: InstantText | None = None
    duration_s: Seconds | None = None
    recording: Text | None = Field(None, description="Where the recording is kept.")
    promise: PromiseBody | None = None
    arrears_reason: Text | None = None
    note: Note | None = None


@router.post("/{id}/outcome", responses=documented(ReportedShown))
async def post_outcome(gateway: GatewayDep, client: ClientDep, id: Id, body: Json[OutcomeBody]) -> Response:
    """Report the outcome of a call or visit that was permitted."""
    said = report_of(gateway.kit, body)
    reported = await gateway.store.write(lambda tx: _filed(gateway.kit, tx, client, id, said))
    shown = {
        "id": reported.request["id"],
        "reference": reported.request["reference"],
        "state": reported.request["state"],
        "outcome": said.outcome,
        "corrected": reported.corrected,
        "outside_permit": reported.outside_permit,
    }
    return answer({**shown, "simulated": True} if gateway.kit.routes.simulated else shown)


CONVERSATIONS = frozenset({Outcome.conversation_right_party, Outcome.conversation_third_party})


def report_of(kit: Kit, body: OutcomeBody) -> Report:
    """What the flow files: the free part apart, for it is sealed, and a keyed mark of the whole."""
    if body.ended_at is not None and body.ended_at < body.started_at:
        raise Invalid("ended_at", "must not be earlier than started_at")
    plain = body.model_dump(mode="json", exclude_none=True)
    mark = kit.vault.mark("report", orjson.dumps(plain, option=orjson.OPT_SORT_KEYS).decode())
    free: dict[str, Any] = {
        name: plain[name] for name in ("recording", "promise", "arrears_reason", "note") if name in plain
    }
    return Report(body.outcome, body.started_at, body.ended_at, _duration_s(body), free, mark)


def _duration_s(body: OutcomeBody) -> int | None:
    """The longer of what is said and what the instants say: six seconds make a call count, and nobody talks it down."""
    if body.ended_at is None or body.outcome not in CONVERSATIONS:
        return body.duration_s
    return max(body.duration_s or 0, (body.ended_at - body.started_at) // SECOND)


def _filed(kit: Kit, tx: Tx, client: Client, request_id: str, said: Report) -> Reported:
    channel = Channel(own_request(tx, client, request_id)["channel"])
    if not reportable(channel, said.outcome):
        raise Invalid("outcome", f"a {channel} cannot have this outcome")
    return report(kit, tx, client, request_id, said)
