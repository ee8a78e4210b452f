"""
How long one decision takes, text included: at home by two packs and thirty items of history, and abroad by five
packs and fifty, for a collector in two states at once.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from timeit import Timer

from service.core.civil import parse_instant
from service.core.decide import decide
from service.core.facts import Consent, Contact, Facts, Notice, Subject
from service.core.model import (
    DAY,
    HOUR,
    ActorRole,
    AddressKind,
    Channel,
    ConsentKind,
    Dialing,
    Direction,
    Execution,
    Instant,
    LetterService,
    NoticeKind,
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
ITEMS_ABROAD = 50
NOON_ABROAD = parse_instant("2026-11-23T12:00:00-05:00")
PACKS_ABROAD = ("house", "us-reg-f", "us-tcpa", "us-ma", "us-dc")
TEXT_ABROAD = "Example Bank: this is an attempt to collect a debt. Please call 212 555 0123. Reply STOP to opt out."
TEXT = "【示例农商行】尊敬的客户,您在示例农村商业银行的信用卡账户已逾期12天,应还金额人民币1,234.56元。客服热线95000。"


def judging(policies: Path) -> Mapping[Channel, float]:
    """Microseconds a decision, by channel: the best of some rounds, as `timeit` advises."""
    book = load_book(policies).narrowed(PACKS)
    return {
        channel: _microseconds(book, facts_of(channel), TEN_IN_THE_MORNING)
        for channel in (Channel.sms, Channel.call, Channel.letter)
    }


def judging_abroad(policies: Path) -> Mapping[Channel, float]:
    """The same by five packs, two zones and fifty items of history, calls that came in among them."""
    book = load_book(policies).narrowed(PACKS_ABROAD)
    return {channel: _microseconds(book, facts_abroad(channel), NOON_ABROAD) for channel in (Channel.sms, Channel.call)}


def _microseconds(book: Book, facts: Facts, at: Instant) -> float:
    timer = Timer(lambda: decide(book, facts, at))
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


def facts_abroad(channel: Channel) -> Facts:
    """A collector asks to contact a debtor of Massachusetts who may be in Washington, D.C., or on the west coast."""
    at_home = facts_of(channel)
    subject = replace(
        at_home.subject, actor_role=ActorRole.agency, days_past_due=60, dialing=Dialing.manual, text=TEXT_ABROAD
    )
    consent = Consent("p", ConsentKind.channel, Instant(NOON_ABROAD - DAY), channel=channel)
    history = tuple(_item_abroad(number) for number in reversed(range(ITEMS_ABROAD)))
    return replace(
        at_home,
        subject=subject,
        zones=("America/New_York", "America/Los_Angeles"),
        jurisdictions=("US-MA", "US-DC"),
        history=history,
        consents=(consent,),
        notices=(Notice("a", NoticeKind.validation, Instant(0)),),
    )


def _item_abroad(number: int) -> Contact:
    """A vain call or, each tenth time, a conversation that the debtor began, one every thirty hours."""
    item = _item(1)._replace(at=Instant(NOON_ABROAD - DAY - number * 30 * HOUR), id=f"b{number:02d}")
    if number % 10 != 9:
        return item._replace(actor_role=ActorRole.agency)
    talk = Outcome.conversation_right_party
    return item._replace(direction=Direction.inbound, outcome=talk, actor_role=None, client=None)


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
