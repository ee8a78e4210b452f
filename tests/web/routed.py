"""A gateway whose routes lead to a provider of the test's own, on this machine."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from service.wiring import Shelf, open_house

from .conftest import MORNING, settings_for
from .front import HandClock, Web


@asynccontextmanager
async def routed(
    routes: str, secrets: Mapping[str, bytes | str], data_dir: Path, shelf: Shelf, folder: Path, **more: str
) -> AsyncIterator[Web]:
    """Serve with these routes, and the files that they name beside them; `more` are further settings."""
    for name, held in secrets.items():
        (folder / name).write_bytes(held if isinstance(held, bytes) else held.encode())
    file = folder / "routes.yaml"
    file.write_text(routes)
    given = {
        "GATEWAY_PROVIDERS": str(file),
        "GATEWAY_INSTITUTION": "某某农商银行",
        "GATEWAY_HOTLINE": "021-55550100",
        **more,
    }
    clock = HandClock(MORNING)
    async with (
        open_house(settings_for(data_dir, **given), clock=clock, shelf=shelf) as house,
        Web(house, clock) as front,
    ):
        yield front
