"""
The roof: builds every adapter from the settings and hands the flows, the door and the beats what they need.

The system clock lives here and nowhere else; the demonstration and the tests hand in their own. The
master key is made only beside an empty embedded store: rows whose key is missing, or another's, must
not be joined by rows under a new one (DESIGN section 8).
"""

import asyncio
import os
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import NamedTuple

from service.channels.adapter import OWNED_S, Hear
from service.channels.callouts import Callouts
from service.channels.delivery import KINDS, Delivery
from service.channels.routes import Routes, simulator_account
from service.channels.signature import FRESH_S
from service.core.civil import local_datetime
from service.core.errors import GatewayError, Misconfigured
from service.core.model import HOUR, SECOND, Channel, Instant
from service.core.rendering import Institution
from service.files.books import Books
from service.files.routes_file import read_routes
from service.files.templates import TemplateCatalogue, load_templates
from service.files.typeset import LetterSetter
from service.flows.accept import Answer, Ask, accept, book_in_force
from service.flows.activate import activate_shipped
from service.flows.books import lying
from service.flows.clients import client_by_key
from service.flows.dispatch import Going, decide_due
from service.flows.gateway import Gateway
from service.flows.hearing import hear
from service.flows.kit import RECEIPT_DEADLINES, Ids, Kit, Limits
from service.flows.ports import Clock, Store
from service.flows.providers import Callback
from service.flows.publish import publish_templates, recall_templates
from service.flows.watch import alarm, last_watch
from service.settings import Settings
from service.simulator.provider import Provider
from service.simulator.server import RunningSimulator, start_simulator
from service.store.engine import open_store
from service.store.group import Grouped
from service.store.migrate import migrate
from service.vault.addresses import Numbers
from service.vault.keys import make_master_key, parse_master_key, read_master_key
from service.vault.party_key import VaultError
from service.vault.vault import Vault
from service.web.door import Check, Door
from service.web.keys import KEPT_S, Keys
from service.web.metrics import Metrics

from . import __version__


def system_clock() -> Instant:
    """Now, by this machine."""
    return Instant(time.time_ns() // 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Everything that one process holds, open and ready."""

    settings: Settings
    gateway: Gateway
    accepting: Grouped[Ask, Answer]
    deciding: Grouped[str, Going | None]
    metrics: Metrics
    routes: Routes
    simulator: RunningSimulator | None
    owner: str

    def door(self, wake: Callable[[], None] = lambda: None, *, kept_s: float = KEPT_S) -> Door:
        """What the web is handed; `wake` is called when work was queued."""
        store = self.gateway.store
        return Door(
            gateway=self.gateway,
            keys=Keys(lambda sha256: store.read(lambda tx: client_by_key(tx, sha256)), kept_s=kept_s),
            wake=wake,
            metrics=self.metrics,
            checks=_checks(self.gateway),
            notes=_notes(self.gateway),
            about={"version": __version__, "simulated": self.gateway.kit.routes.simulated},
            providers=lambda: self.routes.states(self.gateway.kit.clock()),
            max_body_bytes=self.settings.max_body_bytes,
            max_batch_bytes=self.settings.max_batch_bytes,
        )


class Shelf(NamedTuple):
    """What is read from files; houses over the same files may share it."""

    templates: TemplateCatalogue
    books: Books


def read_shelf(settings: Settings) -> Shelf:
    """Read the templates, and where the policies lie; every complaint about a file stops the start."""
    return Shelf(load_templates(settings.templates_dir), Books(settings.policies_dir))


@asynccontextmanager
async def open_house(
    settings: Settings,
    *,
    serving: bool = True,
    clock: Clock | None = None,
    provider: Provider | None = None,
    shelf: Shelf | None = None,
) -> AsyncIterator[House]:
    """
    Open everything in order, and close it in the opposite one.

    A `clock` is handed in by the demonstration and the tests alone, a `provider` to look into the simulator.
    `serving` keeps other serving processes from the embedded store, brings the tables up to date, activates
    the shipped book in an empty store, and publishes the templates. Verbs that run beside it leave it False.
    """
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    if settings.migrate and serving:
        await asyncio.to_thread(migrate, settings.database_url)
    store = await open_store(
        settings.database_url,
        clock=clock or system_clock,
        serving=serving and settings.embedded,
        system_clock=clock is None,
        pool_size=settings.pool_size,
    )
    try:
        vault = await _vault(settings, store)
        simulator = await _simulator(settings, vault, provider) if serving and settings.simulated else None
        try:
            shelf = shelf or read_shelf(settings)
            routes = _routes(settings, vault, simulator, shelf.templates, (clock or system_clock)())
            typeset = LetterSetter(settings.bank_zone)
            kit = _kit(settings, vault, routes, clock or system_clock, shelf, typeset)
            if serving:
                await store.write(lambda tx: activate_shipped(kit, tx))
                await store.write(lambda tx: publish_templates(kit, tx))
            await store.read(lambda tx: recall_templates(kit, tx))
            yield _house(settings, store, kit, routes, simulator, typeset, own_clock=clock is None)
        finally:
            if simulator is not None:
                await simulator.stop()
    finally:
        await store.close()


def _house(
    settings: Settings,
    store: Store,
    kit: Kit,
    routes: Routes,
    simulator: RunningSimulator | None,
    typeset: LetterSetter,
    *,
    own_clock: bool,
) -> House:
    accepting: Grouped[Ask, Answer] = Grouped(store, lambda tx, asks: accept(kit, tx, list(asks)))
    metrics = Metrics(lambda: routes.states(kit.clock()))
    owner = f"{os.getpid()}-{secrets.token_hex(4)}"

    async def own(name: str) -> bool:
        now = kit.clock()
        until = Instant(now + OWNED_S * SECOND)
        return await store.write(lambda tx: tx.lease(f"session:{name}", owner, now, until))

    def listen(provider: str) -> Hear:
        async def heard(callback: Callback) -> None:
            await hear(kit, store, channels, provider, callback)

        return heard

    channels = Delivery(
        routes,
        typeset=typeset,
        spool_dir=settings.spool_dir,
        send_timeout_s=settings.send_timeout_s,
        clock=kit.clock,
        # A clock that was handed in cannot be compared with a provider's.
        fresh_s=FRESH_S if own_clock else None,
        observe=metrics.handed_over,
        own=own,
        hear=listen,
    )
    return House(
        settings=settings,
        gateway=Gateway(
            kit=kit,
            store=store,
            accepting=accepting,
            channels=channels,
            typeset=typeset,
            callout=Callouts(private=settings.callbacks_private),
        ),
        accepting=accepting,
        deciding=Grouped(store, lambda tx, names: decide_due(kit, tx, list(names))),
        metrics=metrics,
        routes=routes,
        simulator=simulator,
        owner=owner,
    )


def _kit(settings: Settings, vault: Vault, routes: Routes, clock: Clock, shelf: Shelf, typeset: LetterSetter) -> Kit:
    numbers = Numbers()
    numbers.warm()
    deadlines = {channel: settings.receipt_hours(channel) for channel in Channel}
    return Kit(
        clock=clock,
        ids=Ids(os.urandom),
        vault=vault,
        numbers=numbers,
        templates=shelf.templates,
        books=shelf.books,
        routes=routes,
        limits=Limits(
            send_timeout=settings.send_timeout_s * SECOND,
            send_margin=settings.send_margin_s * SECOND,
            lease=settings.lease_s * SECOND,
            receipt_deadlines={
                channel: RECEIPT_DEADLINES[channel] if hours is None else hours * HOUR
                for channel, hours in deadlines.items()
            },
            tries_max=settings.tries_max,
            backoff=settings.backoff_s * SECOND,
        ),
        institution=Institution(name=settings.institution, hotline=settings.hotline, signature=settings.sms_signature),
        default_locale=settings.default_locale,
        bank_zone=settings.bank_zone,
        check_letter=lambda message, recipient: typeset.check(message, recipient, routes.envelopes),
    )


async def _vault(settings: Settings, store: Store) -> Vault:
    """Open the vault with the key that sealed what is stored; make one only where nothing is."""
    parties = await store.read(lambda tx: tx.rows("parties", {}, order=["party"], limit=20))
    sealed = [row for row in parties if row["key_wrapped"] is not None]
    vault = Vault(_master_key(settings, empty=not parties))
    try:
        for row in sealed:
            vault.unwrap(row["key_wrapped"], row["party"])
    except VaultError:
        raise Misconfigured("the master key is not the one under which the stored rows were sealed") from None
    return vault


def _master_key(settings: Settings, *, empty: bool) -> bytes:
    if settings.master_key is not None:
        return parse_master_key(settings.master_key)
    file = settings.master_key_file
    if file.exists():
        return read_master_key(file)
    if settings.embedded and empty:
        return make_master_key(file)
    raise Misconfigured(
        f"there is no master key at {file}"
        + ("; make one with the verb `key master`" if empty else ", and what is stored was sealed under one")
    )


async def _simulator(settings: Settings, vault: Vault, provider: Provider | None) -> RunningSimulator:
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host
    return await start_simulator(
        provider or Provider(),
        secret=_simulator_secret(vault),
        gateway_url=f"http://{f'[{host}]' if ':' in host else host}:{settings.port}",
    )


def _simulator_secret(vault: Vault) -> bytes:
    """The same in every process over one master key, so that a worker's simulator is believed by the door."""
    return vault.mark("simulator", "callbacks").encode()


def _routes(
    settings: Settings, vault: Vault, simulator: RunningSimulator | None, templates: TemplateCatalogue, now: Instant
) -> Routes:
    if simulator is not None:
        return Routes([simulator_account(simulator.url, _simulator_secret(vault))])
    if settings.simulated:
        # A verb beside the serving process: the routes are the same, but nothing is sent from here.
        return Routes([simulator_account("http://127.0.0.1:9", _simulator_secret(vault))])
    if settings.routes_file is None:
        return Routes()
    signature = settings.sms_signature
    ours = {template.name: template for template in templates.list()}
    today = local_datetime(settings.bank_zone, now).date()
    return Routes(*read_routes(settings.routes_file, KINDS, signature, ours, today), signature=signature)


def _checks(gateway: Gateway) -> dict[str, Check]:
    """What `/readyz` asks: the store answers and its clock agrees with ours; a book is in force."""

    async def store() -> str | None:
        try:
            await gateway.store.ready()
        except GatewayError as error:
            return error.detail
        return None

    async def book() -> str | None:
        try:
            await gateway.store.read(lambda tx: book_in_force(gateway.kit, tx, gateway.kit.clock()))
        except GatewayError as error:
            return error.detail
        return None

    return {"store": store, "book": book}


def _notes(gateway: Gateway) -> tuple[Check, ...]:
    """What `/readyz` tells besides: the policies folder cannot be read; the watchman found something."""

    async def policies() -> str | None:
        complaints = (await lying(gateway.kit)).complaints
        more = f", and {len(complaints) - 1} more" if len(complaints) > 1 else ""
        return (
            f"the policies folder cannot be read, the book in force stays: {complaints[0]}{more}"
            if complaints
            else None
        )

    async def watchman() -> str | None:
        return alarm(await gateway.store.read(last_watch))

    return policies, watchman
