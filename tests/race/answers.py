"""
What a gateway answers to the same questions, whatever the machine's own time zone: to be compared.

    TZ=… python -m tests.race.answers FOLDER

The first line is the machine's offset from UTC, the rest what the door said, ids and digests left out. FOLDER holds
a furnished store.
"""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from service.logs import configure_logs
from service.wiring import read_shelf
from tests.web.conftest import opened, settings_for
from tests.web.front import Web, request_body

from .bodies import call_to, text_to

MADE_UP = {"id", "facts_sha256", "entry", "sha256", "party", "address", "request", "intent", "activation"}
"""What differs from run to run by chance."""

INSTANTS = (
    *("2026-11-23T07:59:59+08:00", "2026-11-23T08:00:00+08:00", "2026-11-23T20:59:59+08:00"),
    *("2026-11-23T21:00:00+08:00", "2026-11-23T21:59:59+08:00", "2026-11-23T22:00:00+08:00"),
    *("2026-11-22T16:00:00Z", "2026-12-31T23:59:59-10:00", "2027-02-28T12:00:00+14:00"),
    # The clocks of New York go forward and back.
    *("2027-03-14T06:59:59Z", "2027-03-14T07:00:00Z", "2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z"),
)
PEOPLE = (
    ("Asia/Shanghai", "CN", ["house", "cn-collection"]),
    ("America/New_York", "US-NY", ["house"]),
    ("Pacific/Kiritimati", "KI", ["house"]),
)


async def answers(door: Web) -> AsyncIterator[Any]:
    for zone, jurisdiction, packs in PEOPLE:
        for at in INSTANTS:
            yield (await door.post("/v1/decisions", question(zone, jurisdiction, packs, at))).json()
    async for answer in lives(door):
        yield answer


def question(zone: str, jurisdiction: str, packs: list[str], at: str) -> dict[str, Any]:
    """What if a text were sent then, to somebody who lives there and asked for the mornings, after two on that day?"""
    body = request_body()
    body["party"] |= {"time_zones": [zone], "jurisdictions": [jurisdiction]}
    wish = {"party_id": "P-10086", "kind": "prohibited", "days": "mon-fri", "from": "13:00", "to": "15:00"}
    sent = {
        "channel": "sms",
        "direction": "outbound",
        "outcome": "delivered",
        "party_id": "P-10086",
        "at": "2026-11-22T16:00:00Z",
    }
    facts = {"history": [sent, {**sent, "at": "2026-11-23T15:59:59Z"}], "preferences": [wish]}
    return {"request": body, "at": at, "packs": packs, "facts": facts}


async def lives(door: Web) -> AsyncIterator[Any]:
    """A permit at the end of the window, a text over the night, one planned in another offset; and the evidence."""
    door.clock.set("2026-11-23T20:50:00+08:00")
    for body in (
        call_to(1, "c-1"),
        text_to(2, "t-1", send_after="2026-11-23T21:30:00+08:00"),
        text_to(3, "t-2", send_after="2026-11-24T02:00:00-10:00", expires_at="2026-11-26T00:00:00+14:00"),
    ):
        posted = (await door.post("/v1/contact-requests", body)).json()
        yield posted
        yield (await door.get(f"/v1/contact-requests/{posted['id']}")).json()
    await door.number()
    yield (await door.get("/v1/audit/entries", limit=100)).json()
    yield (await door.get("/v1/parties/P-2/budget")).json()


def without_chance(said: Any) -> Any:
    if isinstance(said, dict):
        return {name: without_chance(value) for name, value in said.items() if name not in MADE_UP}
    return [without_chance(each) for each in said] if isinstance(said, list) else said


async def main(folder: Path) -> None:
    configure_logs("error")
    print(time.localtime(1_795_399_200).tm_gmtoff)
    async with opened(folder, read_shelf(settings_for(folder)), serving=False) as door:
        async for answer in answers(door):
            print(json.dumps(without_chance(answer), ensure_ascii=False, sort_keys=True))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
