"""
What the gateway is told before the day begins: parties, accounts, consents, holds, notices, and the past week.

All of it goes in through the API. Facts are dated by the demonstration's first day and can be told again
without harm; the history of a day has references of its own, for what was done last week moves along.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

from service.core.civil import format_instant

from .bank import FIRST_ORDINARY, ZONE, Borrower, Story
from .clock import at

AGENCY_TOLD = "agency-hexin"
AGENCY_UNTOLD = "agency-anda"


class Fact(NamedTuple):
    """One call that tells a fact."""

    method: str
    path: str
    body: dict[str, Any]


class Days:
    """Instants as the API writes them, counted from a day."""

    def __init__(self, day: date) -> None:
        self.day = day

    def ago(self, days: int, hour: int, minute: int = 0) -> str:
        when = self.day - timedelta(days=days)
        return format_instant(at(ZONE, when, hour * 3600 + minute * 60), ZONE)


def profiles(book: Iterable[Borrower]) -> Iterator[Fact]:
    """Every borrower, and every account with its parties."""
    for each in book:
        locale = "en" if each.number == Story.speaks_english else "zh-CN"
        told = {"time_zones": [ZONE], "jurisdictions": ["CN"], "locale": locale}
        yield Fact("PUT", f"/v1/parties/{each.party}", told)
        known = {"product": each.product, "type": "consumer", "days_past_due": each.days_past_due}
        yield Fact("PUT", f"/v1/accounts/{each.account}", {**known, "parties": each.listed})


def standing(book: Iterable[Borrower], first: Days) -> Iterator[Fact]:
    """Consents, preferences, holds, notices and suppressions, as they stood before the first day."""
    for each in book:
        if each.wechat:
            agreed = {"kind": "channel", "channel": "wechat", "granted_at": first.ago(400, 9)}
            yield Fact("POST", f"/v1/parties/{each.party}/consents", {**agreed, "evidence": "loan contract, clause 12"})
        if each.number in _TOLD:
            yield from _TOLD[each.number](each, first)
        elif each.number >= FIRST_ORDINARY and each.number % 67 == 0:
            yield _hold(each, "hardship", first.ago(20, 15))
        elif each.number >= FIRST_ORDINARY and each.number % 71 == 0:
            yield _hold(each, "dispute", first.ago(4, 11))
        if each.number == Story.told_of_agency or (each.number >= FIRST_ORDINARY and each.days_past_due >= 30):
            sent = {"kind": "outsourcing", "sent_at": first.ago(9, 10)}
            yield Fact("POST", f"/v1/accounts/{each.account}/notices", sent)


def _hold(each: Borrower, kind: str, since: str) -> Fact:
    return Fact("POST", f"/v1/accounts/{each.account}/holds", {"kind": kind, "from": since})


def _disputed(each: Borrower, first: Days) -> Iterator[Fact]:
    yield _hold(each, "dispute", first.ago(3, 16))


def _deceased(each: Borrower, first: Days) -> Iterator[Fact]:
    yield Fact("POST", f"/v1/parties/{each.party}/holds", {"kind": "deceased", "from": first.ago(12, 9)})


def _by_plan(each: Borrower, first: Days) -> Iterator[Fact]:
    yield _hold(each, "instalment_agreement", first.ago(15, 14))


def _late_worker(each: Borrower, first: Days) -> Iterator[Fact]:
    window = {"days": "mon-sun", "from": "20:00", "to": "22:00"}
    agreed = {"kind": "contact_time", "window": window, "granted_at": first.ago(30, 18)}
    yield Fact("POST", f"/v1/parties/{each.party}/consents", {**agreed, "evidence": "call recording 0042, 03:10"})


def _late_sleeper(each: Borrower, first: Days) -> Iterator[Fact]:
    wish = {"kind": "prohibited", "days": "mon-sun", "from": "08:00", "to": "12:00", "channel": "call"}
    yield Fact("POST", f"/v1/parties/{each.party}/preferences", wish)


def _unhelpful(each: Borrower, first: Days) -> Iterator[Fact]:
    refusal = {"reason": "refused_by_third_party", "from": first.ago(5, 17)}
    yield Fact("POST", "/v1/suppressions", {"scope": "party", "value": each.contact_person, **refusal})


_TOLD: dict[int, Callable[[Borrower, Days], Iterator[Fact]]] = {
    Story.disputed: _disputed,
    Story.deceased: _deceased,
    Story.paying_by_plan: _by_plan,
    Story.works_late: _late_worker,
    Story.sleeps_late: _late_sleeper,
    Story.refused_to_help: _unhelpful,
}


def history(book: Iterable[Borrower], today: Days, *, ordinary: bool) -> Iterator[dict[str, Any]]:
    """
    The contacts of the past week that other systems made, and this morning's; a line each.

    Without `ordinary` those alone that a story turns on: on later days the gateway has a past of its own.
    """
    for each in book:
        past = _PAST.get(each.number, _ordinary if ordinary else _nothing)
        for n, (days, hour, minute, said) in enumerate(past(each)):
            yield {
                "reference": f"past-{today.day:%Y%m%d}-{each.number}-{n}",
                "at": today.ago(days, hour, minute),
                "direction": "outbound",
                "purpose": "collection",
                "party_id": each.party,
                "party_role": "debtor",
                "account_id": each.account,
                **said,
            }


Past = Iterator[tuple[int, int, int, dict[str, Any]]]
"""Days ago, hour and minute, and what happened."""


def _call(each: Borrower, outcome: str, *, lasted: int | None = None, to: str | None = None) -> dict[str, Any]:
    said = {"channel": "call", "outcome": outcome, "address": to or each.mobile, "address_kind": "mobile"}
    return {**said, "dialing": "manual"} if lasted is None else {**said, "dialing": "manual", "duration_s": lasted}


def _text(each: Borrower, outcome: str = "delivered") -> dict[str, Any]:
    return {"channel": "sms", "outcome": outcome, "address": each.mobile, "address_kind": "mobile"}


def _ordinary(each: Borrower) -> Past:
    """The later somebody is, the more was tried."""
    n = each.number
    if each.days_past_due >= 3:
        yield 2, 9 + n % 8, n % 60, _text(each)
    if each.days_past_due >= 7:
        yield 5, 9 + n % 8, n % 60, _call(each, "ring_no_answer")
        yield 4, 14, n % 60, _call(each, "conversation_right_party", lasted=40 + n % 90)
        yield 4, 16, n % 60, {**_text(each, "replied"), "direction": "inbound"}
    if each.days_past_due >= 30:
        yield 6, 10, n % 60, _call(each, "not_connected_busy")
        yield 3, 11, n % 60, _call(each, "conversation_right_party", lasted=75 + n % 60)


def _nothing(each: Borrower) -> Past:
    yield from ()


def _lost(each: Borrower) -> Past:
    for hour in (9, 13, 18):
        yield 1, hour, 20, _call(each, "ring_no_answer")


def _reached(each: Borrower) -> Past:
    yield 1, 10, 5, _call(each, "conversation_right_party", lasted=95)


def _recycled(each: Borrower) -> Past:
    yield 6, 11, 40, _call(each, "wrong_number", lasted=12, to=each.old_mobile)


def _called_thrice(each: Borrower) -> Past:
    for hour, minute in ((8, 12), (8, 55), (9, 37)):
        yield 0, hour, minute, {**_call(each, "conversation_right_party", lasted=31), "client": AGENCY_TOLD}


def _written_to(each: Borrower) -> Past:
    yield 3, 15, 0, {"channel": "letter", "outcome": "sent", "address": each.place, "address_kind": "postal"}


def _texted_twice(each: Borrower) -> Past:
    for hour in (8, 9):
        yield 0, hour, 15, _text(each)


_PAST: dict[int, Callable[[Borrower], Past]] = {
    Story.lost: _lost,
    Story.refused_to_help: _lost,
    Story.named_in_a_text: _lost,
    Story.reached: _reached,
    Story.recycled_number: _recycled,
    Story.called_thrice: _called_thrice,
    Story.written_to: _written_to,
    Story.texted_twice: _texted_twice,
}
