"""`/v1/parties/{id}`: what is known of a party, and what it agreed to, wishes, or is held for."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import ConfigDict, Field
from starlette.responses import Response

from service.flows.consents import consent_told, grant_consent, withdraw_consent
from service.flows.holds import place_hold, release_hold
from service.flows.parties import Profile, set_party
from service.flows.preferences import add_preference, delete_preference

from .answers import documented
from .auth import ClientDep, sees_values
from .bodies import Json
from .door import GatewayDep
from .fact_bodies import ConsentBody, HoldBody, PreferenceBody
from .fact_views import consent_json, hold_json, preference_json, tell
from .facts_said import consent_of, hold_of, preference_of
from .facts_shown import ConsentShown, HoldShown, PreferenceShown, ProfileShown, documented_kept
from .schemas import Id, Jurisdiction, Locale, Model, Zone

router = APIRouter(prefix="/v1/parties/{id}", tags=["parties"])


class ProfileBody(Model):
    """All that is known of a party beyond its requests. It replaces what was known before."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"time_zones": ["Asia/Shanghai"], "jurisdictions": ["CN"], "locale": "zh-CN"}]}
    )

    time_zones: Annotated[list[Zone], Field(max_length=16)] | None = Field(
        None, description="Counts beside those of a request; a contact must be allowed in all of them."
    )
    jurisdictions: Annotated[list[Jurisdiction], Field(max_length=16)] | None = Field(
        None, description="Counts beside those of a request; the packs of all of them bind."
    )
    locale: Locale | None = Field(None, description="The language of messages, where a request names none.")


@router.put("", responses=documented(ProfileShown))
async def put_party(gateway: GatewayDep, client: ClientDep, id: Id, body: Json[ProfileBody]) -> Response:
    """Set what is known of a party. One that is not known yet is made."""
    zones, jurisdictions = tuple(dict.fromkeys(body.time_zones or ())), tuple(dict.fromkeys(body.jurisdictions or ()))
    said = Profile(zones, jurisdictions, body.locale)
    await gateway.store.write(lambda tx: set_party(gateway.kit, tx, client, id, said))
    return tell(gateway, {"id": id, **said._asdict()})


@router.post(
    "/consents",
    status_code=201,
    responses=documented_kept(ConsentShown),
)
async def post_consent(gateway: GatewayDep, client: ClientDep, id: Id, body: Json[ConsentBody]) -> Response:
    """Grant a consent. It loosens, so it needs `facts:loosen`."""
    said = consent_of(gateway.kit.numbers, body, id)
    kept = await gateway.store.write(lambda tx: grant_consent(gateway.kit, tx, client, said))
    shown = consent_json(kept.row["id"], said, clear=sees_values(client))
    return tell(gateway, shown, 201 if kept.new else 200)


@router.post(
    "/consents/{consent}/withdraw",
    responses=documented(ConsentShown),
)
async def post_withdrawal(gateway: GatewayDep, client: ClientDep, id: Id, consent: Id) -> Response:
    """Withdraw a consent from now on; waiting requests meet that at their next decision."""
    row = await gateway.store.write(lambda tx: withdraw_consent(gateway.kit, tx, client, id, consent))
    told = await gateway.store.read(lambda tx: consent_told(gateway.kit, tx, id, row))
    return tell(gateway, consent_json(consent, told, clear=sees_values(client)))


@router.post(
    "/preferences",
    status_code=201,
    responses=documented_kept(PreferenceShown),
)
async def post_preference(gateway: GatewayDep, client: ClientDep, id: Id, body: Json[PreferenceBody]) -> Response:
    """Add a window within which the party will not be contacted, or outside of which."""
    said = preference_of(gateway.kit.numbers, body, id)
    kept = await gateway.store.write(lambda tx: add_preference(gateway.kit, tx, client, said))
    return tell(gateway, preference_json(kept.row, id), 201 if kept.new else 200)


@router.delete(
    "/preferences/{preference}", status_code=204, responses={204: {"description": "Deleted, now or before."}}
)
async def remove_preference(gateway: GatewayDep, client: ClientDep, id: Id, preference: Id) -> Response:
    """Delete a preference. It loosens, so it needs `facts:loosen`."""
    await gateway.store.write(lambda tx: delete_preference(gateway.kit, tx, client, id, preference))
    return Response(status_code=204)


@router.post(
    "/holds",
    status_code=201,
    responses=documented_kept(HoldShown),
)
async def post_party_hold(gateway: GatewayDep, client: ClientDep, id: Id, body: Json[HoldBody]) -> Response:
    """Place a hold on a party."""
    said = hold_of(gateway.kit.numbers, body, party=id)
    kept = await gateway.store.write(lambda tx: place_hold(gateway.kit, tx, client, said))
    return tell(gateway, hold_json(kept.row, party=id), 201 if kept.new else 200)


@router.post("/holds/{hold}/release", responses=documented(HoldShown))
async def post_party_hold_release(gateway: GatewayDep, client: ClientDep, id: Id, hold: Id) -> Response:
    """Release a hold of a party from now on. A refused request stays refused: ask again under a new reference."""
    row = await gateway.store.write(lambda tx: release_hold(gateway.kit, tx, client, hold, party=id))
    return tell(gateway, hold_json(row, party=id))
