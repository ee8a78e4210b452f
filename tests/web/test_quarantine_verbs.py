"""The verbs `quarantine list`, `show` and `again`: as functions, and once as processes beside one that serves."""

import asyncio
import os
import sys
from pathlib import Path

import orjson
import pytest

from service.cli.quarantine import opened, tried_again
from service.core.errors import NotFound
from service.flows.hearing import hear
from service.flows.providers import Callback, Door
from service.wiring import House, Shelf, open_house

from .conftest import settings_for
from .front import Web

ROOT = Path(__file__).parents[2]
WROTE = {"kind": "mobile", "value": "+8613800138000"}
BAD = {"event": "e1", "channel": "sms", "from": WROTE, "at_us": "now", "text": "\x1b]0;rm -rf\x07\u202e还\ud7ff款"}
HEADERS = {"content-type": "application/json", "provider-signature": "v1=0123456789abcdef"}


async def push(house: House, *events: object, door: Door = Door.inbound) -> str:
    """Tell something of which nothing can be read; give the name that it is kept under."""
    body = orjson.dumps({"events": events})
    path, query = "/v1/inbound/simulator/a-secret", (("q", "\x1b[1m"),)
    callback = Callback(body, path=path, headers=HEADERS, query=query, door=door)
    gateway = house.gateway
    await hear(gateway.kit, gateway.store, gateway.channels, "simulator", callback)
    rows = await gateway.store.read(lambda tx: tx.rows("heard", {"state": "aside"}))
    return str(rows[-1]["id"])


async def test_what_is_shown_cannot_command_the_terminal_and_proves_nothing_to_anybody(web: Web) -> None:
    name = await push(web.house, BAD)

    lines = await opened(web.house, "somebody", name)

    text = "\n".join(lines)
    assert all(each == "\n" or each.isprintable() for each in text)
    assert "13800138000" in text and "rm -rf" in text and "还" in text
    assert [] == [word for word in ("a-secret", "0123456789abcdef") if word in text]
    assert f"{name}: unreadable: events.0.at_us" == lines[0]


async def test_what_came_to_the_wrong_door_is_taken_at_the_right_one(web: Web) -> None:
    said = {**BAD, "at_us": web.clock(), "text": "TD"}
    name = await push(web.house, said, door=Door.receipts)

    tried = await tried_again(web.house, "somebody", name, Door.inbound)

    assert (1, 1, None) == (tried.hearing.said, tried.hearing.new, tried.why)
    assert ["opt_out"] == [row["reason"] for row in await web.rows("suppressions")]
    with pytest.raises(NotFound):
        await opened(web.house, "somebody", name)


async def test_an_account_that_is_gone_is_told_so(web: Web) -> None:
    name = await push(web.house, BAD)
    await web.house.gateway.store.write(lambda tx: tx.change("heard", {"id": name}, {"provider": "gone"}))

    with pytest.raises(NotFound, match="no account gone"):
        await tried_again(web.house, "somebody", name, None)

    (row,) = await web.rows("heard", id=name)
    assert ("aside", "NotFound") == (row["state"], row["why"])


async def test_the_verbs_work_beside_a_process_that_serves(data_dir: Path, shelf: Shelf) -> None:
    async with open_house(settings_for(data_dir), shelf=shelf) as house:
        name = await push(house, BAD)
        listed, hidden, shown, again, unknown = [
            await _run(data_dir, *verb)
            for verb in (("list",), ("show", name), ("show", name, "--piped"), ("again", name), ("again", "cb_none"))
        ]
        kinds = [row["kind"] for row in await house.gateway.store.read(lambda tx: tx.rows("entries", {}))]
        await house.gateway.channels.close()

    assert [0, 2, 0, 1, 2] == [each[0] for each in (listed, hidden, shown, again, unknown)]
    assert [name, "simulator"] == listed[1].decode().rstrip("\n").split("\t")[:2]
    assert b"13800138000" not in listed[1] + listed[2] + hidden[1] + hidden[2] + shown[2] + again[1] + again[2]
    assert b"no terminal" in hidden[2] and b"13800138000" in shown[1]
    assert b"still kept aside: unreadable: events.0.at_us" in again[2]
    assert b"nothing is kept aside under cb_none" in unknown[2]
    assert [1, 1] == [kinds.count(kind) for kind in ("receipt.shown", "receipt.tried_again")]


async def _run(data_dir: Path, *verb: str) -> tuple[int | None, bytes, bytes]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "service", "quarantine", *verb),
        cwd=ROOT,
        env={**kept, "GATEWAY_DATA_DIR": str(data_dir), "GATEWAY_PROVIDERS": "simulator"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return process.returncode, out, err
