"""A gateway with everything real but the clock and the wire."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from service.core.civil import parse_instant
from service.core.model import (
    ActorRole,
    AddressKind,
    Channel,
    Execution,
    Fate,
    Instant,
    NoRoute,
    Outcome,
    PartyRole,
    Provenance,
    Purpose,
)
from service.core.rendering import Institution
from service.core.request import Account, Address, Client, ContactRequest, Party
from service.files.books import Books
from service.files.templates import load_templates
from service.flows.accept import Answer, Ask, accept
from service.flows.activate import activate_shipped
from service.flows.dispatch import Dispatched, decide_due, dispatch_due
from service.flows.kit import Ids, Kit, Limits
from service.flows.ports import Asked, Dispatch, Routes, SendResult, Store, Told
from service.flows.providers import Callback, Choice, Reply, Wanted
from service.store.group import Grouped
from service.vault.addresses import Numbers
from service.vault.vault import Vault

ROOT = Path(__file__).parents[2]
BOOKS = Books(ROOT / "policies")
"""One for all worlds: a book never changes, and to read it takes longer than most tests."""
SCOPES = frozenset({"contact:write", "contact:read", "decision:read", "outcome:write", "facts:write", "facts:loosen"})
BANK = Client(id="bank", actor_role=ActorRole.first_party, scopes=SCOPES, name="Bank")
AGENCY = Client(id="agency", actor_role=ActorRole.agency, scopes=SCOPES, name="Agency")


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


@dataclass
class Wire:
    """The wire, scripted: answers in turn, then `sent` with a receipt due; keeps what went out."""

    answers: list[SendResult] = field(default_factory=list)
    knows: dict[str, SendResult] = field(default_factory=dict)
    out: list[Dispatch] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    others: frozenset[Channel] = frozenset()
    by: list[str] = field(default_factory=list)
    reads: Callable[[Callback], Told] | None = None

    async def start(self) -> None:
        return None

    def elsewhere(self) -> frozenset[Channel]:
        return self.others

    async def send(self, provider: str, dispatch: Dispatch) -> SendResult:
        self.out.append(dispatch)
        self.by.append(provider)
        if self.answers:
            return self.answers.pop(0)
        return SendResult(Fate.accepted, Outcome.sent, provider_ref=f"ref-{dispatch.attempt}", awaits=True)

    async def ask(self, provider: str, asked: Asked) -> SendResult | None:
        self.asked.append(asked)
        return self.knows.get(asked.attempt)

    def check(self, provider: str, segment: str | None, source: str | None, callback: Callback) -> None:
        return None

    def read(self, provider: str, callback: Callback) -> Told:
        assert self.reads is not None, "nothing is read that was not asked for"
        return self.reads(callback)

    def reply(self, provider: str) -> Reply | None:
        return None

    def by_get(self, provider: str) -> bool:
        return False

    async def close(self) -> None:
        return None


@dataclass(frozen=True)
class AllRoutes:
    simulated: bool = True
    without: frozenset[Channel] = frozenset()

    def refusal(self, wanted: Wanted) -> NoRoute | None:
        return NoRoute.no_route if wanted.channel in self.without else None

    def opens(self, wanted: Wanted, at: Instant) -> Instant | None:
        return None

    def choose(self, wanted: Wanted, now: Instant) -> Choice:
        return Choice("wire")

    def another(self, wanted: Wanted, now: Instant) -> bool:
        return "wire" not in wanted.tried

    def records(self, channel: Channel) -> bool:
        return True


class World:
    """One store, one kit, and the few verbs that tests speak in."""

    def __init__(self, store: Store, clock: HandClock, *, routes: AllRoutes | None = None) -> None:
        self.store = store
        self.clock = clock
        self.wire = Wire()
        self.kit = Kit(
            clock=clock,
            ids=Ids(_counting()),
            vault=Vault(bytes(32)),
            numbers=Numbers(),
            templates=load_templates(ROOT / "templates"),
            books=BOOKS,
            routes=routes or AllRoutes(),
            limits=Limits(),
            institution=Institution(name="示例农村商业银行", hotline="95000", signature="示例农商行"),
        )
        self.accepting = Grouped(store, lambda tx, asks: accept(self.kit, tx, list(asks)))
        self.deciding = Grouped(store, lambda tx, names: decide_due(self.kit, tx, list(names)))

    def use(self, routes: Routes) -> None:
        """Take other routes from now on."""
        self.kit = replace(self.kit, routes=routes)

    async def start(self) -> "World":
        await self.store.write(lambda tx: activate_shipped(self.kit, tx))
        return self

    async def post(self, *requests: ContactRequest, client: Client = BANK) -> list[Answer]:
        answers = await self.accepting.submit([Ask(client, request) for request in requests])
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
        return answers  # type: ignore[return-value]

    async def one(self, request: ContactRequest, client: Client = BANK) -> Answer:
        return (await self.post(request, client=client))[0]

    async def dispatch(self) -> Dispatched:
        done = await dispatch_due(self.kit, self.store, self.wire, self.deciding, "worker-1")
        if done.failures:
            raise done.failures[0]
        return done

    async def row(self, table: str, **where: Any) -> dict[str, Any]:
        rows = await self.rows(table, **where)
        assert len(rows) == 1, f"{len(rows)} rows of {table}"
        return rows[0]

    async def rows(self, table: str, **where: Any) -> list[dict[str, Any]]:
        return await self.store.read(lambda tx: tx.rows(table, where))


def request(reference: str = "r-1", **changes: Any) -> ContactRequest:
    """The example of the contract: a reminder by SMS to a debtor in China."""
    made = ContactRequest(
        reference=reference,
        body_mark=f"mark-{reference}",
        channel=Channel.sms,
        purpose=Purpose.collection,
        party=Party(
            id="P-10086",
            role=PartyRole.debtor,
            name="张三",
            locale="zh-CN",
            jurisdictions=("CN",),
            time_zones=("Asia/Shanghai",),
        ),
        address=Address(kind=AddressKind.mobile, value="+8613800138000", provenance=Provenance.contract),
        account=Account(id="LN-7788", product="credit_card", days_past_due=12, creditor="示例农村商业银行"),
        template="overdue-reminder",
        variables={"amount_due": "1234.56", "currency": "CNY", "due_on": "2026-11-11"},
    )
    return replace(made, **changes)


def permit_call(reference: str = "c-1", **changes: Any) -> ContactRequest:
    """A call that an agent makes by hand, recorded."""
    settled = {"channel": Channel.call, "execution": Execution.permit, "recording_available": True, **changes}
    return request(reference, **settled)


def _counting() -> Callable[[int], bytes]:
    """A source of bytes that never repeats and never surprises."""
    state = [0]

    def draw(size: int) -> bytes:
        state[0] += 1
        return state[0].to_bytes(size, "big")

    return draw
