"""
A day's requests: the morning's batches, and the single ones that each show something.

Batches are what a collection platform posts for everybody who is late; the single requests are told as
stories, with what happens to each. References carry the date, so that every day asks anew.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from .bank import FIRST_ORDINARY, LETTER_POOL, Borrower, person
from .past import Days

Body = dict[str, Any]

CALLS_BY_PERMIT = 12
"""Calls of the agency's people that get a permit in the morning."""

REPORTED = (
    ("conversation_right_party", 82), ("ring_no_answer", None), ("conversation_right_party", 154),
    ("not_connected_busy", None), ("voicemail_no_message", None), ("conversation_third_party", 14),
)  # fmt: skip
"""What the agency's people report, in turn, with the seconds that a conversation took."""


class Day:
    """Writes the requests of one day; `n` counts the days since the first."""

    def __init__(self, book: list[Borrower], today: date, n: int = 0) -> None:
        self.book = book
        self.today = today
        self.n = n
        self.days = Days(today)

    def batch(self) -> list[Body]:
        """The bank's own batch: a text, a message, an e-mail, a robot's call or a letter, as fits the stage."""
        return [self._ordinary(each) for each in self.book[FIRST_ORDINARY:] if not self._by_agency(each)]

    def agency_batch(self) -> list[Body]:
        """The agency's own: calls by its people, who need permits."""
        late = [each for each in self.book[FIRST_ORDINARY:] if self._by_agency(each)]
        return [self.permit_call(each, f"permit-{each.number}") for each in late[:CALLS_BY_PERMIT]]

    def letter_to(self) -> Borrower:
        """Whose turn it is to be written to."""
        return self.book[LETTER_POOL[self.n % len(LETTER_POOL)]]

    def evening(self) -> str:
        """Half past nine in the evening: after the house's hours, before the law's."""
        return self.days.ago(0, 21, 30)

    # --- requests of every channel --------------------------------------------------------------------------------

    def reminder(self, each: Borrower, name: str, channel: str = "sms", **more: Any) -> Body:
        """An overdue reminder by text, WeChat, e-mail or a robot's call."""
        address = {
            "wechat": {"value": each.openid, "kind": "wechat_openid", "provenance": "authorized"},
            "email": {"value": each.email, "kind": "email", "provenance": "debtor_provided"},
        }.get(channel) or _mobile(each.mobile)
        body = self._body(each, name, channel, "overdue-reminder", address, self._due(each))
        return body | ({"dialing": "ai_voice"} if channel == "call" else {}) | more

    def permit_call(self, each: Borrower, name: str, **more: Any) -> Body:
        """A call by a person."""
        by_hand = {"execution": "permit", "dialing": "manual", "recording_available": True}
        return self.reminder(each, name, "call") | by_hand | more

    def letter(self, each: Borrower, name: str) -> Body:
        variables = self._overdue(each) | {"total_owed": each.total_owed, "deadline": self._in(14)}
        body = self._body(each, name, "letter", "overdue-notice", _postal(each), variables)
        return body | {"letter": {"service": "registered"}}

    def visit(
        self, each: Borrower, name: str, *, people: int = 2, reason: str = "客户来电约定当面商谈还款办法"
    ) -> Body:
        variables = self._overdue(each) | {"visit_reason": reason}
        plan = {"party_size": people, "ids_shown": True, "av_recording": True}
        body = self._body(each, name, "visit", "visit-order", _postal(each, "home"), variables)
        return body | {"execution": "permit", "visit": plan}

    def relay(self, each: Borrower, name: str, *, sought: str | None = None) -> Body:
        """To a contact person: please pass on that we would like to be called. Nothing of a debt."""
        other = person("contact_person", each)
        body = self._body(
            each, name, "sms", "locate-relay", _mobile(other["mobile"]), {"sought_name": sought or each.name}
        )
        party = {"id": each.contact_person, "role": "contact_person", "name": other["name"]}
        return body | {"purpose": "relay", "party": body["party"] | party}

    def to_guarantor(self, each: Borrower, name: str) -> Body:
        other = person("guarantor", each)
        party = {"id": each.guarantor, "role": "guarantor", "name": other["name"]}
        body = self.reminder(each, name, address=_mobile(other["mobile"]))
        return body | {"party": body["party"] | party}

    def plan(self, each: Borrower, name: str) -> Body:
        """A service notice to one who pays by instalments."""
        variables = {"total_owed": "6000.00", "instalment_amount": "500.00", "currency": "CNY", "instalments": 12}
        variables |= {"first_due_on": self._in(-10), "final_due_on": self._in(325)}
        body = self._body(each, name, "sms", "repayment-plan", _mobile(each.mobile), variables)
        return body | {"purpose": "service_notice"}

    # --- what they are made of ------------------------------------------------------------------------------------

    def _ordinary(self, each: Borrower) -> Body:
        late, n, name = each.days_past_due - self.n, each.number, f"daily-{each.number}"
        if late >= 30 and (n // 20 + self.n) % 7 == 0:
            return self.letter(each, name)
        if late >= 7:
            return self.reminder(each, name, "call")
        if late >= 3 and n % 5 == 3:
            return self.reminder(each, name, "email")
        return self.reminder(each, name, "wechat" if each.wechat else "sms")

    def _by_agency(self, each: Borrower) -> bool:
        return each.days_past_due - self.n >= 30 and each.number % 20 == 7

    def _body(self, each: Borrower, name: str, channel: str, template: str, address: Body, variables: Body) -> Body:
        return {
            "reference": f"{self.today:%Y%m%d}-{name}",
            "channel": channel,
            "purpose": "collection",
            "party": {"id": each.party, "role": "debtor", "name": each.name},
            "address": address,
            "account": {"id": each.account, "product": each.product, "days_past_due": each.days_past_due},
            "template": template,
            "variables": variables,
        }

    def _due(self, each: Borrower) -> Body:
        return {"amount_due": each.amount, "currency": "CNY", "due_on": self._in(-each.days_past_due)}

    def _overdue(self, each: Borrower) -> Body:
        return {"amount_due": each.amount, "currency": "CNY", "days_past_due": each.days_past_due}

    def _in(self, days: int) -> str:
        return (self.today + timedelta(days=days)).isoformat()


def reports(permits: Iterable[Body], now: str) -> Iterator[tuple[str, Body]]:
    """What becomes of the agency's calls: for each permit its request and the report; the last two are forgotten."""
    issued = list(permits)
    for each, (outcome, lasted) in zip(issued[:-2], REPORTED * len(issued), strict=False):
        body: Body = {"outcome": outcome, "started_at": now}
        yield each["id"], body if lasted is None else body | {"duration_s": lasted}


def _mobile(number: str) -> Body:
    return {"value": number, "kind": "mobile", "provenance": "contract"}


def _postal(each: Borrower, kind: str = "postal") -> Body:
    return {"value": each.place, "kind": kind, "provenance": "contract"}
