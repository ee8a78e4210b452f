"""A gateway at the end of a chain that nobody here wrote: Kannel calls its real door, with a message centre behind."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import uvicorn

from service.core.model import Outcome, State
from service.flows.ports import Dispatch, SendResult
from service.wiring import Shelf
from tests.channels.kannel.accounts import MAINLAND
from tests.channels.kannel.lab import MAX_MESSAGES, NUMBER, PASSWORD, USER, kannel
from tests.channels.lines.smsc import centre
from tests.peers import Talker

from .conftest import opened
from .front import Web, request_body

SEGMENT = "nobody-guesses-this-one"

ROUTES = """
providers:
  kannel:
    kind: kannel
    url: {url}
    user: {user}
    password_file: kannel.secret
    number: "{number}"
    max_messages: {max_messages}
    public_url: http://127.0.0.1:{door}
    mark_key_file: marks.key
    callback_secret_file: segment.secret
    home: "86"
    codes: {{"err:32": invalid_recipient}}
    signatures: {{示例银行: approved}}
routes:
  sms: kannel
"""


class Chain(NamedTuple):
    """Kannel's address, the message centre behind it, and the socket that Kannel reports to."""

    url: str
    smsc: Talker
    door: socket.socket


@asynccontextmanager
async def chained(folder: Path) -> AsyncIterator[Chain]:
    """Run both; the folder has the message centre's package."""
    async with centre(folder) as smsc:
        with listening() as door, kannel(smsc.said[0]["port"], f"{address(door)}/v1/inbound/kannel/{SEGMENT}") as url:
            await smsc.until("bound")
            yield Chain(url, smsc, door)


@contextmanager
def listening() -> Iterator[socket.socket]:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen()
        yield door


def address(door: socket.socket) -> str:
    return f"http://127.0.0.1:{door.getsockname()[1]}"


class Served(NamedTuple):
    """A gateway, and the addresses that Kannel called."""

    web: Web
    smsc: Talker
    calls: list[str]

    async def sent(self) -> dict[str, Any]:
        """Send a reminder, and wait until the message centre has taken it; give the attempt."""
        posted = await self.web.post("/v1/contact-requests", request_body())
        assert posted.status_code == 202, posted.text
        await self.web.dispatch()
        await self.told(1)
        return (await self.web.rows("attempts"))[0]

    async def told(self, receipts: int) -> None:
        """Wait for as many receipts."""
        await until(lambda: self.counted("receipts", receipts))

    async def counted(self, table: str, count: int) -> bool:
        return len(await self.web.rows(table)) >= count

    async def taken(self) -> list[dict[str, Any]]:
        """All that the message centre was given so far."""
        await self.smsc.tell()
        return self.smsc.all("message")

    async def hand_over(self, dispatch: Dispatch) -> SendResult:
        return await self.web.house.gateway.channels.send("kannel", dispatch)

    async def report(self, stat: str, error: str = "000") -> None:
        """Let the message centre report on the first part of the last message, and quote it as centres do."""
        first = [each for each in await self.taken() if not each["udh"] or each["udh"].endswith("01")][-1]
        fields = f"id:{first['id']} sub:001 dlvrd:001 submit date:2611231000 done date:2611231001"
        text = f"{fields} stat:{stat} err:{error} text:Dear San Zhang"
        common = {"source_addr": MAINLAND[1:], "source_addr_ton": 1, "destination_addr": NUMBER}
        await self.smsc.tell(deliver={**common, "esm_class": 4, "short_message": text})

    @asynccontextmanager
    async def refusing(self, status: int) -> AsyncIterator[None]:
        """Let the message centre refuse whatever it is given."""
        await self.smsc.tell(mood={"status": status})
        try:
            yield
        finally:
            await self.smsc.tell(mood={"status": 0})

    async def standing(self) -> tuple[State, Outcome]:
        (request,), (attempt,) = await self.web.rows("requests"), await self.web.rows("attempts", direction="outbound")
        return request["state"], attempt["outcome"]

    async def bars(self) -> list[tuple[str, str]]:
        return [(row["channel"], row["reason"]) for row in await self.web.rows("suppressions")]

    async def refused(self) -> list[str]:
        """The rules against the next one."""
        told = (await self.web.post("/v1/contact-requests", request_body(reference="another"))).json()
        return [each["rule"] for each in told["decision"]["verdicts"] if each["effect"] == "deny"]


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await true():
            await asyncio.sleep(0.01)


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def served(chain: Chain, data_dir: Path, shelf: Shelf) -> AsyncIterator[Served]:
    """A gateway whose text messages go by that Kannel, with its door where Kannel calls."""
    folder = data_dir.parent
    for name, held in (("kannel", PASSWORD), ("segment", SEGMENT.encode())):
        (folder / f"{name}.secret").write_bytes(held)
    (folder / "marks.key").write_bytes(b"the key of the marks")
    door = chain.door.getsockname()[1]
    written = ROUTES.format(url=chain.url, user=USER, number=NUMBER, max_messages=MAX_MESSAGES, door=door)
    (folder / "routes.yaml").write_text(written)
    lender = {"GATEWAY_INSTITUTION": "示例银行", "GATEWAY_HOTLINE": "95000", "GATEWAY_SMS_SIGNATURE": "示例银行"}
    async with opened(data_dir, shelf, serving=True, GATEWAY_PROVIDERS=str(folder / "routes.yaml"), **lender) as web:
        calls: list[str] = []

        async def app(scope: Any, receive: Any, send: Any) -> None:
            calls.append(f"{scope['path']}?{scope['query_string'].decode()}")
            await web.app(scope, receive, send)

        server = _Server(uvicorn.Config(app, lifespan="off", log_config=None, ws="none", access_log=False))
        serving = asyncio.create_task(server.serve([chain.door.dup()]))
        try:
            yield Served(web, chain.smsc, calls)
        finally:
            server.should_exit = True
            await serving
