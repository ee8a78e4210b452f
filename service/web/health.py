"""`/healthz`: the process runs. `/readyz`: it can do its work, or what is wrong. `/metrics`: how it does it."""

from fastapi import APIRouter
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.responses import PlainTextResponse, Response

from service.flows.calendars import calendars_confirmed

from .answers import answer, documented
from .door import DoorDep
from .shown import AliveShown, ReadyShown

router = APIRouter(tags=["operation"])


@router.get("/healthz", responses=documented(AliveShown))
async def healthz() -> Response:
    """Answer as long as the process serves."""
    return answer({"status": "ok"})


@router.get("/readyz", responses=documented(ReadyShown, s503=ReadyShown))
async def readyz(door: DoorDep) -> Response:
    """Answer 200 when every check passes, else 503; each check says what is wrong, and notes what will be."""
    checks = {name: await check() or "ok" for name, check in door.checks.items()}
    ready = all(said == "ok" for said in checks.values())
    ending = [each for each in await calendars_confirmed(door.gateway.kit, door.gateway.store) if each.soon_over]
    notes = [f"the calendar {each.calendar} is confirmed only until {each.until}" for each in ending]
    if ready:
        notes += [said for note in door.notes if (said := await note())]
    # A provider that is away is no fault of ours: what waits for it waits in the store.
    providers = dict(door.providers())
    shown = {"ready": ready, "checks": checks, "notes": notes, "providers": providers, **door.about}
    return answer(shown, 200 if ready else 503)


@router.get("/metrics", response_class=PlainTextResponse)
async def metrics(door: DoorDep) -> Response:
    """Show the figures of this process, for Prometheus."""
    for each in await calendars_confirmed(door.gateway.kit, door.gateway.store):
        door.metrics.calendars.labels(each.calendar).set(each.days_left)
    return Response(generate_latest(door.metrics.registry), media_type=CONTENT_TYPE_LATEST)
