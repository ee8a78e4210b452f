"""
The demonstration's gateway: its own store, the simulator, a clock that begins in the morning, and keys for its clients.

The store lies in a folder of its own, whatever database the environment names: fictional people never get
among real ones. Keys are made once and lie beside it, so that they work on every run.
"""

import asyncio
import contextlib
import secrets
import signal
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import NamedTuple

from service.core.errors import Misconfigured
from service.core.model import ActorRole
from service.flows.clients import create_key, list_clients, revoke_key
from service.flows.ports import Tx
from service.serve import serve
from service.settings import Settings, load
from service.simulator.provider import Provider
from service.store.migrate import migrate
from service.web.scopes import ALL_SCOPES, CONTACT_READ, CONTACT_WRITE, DECISION_READ, FACTS_WRITE, OUTCOME_WRITE
from service.wiring import House, open_house, system_clock

from .bank import ZONE
from .clock import DemoClock, morning
from .door import Door
from .page import App
from .past import AGENCY_TOLD, AGENCY_UNTOLD
from .stories import BANK

PORTS_TRIED = 50
START_S = 60.0
LOOK_S = 0.05
RECEIPTS_S = 5.0
ACTOR = "demo"

Front = Callable[[App], App]


class Member(NamedTuple):
    """A client of the gateway in the demonstration."""

    role: ActorRole
    name: str
    scopes: frozenset[str]


_AGENCY = frozenset({CONTACT_WRITE, CONTACT_READ, DECISION_READ, OUTCOME_WRITE, FACTS_WRITE})

CLIENTS = {
    BANK: Member(ActorRole.first_party, "示例农村商业银行", ALL_SCOPES),
    AGENCY_TOLD: Member(ActorRole.agency, "和信示例资产管理公司", _AGENCY),
    AGENCY_UNTOLD: Member(ActorRole.agency, "安达示例信用管理公司", _AGENCY),
}


def settings_for(given: Settings, folder: Path) -> Settings:
    """The environment's address and files, and for all else the demonstration's own."""
    return load(
        {
            "GATEWAY_DATA_DIR": str(folder),
            "GATEWAY_PROVIDERS": "simulator",
            "GATEWAY_HOST": given.host,
            "GATEWAY_PORT": str(free_port(given.host, given.port)),
            "GATEWAY_POLICIES_DIR": str(given.policies_dir),
            "GATEWAY_TEMPLATES_DIR": str(given.templates_dir),
            "GATEWAY_BANK_ZONE": ZONE,
        }
    )


def free_port(host: str, wanted: int) -> int:
    """The port that is wanted, or the next that is free."""
    for port in range(wanted, min(wanted + PORTS_TRIED, 65536)):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as trying:
            trying.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                trying.bind((host, port))
                return port
    raise Misconfigured(f"no free port from {wanted} on; name another with GATEWAY_PORT")


async def prepare(settings: Settings) -> tuple[DemoClock, dict[str, str]]:
    """
    Bring the tables up to date; begin on the morning that follows what they hold; find or make the clients' keys.

    A key lies in the folder beside the store, and is made anew if it does not.
    """
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    await asyncio.to_thread(migrate, settings.database_url)
    clock = DemoClock()
    async with open_house(settings, serving=False, clock=clock) as house:
        newest = await house.gateway.store.read(lambda tx: tx.newest_entry_at())
        clock.begin(morning(ZONE, system_clock(), newest))
        return clock, {client: await _key(house, client, member) for client, member in CLIENTS.items()}


async def _key(house: House, client: str, member: Member) -> str:
    file = key_file(house.settings, client)
    kit, store = house.gateway.kit, house.gateway.store
    if file.exists():
        return file.read_text().strip()

    def making(tx: Tx) -> str:
        if any(row["id"] == client and row["revoked_at"] is None for row in list_clients(tx)):
            revoke_key(kit, tx, ACTOR, client)
        role, name, scopes = member
        secret = secrets.token_urlsafe(32)
        return create_key(kit, tx, ACTOR, client=client, actor_role=role, scopes=scopes, secret=secret, name=name)

    key = await store.write(making)
    file.touch(mode=0o600)
    file.write_text(f"{key}\n")
    return key


def key_file(settings: Settings, client: str) -> Path:
    return settings.data_dir / f"{client}.key"


@contextlib.asynccontextmanager
async def serving(
    settings: Settings, clock: DemoClock, front: Front, *, longest_s: float = RECEIPTS_S
) -> AsyncIterator["asyncio.Task[None]"]:
    """
    Serve until the block is left or a signal comes; gives the task that serves, once the door is open.

    No receipt takes longer than `longest_s`, so that a letter arrives while one watches.
    """
    provider = Provider(clock=clock, longest_s=longest_s)
    task = asyncio.create_task(serve(settings, clock=clock, provider=provider, front=front))
    try:
        await _opened(settings, task)
        yield task
    finally:
        if not task.done():
            signal.raise_signal(signal.SIGTERM)
        await task


async def _opened(settings: Settings, task: "asyncio.Task[None]") -> None:
    door = Door(url_of(settings))
    try:
        async with asyncio.timeout(START_S):
            while not await door.opened():
                if task.done():
                    await task
                    raise Misconfigured("the gateway ended before it was asked")
                await asyncio.sleep(LOOK_S)
    finally:
        await door.close()


def url_of(settings: Settings) -> str:
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
