"""`POST /v1/registry-checks`: what a do-not-call registry, or its like, said of a number."""

from fastapi import APIRouter
from starlette.responses import Response

from service.flows.registry_checks import record_check

from .auth import ClientDep, sees_values
from .bodies import Json
from .decisions_json import instant_json
from .door import GatewayDep
from .fact_bodies import RegistryCheckBody
from .fact_views import shown_address, tell
from .facts_said import registry_check_of
from .facts_shown import RegistryCheckShown, documented_kept

router = APIRouter(prefix="/v1/registry-checks", tags=["registry checks"])


@router.post(
    "",
    status_code=201,
    responses=documented_kept(RegistryCheckShown),
)
async def post_registry_check(gateway: GatewayDep, client: ClientDep, body: Json[RegistryCheckBody]) -> Response:
    """Tell what a registry said. Of the number only a mark is kept; the latest check counts."""
    said = registry_check_of(gateway.kit.numbers, body)
    kept = await gateway.store.write(lambda tx: record_check(gateway.kit, tx, client, said))
    shown = {
        "id": kept.row["id"],
        "registry": said.registry,
        "address": shown_address(said.address, clear=sees_values(client)),
        "listed": said.listed,
        "checked_at": instant_json(said.checked_at),
    }
    return tell(gateway, shown, 201 if kept.new else 200)
