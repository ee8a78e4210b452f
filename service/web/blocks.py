"""`/v1/blocks`: kill switches. They need `admin`, to place and to lift."""

from fastapi import APIRouter
from pydantic import ConfigDict, Field
from starlette.responses import Response

from service.core.errors import Invalid
from service.core.jurisdictions import is_jurisdiction
from service.core.model import BlockScope
from service.core.request import Client
from service.flows.blocks import Told, lift_block, place_block, standing_blocks, told
from service.flows.kit import Kit
from service.flows.ports import Tx

from .answers import documented
from .auth import ClientDep
from .bodies import Json
from .door import GatewayDep
from .fact_views import block_json, tell, tell_list
from .facts_shown import BlockShown, BlocksShown, documented_kept
from .schemas import Id, Model, Text

router = APIRouter(prefix="/v1/blocks", tags=["blocks"])


class BlockBody(Model):
    """What nothing shall go out for: a channel, a client, a jurisdiction or a party."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"scope": "channel", "value": "sms", "reason": "provider incident"}]}
    )

    scope: BlockScope
    value: Id = Field(description="The channel, the client's or the party's id, or a jurisdiction such as `CN`.")
    reason: Text | None = Field(None, description="For colleagues; name nobody.")


@router.post(
    "",
    status_code=201,
    responses=documented_kept(BlockShown),
)
async def post_block(gateway: GatewayDep, client: ClientDep, body: Json[BlockBody]) -> Response:
    """Block: new requests are refused, waiting ones keep waiting until it is lifted or they expire."""
    if body.scope is BlockScope.jurisdiction and not is_jurisdiction(body.value):
        raise Invalid("value", "must be a country or region such as CN or US-MA")
    placed, new = await gateway.store.write(lambda tx: _place(gateway.kit, tx, client, body))
    return tell(gateway, block_json(placed), 201 if new else 200)


@router.get("", responses=documented(BlocksShown))
async def list_blocks(gateway: GatewayDep, client: ClientDep) -> Response:
    """List the blocks that stand."""
    standing = await gateway.store.read(standing_blocks)
    return tell_list(gateway, [block_json(each) for each in standing], None)


@router.post("/{id}/lift", responses=documented(BlockShown))
async def post_block_lift(gateway: GatewayDep, client: ClientDep, id: Id) -> Response:
    """Lift a block from now on. What it refused stays refused."""
    lifted = await gateway.store.write(lambda tx: told(tx, [lift_block(gateway.kit, tx, client, id)])[0])
    return tell(gateway, block_json(lifted))


def _place(kit: Kit, tx: Tx, client: Client, body: BlockBody) -> tuple[Told, bool]:
    kept = place_block(kit, tx, client, body.scope, body.value, body.reason)
    return told(tx, [kept.row])[0], kept.new
