"""The door as a client sees it, over real ASGI; and the few verbs that tests speak in."""

import json
from types import TracebackType
from typing import Any, Self

import httpx

from service.channels.signature import sign
from service.core.civil import parse_instant
from service.core.model import ActorRole, Instant
from service.core.request import Client
from service.flows.clients import create_key
from service.flows.dispatch import Dispatched, dispatch_due
from service.flows.sweep import number, sweep
from service.web.app import create_app
from service.web.scopes import ALL_SCOPES
from service.wiring import House

EVERY_SCOPE = frozenset(ALL_SCOPES)


class HandClock:
    """A clock that moves when it is told to."""

    def __init__(self, text: str) -> None:
        self.now = parse_instant(text)

    def __call__(self) -> Instant:
        return self.now

    def set(self, text: str) -> None:
        self.now = parse_instant(text)

    def forward(self, by: int) -> None:
        self.now = Instant(self.now + by)


class Web:
    """`bank` has every scope; `key` makes further clients."""

    def __init__(self, house: House, clock: HandClock) -> None:
        self.house = house
        self.clock = clock
        self.woken = 0
        self.app = create_app(house.door(self._wake, kept_s=0))
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://gateway")
        self.bank: dict[str, str] = {}

    async def __aenter__(self) -> Self:
        self.bank = await self.key("bank")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.http.aclose()
        await self.house.accepting.close()
        await self.house.deciding.close()
        await self.house.gateway.channels.close()

    async def key(
        self,
        client: str,
        *scopes: str,
        role: ActorRole = ActorRole.first_party,
        without: frozenset[str] = frozenset(),
    ) -> dict[str, str]:
        """The header of a new client; without scopes it has every one but those `without`."""
        kit, store = self.house.gateway.kit, self.house.gateway.store
        given = frozenset(scopes) or EVERY_SCOPE - without
        key = await store.write(
            lambda tx: create_key(
                kit, tx, "test", client=client, actor_role=role, scopes=given, secret=f"{client:x<43}"[:43]
            )
        )
        return {"Authorization": f"Bearer {key}"}

    def client(self, name: str, role: ActorRole = ActorRole.first_party) -> Client:
        return Client(id=name, actor_role=role, scopes=EVERY_SCOPE, name=name)

    async def get(self, path: str, *, key: dict[str, str] | None = None, **query: Any) -> httpx.Response:
        return await self.http.get(path, params=query or None, headers=self.bank if key is None else key)

    async def post(
        self, path: str, body: Any = None, *, key: dict[str, str] | None = None, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        return await self.send("POST", path, body, key=key, headers=headers)

    async def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Send JSON, or bytes as they are."""
        content = body if isinstance(body, bytes) else None if body is None else json.dumps(body)
        sent = {"Content-Type": "application/json", **(self.bank if key is None else key), **(headers or {})}
        return await self.http.request(method, path, content=content, headers=sent)

    async def dispatch(self) -> Dispatched:
        """One round of what is due."""
        gateway = self.house.gateway
        return await dispatch_due(gateway.kit, gateway.store, gateway.channels, self.house.deciding, self.house.owner)

    async def sweep(self) -> None:
        gateway = self.house.gateway
        await sweep(gateway.kit, gateway.store, gateway.channels)

    async def number(self) -> int:
        """Give the entries their indexes."""
        store, owner = self.house.gateway.store, self.house.owner
        return await store.write(lambda tx: number(tx, owner, self.clock(), 1_000_000))

    async def callbacks(self) -> list[tuple[str, bytes, dict[str, str]]]:
        """What the simulator has to tell, signed as it signs it: path, body and headers of each call."""
        simulator = self.house.simulator
        assert simulator is not None
        due = simulator.provider.schedule.take_due(50, all_of_them=True)
        calls = []
        for each in due:
            body = json.dumps({"events": [each.event]}).encode()
            headers = dict(sign(simulator.teller._secret, self.clock(), body))
            calls.append((f"/v1/{each.path}/simulator", body, headers))
        return calls

    async def rows(self, table: str, **where: Any) -> list[dict[str, Any]]:
        return await self.house.gateway.store.read(lambda tx: tx.rows(table, where))

    def _wake(self) -> None:
        self.woken += 1


def request_body(**changes: Any) -> dict[str, Any]:
    """An overdue reminder by SMS that is allowed on a weekday morning; `changes` replace top-level fields."""
    body: dict[str, Any] = {
        "reference": "coll-20261123-000001",
        "channel": "sms",
        "purpose": "collection",
        "party": {
            "id": "P-10086",
            "role": "debtor",
            "name": "张三",
            "locale": "zh-CN",
            "jurisdictions": ["CN"],
            "time_zones": ["Asia/Shanghai"],
        },
        "address": {"value": "+8613800138000", "kind": "mobile", "provenance": "contract"},
        "account": {
            "id": "LN-7788",
            "product": "credit_card",
            "days_past_due": 12,
            "creditor": "Example Rural Commercial Bank",
        },
        "template": "overdue-reminder",
        "variables": {"amount_due": "1234.56", "currency": "CNY", "due_on": "2026-11-11"},
    }
    return {**body, **changes}
