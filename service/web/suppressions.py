"""`/v1/suppressions`: who and what is not to be contacted. An address is looked up by a body, never in a URL."""

from fastapi import APIRouter
from pydantic import ConfigDict, Field
from starlette.responses import Response

from service.core.errors import Invalid
from service.core.facts import Suppression
from service.core.model import SuppressionScope
from service.core.request import Client
from service.flows.kit import Kit
from service.flows.ports import Tx
from service.flows.spelling import canonical_address
from service.flows.suppressions import Told, find_suppressions, lift_suppression, suppress, told

from .answers import documented
from .auth import ClientDep, sees_values
from .bodies import Json
from .contact_body import AddressValue
from .door import GatewayDep
from .fact_bodies import SuppressionBody
from .fact_views import suppression_json, tell, tell_list
from .facts_said import suppression_of
from .facts_shown import SuppressionShown, SuppressionsShown, documented_kept
from .schemas import Cursor, Id, Limit, Model

router = APIRouter(prefix="/v1/suppressions", tags=["suppressions"])


class SuppressionSearchBody(Model):
    """Whose suppressions to list; several are listed together."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"address": "+8613800138000"}]})

    address: AddressValue | None = None
    party_id: Id | None = None
    account_id: Id | None = None
    after: Cursor | None = Field(None, description="`next` of the page before.")
    limit: Limit | None = Field(None, description="Absent: 50.")


@router.post(
    "",
    status_code=201,
    responses=documented_kept(SuppressionShown),
)
async def post_suppression(gateway: GatewayDep, client: ClientDep, body: Json[SuppressionBody]) -> Response:
    """Bar an address, a party or an account."""
    said = suppression_of(gateway.kit.numbers, body)
    kept, new = await gateway.store.write(lambda tx: _suppress(gateway.kit, tx, client, said))
    address = said.value if said.scope is SuppressionScope.address else None
    return tell(gateway, suppression_json(kept, address, clear=sees_values(client)), 201 if new else 200)


@router.post("/search", responses=documented(SuppressionsShown))
async def search_suppressions(gateway: GatewayDep, client: ClientDep, body: Json[SuppressionSearchBody]) -> Response:
    """List what bars an address, a party or an account. Lifted suppressions are in the audit log alone."""
    if body.address is None and body.party_id is None and body.account_id is None:
        raise Invalid("address", "an address, a party_id or an account_id is needed", code="required")
    address = None
    if body.address is not None:
        address = canonical_address(gateway.kit.numbers, "address", body.address)
    found = await gateway.store.read(
        lambda tx: find_suppressions(gateway.kit, tx, address=address, party=body.party_id, account=body.account_id)
    )
    limit = body.limit or 50
    beyond = [each for each in found if body.after is None or each.id > body.after]
    next_ = beyond[limit - 1].id if len(beyond) > limit else None
    return tell_list(gateway, [suppression_json(each) for each in beyond[:limit]], next_)


@router.post("/{id}/lift", responses=documented(SuppressionShown))
async def post_suppression_lift(gateway: GatewayDep, client: ClientDep, id: Id) -> Response:
    """Lift a suppression from now on. It loosens, so it needs `facts:loosen`."""
    lifted = await gateway.store.write(lambda tx: told(tx, [lift_suppression(gateway.kit, tx, client, id)])[0])
    return tell(gateway, suppression_json(lifted))


def _suppress(kit: Kit, tx: Tx, client: Client, said: Suppression) -> tuple[Told, bool]:
    kept = suppress(kit, tx, client, said)
    return told(tx, [kept.row])[0], kept.new
