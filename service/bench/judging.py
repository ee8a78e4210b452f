"""How long one decision takes: `house` and `cn-collection`, thirty items of history, text included."""

from collections.abc import Mapping
from pathlib import Path
from timeit import Timer

from service.core.decide import decide
from service.core.facts import Contact, Facts, Subject
from service.core.model import (
    DAY,
    HOUR,
    ActorRole,
    AddressKind,
    Channel,
    Direction,
    Execution,
    Instant,
    LetterService,
    Outcome,
    PartyRole,
    Provenance,
    Purpose,
)
from service.core.policy import Book
from service.files.policies import load_book

from .server import TEN_IN_THE_MORNING

HISTORY_ITEMS = 30
ROUNDS = 7
PACKS = ("house", "cn-collection")
TEXT = "【示例农商行】尊敬的客户,您在示例农村商业银行的信用卡账户已逾期12天,应还金额人民币1,234.56元。客服热线95000。"


def judging(policies: Path) -> Mapping[Channel, float]:
    """Microseconds a decision, by channel: the best of some rounds, as `timeit` advises."""
    book = load_book(policies).narrowed(PACKS)
    return {channel: _microseconds(book, facts_of(channel)) for channel in (Channel.sms, Channel.call, Channel.letter)}


def _microseconds(book: Book, facts: Facts) -> float:
    timer = Timer(lambda: decide(book, facts, TEN_IN_THE_MORNING))
    number = 2000
    return min(timer.repeat(ROUNDS, number)) / number * 1e6


def facts_of(channel: Channel) -> Facts:
    subject = Subject(
        channel=channel,
        purpose=Purpose.collection,
        party="p",
        party_role=PartyRole.debtor,
        actor_role=ActorRole.first_party,
        client="bank",
        address="x",
        address_kind=AddressKind.postal if channel is Channel.letter else AddressKind.mobile,
        provenance=Provenance.contract,
        account="a",
        product="credit_card",
        days_past_due=12,
        execution=Execution.permit if channel is Channel.call else Execution.gateway,
        recording_available=True,
        letter_service=LetterService.ordinary if channel is Channel.letter else None,
        reveals="debt",
        text=TEXT,
    )
    return Facts(
        subject=subject,
        zones=("Asia/Shanghai",),
        jurisdictions=("CN",),
        history=tuple(_item(number) for number in reversed(range(HISTORY_ITEMS))),
        debtor="p",
        route=True,
    )


def _item(number: int) -> Contact:
    """Calls and messages in turn, one every eight hours."""
    channel = Channel.call if number % 2 else Channel.sms
    return Contact(
        at=Instant(TEN_IN_THE_MORNING - DAY - number * 8 * HOUR),
        channel=channel,
        direction=Direction.outbound,
        outcome=Outcome.ring_no_answer if channel is Channel.call else Outcome.delivered,
        party="p",
        party_role=PartyRole.debtor,
        account="a",
        product="credit_card",
        address="x",
        address_kind=AddressKind.mobile,
        purpose=Purpose.collection,
        client="bank",
        actor_role=ActorRole.first_party,
        id=f"a{number:02d}",
    )
