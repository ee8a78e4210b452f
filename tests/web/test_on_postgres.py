"""The same door over PostgreSQL: what it answers does not depend on where the rows lie."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from service.settings import load
from service.wiring import Shelf, open_house

from .conftest import MORNING
from .front import HandClock, Web, request_body
from .test_contact_requests import PATH, call_body
from .test_outcomes import report_body


@pytest.fixture
async def door(tmp_path: Path, postgres_database: str, master_key: str, shelf: Shelf) -> AsyncIterator[Web]:
    settings = load(
        {
            "GATEWAY_DATA_DIR": str(tmp_path),
            "GATEWAY_DATABASE_URL": postgres_database,
            "GATEWAY_MASTER_KEY": master_key,
            "GATEWAY_PROVIDERS": "simulator",
            "GATEWAY_POOL_SIZE": "4",
        }
    )
    clock = HandClock(MORNING)
    async with open_house(settings, clock=clock, shelf=shelf) as house, Web(house, clock) as front:
        yield front


@pytest.fixture(scope="session")
def master_key() -> str:
    return "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


async def test_a_request_goes_in_and_out_over_postgresql(door: Web) -> None:
    posted = await door.post(PATH, request_body())
    again = await door.post(PATH, request_body())
    other = await door.post(PATH, request_body(priority="high"))

    assert [202, 200, 409] == [answer.status_code for answer in (posted, again, other)]
    await door.dispatch()
    read = (await door.get(f"{PATH}/{posted.json()['id']}")).json()
    assert ("sent", "张三", 2) == (read["state"], read["party"]["name"], len(read["decisions"]))
    assert 409 == (await door.post(f"{PATH}/{read['id']}/cancel")).status_code


async def test_a_permit_is_reported_over_postgresql(door: Web) -> None:
    posted = (await door.post(PATH, call_body())).json()

    reported = await door.post(f"{PATH}/{posted['id']}/outcome", report_body())

    assert (200, "completed") == (reported.status_code, reported.json()["state"])


async def test_pages_and_batches_are_the_same_over_postgresql(door: Web) -> None:
    batch = {"requests": [request_body(reference=f"r-{number}") for number in range(5)] + [{}]}

    results = (await door.post(f"{PATH}/batch", batch)).json()["results"]
    first = (await door.get(PATH, limit=3)).json()
    second = (await door.get(PATH, limit=3, after=first["next"])).json()

    assert [202, 202, 202, 202, 202, 422] == [each["status"] for each in results]
    listed = [item["reference"] for page in (first, second) for item in page["items"]]
    assert ["r-0", "r-1", "r-2", "r-3", "r-4"] == listed
    assert (200, True) == ((await door.http.get("/readyz")).status_code, second["next"] is None)
