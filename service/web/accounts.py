"""`/v1/accounts/{id}`: what is known of a debt, who its parties are, its holds and its notices."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import ConfigDict, Field
from starlette.responses import Response

from service.core.errors import Invalid
from service.core.model import AccountType, PartyRole
from service.core.request import Client
from service.flows.accounts import Standing, parties_of, set_account
from service.flows.holds import place_hold, release_hold
from service.flows.kit import Kit
from service.flows.notices import record_notice
from service.flows.ports import Tx

from .answers import documented
from .auth import ClientDep
from .bodies import Json
from .decisions_json import instant_json
from .door import GatewayDep
from .fact_bodies import HoldBody, NoticeBody
from .fact_views import hold_json, tell
from .facts_said import hold_of, notice_of
from .facts_shown import HoldShown, NoticeShown, StandingShown, documented_kept
from .schemas import Id, Model, Text, Word

router = APIRouter(prefix="/v1/accounts/{id}", tags=["accounts"])


class ListedBody(Model):
    id: Id
    role: PartyRole


class StandingBody(Model):
    """All that is known of an account. It replaces what was known before."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "product": "credit_card",
                    "days_past_due": 12,
                    "parties": [{"id": "P-10086", "role": "debtor"}, {"id": "P-10087", "role": "guarantor"}],
                }
            ]
        }
    )

    product: Word | None = None
    type: AccountType | None = None
    days_past_due: Annotated[int, Field(ge=0, le=36_500)] | None = None
    creditor: Text | None = None
    parties: Annotated[list[ListedBody], Field(max_length=200)] | None = Field(
        None,
        description="Replaces the list. A party that it does not name counts as `unknown`, and a request that claims "
        "another role is refused. Absent: the list, if there is one, stays.",
    )


@router.put("", responses=documented(StandingShown))
async def put_account(gateway: GatewayDep, client: ClientDep, id: Id, body: Json[StandingBody]) -> Response:
    """Set what is known of an account, and who its parties are. Accounts and parties not known yet are made."""
    said = Standing(body.product, body.type, body.days_past_due, body.creditor, _list(body))
    shown = await gateway.store.write(lambda tx: _set(gateway.kit, tx, client, id, said))
    return tell(gateway, shown)


@router.post(
    "/holds",
    status_code=201,
    responses=documented_kept(HoldShown),
)
async def post_account_hold(gateway: GatewayDep, client: ClientDep, id: Id, body: Json[HoldBody]) -> Response:
    """Place a hold on an account."""
    said = hold_of(gateway.kit.numbers, body, account=id)
    kept = await gateway.store.write(lambda tx: place_hold(gateway.kit, tx, client, said))
    return tell(gateway, hold_json(kept.row, account=id), 201 if kept.new else 200)


@router.post("/holds/{hold}/release", responses=documented(HoldShown))
async def post_account_hold_release(gateway: GatewayDep, client: ClientDep, id: Id, hold: Id) -> Response:
    """Release a hold of an account from now on. A refused request stays refused: ask again under a new reference."""
    row = await gateway.store.write(lambda tx: release_hold(gateway.kit, tx, client, hold, account=id))
    return tell(gateway, hold_json(row, account=id))


@router.post(
    "/notices",
    status_code=201,
    responses=documented_kept(NoticeShown),
)
async def post_notice(gateway: GatewayDep, client: ClientDep, id: Id, body: Json[NoticeBody]) -> Response:
    """Tell that a notice about the account was sent."""
    said = notice_of(gateway.kit.numbers, body, id)
    kept = await gateway.store.write(lambda tx: record_notice(gateway.kit, tx, client, said))
    shown = {"id": kept.row["id"], "account_id": id, "kind": said.kind, "sent_at": instant_json(said.sent_at)}
    return tell(gateway, shown, 201 if kept.new else 200)


def _list(body: StandingBody) -> dict[str, PartyRole] | None:
    if body.parties is None:
        return None
    roles: dict[str, PartyRole] = {}
    for place, listed in enumerate(body.parties):
        if listed.id in roles:
            raise Invalid(f"parties.{place}.id", "stands in the list already")
        roles[listed.id] = listed.role
    return roles


def _set(kit: Kit, tx: Tx, client: Client, account_id: str, said: Standing) -> dict[str, Any]:
    row = set_account(kit, tx, client, account_id, said)
    listed = None if row["listed_at"] is None else [{"id": id, "role": role} for id, role in parties_of(tx, row)]
    known = {name: row[name] for name in ("id", "product", "type", "days_past_due", "creditor")}
    return {**known, "parties": listed}
