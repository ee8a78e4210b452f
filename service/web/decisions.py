"""
`POST /v1/decisions`: what if. `GET /v1/parties/{id}/budget`: what is left, and when.

Both ask the judge that decides real requests, and store nothing but, for a what-if, that it was asked.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from service.core.decide import Decision
from service.core.errors import Invalid
from service.core.explain import sentence
from service.core.model import (
    ActorRole,
    Channel,
    Dialing,
    Effect,
    Execution,
    IfBlocked,
    Instant,
    Priority,
    Purpose,
)
from service.core.policy import Book
from service.core.request import Client, ContactRequest
from service.core.rule import Verdict
from service.core.variables import Fault
from service.flows.budget import Budget, budget
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
from .decisions_json import decision_json, instant_json
from .door import GatewayDep
from .fact_bodies import FactsBody
from .fact_views import tell
from .facts_said import given_of
from .facts_shown import BudgetShown, SupposedShown
from .negotiate import Language, language_of
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


@router.get("/parties/{id}/budget", responses=documented(BudgetShown), tags=["parties"])
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
    language, zone = language_of(request), gateway.kit.bank_zone
    shown = {
        "party_id": id,
        "party_role": found.role,
        "account_id": account_id,
        "purpose": purpose,
        "actor_role": client.actor_role,
        "at": instant_json(found.at, zone),
        "channels": _channels(found, language, zone),
        "book": {"label": found.book.label, "sha256": found.book.sha256},
    }
    return tell(gateway, shown)


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


def _channels(found: Budget, language: Language, zone: str) -> list[dict[str, Any]]:
    return [
        {
            "channel": channel,
            "effect": decision.effect.name,
            "next_allowed_at": instant_json(_next(decision), zone),
            "reason": decision.reason or None,
            "remaining": _places(decision, found.book, language, zone),
            "not_applied": [row._asdict() for row in decision.not_applied],
        }
        for channel, decision in found.decisions.items()
    ]


def _next(decision: Decision) -> Instant | None:
    return decision.at if decision.effect is Effect.allow else decision.not_before


def _places(decision: Decision, book: Book, language: Language, zone: str) -> list[dict[str, Any]]:
    caps = {verdict.rule: verdict for verdict in decision.verdicts if verdict.remaining is not None}
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
