"""`POST /v1/decisions`: what if. It asks the judge of real requests, and stores nothing but that it was asked."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from service.core.errors import Invalid
from service.core.model import (
    ActorRole,
    Channel,
    Dialing,
    Execution,
    IfBlocked,
    Priority,
    Purpose,
)
from service.core.request import Client, ContactRequest
from service.core.variables import Fault
from service.flows.gateway import Gateway
from service.flows.ports import Numbers, Tx
from service.flows.what_if import Question, Supposed, record_asked, what_if

from .answers import documented
from .auth import ClientDep
from .bodies import Faulty, Json
from .contact_body import (
    AccountBody,
    AddressBody,
    LetterBody,
    PartyBody,
    VariableName,
    VariableValue,
    VisitBody,
    account_of,
    address_of,
    party_of,
    visit_of,
)
from .decisions_json import decision_json
from .door import GatewayDep
from .fact_bodies import FactsBody
from .fact_views import tell
from .facts_said import given_of
from .facts_shown import SupposedShown
from .negotiate import language_of
from .schemas import Id, InstantText, MessageText, Model, Word

router = APIRouter(prefix="/v1", tags=["decisions"])


class SupposedBody(Model):
    """A contact request as it would be posted; what a question can do without is optional."""

    reference: Id | None = None
    channel: Channel
    purpose: Purpose
    party: PartyBody
    address: AddressBody | None = Field(None, description="Absent: rules that need one stand in `not_applied`.")
    account: AccountBody | None = None
    template: Word | None = Field(None, description="Absent, and no `text`: content rules stand in `not_applied`.")
    variables: Annotated[dict[VariableName, VariableValue], Field(max_length=64)] | None = None
    text: MessageText | None = Field(None, description="A ready text, in place of a template.")
    dialing: Dialing | None = None
    recording_available: bool | None = None
    visit: VisitBody | None = None
    letter: LetterBody | None = None
    execution: Execution | None = Field(None, description="Absent: `permit` for a visit, else `gateway`.")
    send_after: InstantText | None = None
    expires_at: InstantText | None = None
    priority: Priority | None = None
    if_blocked: IfBlocked | None = Field(None, description="Does not change the effect.")


class WhatIfBody(Model):
    """A question to the judge."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "request": {
                        "channel": "call",
                        "purpose": "collection",
                        "party": {
                            "id": "P-10086",
                            "role": "debtor",
                            "jurisdictions": ["CN"],
                            "time_zones": ["Asia/Shanghai"],
                        },
                        "recording_available": True,
                    },
                    "at": "2026-11-23T22:00:00+08:00",
                    "packs": ["cn-collection"],
                    "actor_role": "agency",
                    "facts": {},
                }
            ]
        }
    )

    request: SupposedBody
    at: InstantText | None = Field(None, description="Absent: now.")
    packs: Annotated[list[Word], Field(min_length=1, max_length=64)] | None = Field(
        None, description="Exactly what is judged; drafts can be named. Absent: the book in force."
    )
    actor_role: ActorRole | None = Field(None, description="Absent: the caller's.")
    facts: FactsBody | None = Field(None, description="All that is known. Absent: what the gateway holds.")


@router.post("/decisions", responses=documented(SupposedShown))
async def post_decision(request: Request, gateway: GatewayDep, client: ClientDep, body: Json[WhatIfBody]) -> Response:
    """Ask what would be decided about a contact; the bare decision, whatever its effect. No contact comes of it."""
    answer = await _ask(gateway, client, body)
    return tell(gateway, decision_json(answer.decision, answer.book, language_of(request)))


async def _ask(gateway: Gateway, client: Client, body: WhatIfBody) -> Supposed:
    """Judge beside the writer, and let it leave the entry alone."""
    kit = gateway.kit
    asked = _question(kit.numbers, body)

    def judge(tx: Tx) -> Supposed:
        return what_if(kit, tx, client, asked)

    try:
        answer = await gateway.store.read(judge)
    except Invalid as error:
        raise _placed(error) from None
    await gateway.store.write(lambda tx: record_asked(kit, tx, client, asked, answer))
    return answer


def _question(numbers: Numbers, body: WhatIfBody) -> Question:
    try:
        request = _request(numbers, body.request)
    except Invalid as error:
        raise _placed(error) from None
    return Question(
        request=request,
        text=body.request.text,
        at=body.at,
        packs=tuple(body.packs) if body.packs is not None else None,
        actor_role=body.actor_role,
        given=given_of(numbers, body.facts) if body.facts is not None else None,
    )


def _request(numbers: Numbers, body: SupposedBody) -> ContactRequest:
    by_default = Execution.permit if body.channel is Channel.visit else Execution.gateway
    return ContactRequest(
        reference="",
        body_mark="",
        channel=body.channel,
        purpose=body.purpose,
        party=party_of(body.party),
        address=address_of(body.address, numbers) if body.address else None,
        account=account_of(body.account) if body.account else None,
        template=body.template or "",
        variables={name: value for name, value in (body.variables or {}).items() if value is not None},
        dialing=body.dialing,
        recording_available=body.recording_available,
        visit=visit_of(body.visit) if body.visit else None,
        letter_service=body.letter.service if body.letter else None,
        execution=body.execution or by_default,
        send_after=body.send_after,
        expires_at=body.expires_at,
    )


def _placed(error: Invalid) -> Faulty:
    """What is wrong with the request is named where it stands in the question."""
    faults = getattr(error, "faults", ()) or [Fault(error.field, error.code, error.detail)]
    return Faulty([fault if _stands(fault) else fault._replace(field=f"request.{fault.field}") for fault in faults])


def _stands(fault: Fault) -> bool:
    return fault.field.partition(".")[0] in WhatIfBody.model_fields
